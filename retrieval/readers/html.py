"""A web page goes in; its one article comes out."""

from collections.abc import Iterator
from pathlib import Path

from trafilatura import bare_extraction
from trafilatura.settings import Document

from retrieval.errors import UnreadableSource
from retrieval.readers.decoding import read_whole
from retrieval.readers.fields import make_article
from retrieval.records import Article

EMPTY = "It holds no article: perhaps a script makes it in the browser. Save the page from there."


def read_html(path: Path, source_id: str, url: str | None) -> Iterator[Article]:
    """Yield the article of a web page. Raises UnreadableSource, ArticleError and OSError."""
    page = bare_extraction(read_whole(path), url=url, include_comments=False, deduplicate=False, with_metadata=True)
    if not isinstance(page, Document):
        raise UnreadableSource(EMPTY)
    yield make_article({"url": page.url or url, "published": page.date}, source_id, page.title or "", page.text or "")
