"""A plain text, with optional front matter -> one article."""

from collections.abc import Iterator
from pathlib import Path

from retrieval.readers.article import make_article, optional_text
from retrieval.readers.decoding import read_text_file
from retrieval.readers.file_names import date_from_name
from retrieval.readers.front_matter import split_front_matter
from retrieval.records import Article

MAX_TITLE = 200  # characters


def read_text(path: Path, source_id: str) -> Iterator[Article]:
    """Yield the article of a text file. Raise UnreadableSource, ArticleError and OSError."""
    fields, body = split_front_matter(read_text_file(path))
    fields.setdefault("published", date_from_name(source_id, path))
    yield make_article(fields, source_id, optional_text(fields, "title") or first_line(body), body)


def first_line(text: str) -> str:
    """Return the first line that is not blank, or the first words of a paragraph that stands there."""
    line = next((line.strip("\ufeff \t") for line in text.splitlines() if line.strip()), "")
    if len(line) <= MAX_TITLE:
        return line
    return line[: MAX_TITLE // 2].rsplit(" ", 1)[0] + " …"
