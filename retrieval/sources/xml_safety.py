"""Refuse XML that declares entities: nested in each other, a few expand without end, and articles need none.

What is refused must be what the reader behind would see. So an encoding that this check and a reader could decode in
two ways, and thereby find two texts in the same bytes, is refused too.
"""

import re
from xml.parsers import expat

from retrieval.errors import UnreadableSource

HEAD = 1000  # bytes with the XML declaration
DECLARED = re.compile(rb"""^[^<]{0,9}<\?xml[^>]{0,200}?\bencoding\s*=\s*["']\s*([^"'\s>]*)""", re.IGNORECASE)
# ASCII is ASCII in all of these, byte by byte, and expat decodes them.
DECODED = re.compile(
    rb"utf-?(?:8|16(?:le|be)?)|(?:us-)?ascii|iso[-_]?8859-?\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]",
    re.IGNORECASE,
)
UTF_32_AND_EBCDIC = (
    b"\xff\xfe\0\0",
    b"\0\0\xfe\xff",
    b"<\0\0\0",
    b"\0\0\0<",
    b"\0\0<\0",
    b"\0<\0\0",
    b"\x4c\x6f\xa7\x94",
)
ENTITY_OR_ELEMENT = re.compile(rb"<(?:(!ENTITY)|[a-z_:])", re.IGNORECASE)


def refuse_entities(data: bytes) -> None:
    """Raise UnreadableSource if an XML file declares entities, which it can only do before its first element.

    Also raise it for encodings other than UTF-8, UTF-16 and those of one byte a character. XML that is malformed up to
    its first element passes; its reader says what is wrong with it.
    """
    head = data[:HEAD].replace(b"\0", b"")  # UTF-16
    declared = DECLARED.match(head)
    if data.startswith(UTF_32_AND_EBCDIC) or (declared and not DECODED.fullmatch(declared[1])):
        raise UnreadableSource("Its XML is in an encoding that is not supported. Save it as UTF-8.")
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = _stop
    try:
        parser.Parse(data, True)
    except _RootReached:
        return
    except (expat.ExpatError, LookupError, ValueError):  # a lenient reader may get further
        first = ENTITY_OR_ELEMENT.search(data.replace(b"\0", b""))
        if first and first[1]:
            _refuse()


class _RootReached(Exception):
    """Nothing after this declares entities."""


def _refuse(*_declaration: object) -> None:
    raise UnreadableSource("It declares its own XML entities (<!ENTITY ...>). Save it without them.")


def _stop(*_element: object) -> None:
    raise _RootReached
