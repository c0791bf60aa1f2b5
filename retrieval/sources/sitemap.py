"""The bytes of a sitemap -> the URLs of its pages, or of further sitemaps if it is an index."""

import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from retrieval.errors import UnreadableSource
from retrieval.sources.xml_safety import refuse_entities

MAX_ENTRIES = 50_000  # from sitemaps.org, as is the size
MAX_SIZE = 50_000_000  # bytes, decompressed
MAX_DEPTH = 20  # of elements; a sitemap has 3
MAX_URL = 4096  # characters; sitemaps.org says 2,048
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The URLs that a sitemap lists, in its order, each once."""

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...]


def parse_sitemap(data: bytes) -> Sitemap:
    """Parse a sitemap or a sitemap index, compressed by gzip or not. Raise UnreadableSource."""
    data = _decompress(data)
    refuse_entities(data)
    handler = _Handler()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableSource("It is damaged, or not a sitemap. Use the URL of a page or a feed instead.") from error
    if handler.root not in {"urlset", "sitemapindex"}:
        raise UnreadableSource("It is not a sitemap. Use the URL of a page or a feed instead.")
    return Sitemap(tuple(handler.pages), tuple(handler.sitemaps))


def _decompress(data: bytes) -> bytes:
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, MAX_SIZE + 1)
        except zlib.error as error:
            raise UnreadableSource("It is a damaged sitemap: it cannot be decompressed.") from error
    if len(data) > MAX_SIZE:
        raise UnreadableSource("It is over 50 MB, the limit for a sitemap. Split it.")
    return data


@dataclass(slots=True)
class _Handler:
    """What has been read so far; elements of other namespaces (images, videos, languages) are skipped."""

    root: str = ""
    path: list[str] = field(default_factory=list)  # the open elements
    pages: dict[str, None] = field(default_factory=dict)
    sitemaps: dict[str, None] = field(default_factory=dict)
    url: str = ""  # `loc` of the open entry

    def start(self, name: str, _attributes: object) -> None:
        """Handle the start of an element, called "namespace name", or just the name."""
        namespace, _, tag = name.rpartition(" ")
        self.root = self.root or tag
        self.path.append(tag if not namespace or "sitemap/0." in namespace else name)
        if len(self.path) > MAX_DEPTH:
            raise UnreadableSource("It is not a sitemap: its elements are nested too deep.")

    def text(self, text: str) -> None:
        """Handle text; that of one element may come in pieces."""
        if len(self.path) == 3 and self.path[-1] == "loc":  # noqa: PLR2004 - urlset, url, loc
            self.url = (self.url + text)[: MAX_URL + 1]

    def end(self, _name: str) -> None:
        """Handle the end of an element."""
        tag = self.path.pop()
        if len(self.path) != 1 or tag not in {"url", "sitemap"}:
            return
        url, self.url = self.url.strip(), ""
        if url and len(url) <= MAX_URL:
            (self.pages if tag == "url" else self.sitemaps).setdefault(url)
        if len(self.pages) + len(self.sitemaps) > MAX_ENTRIES:
            raise UnreadableSource("It lists over 50,000 URLs, the limit for a sitemap. Split it.")
