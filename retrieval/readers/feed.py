"""A feed (RSS or Atom) -> an article for each of its entries."""

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

MAX_SIZE = 50_000_000  # bytes; feeds are parsed in memory
MAX_TITLE = 100  # characters of a title in a Failure
TAG = re.compile(r"<[^<>]*>")
WEB_SCHEMES = ("http://", "https://")
SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")

Entry = Mapping[str, Any]  # from feedparser


def read_feed(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure]:
    """Yield the articles of a feed in its order; `url` is the feed's own, for relative links.

    An article's id is the link of its entry, else the entry's own id, else `<feed>/<number>`; a Failure is called
    `file:number`, counted from 1. Raise UnreadableSource and OSError.
    """
    feed = _parse(_read(path), url)
    language = feed["feed"].get("language")
    taken: set[str] = set()
    for number, entry in enumerate(feed["entries"], start=1):
        names = (entry.get("link"), entry.get("id"), f"{source_id}/{number}")
        name = next(name for name in names if name and name not in taken)
        taken.add(name)
        try:
            yield _article(entry, name, language)
        except ArticleError as error:
            title = TAG.sub("", entry.get("title") or "")[:MAX_TITLE]
            yield Failure(f"{source_id}{path.suffix}:{number}", f"{error} (Entry {title!r}.)")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise UnreadableSource("It is over 50 MB, the limit for a feed. Split it.")
    refuse_entities(data)
    return data


def _parse(data: bytes, url: str | None) -> Mapping[str, Any]:
    """Parse a feed; a stream of bytes is never taken for a URL to fetch. Raise UnreadableSource."""
    import feedparser  # noqa: PLC0415

    headers = {"content-location": url} if url else {}
    # HTML becomes plain text here, so there is nothing to sanitize and no link to follow.
    feed: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    guessed = isinstance(
        feed.get("bozo_exception"), (feedparser.CharacterEncodingOverride, feedparser.CharacterEncodingUnknown)
    )
    if guessed and feed.get("encoding") != "utf-8":
        decode(data)  # refuses damaged bytes; a wrong guess would show in every quotation
    if feed["entries"]:
        return feed
    if SITEMAP.search(data[:10_000]):
        raise UnreadableSource("It is a sitemap, not a feed. Load it by its URL to read its pages.")
    if not feed.get("version"):
        raise UnreadableSource("It is not an RSS or Atom feed.")
    raise UnreadableSource("The feed has no entries.")


def _article(entry: Entry, article_id: str, language: str | None) -> Article:
    """Make an article from an entry. Raise ArticleError."""
    text = _longest_text(entry)
    title = html_to_text(entry.get("title") or "").replace("\n", " ")
    if not text:
        raise ArticleError("It has no text.")
    if title and not text.lstrip("# ").startswith(title):
        text = f"{title}\n\n{text}"
    link = entry.get("link") or ""
    fields = {
        "url": link if link.startswith(WEB_SCHEMES) else None,
        "published": _iso_time(entry.get("published_parsed") or entry.get("updated_parsed")),
        "author": _author(entry),
        "language": _language(entry) or language,
    }
    return make_article(fields, article_id, title or first_line(text).lstrip("# "), text)


def _longest_text(entry: Entry) -> str:
    """Return the longest content of an entry, or else its summary."""
    contents = [_text(content) for content in entry.get("content", ())]
    return max(contents, key=len, default="") or _text(entry.get("summary_detail", {}))


def _text(content: Mapping[str, Any]) -> str:
    """Return content as plain text; if it is plain already, `<` and `&` in it are not HTML."""
    value = str(content.get("value") or "")
    if content.get("type") != "text/plain":
        return html_to_text(value)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in value.splitlines())).strip()


def _iso_time(parsed: struct_time | None) -> str | None:
    """Return a UTC time from feedparser in ISO 8601."""
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
