"""Whether the bot can do its work, for whoever watches over it."""

import asyncio
from collections.abc import Callable

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.telegram.metrics import Metrics
from retrieval.engine import Engine
from retrieval.errors import RetrievalError


class Health:
    """Answers what a service manager, a load balancer and Prometheus ask."""

    def __init__(
        self, engine: Engine, metrics: Metrics, *, is_reachable: Callable[[], bool], is_receiving: Callable[[], bool]
    ) -> None:
        """Ask the two whether Telegram can be reached, and whether updates are being taken in."""
        self._engine = engine
        self._metrics = metrics
        self._is_reachable = is_reachable
        self._is_receiving = is_receiving

    async def is_alive(self, _: web.Request) -> web.Response:
        """Say that the process lives."""
        return web.Response(text="ok\n")

    async def is_ready(self, _: web.Request) -> web.Response:
        """Say whether the store is open, Telegram reachable, and updates come in: 200 when all are so, else 503."""
        state = {
            "store": await asyncio.to_thread(self._store_is_open),
            "telegram": self._is_reachable(),
            "receiving": self._is_receiving(),
        }
        return web.json_response(state, status=200 if all(state.values()) else 503)

    async def figures(self, _: web.Request) -> web.Response:
        """Give the metrics."""
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    def _store_is_open(self) -> bool:
        try:
            return self._engine.generation() > 0
        except (RetrievalError, OSError):
            return False
