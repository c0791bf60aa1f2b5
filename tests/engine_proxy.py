"""A proxy on 127.0.0.1 that passes connections on to a server, and does to them what networks do."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 16_384  # bytes


class EngineProxy:
    """Passes on what it gets, as its fields say; they can be changed at any time, from any thread."""

    def __init__(self, upstream: int) -> None:
        """Take the port of the server."""
        self._upstream = upstream
        self.delay = 0.0  # seconds before each piece of an answer
        self.is_silent = False  # takes connections and bytes, and says nothing; a connection that met this stays silent
        self.refuses = False  # closes each new connection at once
        self.swaps = False  # sends each two pieces of an answer in the wrong order
        self.cut_after: int | None = None  # bytes of answers, then the connection is cut
        self._pumps: set[asyncio.Task] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    def drop(self) -> None:
        """Cut all connections that there are."""
        self._run(self._drop())

    def pass_all(self) -> None:
        """Do nothing to connections from now on."""
        self.delay, self.is_silent, self.refuses, self.swaps, self.cut_after = 0.0, False, False, False, None

    def close(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _drop(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        await self._drop()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:  # the server is down
            writer.transport.abort()
            return
        both = {writer, to_server}
        self._writers |= both
        pumps = [
            asyncio.create_task(self._ask(reader, to_server)),
            asyncio.create_task(self._answer(from_server, writer)),
        ]
        self._pumps |= set(pumps)
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        self._pumps -= set(pumps)
        self._writers -= both
        for one in both:
            one.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                await self._stay_silent()
                writer.write(piece)
                await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = b""
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                await self._stay_silent()
                await asyncio.sleep(self.delay)
                if self.cut_after is not None:
                    piece, self.cut_after = piece[: self.cut_after], max(self.cut_after - len(piece), 0)
                if self.swaps and not held:
                    held = piece
                    continue
                writer.write(piece + held)
                held = b""
                await writer.drain()
                if self.cut_after == 0:
                    return

    async def _stay_silent(self) -> None:
        if self.is_silent:
            await asyncio.Event().wait()  # until the connection is dropped


@contextmanager
def engine_proxy(upstream: int) -> Iterator[EngineProxy]:
    """A proxy for the time of a test."""
    proxy = EngineProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
