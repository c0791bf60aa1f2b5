"""The bytes of one file go in; its text comes out with normalised line ends, or UnreadableSource says why not.

A wrong guess is worse than a refusal: what is neither UTF-8 nor UTF-16 must look like Windows-1252 in every word.
"""

import codecs
import re
from pathlib import Path

from retrieval.errors import UnreadableSource

ARTICLE_LIMIT = 10_000_000  # bytes
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x7fELF", b"\xd0\xcf\x11\xe0")
CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x7f]")
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
# What Windows-1252 text never holds inside a word, but other 8-bit encodings read as Windows-1252 do.
MISREAD = re.compile(r"[a-z][\xa0-\xac\xae-\xb6\xb8-\xbf×÷€‚ƒ„†‡ˆ‰‹˜›¨¸][a-z]|[a-z][À-ÖØ-ÞŠŽŒŸ]|[À-ÖØ-öø-ÿ]{4}")
UNKNOWN_ENCODING = "Its encoding cannot be told: save it as UTF-8."
BINARY_FILE = "It is a binary file, not text."


def read_whole(path: Path) -> str:
    """Read a file that is one article. Raises UnreadableSource, and OSError."""
    with path.open("rb") as file:
        data = file.read(ARTICLE_LIMIT + 1)
    if len(data) > ARTICLE_LIMIT:
        raise UnreadableSource("It is over 10 MB: split it into several articles.")
    return decode(data)


def decode(data: bytes) -> str:
    """Decode UTF-8, UTF-16 or Windows-1252, whichever it unmistakably is. Raises UnreadableSource."""
    if data.startswith(BINARY):
        raise UnreadableSource(BINARY_FILE)
    text = _decode_marked(data) or _decode_utf16(data) or _decode_utf8(data) or _decode_windows(data)
    _check_characters(text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode_marked(data: bytes) -> str:
    """Decode by the byte order mark; empty when there is none."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableSource(f"It says it is {encoding.upper()}, but holds what is not.") from error
    return ""


def _decode_utf16(data: bytes) -> str:
    """Decode UTF-16 that has no mark, told by where its zero bytes are; empty when it is not that."""
    sample = data[: len(data) - len(data) % 2][:100_000]
    high, low = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or not high + low or min(high, low) * 20 > max(high, low):
        return ""
    try:
        text = data.decode("utf-16-be" if high > low else "utf-16-le")
    except UnicodeDecodeError:
        return ""
    readable = sum(character.isalnum() or character.isspace() for character in text[:10_000])
    same_script = sum(ord(character) < 0x3000 for character in text[:10_000])  # noqa: PLR2004
    return text if min(readable, same_script) >= 0.7 * min(len(text), 10_000) else ""


def _decode_utf8(data: bytes) -> str:
    """Decode UTF-8; empty when it is not that."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_damaged(data, error)
        return ""


def _refuse_damaged(data: bytes, error: UnicodeDecodeError) -> None:
    """Refuse what is UTF-8 but for some bytes, rather than read all of it in a wrong encoding."""
    line = data.count(b"\n", 0, error.start) + 1
    if SURROGATE.search(data):
        raise UnreadableSource(f"It holds half a character (a lone surrogate) near line {line}: save it as UTF-8.")
    sound = UTF8_SEQUENCE.sub(b"", data)
    sequences = (len(data) - len(sound)) / 2
    if sequences > sum(byte > 0x7F for byte in sound):  # noqa: PLR2004
        raise UnreadableSource(f"It is UTF-8 with damaged bytes, the first in line {line}: save it again.")


def _decode_windows(data: bytes) -> str:
    if not data:
        return ""
    if b"\0" in data:
        raise UnreadableSource(BINARY_FILE)
    try:
        text = data.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise UnreadableSource(UNKNOWN_ENCODING) from error
    letters = sum(map(str.isalpha, text))
    foreign = sum(character > "\x7f" and character.isalpha() for character in text)
    if foreign > 0.4 * letters or MISREAD.search(text):
        raise UnreadableSource(UNKNOWN_ENCODING)
    return text


def _check_characters(text: str) -> None:
    if not text.strip("\ufeff \t\r\n\f\v"):
        raise UnreadableSource("It is empty.")
    if len(CONTROL.findall(text)) * 100 > len(text) or text.count("\0") * 100 > len(text):
        raise UnreadableSource(BINARY_FILE)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableSource(f"It holds a NUL character in line {line}: remove it.")


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
