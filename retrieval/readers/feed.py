"""A feed (RSS, Atom or JSON Feed) -> an article for each of its entries."""

import calendar
import html
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import struct_time
from typing import Any

from retrieval.errors import ArticleError, UnreadableSource
from retrieval.readers.article import make_article
from retrieval.readers.html_text import html_to_text
from retrieval.readers.json_feed import parse_json_feed
from retrieval.readers.page_decoding import decode_xml
from retrieval.readers.text import first_line
from retrieval.records import Article, Failure
from retrieval.sources.xml_safety import refuse_entities

MAX_SIZE = 50_000_000  # bytes; feeds are parsed in memory
MAX_TITLE = 100  # characters of a title in a Failure
TAG = re.compile(r"<[^<>]*>")
MARKUP = re.compile(r"<[a-z!/]", re.IGNORECASE)
CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
# Tags that a feed has escaped once too often: what a text says about HTML rarely ends a paragraph or has attributes.
ESCAPED = re.compile(
    r"""\s*&lt;(?:p|div|h[1-6]|ul|ol|table|figure|blockquote|span|strong|em|b|i|a|img)\b.*&gt;
    |.*&lt;(?:/(?:p|div|li|h[1-6]|tr)|br\ ?/?|(?:a|img|p|div|span)\ [a-z-]+=(?:&quot;|["']).{0,500})&gt;""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
INLINE = re.compile(
    r"</?(?:a|b|i|em|strong|sub|sup|span|u|s|br|code|small|q|cite|mark|font)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
WEB_SCHEMES = ("http://", "https://")
SITEMAP = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)\b")

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
    return data


def _parse(data: bytes, url: str | None) -> Mapping[str, Any]:
    """Parse a feed; a stream of bytes is never taken for a URL to fetch. Raise UnreadableSource."""
    text = decode_xml(data)
    if text.startswith("{"):
        return parse_json_feed(text)
    import feedparser  # noqa: PLC0415

    encoded = text.encode("utf-8", "replace")
    refuse_entities(encoded)  # of the very text that is parsed
    headers = {"content-type": "application/xml; charset=utf-8"} | ({"content-location": url} if url else {})
    # HTML becomes plain text here, so there is nothing to sanitize and no link to follow.
    feed: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(encoded), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if feed["entries"]:
        return feed
    if SITEMAP.search(text[:10_000]):
        raise UnreadableSource("It is a sitemap, not a feed. Load it by its URL to read its pages.")
    if not feed.get("version"):
        raise UnreadableSource("It is not an RSS or Atom feed.")
    raise UnreadableSource("The feed has no entries.")


def _article(entry: Entry, article_id: str, language: str | None) -> Article:
    """Make an article from an entry. Raise ArticleError."""
    title = _title(entry)
    text = _longest_text(entry) or title  # some feeds tell all in the title
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


def _title(entry: Entry) -> str:
    """Return the title of an entry in one line; what is no tag of a title, such as <div>, is a word of it."""
    title = entry.get("title") or ""
    plain = (entry.get("title_detail") or {}).get("type") == "text/plain"
    title = CDATA.sub("", title) if plain else html_to_text(_unescaped(title))
    for _ in range(2):  # many feeds escape it twice
        title = html.unescape(title)
    return " ".join(INLINE.sub("", title).split())


def _longest_text(entry: Entry) -> str:
    """Return the longest of an entry's contents and its summary; one may be a teaser or the caption of a picture."""
    return max(map(_text, [*entry.get("content", ()), entry.get("summary_detail") or {}]), key=len)


def _text(content: Mapping[str, Any]) -> str:
    """Return content as plain text; if it is plain already, `<` and `&` in it are not HTML."""
    value, kind = str(content.get("value") or ""), content.get("type") or "text/html"
    if not kind.startswith("text/") and "html" not in kind and "xml" not in kind:  # a picture in Base64
        return ""
    if kind != "text/plain":
        return html_to_text(_unescaped(value))
    if ESCAPED.match(html.escape(value)):  # the feed calls its HTML plain
        return html_to_text(_unescaped(value))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in value.splitlines())).strip()


def _unescaped(markup: str) -> str:
    """Return HTML that a feed has escaped twice, or has put into a CDATA section as text, as it was meant."""
    for _ in range(2):
        markup = CDATA.sub("", markup)
        if MARKUP.search(markup) or not ESCAPED.match(markup):
            break
        markup = html.unescape(markup)
    return markup


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
