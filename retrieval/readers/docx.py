"""A DOCX file -> one article: paragraphs, headings, lists, tables, text boxes and footnotes."""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from retrieval.errors import UnreadableSource
from retrieval.readers.article import clean_author, clean_title, make_article
from retrieval.readers.text import first_line
from retrieval.readers.zip_limits import DAMAGED, ZipLimits, open_zip, read_member
from retrieval.records import Article
from retrieval.sources.xml_safety import refuse_entities

if TYPE_CHECKING:
    from docx.document import Document

OLE = b"\xd0\xcf\x11\xe0"  # how Office files from before 2007 start, and encrypted ones
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same content again, for old programs
)
PARAGRAPH, TABLE, ROW, CELL = f"{WORD}p", f"{WORD}tbl", f"{WORD}tr", f"{WORD}tc"
BOX = f"{WORD}txbxContent"
# "Strict Open XML" has the same elements under other names.
STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", WORD[1:-1].encode()),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
SIGNS = {f"{WORD}tab": " ", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}
DELETED = (f"{WORD}del", f"{WORD}moveFrom")  # tracked changes
UNREAD = frozenset({FALLBACK, BOX, *DELETED, f"{WORD}rt", f"{WORD}pPr", f"{WORD}rPr"})
CONTENTS = re.compile(r"(?:toc|table of figures|index)(?: \d| heading)?", re.IGNORECASE)  # styles
HEADING = re.compile(r"(?:heading (\d)|title)", re.IGNORECASE)

Element = Any  # of lxml, which publishes no types


def read_docx(path: Path, source_id: str, _url: str | None) -> Iterator[Article]:
    """Yield the article of a DOCX file. Raise UnreadableSource, ArticleError and OSError."""
    document = _open(path)
    text = "\n\n".join(_blocks(document.element.body, _style_names(document)))
    notes = "\n\n".join(_footnotes(document))
    published = _published(document)
    properties = document.core_properties
    fields = {
        "author": clean_author(properties.author),
        "language": properties.language,
        "published": f"{published:%Y-%m-%dT%H:%M:%SZ}" if published else None,
    }
    title = clean_title(properties.title, path.name) or first_line(text).lstrip("# ")
    yield make_article(fields, source_id, title, f"{text}\n\n{notes}" if notes else text)


def _published(document: "Document") -> datetime | None:
    """Return when a document was made; without properties of its own, python-docx would say now."""
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415

    stated = any(
        relation.reltype == RELATIONSHIP_TYPE.CORE_PROPERTIES for relation in document.part.package.rels.values()
    )
    properties = document.core_properties
    return properties.created or properties.modified if stated else None


def _open(path: Path) -> "Document":
    """Open a document; python-docx raises all kinds of errors for a damaged one."""
    import docx  # noqa: PLC0415
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import LxmlError  # noqa: PLC0415

    with path.open("rb") as file:
        if file.read(len(OLE)) == OLE:
            raise UnreadableSource("It is encrypted, or from before Word 2007. Save it as .docx without a password.")
    with open_zip(path) as archive:
        xml_only = _without_pictures(archive, ZipLimits.for_file(path))
    try:
        return docx.Document(xml_only)
    except (OpcError, LxmlError, LookupError, ValueError, AttributeError, TypeError) as error:
        raise UnreadableSource(DAMAGED) from error


def _without_pictures(archive: ZipFile, limits: ZipLimits) -> io.BytesIO:
    """Copy the XML files, checked; empty the others, so that large pictures take no memory."""
    copied = io.BytesIO()
    with ZipFile(copied, "w") as copy:
        for name, member in {member.filename: member for member in archive.infolist()}.items():
            data = b""
            if name.lower().endswith((".xml", ".rels")):
                data = read_member(archive, member, limits)
                refuse_entities(data)
                for strict, usual in STRICT:
                    data = data.replace(strict, usual)
            copy.writestr(name, data)
    return copied


def _style_names(document: "Document") -> dict[str, str]:
    """Return the names of styles by id; those of Word itself are English in every language version."""
    styles = document.styles.element.iterchildren(f"{WORD}style")
    return {style.get(f"{WORD}styleId"): _value(style, "name") for style in styles}


def _blocks(parent: Element, styles: dict[str, str]) -> Iterator[str]:
    """Yield the paragraphs of an element in order, with the Markdown marks that the sentence splitter knows."""
    for child in parent:
        if child.tag == PARAGRAPH:
            text = _text(child)
            if text and not CONTENTS.fullmatch(_style(child, styles)):
                yield _mark(child, styles) + text
            for box in child.iter(BOX):
                within = next(box.iterancestors(PARAGRAPH)) is child  # one in another box is read with that
                if within and next(box.iterancestors(FALLBACK, *DELETED), None) is None:
                    yield from _blocks(box, styles)
        elif child.tag == TABLE:
            yield from _rows(child, styles)
        elif child.tag not in UNREAD:
            yield from _blocks(child, styles)  # content controls and the like


def _rows(table: Element, styles: dict[str, str]) -> Iterator[str]:
    """Yield the rows of a table as `| cell | cell |`, or the paragraphs of one that only lays out a page."""
    rows: list[str] = []
    for row in (row for row in table.iter(ROW) if next(row.iterancestors(TABLE)) is table):
        if row.find(f"{WORD}trPr/{WORD}del") is not None:
            continue
        cells = [cell for cell in row.iter(CELL) if next(cell.iterancestors(ROW)) is row]
        blocks = [list(_blocks(cell, styles)) for cell in cells]
        nested = any(next(cell.iter(TABLE), None) is not None for cell in cells)
        if len(cells) > 1 and not nested and all(len(paragraphs) < 2 for paragraphs in blocks):  # noqa: PLR2004
            rows.append("| " + " | ".join(" ".join(paragraphs).replace("\n", " ") for paragraphs in blocks) + " |")
            if len(rows) == 1 and _is_header(row, table):
                rows.append("|" + " --- |" * len(cells))
            continue
        if rows:
            yield "\n".join(rows)
            rows = []
        for paragraphs in blocks:
            yield from paragraphs
    if rows:
        yield "\n".join(rows)


def _is_header(row: Element, table: Element) -> bool:
    """Whether a first row is repeated on each page, or looks different in the style of its table."""
    look = table.find(f"{WORD}tblPr/{WORD}tblLook")
    styled = table.find(f"{WORD}tblPr/{WORD}tblStyle") is not None
    first = look is not None and (look.get(f"{WORD}firstRow") or str(int(look.get(f"{WORD}val") or "0", 16) >> 5 & 1))
    return row.find(f"{WORD}trPr/{WORD}tblHeader") is not None or (styled and first in {"1", "true", "on"})


def _text(paragraph: Element) -> str:
    return "\n".join(" ".join(line.split(" ")).strip() for line in "".join(_pieces(paragraph)).split("\n")).strip()


def _pieces(element: Element) -> Iterator[str]:
    """Yield the text of an element, with tracked insertions, but without deletions, hidden text and marks of notes."""
    for child in element:
        if child.tag == f"{WORD}t":
            yield child.text or ""
        elif child.tag in SIGNS:
            yield SIGNS[child.tag]
        elif child.tag not in UNREAD and not (child.tag == f"{WORD}r" and _is_unseen(child)):
            yield from _pieces(child)


def _is_unseen(run: Element) -> bool:
    hidden = run.find(f"{WORD}rPr/{WORD}vanish")
    marks = any(run.find(f"{WORD}{name}") is not None for name in ("footnoteReference", "endnoteReference"))
    return marks or (hidden is not None and hidden.get(f"{WORD}val") not in {"0", "false", "off"})


def _mark(paragraph: Element, styles: dict[str, str]) -> str:
    style = _style(paragraph, styles)
    heading = HEADING.fullmatch(style)
    if heading:
        return "#" * min(6, int(heading[1] or 1)) + " "
    in_list = paragraph.find(f"{WORD}pPr/{WORD}numPr") is not None or style.lower().startswith("list ")
    return "- " if in_list else ""


def _style(paragraph: Element, styles: dict[str, str]) -> str:
    properties = paragraph.find(f"{WORD}pPr")
    return "" if properties is None else styles.get(_value(properties, "pStyle"), "")


def _value(parent: Element, name: str) -> str:
    child = parent.find(f"{WORD}{name}")
    return "" if child is None else child.get(f"{WORD}val", "")


def _footnotes(document: "Document") -> Iterator[str]:
    """Yield the footnotes and endnotes, which python-docx only has as bytes."""
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415
    from docx.oxml import parse_xml  # noqa: PLC0415

    for relation in document.part.rels.values():
        if relation.reltype in {RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES} and not relation.is_external:
            for note in parse_xml(relation.target_part.blob):
                if note.get(f"{WORD}type") is None:  # the others are the lines above the notes
                    yield from _blocks(note, {})
