"""An EPUB book -> an article for each of its chapters, since chapters are what people cite.

A chapter is an entry of the table of contents, with all its files: programs cut long chapters into several.
"""

import contextlib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from lxml import etree

from retrieval.errors import ArticleError, UnreadableSource
from retrieval.readers.article import clean_author, clean_title, make_article
from retrieval.readers.decoding import decode
from retrieval.readers.html_text import html_to_text
from retrieval.readers.limits import Step
from retrieval.readers.text import first_line
from retrieval.readers.zip_limits import DAMAGED, ZipLimits, open_zip, read_member
from retrieval.records import Article, Failure
from retrieval.sources.xml_safety import refuse_entities

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
PROTECTED = "It is copy-protected (DRM). Only the shop's own program can read it."
DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
HEADING = re.compile(r"^#{1,6} (.+)", re.MULTILINE)
TYPE = "{http://www.idpf.org/2007/ops}type"

Element = Any  # of lxml, which publishes no types


@dataclass(slots=True)
class _Chapter:
    """Files of a book that belong together; the title is empty if the table of contents has none or several for them."""

    title: str = ""
    name: str = ""  # of its first file, without the book's folder and the suffix
    files: list[str] = field(default_factory=list)


def read_epub(path: Path, source_id: str, url: str | None) -> Iterator[Article | Failure | Step]:
    """Yield the chapters of a book that have text: id `<book>/<first file>`, title `Book: Chapter`.

    A book with one chapter is the article `<book>`. Raise UnreadableSource and OSError.
    """
    with open_zip(path) as archive:
        book = _Book(archive, ZipLimits.for_file(path))
        title = clean_title(book.property("title"), path.name) or source_id.rpartition("/")[2]
        fields = book.fields() | {"url": url}
        first: tuple[_Chapter, str] | None = None  # is kept until it is known whether it is the only one
        found = failed = False
        for item in _texts(book, f"{source_id}{path.suffix}"):
            if not isinstance(item, tuple):
                failed = failed or isinstance(item, Failure)
                yield item
            elif not found:
                found, first = True, item
            else:
                yield from (_article(*one, source_id, title, fields) for one in (first, item) if one)
                first = None
    if first:
        yield make_article(fields, source_id, title, first[1])
    if not found and not failed:
        raise UnreadableSource("It has no text; its pages may be pictures.")


def _texts(book: "_Book", name: str) -> Iterator[tuple["_Chapter", str] | Failure | Step]:
    """Yield the chapters that have text with it, and a Failure for each that cannot be read."""
    chapters = list(book.chapters())
    for number, chapter in enumerate(chapters):
        texts = list[str]()
        try:
            for file in chapter.files:
                texts.append(book.text(file))
                yield Step(number, len(chapters), "chapters")
        except (ArticleError, UnreadableSource) as error:
            if book.limits.left < 0:
                raise
            yield Failure(f"{name}: {book.relative(chapter.files[0])}", str(error))
            continue
        if any(texts):
            yield chapter, "\n\n".join(filter(None, texts))


def _article(chapter: _Chapter, text: str, source_id: str, title: str, fields: dict[str, str | None]) -> Article:
    """Make the article of one chapter of several."""
    name = chapter.title or _heading(text)
    whole = f"{title}: {name}" if name and name != title else title
    return make_article(fields, f"{source_id}/{chapter.name}", whole, text)


def _heading(text: str) -> str:
    heading = HEADING.search(text, 0, 1000)
    return heading[1] if heading else first_line(text)


class _Book:
    """The package document of a book, and the files that it lists."""

    def __init__(self, archive: ZipFile, limits: ZipLimits) -> None:
        self.archive = archive
        self.limits = limits
        root = self.parse(CONTAINER).find(".//{*}rootfile")
        self.path = "" if root is None else root.get("full-path", "")
        self.package = self.parse(self.path)
        self.folder = posixpath.dirname(self.path)
        items = self.package.iterfind("{*}manifest/{*}item")
        self.items = {item.get("id"): item for item in items if item.get("href")}

    def read(self, name: str) -> bytes:
        """Return a file of the book. Raise UnreadableSource."""
        try:
            member = self.archive.getinfo(name)
        except KeyError as error:
            raise UnreadableSource(DAMAGED) from error
        return read_member(self.archive, member, self.limits)

    def parse(self, name: str) -> Element:
        """Return the root of an XML file of the book. Raise UnreadableSource."""
        data = self.read(name)
        refuse_entities(data)
        try:
            return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        except etree.XMLSyntaxError as error:
            raise UnreadableSource(DAMAGED) from error

    def resolve(self, base: str, href: str) -> str:
        """Return the name in the archive of a link in one of the book's files."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(urlsplit(href).path)))

    def relative(self, name: str) -> str:
        """Return a name without the book's folder."""
        return name.removeprefix(f"{self.folder}/") if self.folder else name

    def property(self, tag: str) -> str:
        """Return a property of the book, the first if it is repeated; empty if there is none."""
        return next(iter(self._properties(tag)), "")

    def _properties(self, tag: str) -> list[str]:
        found = self.package.iterfind(f"{{*}}metadata/{{http://purl.org/dc/elements/1.1/}}{tag}")
        return [" ".join(element.text.split()) for element in found if element.text]

    def fields(self) -> dict[str, str | None]:
        """Return the fields that all chapters share."""
        return {
            "author": clean_author(", ".join(self._properties("creator"))),
            "language": self.property("language") or None,
            "published": self.property("date") or None,
        }

    def chapters(self) -> Iterator[_Chapter]:
        """Yield the chapters in reading order. Raise UnreadableSource for a protected book."""
        titles, encrypted = self._contents(), self._encrypted()
        chapter = _Chapter()
        for file in self._spine():
            if file in encrypted:
                raise UnreadableSource(PROTECTED)
            if chapter.files and (file in titles or not titles):
                yield chapter
                chapter = _Chapter()
            if not chapter.files:
                chapter = _Chapter(titles.get(file, ""), posixpath.splitext(self.relative(file))[0])
            chapter.files.append(file)
        if chapter.files:
            yield chapter

    def _spine(self) -> list[str]:
        references = self.package.iterfind("{*}spine/{*}itemref")
        items = (self.items.get(reference.get("idref")) for reference in references)
        pages = [item for item in items if item is not None and "nav" not in item.get("properties", "").split()]
        return list(dict.fromkeys(self.resolve(self.path, item.get("href")) for item in pages))

    def _contents(self) -> dict[str, str]:
        """Return the title of each file in the table of contents; empty if several chapters start in it."""
        titles: dict[str, str] = {}
        for name, title, depth in self._entries():
            if name not in titles:
                titles[name] = title
            elif depth == 1:
                titles[name] = ""
        return titles

    def _entries(self) -> Iterator[tuple[str, str, int]]:
        """Yield the file, title and depth of each entry in the table of contents, of EPUB 3 or else of EPUB 2."""
        for item in self.items.values():
            if "nav" in item.get("properties", "").split():
                yield from self._parse_contents(item, "{*}ol", ".//{*}a", "href")
                return
        for item in self.items.values():
            if item.get("media-type") == "application/x-dtbncx+xml":
                yield from self._parse_contents(item, "{*}navPoint", ".//{*}navPoint", "src")

    def _parse_contents(self, item: Element, level: str, entry: str, link: str) -> Iterator[tuple[str, str, int]]:
        base = self.resolve(self.path, item.get("href"))
        root = self.parse(base)
        tables = (nav for nav in root.iterfind(".//{*}nav") if nav.get(TYPE, "toc") == "toc")  # others list pages
        for element in next(tables, root).iterfind(entry):
            target = element if link == "href" else element.find("{*}content")
            words = element if link == "href" else element.find("{*}navLabel")
            if target is not None and words is not None and target.get(link):
                depth = sum(1 for _ in element.iterancestors(level)) + (link == "src")
                yield self.resolve(base, target.get(link)), " ".join("".join(words.itertext()).split()), depth

    def _encrypted(self) -> set[str]:
        """List the encrypted files; many fonts are, which hides no text."""
        if ENCRYPTION not in self.archive.namelist():
            return set()
        references = self.parse(ENCRYPTION).iterfind(".//{*}CipherReference")
        return {unquote(reference.get("URI", "")) for reference in references}

    def text(self, name: str) -> str:
        """Return the text of a file of the book. Raise UnreadableSource and ArticleError."""
        page = self.read(name)
        refuse_entities(page)
        return html_to_text(_decoded(page))


def _decoded(data: bytes) -> str:
    """Decode a page by the encoding that it declares, or else like any text."""
    declared = DECLARED.match(data)
    if declared:
        with contextlib.suppress(LookupError, UnicodeError):
            return data.decode(declared[1].decode())
    return decode(data) if data.strip() else ""
