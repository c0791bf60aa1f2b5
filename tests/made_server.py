"""A server on 127.0.0.1 that answers as a test says, byte for byte, and counts who came; and a net that leads to it."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from retrieval.sources.http_connection import Network

PUBLIC = "93.184.216.34"  # stands for the server of a test, wherever one is asked for that address
Answer = Callable[[socket.socket, bytes], None]


class Server:
    """Accepts connections in threads of its own; `answer` gets each with the head of its request."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.heads: list[bytes] = []
        self._answer = answer
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        with connection, contextlib.suppress(OSError):  # whoever asks may hang up at any moment
            stream = self._context.wrap_socket(connection, server_side=True) if self._context else connection
            with stream:
                head = b""
                while b"\r\n\r\n" not in head:
                    if not (part := stream.recv(65536)):
                        return
                    head += part
                self.heads.append(head)
                self._answer(stream, head)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(answer, context)
    try:
        yield server
    finally:
        server.close()


def saying(status: str, *headers: str, body: bytes = b"", length: bool = True) -> Answer:
    """Answer always the same."""
    lines = [f"HTTP/1.1 {status}", *headers, *([f"Content-Length: {len(body)}"] if length else []), "", ""]

    def answer(stream: socket.socket, _head: bytes) -> None:
        stream.sendall("\r\n".join(lines).encode("utf-8") + body)

    return answer


def leading_to(server: Server, canary: Server | None = None, names: dict[str, list[str]] | None = None) -> Network:
    """Make a net where PUBLIC is `server` and every other address the canary; no address is left out of either.

    A name that is not in `names` is what the system takes it for as a number, as in `127.1`; else it is PUBLIC.
    """

    def resolve(host: str, port: int) -> list[str]:
        if names and host in names:
            return names[host]
        try:
            return [str(socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)[0][4][0])]
        except OSError:
            return [PUBLIC]

    def dial(address: str, port: int, seconds: float) -> socket.socket:
        there = server if address == PUBLIC or canary is None else canary
        return socket.create_connection(("127.0.0.1", there.port), timeout=seconds)

    return Network(resolve, dial)
