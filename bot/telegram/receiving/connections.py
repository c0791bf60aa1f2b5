"""Connections to the HTTP server: those that ask nothing are closed, and never so many that others find no place."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

MOST_QUIET = 100  # connections that ask nothing at the moment; a new one takes the place of the oldest
FIRST_REQUEST = 10.0  # seconds for the headers of the first request
NEXT_REQUEST = 60.0  # seconds until the headers of the next one: proxies keep connections open
BACKLOG = 64  # connections that are taken at once; fewer than MOST_QUIET, so that none is closed before it begins
_LOG_INTERVAL = 60.0  # seconds, at least, between two log lines about connections that could not be taken

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Connections:
    """Makes the handler of each new connection of a server, and closes those that are quiet for too long."""

    def __init__(self, runner: web.AppRunner) -> None:
        """Make handlers of the server of a runner, once that is set up."""
        self._runner = runner
        self._quiet: dict[asyncio.Protocol, asyncio.TimerHandle] = {}  # the oldest first

    def __call__(self) -> asyncio.Protocol:
        """Return the handler of a new connection."""
        while len(self._quiet) >= MOST_QUIET:
            self._close(next(iter(self._quiet)))
        if self._runner.server is None:
            raise RuntimeError("the server is not set up")
        handler = self._runner.server()
        self._watch(handler, FIRST_REQUEST)
        return handler

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Know that a connection asks something as long as a request is answered."""
        if (timer := self._quiet.pop(request.protocol, None)) is not None:
            timer.cancel()
        try:
            return await handler(request)
        finally:
            if request.keep_alive:
                self._watch(request.protocol, NEXT_REQUEST)

    def _watch(self, handler: asyncio.Protocol, seconds: float) -> None:
        self._quiet[handler] = asyncio.get_running_loop().call_later(seconds, self._close, handler)

    def _close(self, handler: asyncio.Protocol) -> None:
        self._quiet.pop(handler).cancel()
        if isinstance(handler, web.RequestHandler):
            handler.force_close()


class _OnceAMinute(logging.Filter):
    """Drops all but some of the errors of a system out of descriptors, which are thousands a minute."""

    logged = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith("socket.accept()"):
            return True
        is_due = time.monotonic() - self.logged >= _LOG_INTERVAL
        self.logged = time.monotonic() if is_due else self.logged
        return is_due


logging.getLogger("asyncio").addFilter(_OnceAMinute())
