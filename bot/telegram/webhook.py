"""From what Telegram posts to updates that are kept: it hears that they arrived only once they are."""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from telegram import Bot

from bot.ledger import LedgerError
from bot.settings import Settings
from bot.telegram.metrics import Metrics
from bot.telegram.poller import WANTED

MOST_BYTES = 2**20  # of one update: Telegram's have some thousands
_PATIENCE = 10.0  # seconds for a whole update to arrive
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_MOST_CONNECTIONS = 100

_LOG = logging.getLogger(__name__)


class Hook:
    """What Telegram posts to; nobody else knows the secret."""

    def __init__(
        self,
        secret: str,
        receive: Callable[[list[dict[str, Any]]], Awaitable[None]],
        is_open: Callable[[], bool],
        metrics: Metrics,
    ) -> None:
        """Hand updates to `receive` as long as `is_open` says that there is room."""
        self._secret = secret.encode()
        self._receive = receive
        self._is_open = is_open
        self._metrics = metrics

    async def post(self, request: web.Request) -> web.Response:
        """Take one update; what is not 200 Telegram repeats."""
        given = request.headers.getall(_SECRET, [])
        if len(given) != 1 or not hmac.compare_digest(given[0].encode(errors="replace"), self._secret):
            return self._refuse(403, "secret")
        if not self._is_open():
            return self._refuse(503, "full")
        try:
            async with asyncio.timeout(_PATIENCE):
                update = _parse(await _read(request))
        except TimeoutError:
            return self._refuse(408, "slow")
        except ValueError:
            return self._refuse(400, "malformed")
        try:
            await self._receive([update])
        except LedgerError as error:
            _LOG.error("%s Until then Telegram keeps the updates.", error)
            return self._refuse(503, "state")
        return web.Response()

    def _refuse(self, status: int, reason: str) -> web.Response:
        self._metrics.refused(reason)
        _LOG.info("a request to the webhook was refused: %s", reason)
        response = web.Response(status=status)
        response.force_close()
        return response


async def set_webhook(bot: Bot, settings: Settings) -> None:
    """Tell Telegram where to post updates; raises TelegramError."""
    await bot.set_webhook(
        settings.webhook_url or "",
        secret_token=settings.webhook_secret,
        allowed_updates=WANTED,
        max_connections=min(settings.workers, _MOST_CONNECTIONS),
    )


async def _read(request: web.Request) -> bytes:
    """Read a body; raises ValueError when it is longer than an update can be."""
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            raise ValueError("too long")
    return bytes(body)


def _parse(body: bytes) -> dict[str, Any]:
    """Make an update of a body; raises ValueError where it is none."""
    try:
        update = json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise ValueError("no update")
    return update
