"""A feed (RSS or Atom) goes in; each of its entries comes out as an article."""

import calendar
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import struct_time
from typing import Any

from retrieval.errors import ArticleError, UnreadableSource
from retrieval.readers.article import make_article
from retrieval.readers.decoding import decode
from retrieval.readers.html_text import html_to_text
from retrieval.readers.text import first_line
from retrieval.records import Article, Failure
from retrieval.sources.xml_safety import refuse_entities

LARGEST = 50_000_000  # bytes; feeds are parsed in memory
LONGEST_NAME = 100  # characters of a title, in a Failure
TAG = re.compile(r"<[^<>]*>")
WEB = ("http://", "https://")
SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")

Entry = Mapping[str, Any]  # as feedparser gives it


def read_feed(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure]:
    """Yield the articles of a feed in its order; `url` is where it came from, for links that lean on it.

    An article's id is the link of its entry, else the entry's own id, else `<feed>/<number>`; a Failure is named
    `file:number`, from 1. Raises UnreadableSource and OSError.
    """
    feed = _parse(_data(path), url)
    language = feed["feed"].get("language")
    taken: set[str] = set()
    for number, entry in enumerate(feed["entries"], start=1):
        names = (entry.get("link"), entry.get("id"), f"{source_id}/{number}")
        name = next(name for name in names if name and name not in taken)
        taken.add(name)
        try:
            yield _article(entry, name, language)
        except ArticleError as error:
            title = TAG.sub("", entry.get("title") or "")[:LONGEST_NAME]
            yield Failure(f"{source_id}{path.suffix}:{number}", f"{error} It is the entry {title!r}.")


def _data(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UnreadableSource("It is over 50 MB, more than a feed may be: split it.")
    refuse_entities(data)
    return data


def _parse(data: bytes, url: str | None) -> Mapping[str, Any]:
    """Parse a feed; bytes in a stream are never taken for an address to fetch. Raises UnreadableSource."""
    import feedparser  # noqa: PLC0415

    headers = {"content-location": url} if url else {}
    # HTML becomes plain text here: there is nothing to make harmless, and no link in it to follow.
    feed: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    guessed = isinstance(
        feed.get("bozo_exception"), (feedparser.CharacterEncodingOverride, feedparser.CharacterEncodingUnknown)
    )
    if guessed and feed.get("encoding") != "utf-8":
        decode(data)  # refuses what is damaged; a wrong guess would show in every quotation
    if feed["entries"]:
        return feed
    if SITEMAP.search(data[:10_000]):
        raise UnreadableSource("It is a sitemap, no feed: name its address, and its pages are read.")
    if not feed.get("version"):
        raise UnreadableSource("It is no RSS or Atom feed.")
    raise UnreadableSource("The feed holds no entries.")


def _article(entry: Entry, article_id: str, language: str | None) -> Article:
    """Make an article of an entry. Raises ArticleError."""
    text = _longest_text(entry)
    title = html_to_text(entry.get("title") or "").replace("\n", " ")
    if not text:
        raise ArticleError("It has no text.")
    if title and not text.lstrip("# ").startswith(title):
        text = f"{title}\n\n{text}"
    link = entry.get("link") or ""
    fields = {
        "url": link if link.startswith(WEB) else None,
        "published": _moment(entry.get("published_parsed") or entry.get("updated_parsed")),
        "author": _author(entry),
        "language": _language(entry) or language,
    }
    return make_article(fields, article_id, title or first_line(text).lstrip("# "), text)


def _longest_text(entry: Entry) -> str:
    """Return the text of an entry: of what it gives as its content, or else of its summary."""
    contents = [_text(content) for content in entry.get("content", ())]
    return max(contents, key=len, default="") or _text(entry.get("summary_detail", {}))


def _text(content: Mapping[str, Any]) -> str:
    """Return a content as plain text; one that is plain already may hold signs that HTML would take for its own."""
    value = str(content.get("value") or "")
    if content.get("type") != "text/plain":
        return html_to_text(value)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in value.splitlines())).strip()


def _moment(parsed: struct_time | None) -> str | None:
    """Write a time that feedparser has brought to UTC as ISO 8601."""
    try:
        return f"{datetime.fromtimestamp(calendar.timegm(parsed), UTC):%Y-%m-%dT%H:%M:%SZ}" if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _author(entry: Entry) -> str | None:
    names = [str(author["name"]) for author in entry.get("authors", ()) if author.get("name")]
    return ", ".join(dict.fromkeys(names)) or entry.get("author") or None


def _language(entry: Entry) -> str | None:
    content: Mapping[str, str | None] = next(iter(entry.get("content", ())), entry.get("summary_detail", {}))
    return content.get("language")
