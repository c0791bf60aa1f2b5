"""A URL -> its pages, each in a file of its own: a page or feed is one, a sitemap has those that it lists."""

import codecs
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from retrieval.errors import SourceError
from retrieval.records import Failure, Source, SourceKind
from retrieval.sources.fetch import Fetched, Validators, fetch
from retrieval.sources.sitemap import GZIP, Sitemap, parse_sitemap
from retrieval.sources.web_encodings import decode_labelled

MAX_PAGES = 1_000  # of a sitemap, in one load
MAX_SITEMAPS = 50
MAX_FAILURES = 5  # pages in a row that cannot be read: the server is down, or wants to be left alone
PAUSE = 0.2  # seconds between two requests to a server
_FEED_SUFFIXES = frozenset({".rss", ".atom", ".xml"})
_TEXT_SUFFIXES = frozenset({".html", ".txt", ".md", ".mdx", ".rst", ".adoc", ".rss"})
_SITEMAP_MARKERS = (b"<urlset", b"<sitemapindex", b":urlset", b":sitemapindex")
_HEAD = 4_096  # bytes of a file in which a sitemap has its marker
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # the last two begin those of UTF-32 too
_BOM = "\ufeff"  # what follows is UTF-8, whatever the file says of itself
_RECENT = 60.0  # seconds within which another change may have the same time (RFC 9110, 8.8.2.2)


@dataclass(frozen=True, slots=True)
class CrawledPage:
    """A page that was requested."""

    url: str
    source: Source | None  # None: it has not changed
    validators: Validators


@dataclass(slots=True)
class Crawl:
    """One visit to everything behind a URL."""

    spec: str
    folder: Path  # for the files, each of which is removed when the next page is requested
    known: Callable[[str], Validators]  # of a page at its last visit; without them, it is always fetched
    allow_private: bool = False
    why_stopped: Callable[[], str] = str  # why no more may be requested; empty as long as there is time
    was_read: Callable[[str], bool] = lambda _: False  # an earlier visit has read a page: the others come first
    kind: SourceKind | None = None  # None: the same as at the last visit
    complete: bool = False  # everything was listed, so a page that was not has gone

    def pages(self) -> Iterator[CrawledPage | Failure]:
        """Yield each page, and a Failure called by its URL for what cannot be fetched."""
        first = self._fetch(self.spec, self.known(self.spec))
        if isinstance(first, Failure) or first.source is None:
            self.complete = not isinstance(first, Failure)
            yield first
        elif _is_sitemap(first.source.path):
            self.kind = "sitemap"
            yield from self._listed_pages(first.source.path)
        else:
            self.kind = "feed" if first.source.path.suffix in _FEED_SUFFIXES else "page"
            self.complete = self.kind == "page"
            yield from _yield_and_remove(first)

    def _listed_pages(self, sitemap: Path) -> Iterator[CrawledPage | Failure]:
        urls, problems = self._collect_urls(sitemap)
        yield from problems
        failures = 0
        for url in sorted(urls[:MAX_PAGES], key=self.was_read):
            if stopped := self.why_stopped():
                yield Failure(self.spec, stopped)
                return
            time.sleep(PAUSE)
            page = self._fetch(url, self.known(url))
            yield from _yield_and_remove(page)
            failures = failures + 1 if isinstance(page, Failure) else 0
            if failures == MAX_FAILURES:
                yield Failure(self.spec, f"{failures} pages in a row cannot be read. The next load reads the rest.")
                return
        self.complete = not problems and len(urls) <= MAX_PAGES

    def _collect_urls(self, sitemap: Path) -> tuple[list[str], list[Failure]]:
        """Collect the pages of a sitemap and of those that it lists; on its own server only, as sitemaps.org says."""
        urls: dict[str, None] = {}
        problems: list[Failure] = []
        queue, seen = deque([(self.spec, sitemap)]), {self.spec}
        while queue and not self.why_stopped():
            name, path = queue.popleft()
            found = _read_sitemap(name, path)
            if isinstance(found, Failure):
                problems.append(found)
                continue
            urls |= dict.fromkeys(url for url in found.pages if _host(url) == _host(self.spec))
            for url in found.sitemaps:
                if len(urls) <= MAX_PAGES and len(seen) < MAX_SITEMAPS and url not in seen:
                    seen.add(url)
                    time.sleep(PAUSE)
                    page = self._fetch(url, Validators())
                    if isinstance(page, Failure):
                        problems.append(page)
                    elif page.source:
                        queue.append((url, page.source.path))
        if len(urls) > MAX_PAGES or len(seen) >= MAX_SITEMAPS:
            reason = f"It lists more pages than one load reads ({MAX_PAGES:,}). Name a smaller sitemap."
            problems.append(Failure(self.spec, reason))
        return list(urls), problems

    def _fetch(self, url: str, known: Validators) -> CrawledPage | Failure:
        """Fetch a page unless it is unchanged."""
        try:
            fetched = fetch(url, self.folder, known=known, allow_private=self.allow_private)
        except SourceError as error:
            return Failure(url, str(error))
        if fetched is None:
            return CrawledPage(url, None, known)
        _mark_utf8(fetched)
        source = Source(url, fetched.path, self.spec, fetched.url)
        return CrawledPage(url, source, _reliable_validators(fetched.validators))


def _yield_and_remove(page: CrawledPage | Failure) -> Iterator[CrawledPage | Failure]:
    """Yield a page, and remove its file once it was read."""
    yield page
    if isinstance(page, CrawledPage) and page.source:
        page.source.path.unlink(missing_ok=True)


def _is_sitemap(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    # Nothing else that is compressed arrives as .xml.
    return path.suffix == ".xml" and (head.startswith(GZIP) or any(marker in head for marker in _SITEMAP_MARKERS))


def _read_sitemap(url: str, path: Path) -> Sitemap | Failure:
    try:
        return parse_sitemap(path.read_bytes())
    except SourceError as error:
        return Failure(url, str(error))
    finally:
        path.unlink()


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _reliable_validators(validators: Validators) -> Validators:
    """Leave out a modification time so recent that another change may have the same one."""
    try:
        modified = parsedate_to_datetime(validators.modified).timestamp() if validators.modified else 0
    except ValueError:
        return Validators(validators.etag)
    return Validators(validators.etag) if time.time() - modified < _RECENT else validators


def _mark_utf8(fetched: Fetched) -> None:
    """Rewrite a text as UTF-8 if its server names an encoding, since that overrides what the page itself says.

    A BOM, and valid UTF-8, are better evidence than both, since a wrong name of it would show.
    """
    if fetched.charset is None or fetched.path.suffix not in _TEXT_SUFFIXES:
        return
    data = fetched.path.read_bytes()
    if data.startswith(_BOMS):
        return
    try:
        text = _decode_utf16(data, fetched.charset) or decode_labelled(data, fetched.charset)
    except UnicodeDecodeError:
        return  # the server is wrong, and the reader finds out by itself
    if text:
        fetched.path.write_text(_BOM + text, encoding="utf-8", newline="")


def _decode_utf16(data: bytes, label: str) -> str:
    """Decode by a label of UTF-16, which a server can state, but not a page; return nothing for another one."""
    codec = codecs.lookup(label).name if label.lower().startswith("utf") else ""
    return data.decode({"utf-16": "utf-16-le"}.get(codec, codec)) if codec.startswith("utf-16") else ""
