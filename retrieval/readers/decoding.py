"""Bytes -> text with normalised line ends: BOM, UTF-8, UTF-16, or an older encoding that charset.py finds.

A wrong guess is worse than a refusal: what is neither UTF-8 nor UTF-16 must read like a language in one way only.
"""

import codecs
import contextlib
import re
from pathlib import Path

from retrieval.errors import UnreadableSource

ARTICLE_LIMIT = 10_000_000  # bytes
SAMPLE = 10_000  # characters
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BOM_NAMES = {"utf-32": "UTF-32", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}
BINARY = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x7fELF", b"\xd0\xcf\x11\xe0")
CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x7f]")
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
ESCAPED = re.compile(rb"\x1b\$(?:[@B]|\)C)")
SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")

UNKNOWN_ENCODING = "Its encoding cannot be told: save it as UTF-8."
BINARY_FILE = "It is a binary file, not text."


def read_text_file(path: Path) -> str:
    """Read a file that is one article. Raise UnreadableSource, and OSError."""
    return decode(read_bytes(path, "Split it into several articles."))


def read_bytes(path: Path, remedy: str) -> bytes:
    """Read a file of at most 10 MB; `remedy` is for the person whose file is larger. Raise UnreadableSource, and OSError."""
    with path.open("rb") as file:
        data = file.read(ARTICLE_LIMIT + 1)
    if len(data) > ARTICLE_LIMIT:
        raise UnreadableSource(f"It is over 10 MB. {remedy}")
    return data


def decode(data: bytes) -> str:
    """Decode UTF-8, UTF-16, or what a text from before them unmistakably is in. Raise UnreadableSource."""
    if data.startswith(BINARY):
        raise UnreadableSource(BINARY_FILE)
    text = (
        _decode_bom(data) or _decode_utf16(data) or _decode_escaped(data) or _decode_utf8(data) or _decode_legacy(data)
    )
    _check_characters(text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode_bom(data: bytes) -> str:
    """Decode by the byte order mark; return nothing if there is none."""
    encoding = next((encoding for bom, encoding in BOMS if data.startswith(bom)), "")
    try:
        return data.decode(encoding) if encoding else ""
    except UnicodeDecodeError as error:
        name = BOM_NAMES[encoding]
        raise UnreadableSource(f"It starts like {name} but is not valid {name}. Save it as UTF-8.") from error


def _decode_utf16(data: bytes) -> str:
    """Decode UTF-16 without a mark, recognised by where its zero bytes are; return nothing if it is not that."""
    sample = data[: len(data) - len(data) % 2][:100_000]
    high, low = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or not high + low or min(high, low) * 20 > max(high, low):
        return ""
    try:
        text = data.decode("utf-16-be" if high > low else "utf-16-le")
    except UnicodeDecodeError:
        return ""
    start = text[:SAMPLE]
    readable = sum(character.isalnum() or character.isspace() for character in start)
    not_cjk = sum(character < "\u3000" for character in start)
    return text if min(readable, not_cjk) >= 0.7 * len(start) else ""


def _decode_escaped(data: bytes) -> str:
    """Decode Japanese or Korean in ASCII with escape sequences (ISO-2022); return nothing if it is not that."""
    with contextlib.suppress(UnicodeDecodeError):
        if ESCAPED.search(data) and data.isascii():
            return data.decode("iso2022_kr" if data.find(b"\x1b$)C") >= 0 else "iso2022_jp_2")
    return ""


def _decode_utf8(data: bytes) -> str:
    """Decode UTF-8; return nothing if it is not that."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_damaged_utf8(data, error)
        return ""


def _refuse_damaged_utf8(data: bytes, error: UnicodeDecodeError) -> None:
    """Refuse UTF-8 with a few damaged bytes, instead of reading the whole text in a wrong encoding."""
    line = data.count(b"\n", 0, error.start) + 1
    if SURROGATE.search(data):
        raise UnreadableSource(f"It contains half a character (a lone surrogate) near line {line}. Save it as UTF-8.")
    rest = UTF8_SEQUENCE.sub(b"", data)
    sequences = (len(data) - len(rest)) / 2
    if sequences > sum(byte > 0x7F for byte in rest):  # noqa: PLR2004
        raise UnreadableSource(f"It is UTF-8 with damaged bytes, the first in line {line}. Save it again.")


def _decode_legacy(data: bytes) -> str:
    """Decode by how the text reads, the last resort. Raise UnreadableSource if that does not tell the encoding."""
    if b"\0" in data:
        raise UnreadableSource(BINARY_FILE)
    from retrieval.readers.charset import decode_legacy  # noqa: PLC0415 - nearly all texts are UTF-8

    text = decode_legacy(data)
    if data and not text:
        raise UnreadableSource(UNKNOWN_ENCODING)
    return text


def _check_characters(text: str) -> None:
    if not text.strip("\ufeff \t\r\n\f\v"):
        raise UnreadableSource("It is empty.")
    if len(CONTROL.findall(text)) * 100 > len(text) or text.count("\0") * 100 > len(text):
        raise UnreadableSource(BINARY_FILE)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableSource(f"It contains a NUL character in line {line}. Remove it.")
