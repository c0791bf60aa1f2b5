"""An HTTP server for the webhook, for health checks, and for metrics."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from yarl import URL

from bot.settings.parsing import Address
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving.connections import BACKLOG, Connections
from bot.telegram.receiving.webhook import Webhook
from retrieval import Engine
from retrieval.errors import RetrievalError

_CLOSE_TIME = 1.0  # seconds for requests under way when the server stops, and for the rest of a refused one

_REQUESTS = logging.getLogger(f"{__name__}.requests")


class CannotListen(Exception):
    """The address is in use, or does not belong to this machine."""


class Health:
    """Answers service managers, load balancers and Prometheus."""

    def __init__(
        self, engine: Engine, metrics: Metrics, *, is_reachable: Callable[[], bool], is_receiving: Callable[[], bool]
    ) -> None:
        """Take functions that tell whether Telegram can be reached, and whether updates are being received."""
        self._engine = engine
        self._metrics = metrics
        self._is_reachable = is_reachable
        self._is_receiving = is_receiving

    async def is_alive(self, _: web.Request) -> web.Response:
        """Answer: the process is alive."""
        return web.Response(text="ok\n")

    async def is_ready(self, _: web.Request) -> web.Response:
        """Answer 200 if the store is open, Telegram is reachable and updates are being received, else 503."""
        state = {
            "store": await asyncio.to_thread(self._store_is_open),
            "telegram": self._is_reachable(),
            "receiving": self._is_receiving(),
        }
        return web.json_response(state, status=200 if all(state.values()) else 503)

    async def metrics(self, _: web.Request) -> web.Response:
        """Answer with the metrics."""
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    def _store_is_open(self) -> bool:
        try:
            return self._engine.generation() > 0
        except (RetrievalError, OSError):
            return False


@asynccontextmanager
async def serve_http(
    address: Address, health: Health, webhook: Webhook | None, webhook_url: str | None
) -> AsyncIterator[None]:
    """Serve until the block ends; raise CannotListen."""
    app = _routes(health, webhook, webhook_url)
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_REQUESTS,
        auto_decompress=False,  # a small body must not become a large one
        lingering_time=_CLOSE_TIME,
        shutdown_timeout=_CLOSE_TIME,
    )
    connections = Connections(runner)
    app.middlewares.append(connections.count)
    await runner.setup()
    try:
        listening = await _listen(connections, address)
        try:
            yield
        finally:
            listening.close()
    finally:
        await runner.cleanup()


def _routes(health: Health, webhook: Webhook | None, webhook_url: str | None) -> web.Application:
    app = web.Application()
    app.on_response_prepare.append(_hide_server_version)
    if webhook is not None:
        path = web.PlainResource(URL(webhook_url or "/").path_safe)  # in which braces stand for themselves
        path.add_route("POST", webhook.post)
        app.router.register_resource(path)
    app.router.add_get("/healthz", health.is_alive)
    app.router.add_get("/readyz", health.is_ready)
    app.router.add_get("/metrics", health.metrics)
    return app


async def _listen(connections: Connections, address: Address) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(connections, address.host, address.port, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:  # UnicodeError if the host cannot be a name at all
        host = f"[{address.host}]" if ":" in address.host else address.host
        why = error.strerror if isinstance(error, OSError) else error
        raise CannotListen(
            f"Cannot listen on {host}:{address.port} ({why}). Set CITEBOT_LISTEN to another address."
        ) from error


async def _hide_server_version(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "citebot"


def _is_worth_logging(record: logging.LogRecord) -> bool:
    """Drop malformed requests: anybody can send any number of them, with any bytes."""
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


_REQUESTS.addFilter(_is_worth_logging)
