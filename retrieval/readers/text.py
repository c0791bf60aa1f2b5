"""A plain text file goes in; its one article comes out."""

from collections.abc import Iterator
from pathlib import Path

from retrieval.readers.decoding import read_whole
from retrieval.readers.fields import make_article, optional
from retrieval.readers.front_matter import take_front_matter
from retrieval.records import Article

LONGEST_TITLE = 200  # characters


def read_text(path: Path, source_id: str) -> Iterator[Article]:
    """Yield the article of a text file. Raises UnreadableSource, ArticleError and OSError."""
    fields, body = take_front_matter(read_whole(path))
    title = optional(fields, "title") or first_line(body)
    yield make_article(fields, source_id, title, body)


def first_line(text: str) -> str:
    """Return the first line that is not blank; of a paragraph that stands there, its first words."""
    line = next((line.strip("\ufeff \t") for line in text.splitlines() if line.strip()), "")
    if len(line) <= LONGEST_TITLE:
        return line
    return line[: LONGEST_TITLE // 2].rsplit(" ", 1)[0] + " …"
