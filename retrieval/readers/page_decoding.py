"""The bytes of a web page go in; its text comes out, by its byte order mark or by the encoding that it names itself."""

import codecs
import re
from pathlib import Path

from retrieval.errors import UnreadableSource
from retrieval.readers.decoding import ARTICLE_LIMIT, BINARY, BINARY_FILE, BOMS, decode

HEAD = 4096  # bytes from the start in which a page names its encoding
NAMED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
AS_BROWSERS = {"iso8859-1": "windows-1252", "ascii": "windows-1252", "gb2312": "gb18030", "gbk": "gb18030"}
ALLOWED_DAMAGE = 0.001  # share of characters; a page with a damaged advertisement is still read
DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufeff]")


def read_page(path: Path) -> str:
    """Read a web page of at most 10 MB. Raises UnreadableSource, and OSError."""
    with path.open("rb") as file:
        data = file.read(ARTICLE_LIMIT + 1)
    if len(data) > ARTICLE_LIMIT:
        raise UnreadableSource("It is over 10 MB: save the text of its article as .txt or .md and load that.")
    return decode_page(data)


def decode_page(data: bytes) -> str:
    """Decode a page and take off what no parser wants: its XML declaration and control characters.

    An encoding that it names is believed where nearly all of the page is in it. Raises UnreadableSource.
    """
    if data.startswith(BINARY):
        raise UnreadableSource(BINARY_FILE)
    text = _decode_as_named(data) or decode(data)
    return DECLARATION.sub("", UNPRINTABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n"), count=1)


def _decode_as_named(data: bytes) -> str:
    """Decode by the encoding that the page names; empty where a mark, UTF-8 itself or no name tells more."""
    if any(data.startswith(bom) for bom, _ in BOMS):
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        encoding = _named(data[:HEAD])
    text = data.decode(encoding, "replace") if encoding else ""
    return text if text.count("\ufffd") <= ALLOWED_DAMAGE * len(text) else ""


def _named(head: bytes) -> str:
    """Give the codec of the encoding that the start of a page names; empty when there is none."""
    named = NAMED.search(head)
    try:
        codec = codecs.lookup(named[1].decode("ascii")) if named else None
    except LookupError:
        return ""
    if codec is None or not codec._is_text_encoding:  # noqa: SLF001 - "rot13", "zip"
        return ""
    return AS_BROWSERS.get(codec.name, codec.name)
