"""Bytes of a web page or feed -> its text, in the encoding that a browser would take: BOM, UTF-8, its own declaration.

What the server says comes before the declaration: `retrieval.sources.crawler` then rewrites the file as UTF-8 with a
BOM. A page without a usable declaration is decoded like a text file.
"""

import re
from pathlib import Path

from retrieval.errors import UnreadableSource
from retrieval.readers.decoding import BINARY, BINARY_FILE, BOMS, decode, read_bytes
from retrieval.sources.web_encodings import decode_labelled

HEAD = 200_000  # bytes at the start of a page in which it declares its encoding; long scripts may come before
LONGEST_TAG = 1000  # bytes of a <meta> tag
HIDDEN = ((b"<!--", b"-->"), (b"<script", b"</script"), (b"<style", b"</style"), (b"<title", b"</title"))
ATTRIBUTE = re.compile(rb"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
IN_CONTENT = re.compile(rb"""charset\s*=\s*["']?\s*([^\s"';]+)""", re.IGNORECASE)
IN_DECLARATION = re.compile(rb"""encoding\s*=\s*["']([\w.:-]+)["']""")
XML_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufeff]")


def read_page(path: Path) -> str:
    """Read a web page. Raise UnreadableSource, and OSError."""
    return decode_page(read_bytes(path, "Save the text of its article as .txt or .md and load that."))


def decode_page(data: bytes) -> str:
    """Decode a page, and remove what no parser wants: its XML declaration and control characters.

    The encoding that it declares is used if nearly all of the page is valid in it. Raise UnreadableSource.
    """
    return _decode(data, _meta_label(data[:HEAD]) or _xml_label(data))


def decode_xml(data: bytes) -> str:
    """Decode XML likewise; a <meta> in it belongs to what it quotes. Raise UnreadableSource."""
    return _decode(data, _xml_label(data))


def _decode(data: bytes, label: str) -> str:
    """Decode by the BOM, or else by the encoding that was declared, or else by how the text reads."""
    if data.startswith(BINARY):
        raise UnreadableSource(BINARY_FILE)
    marked = any(data.startswith(bom) for bom, _ in BOMS)
    text = ("" if marked else decode_labelled(data, label)) or decode(data)
    text = UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).lstrip()
    declaration = XML_DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _xml_label(data: bytes) -> str:
    """Return the encoding that an XML declaration names; empty if there is none."""
    head = data[:LONGEST_TAG].lstrip()
    declared = IN_DECLARATION.search(head.split(b"?>")[0]) if head.startswith(b"<?xml") else None
    return declared[1].decode() if declared else ""


def _meta_label(head: bytes) -> str:
    """Return the encoding that a page's own <meta> names; empty if there is none."""
    tags, position = head.lower(), 0
    while (position := tags.find(b"<", position)) >= 0:
        closing = next((closing for opening, closing in HIDDEN if tags.startswith(opening, position)), b"")
        if closing:
            position = tags.find(closing, position)
            if position < 0:  # never closed
                break
        elif tags.startswith(b"<meta", position) and (label := _tag_label(head[position:][:LONGEST_TAG])):
            return label
        position += 1
    return ""


def _tag_label(tag: bytes) -> str:
    """Return the encoding that the <meta> at the start of some bytes names; empty if it names none."""
    attributes: dict[bytes, bytes] = {}
    position = len(b"<meta")
    while (found := ATTRIBUTE.search(tag, position)) and b">" not in tag[position : found.start()]:
        attributes.setdefault(found[1].lower(), found[2].strip(b"\"' \t\r\n\f"))
        position = found.end()
    label = attributes.get(b"charset", b"")
    if not label and attributes.get(b"http-equiv", b"").lower() == b"content-type":
        named = IN_CONTENT.search(attributes.get(b"content", b""))
        label = named[1] if named else b""
    return label.decode("ascii", "ignore")
