"""Bytes of a web page -> its text, in the encoding that a browser would take: BOM, UTF-8, the page's own <meta>.

A page without a usable declaration is decoded like a text file.
"""

import codecs
import re
from pathlib import Path

from retrieval.errors import UnreadableSource
from retrieval.readers.decoding import BINARY, BINARY_FILE, BOMS, decode, read_bytes

HEAD = 200_000  # bytes at the start of a page in which it declares its encoding; long scripts may come before
LONGEST_TAG = 1000  # bytes of a <meta> tag
HIDDEN = ((b"<!--", b"-->"), (b"<script", b"</script"), (b"<style", b"</style"), (b"<title", b"</title"))
ATTRIBUTE = re.compile(rb"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
IN_CONTENT = re.compile(rb"""charset\s*=\s*["']?\s*([^\s"';]+)""", re.IGNORECASE)
IN_DECLARATION = re.compile(rb"""encoding\s*=\s*["']([\w.:-]+)["']""")
# What browsers call an encoding is often a larger one (https://encoding.spec.whatwg.org/#names-and-labels).
SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8",  # a <meta> that could be read is not in UTF-16
}  # fmt: skip
LABELS = {  # of browsers, which Python does not know, without "x-" in front
    "cn-big5": "big5", "csbig5": "big5", "cseuckr": "euc-kr", "csksc56011987": "euc-kr", "iso-ir-149": "euc-kr",
    "ks_c_5601-1989": "euc-kr", "ksc_5601": "euc-kr", "csgb2312": "gbk", "gb_2312": "gbk", "gb_2312-80": "gbk",
    "csiso88596e": "iso-8859-6", "csiso88596i": "iso-8859-6", "sun_eu_greek": "iso-8859-7", "visual": "iso-8859-8",
    "logical": "iso-8859-8", "csiso88598e": "iso-8859-8", "csiso88598i": "iso-8859-8", "csisolatin9": "iso-8859-15",
    "koi": "koi8-r", "koi8": "koi8-r", "koi8-ru": "koi8-u", "mac": "mac-roman", "csmacintosh": "mac-roman",
    "mac-ukrainian": "mac-cyrillic", "windows-31j": "cp932", "dos-874": "cp874", "cseucpkdfmtjapanese": "euc-jp",
    "user-defined": "cp1252", "unicode": "utf-8", "csunicode": "utf-8", "ucs-2": "utf-8", "iso-10646-ucs-2": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "unicode11utf8": "utf-8", "unicodefffe": "utf-8", "unicodefeff": "utf-8",
    "unicode20utf8": "utf-8",
}  # fmt: skip
UNSUPPORTED = ("utf-7", "utf-32", "utf-8-sig", "unicode", "raw", "idna", "punycode", "cp037", "cp5", "cp10", "cp11")
SEVEN_BITS = ("iso2022", "hz")  # in ASCII bytes, which are valid UTF-8 too
SUPPLEMENTS = {"euc_jp": "euc_jis_2004", "big5hkscs": "cp950"}  # codecs for what the first cannot decode
ALLOWED_DAMAGE = 0.001  # share of characters; a page with a damaged advertisement is still read
XML_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufeff]")


def read_page(path: Path) -> str:
    """Read a web page. Raise UnreadableSource, and OSError."""
    return decode_page(read_bytes(path, "Save the text of its article as .txt or .md and load that."))


def decode_page(data: bytes) -> str:
    """Decode a page, and remove what no parser wants: its XML declaration and control characters.

    The encoding that it declares is used if nearly all of the page is valid in it. Raise UnreadableSource.
    """
    if data.startswith(BINARY):
        raise UnreadableSource(BINARY_FILE)
    text = (_decode_declared(data) or decode(data)).replace("\r\n", "\n").replace("\r", "\n")
    text = UNPRINTABLE.sub("", text).lstrip()
    declaration = XML_DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _decode_declared(data: bytes) -> str:
    """Decode by the encoding that a page declares; return nothing if a mark or valid UTF-8 is better evidence."""
    if any(data.startswith(bom) for bom, _ in BOMS):
        return ""
    codec = browser_codec(_declared_label(data[:HEAD]))
    if not codec.startswith(SEVEN_BITS):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    text = data.decode(codec, "as-browsers") if codec else ""
    return text if text.count("\ufffd") <= ALLOWED_DAMAGE * len(text) else ""


def browser_codec(label: str) -> str:
    """Return the codec by which a browser decodes an encoding of this name; empty if it knows none."""
    label = label.strip().lower().removeprefix("x-").removeprefix("x-")
    label = re.sub(r"^windows-(?=\d+$)", "cp", LABELS.get(label, label))
    label = re.sub(r"^(?:cs)?iso-?8859-?(\d+)(?:-[ei])?$", r"iso-8859-\1", label)
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    if not codec._is_text_encoding or codec.name.startswith(UNSUPPORTED):  # noqa: SLF001 - "rot13", "zip"
        return ""
    return SUPERSETS.get(codec.name, codec.name)


def _declared_label(head: bytes) -> str:
    """Return the encoding that a page's own <meta>, or else its XML declaration, names; empty if neither does."""
    tags, position = head.lower(), 0
    while (position := tags.find(b"<", position)) >= 0:
        closing = next((closing for opening, closing in HIDDEN if tags.startswith(opening, position)), b"")
        if closing:
            position = tags.find(closing, position)
            if position < 0:  # never closed
                break
        elif tags.startswith(b"<meta", position) and (label := _meta_label(head[position:][:LONGEST_TAG])):
            return label
        position += 1
    declared = IN_DECLARATION.search(head[:LONGEST_TAG].split(b"?>")[0]) if head.lstrip().startswith(b"<?xml") else None
    return declared[1].decode() if declared else ""


def _meta_label(tag: bytes) -> str:
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


def _as_browsers(error: UnicodeError) -> tuple[str, int]:
    """Decode what Python's codecs leave out of the encodings of the web; else replace it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding == "gb18030" and error.object[error.start] == 0x80:  # noqa: PLR2004
        return "€", error.start + 1
    supplement, pair = SUPPLEMENTS.get(error.encoding), error.object[error.start : error.start + 2]
    try:
        return (pair.decode(supplement), error.start + 2) if supplement else ("\ufffd", error.end)
    except UnicodeDecodeError:
        return "\ufffd", error.end


codecs.register_error("as-browsers", _as_browsers)
