"""Connect to an IP address that was checked, with a deadline, and read a response body within limits.

A name is resolved once, all its addresses are checked, and the socket connects to one of them: no library resolves the
name again, when it could lead elsewhere. Proxies from the environment are ignored, since they would resolve it.
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

_CHUNK = 64 * 1024  # bytes
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class TooLarge(Exception):
    """A server sent more than the limit; the caller puts it in words."""


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, in the order to try them. Raise OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connect to an IP address. Raise OSError."""
    return socket.create_connection((address, port), timeout=seconds)


@dataclass(frozen=True, slots=True)
class Network:
    """How names become addresses, and addresses connections."""

    resolve: Callable[[str, int], list[str]] = resolve
    dial: Callable[[str, int, float], socket.socket] = dial


class Deadline:
    """A moment at which all waiting ends."""

    def __init__(self, seconds: float) -> None:
        """Set it `seconds` from now."""
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, more than 0. Raise TimeoutError if none are."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def connect(url: Url, deadline: Deadline, *, allow_private: bool, network: Network, limit: int) -> "Connection":
    """Open a connection that reads at most `limit` bytes.

    Raise ForbiddenAddress if any address of the host is not allowed, TimeoutError, or OSError.
    """
    if not allow_private and (url.host == "localhost" or url.host.endswith(".localhost")):
        raise _forbidden(url, url.host)
    addresses = _resolve_in_time(url, deadline, network)
    allowed = {AddressKind.PUBLIC, AddressKind.PRIVATE} if allow_private else {AddressKind.PUBLIC}
    for address in addresses:
        if classify_address(address) not in allowed:
            raise _forbidden(url, address)
    private = all(classify_address(address) == AddressKind.PRIVATE for address in addresses)
    stream = _dial_first(addresses, url.port, deadline, network)
    if url.scheme == "https":
        stream = _start_tls(stream, url.host, deadline)
    return Connection(stream, deadline, limit, private=private)


def _forbidden(url: Url, address: str) -> ForbiddenAddress:
    private = classify_address(address) == AddressKind.PRIVATE
    remedy = "  To allow it, set CITEBOT_ALLOW_PRIVATE_URLS=1." if private else ""
    return ForbiddenAddress(f"{display_url(url.url)} leads to {address}, which is not a public address.{remedy}")


def _resolve_in_time(url: Url, deadline: Deadline, network: Network) -> list[str]:
    """Resolve a name in a thread, since the system's resolver has no deadline; the thread may outlive it."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(network.resolve(url.host, url.port))
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


def _dial_first(addresses: list[str], port: int, deadline: Deadline, network: Network) -> socket.socket:
    """Connect to the first address that answers; each gets its share of the time that is left."""
    failed = OSError("the name has no address")
    for number, address in enumerate(addresses):
        try:
            return network.dial(address, port, deadline.left() / (len(addresses) - number))
        except OSError as error:
            failed = error
    raise failed


def _start_tls(stream: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    """Speak TLS; the certificate must be valid for the host in the URL, not for the address."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    stream.settimeout(deadline.left())
    return context.wrap_socket(stream, server_hostname=host)


class Connection(io.RawIOBase):
    """A connection with a deadline that reads at most `limit` bytes.

    Raises TimeoutError, TooLarge beyond the limit, and OSError.
    """

    def __init__(self, stream: socket.socket, deadline: Deadline, limit: int, *, private: bool) -> None:
        """Take over an open socket."""
        self.private = private  # the host has private addresses only
        self._stream = stream
        self._deadline = deadline
        self._left = limit

    def readable(self) -> bool:
        """Return true, for io."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed's name for it is newer
        """Fill the buffer with what has come; 0 bytes at the end."""
        self._stream.settimeout(self._deadline.left())
        size = self._stream.recv_into(buffer)
        self._left -= size
        if self._left < 0:
            raise TooLarge
        return size

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._stream.settimeout(self._deadline.left())
        self._stream.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what http.client reads from."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        super().close()


def read_body(response: HTTPResponse, limit: int) -> Iterator[bytes]:
    """Yield the decompressed body in chunks of at most 64 KiB.

    Raise TooLarge beyond `limit` bytes, UnknownTransferEncoding for one that was not asked for, IncompleteRead for a
    body cut short, other errors of http.client and zlib.error for a broken one, and what reading the connection raises.
    """
    encoding = _header(response, "Content-Encoding")
    if encoding not in _ENCODINGS or _header(response, "Transfer-Encoding") not in {"", "chunked"}:
        raise UnknownTransferEncoding
    left = limit
    chunks = _received(response)
    for chunk in chunks if encoding in {"", "identity"} else _decompressed(chunks):
        left -= len(chunk)
        if left < 0:
            raise TooLarge
        yield chunk


def _header(response: HTTPResponse, name: str) -> str:
    return ", ".join(response.headers.get_all(name, [])).strip().lower()


def _received(response: HTTPResponse) -> Iterator[bytes]:
    missing = response.length  # None: up to the end of the connection, or in chunks, which say where they end
    while missing is None or missing > 0:
        chunk = response.read1(_CHUNK if missing is None else min(_CHUNK, missing))
        if not chunk:
            break
        missing = None if missing is None else missing - len(chunk)
        yield chunk
    if missing:
        raise IncompleteRead(b"", missing)


def _decompressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress 64 KiB at a time, however much a chunk unpacks to."""
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    for chunk in chunks:
        rest = chunk
        while rest:
            if decoder.eof:  # gzip may have several members
                decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
            yield decoder.decompress(rest, _CHUNK)
            rest = decoder.unconsumed_tail or decoder.unused_data
    while more := decoder.decompress(b"", _CHUNK):
        yield more
    if not decoder.eof:
        raise zlib.error
