"""From an address of this machine to what is asked there: the webhook, the health of the bot, its figures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import click
from aiohttp import web

from bot.setting_values import Address
from bot.telegram.health import Health
from bot.telegram.webhook import MOST_BYTES, Hook

_ENDING = 1.0  # seconds for requests in hand


@asynccontextmanager
async def listening(
    address: Address, health: Health, hook: Hook | None, webhook_url: str | None
) -> AsyncIterator[None]:
    """Listen as long as the block lasts; raises ClickException when the address is taken or none of this machine's."""
    app = web.Application(client_max_size=MOST_BYTES)
    app.on_response_prepare.append(_say_nothing_of_the_server)
    if hook is not None:
        app.router.add_post(urlsplit(webhook_url or "").path or "/", hook.post)
    app.router.add_get("/healthz", health.is_alive)
    app.router.add_get("/readyz", health.is_ready)
    app.router.add_get("/metrics", health.figures)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_ENDING, handler_cancellation=False)
    await runner.setup()
    try:
        await _listen(runner, address)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: Address) -> None:
    try:
        await web.TCPSite(runner, address.host, address.port).start()
    except OSError as error:
        shown = f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"
        raise click.ClickException(
            f"{shown} cannot be listened on ({error.strerror}). Name another address in CITEBOT_LISTEN."
        ) from error


async def _say_nothing_of_the_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "citebot"
