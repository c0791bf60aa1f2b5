"""A location goes in; an open connection to it comes out, to an address that was checked, with an end to its patience.

A name is resolved once, every address it has is checked, and the socket is opened to one of these: no library resolves
the name again, so it cannot lead elsewhere the second time. Proxies of the environment are not used: they would resolve.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from retrieval.errors import ForbiddenAddress
from retrieval.sources.addresses import Reach, reach
from retrieval.sources.bodies import TooMuch
from retrieval.sources.locations import Location, shown


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


class Wire(io.RawIOBase):
    """A connection that is read from and written to until the deadline, and gives `most` bytes at most.

    Raises TimeoutError, TooMuch beyond `most`, and OSError.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline, most: int) -> None:
        """Take over an open connection."""
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


def connect(location: Location, deadline: Deadline, *, allow_private: bool, network: Network, most: int) -> Wire:
    """Open a connection that gives `most` bytes at most.

    Raises ForbiddenAddress if any address of the host may not be asked, TimeoutError, and OSError.
    """
    if not allow_private and (location.host == "localhost" or location.host.endswith(".localhost")):
        raise _forbidden(location, location.host)
    addresses = _resolved(location, deadline, network)
    allowed = {Reach.PUBLIC, Reach.INSIDE} if allow_private else {Reach.PUBLIC}
    for address in addresses:
        if reach(address) not in allowed:
            raise _forbidden(location, address)
    connection = _first_that_answers(addresses, location.port, deadline, network)
    if location.scheme == "https":
        connection = _protected(connection, location.host, deadline)
    return Wire(connection, deadline, most)


def _forbidden(location: Location, address: str) -> ForbiddenAddress:
    remedy = "; an intranet can be allowed in the settings" if reach(address) == Reach.INSIDE else ""
    return ForbiddenAddress(
        f"{shown(location.url)} is not asked: it leads to {address}, which is no public address{remedy}."
    )


def _resolved(location: Location, deadline: Deadline, network: Network) -> list[str]:
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
