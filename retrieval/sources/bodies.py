"""The answer of a server goes in; its body comes out, decompressed, in pieces, and never more than was agreed."""

import zlib
from collections.abc import Iterator
from http.client import HTTPResponse, IncompleteRead, UnknownTransferEncoding

_PIECE = 64 * 1024  # bytes
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class TooMuch(Exception):
    """A server sent more than is taken; who asked says it in words."""


def read_body(response: HTTPResponse, most: int) -> Iterator[bytes]:
    """Yield the body in pieces of 64 KiB at most, and of `most` bytes together.

    Raises TooMuch, UnknownTransferEncoding for what was not asked for, IncompleteRead for a body cut short, other
    errors of http.client and zlib.error for a broken one, and what reading from the connection raises.
    """
    encoding = _header(response, "Content-Encoding")
    if encoding not in _ENCODINGS or _header(response, "Transfer-Encoding") not in {"", "chunked"}:
        raise UnknownTransferEncoding
    left = most
    pieces = _received(response)
    for piece in pieces if encoding in {"", "identity"} else _decompressed(pieces):
        left -= len(piece)
        if left < 0:
            raise TooMuch
        yield piece


def _header(response: HTTPResponse, name: str) -> str:
    return ", ".join(response.headers.get_all(name, [])).strip().lower()


def _received(response: HTTPResponse) -> Iterator[bytes]:
    missing = response.length  # None = up to the end of the connection, or in chunks, which tell where they end
    while missing is None or missing > 0:
        piece = response.read1(_PIECE if missing is None else min(_PIECE, missing))
        if not piece:
            break
        missing = None if missing is None else missing - len(piece)
        yield piece
    if missing:
        raise IncompleteRead(b"", missing)


def _decompressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress 64 KiB at a time, however much a piece would become."""
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    for piece in pieces:
        rest = piece
        while rest:
            if decoder.eof:  # another member: gzip may have several
                decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
            yield decoder.decompress(rest, _PIECE)
            rest = decoder.unconsumed_tail or decoder.unused_data
    while more := decoder.decompress(b"", _PIECE):
        yield more
    if not decoder.eof:
        raise zlib.error
