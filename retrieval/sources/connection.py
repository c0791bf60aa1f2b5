"""A location goes in; an open connection to it comes out, to an address that was checked, with an end to its patience.

A name is resolved once, every address it has is checked, and the socket is opened to one of these: no library resolves
the name again, so it cannot lead elsewhere the second time. Proxies of the environment are not used: they would resolve.
"""

import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse, IncompleteRead, UnknownTransferEncoding
from queue import Empty, SimpleQueue
from threading import Thread

from retrieval.errors import ForbiddenAddress
from retrieval.sources.ip_ranges import AddressKind, classify_address
from retrieval.sources.urls import Url, display_url

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


def resolve(host: str, port: int) -> list[str]:
    """Give the IP addresses of a host, in the order to try them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Open a connection to an IP address. Raises OSError."""
    return socket.create_connection((address, port), timeout=seconds)


@dataclass(frozen=True, slots=True)
class Network:
    """How names become addresses and addresses connections."""

    resolve: Callable[[str, int], list[str]] = resolve
    dial: Callable[[str, int, float], socket.socket] = dial


class Deadline:
    """A moment after which nothing is waited for."""

    def __init__(self, seconds: float) -> None:
        """Let it be `seconds` from now."""
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left, more than 0. Raises TimeoutError when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class Connection(io.RawIOBase):
    """A connection that is read from and written to until the deadline, and gives `most` bytes at most.

    Raises TimeoutError, TooMuch beyond `most`, and OSError.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline, most: int, *, inside: bool) -> None:
        """Take over an open connection."""
        self.inside = inside  # the host has private addresses alone
        self._connection = connection
        self._deadline = deadline
        self._left = most

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed's name for it is newer
        """Fill the buffer with what is there, 0 bytes at the end."""
        self._connection.settimeout(self._deadline.left())
        size = self._connection.recv_into(buffer)
        self._left -= size
        if self._left < 0:
            raise TooMuch
        return size

    def sendall(self, data: bytes) -> None:
        """Write all of it."""
        self._connection.settimeout(self._deadline.left())
        self._connection.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Give what http.client reads from."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        super().close()


def connect(location: Url, deadline: Deadline, *, allow_private: bool, network: Network, most: int) -> Connection:
    """Open a connection that gives `most` bytes at most.

    Raises ForbiddenAddress if any address of the host may not be asked, TimeoutError, and OSError.
    """
    if not allow_private and (location.host == "localhost" or location.host.endswith(".localhost")):
        raise _forbidden(location, location.host)
    addresses = _resolved(location, deadline, network)
    allowed = {AddressKind.PUBLIC, AddressKind.PRIVATE} if allow_private else {AddressKind.PUBLIC}
    for address in addresses:
        if classify_address(address) not in allowed:
            raise _forbidden(location, address)
    inside = all(classify_address(address) == AddressKind.PRIVATE for address in addresses)
    connection = _first_that_answers(addresses, location.port, deadline, network)
    if location.scheme == "https":
        connection = _protected(connection, location.host, deadline)
    return Connection(connection, deadline, most, inside=inside)


def _forbidden(location: Url, address: str) -> ForbiddenAddress:
    remedy = "; an intranet can be allowed in the settings" if classify_address(address) == AddressKind.PRIVATE else ""
    return ForbiddenAddress(
        f"{display_url(location.url)} is not asked: it leads to {address}, which is no public address{remedy}."
    )


def _resolved(location: Url, deadline: Deadline, network: Network) -> list[str]:
    """Ask the system, which knows no deadline, in a thread that nobody waits for longer."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(network.resolve(location.host, location.port))
        except OSError as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty as error:
        raise TimeoutError from error
    if isinstance(answer, OSError):
        raise answer
    return answer


def _first_that_answers(addresses: list[str], port: int, deadline: Deadline, network: Network) -> socket.socket:
    failed = OSError("the name has no address")
    for number, address in enumerate(addresses):
        try:
            return network.dial(address, port, deadline.left() / (len(addresses) - number))
        except OSError as error:
            failed = error
    raise failed


def _protected(connection: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    """Speak TLS: the certificate must be valid for the host as it was asked for, not for the address."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    connection.settimeout(deadline.left())
    return context.wrap_socket(connection, server_hostname=host)
