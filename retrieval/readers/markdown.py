"""A Markdown file, with optional front matter -> one article, whose text is what a reader of the page sees."""

from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import ArticleError
from retrieval.readers.article import make_article, optional_text
from retrieval.readers.blocks import join_blocks
from retrieval.readers.decoding import read_text_file
from retrieval.readers.file_names import date_from_name, title_from_name
from retrieval.readers.front_matter import split_front_matter
from retrieval.readers.markdown_blocks import MarkdownReader
from retrieval.readers.text import MAX_TITLE
from retrieval.records import Article

SECONDS_PER_MB = 2.0  # of processor time that a file may take besides the seconds for an article; it takes about 1
MDX = ".mdx"
NO_TEXT = "It has no text, at most what a site's generator fills in. Leave it out."


def read_markdown(path: Path, source_id: str, url: str | None) -> Iterator[Article]:
    """Yield the article of a Markdown file. Raise UnreadableSource, ArticleError and OSError."""
    original = read_text_file(path)
    fields, body = split_front_matter(original, meta_data=True)
    page = MarkdownReader(body, mdx=path.suffix.lower() == MDX)
    try:
        text, unbroken = join_blocks(page.blocks())
    except RecursionError as error:
        raise ArticleError("Its lists or quotations are nested too deep to be an article.") from error
    if not text:
        raise ArticleError(NO_TEXT)
    title = optional_text(fields, "title") or page.title[:MAX_TITLE] or title_from_name(source_id, path)
    fields.setdefault("url", url)
    fields.setdefault("published", date_from_name(source_id, path))
    yield make_article(fields | {"original": original, "unbroken": unbroken}, source_id, title, text)
