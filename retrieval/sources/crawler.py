"""An address -> its pages, each fetched into a file of its own: one for a page or a feed, those that it lists for a sitemap."""

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
from retrieval.sources.sitemap import GZIP, parse_sitemap

MOST_PAGES = 1_000  # of a sitemap, in one load
MOST_MAPS = 50
MOST_FAILED = 5  # pages in a row that cannot be read: the server is down, or wants to be left alone
PAUSE = 0.2  # seconds between two pages of a server
_FEEDS = frozenset({".rss", ".atom", ".xml"})
_SITEMAPS = (b"<urlset", b"<sitemapindex", b":urlset", b":sitemapindex")
_BEGINNING = 4_096  # bytes of a file in which a sitemap says that it is one
_PLAIN = frozenset({".html", ".htm", ".xhtml", ".txt", ".md"})
_MARK = "\ufeff"  # at the beginning of a file: what follows is UTF-8, whatever it says of itself
_TICK = (
    60.0  # seconds; a time of change is known to be the last one only when it is older than that (RFC 9110, 8.8.2.2)
)


@dataclass(frozen=True, slots=True)
class CrawledPage:
    """What an address gave."""

    url: str
    source: Source | None  # None: it is as it was known
    validators: Validators


@dataclass(slots=True)
class Crawl:
    """The way through what is behind one address."""

    spec: str
    folder: Path  # for the files, each of which lives until the next page is asked for
    known: Callable[[str], Validators]  # what was given with a page the last time; with none it is fetched in any case
    allow_private: bool = False
    kind: SourceKind | None = None  # None: as it was known
    complete: bool = False  # all of it was listed, so that a page that was not met has gone

    def pages(self) -> Iterator[CrawledPage | Failure]:
        """Yield each page, and a Failure by its address for what cannot be fetched."""
        first = self._ask(self.spec)
        if isinstance(first, Failure) or first.source is None:
            self.complete = not isinstance(first, Failure)
            yield first
        elif _is_sitemap(first.source.path):
            self.kind = "sitemap"
            yield from self._listed(first.source.path)
        else:
            self.kind = "feed" if first.source.path.suffix in _FEEDS else "page"
            self.complete = self.kind == "page"
            yield from self._given(first)

    def _listed(self, sitemap: Path) -> Iterator[CrawledPage | Failure]:
        """Yield the pages of a sitemap and of those that it lists."""
        pages, problems = self._addresses(sitemap)
        yield from problems
        failed = 0
        for url in pages[:MOST_PAGES]:
            time.sleep(PAUSE)
            page = self._ask(url)
            yield from self._given(page)
            failed = failed + 1 if isinstance(page, Failure) else 0
            if failed == MOST_FAILED:
                reason = f"{failed} of its pages in a row cannot be read: the rest waits for the next load."
                yield Failure(self.spec, reason)
                return
        self.complete = not problems and len(pages) <= MOST_PAGES

    def _addresses(self, sitemap: Path) -> tuple[list[str], list[Failure]]:
        """Collect the pages that a sitemap lists, of its own server alone, as sitemaps.org has it."""
        pages: dict[str, None] = {}
        problems = []
        maps = deque([(self.spec, sitemap)])
        asked = {self.spec}
        while maps:
            url, path = maps.popleft()
            try:
                found = parse_sitemap(path.read_bytes())
            except SourceError as error:
                problems.append(Failure(url, str(error)))
                continue
            finally:
                path.unlink()
            pages |= dict.fromkeys(page for page, _ in found.pages if _server(page) == _server(self.spec))
            for further in found.maps:
                if len(pages) > MOST_PAGES or len(asked) >= MOST_MAPS or further in asked:
                    continue
                asked.add(further)
                time.sleep(PAUSE)
                answer = self._ask(further, Validators())
                if isinstance(answer, Failure):
                    problems.append(answer)
                elif answer.source is not None:
                    maps.append((further, answer.source.path))
        if len(pages) > MOST_PAGES or len(asked) >= MOST_MAPS:
            reason = f"It lists more than one load reads, {MOST_PAGES:,} pages: name a sitemap of a part."
            problems.append(Failure(self.spec, reason))
        return list(pages), problems

    def _ask(self, url: str, known: Validators | None = None) -> CrawledPage | Failure:
        """Fetch a page, if it is not as it was known."""
        known = self.known(url) if known is None else known
        try:
            fetched = fetch(url, self.folder, known=known, allow_private=self.allow_private)
        except SourceError as error:
            return Failure(url, str(error))
        if fetched is None:
            return CrawledPage(url, None, known)
        _mark_as_utf_8(fetched)
        return CrawledPage(url, Source(url, fetched.path, self.spec, fetched.url), _trusted(fetched.validators))

    @staticmethod
    def _given(page: CrawledPage | Failure) -> Iterator[CrawledPage | Failure]:
        """Yield a page, and remove its file when it has been read."""
        yield page
        if isinstance(page, CrawledPage) and page.source:
            page.source.path.unlink(missing_ok=True)


def _is_sitemap(path: Path) -> bool:
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    # nothing else that is packed arrives as .xml
    return path.suffix == ".xml" and (beginning.startswith(GZIP) or any(mark in beginning for mark in _SITEMAPS))


def _server(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _trusted(given: Validators) -> Validators:
    """Leave out a time of change so recent that another change may bear it too."""
    try:
        recent = given.modified is not None and time.time() - parsedate_to_datetime(given.modified).timestamp() < _TICK
    except ValueError:
        recent = True
    return Validators(given.etag) if recent else given


def _mark_as_utf_8(fetched: Fetched) -> None:
    """Write a page of text anew in UTF-8, where its server says in what it is: that beats what the page itself says."""
    if fetched.charset is None or fetched.path.suffix not in _PLAIN:
        return
    try:
        text = fetched.path.read_bytes().decode(fetched.charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        return  # the server is wrong about it, and the reader finds out by itself
    fetched.path.write_text(_MARK + text.removeprefix(_MARK), encoding="utf-8", newline="")
