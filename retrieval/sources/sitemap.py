"""The bytes of a sitemap go in; the pages that it lists come out, and the further sitemaps if it is a list of those."""

import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from retrieval.errors import UnreadableSource
from retrieval.sources.xml_safety import refuse_entities

MOST_ENTRIES = 50_000  # as sitemaps.org says, as is the size
LARGEST = 50_000_000  # bytes, unpacked
DEEPEST = 20  # elements in each other; a sitemap has 3
LONGEST_ADDRESS = 4096  # characters; sitemaps.org says 2,048
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap lists, in its order, each address once."""

    pages: tuple[tuple[str, str | None], ...]  # addresses, and when each was last changed, as it says
    maps: tuple[str, ...]  # addresses of sitemaps


def parse_sitemap(data: bytes) -> Sitemap:
    """Read a sitemap or a list of sitemaps, packed by gzip or not. Raises UnreadableSource."""
    data = _unpacked(data)
    refuse_entities(data)
    found = _Found()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = found.open
    parser.EndElementHandler = found.close
    parser.CharacterDataHandler = found.take
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableSource("It is no sitemap, or a damaged one: name the address of a page or a feed.") from error
    if found.root not in {"urlset", "sitemapindex"}:
        raise UnreadableSource("It is no sitemap: name the address of a page or a feed.")
    return Sitemap(tuple(found.pages.items()), tuple(found.maps))


def _unpacked(data: bytes) -> bytes:
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, LARGEST + 1)
        except zlib.error as error:
            raise UnreadableSource("It is a damaged sitemap: it cannot be unpacked.") from error
    if len(data) > LARGEST:
        raise UnreadableSource("It is over 50 MB, more than a sitemap may be: split it.")
    return data


@dataclass(slots=True)
class _Found:
    """What has been read so far; elements of other namespaces (images, videos, languages) are passed over."""

    root: str = ""
    path: list[str] = field(default_factory=list)  # the elements that are open
    pages: dict[str, str | None] = field(default_factory=dict)
    maps: dict[str, None] = field(default_factory=dict)
    entry: dict[str, str] = field(default_factory=dict)  # `loc` and `lastmod` of the one that is open

    def open(self, name: str, _attributes: object) -> None:
        """Take in the beginning of an element; its name is "namespace name", or the name alone."""
        namespace, _, tag = name.rpartition(" ")
        self.root = self.root or tag
        self.path.append(tag if not namespace or "sitemap/0." in namespace else name)
        if len(self.path) > DEEPEST:
            raise UnreadableSource("It is no sitemap: its elements are nested too deep.")

    def take(self, text: str) -> None:
        """Take in text; one element's may come in pieces."""
        if len(self.path) == 3 and self.path[-1] in {"loc", "lastmod"}:  # noqa: PLR2004 - urlset, url, loc
            held = self.entry.get(self.path[-1], "")
            self.entry[self.path[-1]] = (held + text)[: LONGEST_ADDRESS + 1]

    def close(self, _name: str) -> None:
        """Take in the end of an element."""
        tag = self.path.pop()
        if len(self.path) != 1 or tag not in {"url", "sitemap"}:
            return
        address, changed = self.entry.get("loc", "").strip(), self.entry.get("lastmod", "").strip()
        self.entry.clear()
        if not address or len(address) > LONGEST_ADDRESS:
            return
        if tag == "url":
            self.pages.setdefault(address, changed or None)
        else:
            self.maps.setdefault(address)
        if len(self.pages) + len(self.maps) > MOST_ENTRIES:
            raise UnreadableSource("It lists over 50,000 addresses, more than a sitemap may: split it.")
