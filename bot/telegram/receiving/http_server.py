"""From an address of this machine to what is asked there: the webhook, the health of the bot, its figures."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import click
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from yarl import URL

from bot.settings.parsing import Address
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.receiving.webhook import Webhook
from retrieval import Engine
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


_ENDING = 1.0  # seconds for requests in hand when it ends, and for what still comes of one that was refused

_REQUESTS = logging.getLogger(f"{__name__}.requests")


@asynccontextmanager
async def listening(
    address: Address, health: Health, hook: Webhook | None, webhook_url: str | None
) -> AsyncIterator[None]:
    """Listen as long as the block lasts; raises ClickException when the address is taken or none of this machine's."""
    app = web.Application()
    app.on_response_prepare.append(_say_nothing_of_the_server)
    if hook is not None:
        path = web.PlainResource(URL(webhook_url or "/").path_safe)  # in which braces are braces
        path.add_route("POST", hook.post)
        app.router.register_resource(path)
    app.router.add_get("/healthz", health.is_alive)
    app.router.add_get("/readyz", health.is_ready)
    app.router.add_get("/metrics", health.figures)
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_REQUESTS,
        auto_decompress=False,  # no body is inflated
        lingering_time=_ENDING,
        shutdown_timeout=_ENDING,
    )
    await runner.setup()
    try:
        await _listen(runner, address)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: Address) -> None:
    try:
        await web.TCPSite(runner, address.host, address.port).start()
    except (OSError, UnicodeError) as error:  # the latter for a host that can be no name of one
        shown = f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"
        why = error.strerror if isinstance(error, OSError) else error
        raise click.ClickException(
            f"{shown} cannot be listened on ({why}). Name another address in CITEBOT_LISTEN."
        ) from error


async def _say_nothing_of_the_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "citebot"


def _is_of_the_bot(record: logging.LogRecord) -> bool:
    """Leave out what somebody sent that is no HTTP: it is not logged without end, nor are their bytes."""
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


_REQUESTS.addFilter(_is_of_the_bot)
