"""From what Telegram posts to updates that are kept: it hears that they arrived only once they are."""

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Never

from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.settings import Settings
from bot.state import StateError
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.receiving.polling import WANTED
from bot.telegram.sending.errors import seconds_to_wait

MOST_BYTES = 2**20  # of one update: Telegram's have some thousands
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_TRY_AGAIN = {"Retry-After": "5"}
_BETWEEN_TELLINGS = 60.0  # seconds between two lines of the log about refusals of one kind

_LOG = logging.getLogger(__name__)


class Refusal(Exception):
    """A request is not taken; Telegram brings its update again."""

    def __init__(self, status: int, reason: str, told: str) -> None:
        """Take the status of the response, one word for the metrics and a sentence for the log."""
        super().__init__(told)
        self.status, self.reason = status, reason


class Webhook:
    """What Telegram posts to; nobody else knows the secret."""

    def __init__(
        self,
        secret: str,
        receive: Callable[[list[dict[str, Any]]], Awaitable[None]],
        is_open: Callable[[], bool],
        metrics: Metrics,
        *,
        patience: float = 10.0,
    ) -> None:
        """Hand updates to `receive` while `is_open` says there is room; each may take `patience` seconds to arrive."""
        self._secret = secret.encode()
        self._receive = receive
        self._is_open = is_open
        self._metrics = metrics
        self._patience = patience
        self._told: dict[str, float] = {}  # reason: when the log last had it

    async def post(self, request: web.Request) -> web.Response:
        """Take one update; what is not 200 Telegram repeats."""
        try:
            await self._take(request)
        except Refusal as refusal:
            return self._refuse(refusal)
        return web.Response()

    async def _take(self, request: web.Request) -> None:
        """Take one update as soon as it is known whose it is; raises Refusal."""
        if not self._is_telegram(request):
            raise Refusal(403, "secret", "A request did not have the secret of CITEBOT_WEBHOOK_SECRET.")
        update = _parse(await self._read(request))
        if not self._is_open():  # asked last: while a body comes in, the bot may have begun to end
            raise Refusal(503, "busy", "More has come in than can be answered at once, or the bot starts or ends.")
        try:
            await self._receive([update])
        except StateError as error:
            raise Refusal(503, "state", f"{error} Until then no update is taken; they wait with Telegram.") from error

    def _is_telegram(self, request: web.Request) -> bool:
        given = request.headers.getall(_SECRET, [])
        return len(given) == 1 and hmac.compare_digest(given[0].encode(errors="replace"), self._secret)

    async def _read(self, request: web.Request) -> bytes:
        """Read a body, no further than an update can be long; raises Refusal."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                async for piece in request.content.iter_any():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise Refusal(413, "long", f"A request was longer than {MOST_BYTES} bytes.")
        except TimeoutError as error:
            raise Refusal(408, "slow", f"A request took longer than {self._patience:g} s to arrive.") from error
        except (web.RequestPayloadError, OSError) as error:
            raise Refusal(400, "cut", "A request was cut off.") from error
        return bytes(body)

    def _refuse(self, refusal: Refusal) -> web.Response:
        self._metrics.refused(refusal.reason)
        now = time.monotonic()
        if now - self._told.get(refusal.reason, float("-inf")) >= _BETWEEN_TELLINGS:
            self._told[refusal.reason] = now
            _LOG.warning("The webhook refuses what is posted to it: %s", refusal)
        response = web.Response(status=refusal.status, headers=_TRY_AGAIN if refusal.status == 503 else None)  # noqa: PLR2004
        response.force_close()  # what is left of its body is not read
        return response


async def set_webhook(bot: Bot, settings: Settings) -> None:
    """Tell Telegram where to post updates; raises TelegramError."""
    await bot.set_webhook(
        settings.webhook_url or "",
        secret_token=settings.webhook_secret,
        allowed_updates=WANTED,
        max_connections=settings.workers,  # at most 64, where Telegram takes 100
    )


def _parse(body: bytes) -> dict[str, Any]:
    """Make an update of a body; raises Refusal where it is none."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "malformed", "A request was not JSON.") from error
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise Refusal(400, "malformed", "A request was no update.")
    return update


_LONGEST_PAUSE = 30.0  # seconds between two tries
_BETWEEN_LOOKS = 60.0  # seconds between two looks at the webhook


async def insist(ask: Callable[[], Awaitable[object]], failed: Callable[[TelegramError], None]) -> None:
    """Ask Telegram until it agrees, and report each failure; raises InvalidToken."""
    pause = 1.0
    while True:
        try:
            await ask()
        except InvalidToken:
            raise
        except TelegramError as error:
            failed(error)
            wanted = seconds_to_wait(error) if isinstance(error, RetryAfter) else 0.0
            await asyncio.sleep(max(pause, wanted))
        else:
            return
        pause = min(2 * pause, _LONGEST_PAUSE)


async def keep_webhook(bot: Bot, settings: Settings, alarms: Alerts, *, between_looks: float = _BETWEEN_LOOKS) -> Never:
    """Have updates posted until cancelled: look now and then whether they are, and put right or report what is wrong.

    Raises InvalidToken.
    """
    failed = reporting(alarms, "The webhook cannot be set yet")
    await insist(lambda: set_webhook(bot, settings), failed)
    alarms.polled()
    while True:
        await asyncio.sleep(between_looks)
        await insist(lambda: _look(bot, settings, alarms, between_looks), failed)


async def _look(bot: Bot, settings: Settings, alarms: Alerts, lately: float) -> None:
    info = await bot.get_webhook_info()
    if info.url != settings.webhook_url:
        _LOG.warning("Another process has taken the webhook away; it is set again.")
        await set_webhook(bot, settings)
        return
    failure = info.last_error_date
    if failure is not None and datetime.now(UTC) - failure <= timedelta(seconds=lately + 1):  # it is in whole seconds
        _LOG.warning("Telegram could not post updates: %s", info.last_error_message)
        alarms.poll_failed(BadRequest(f"Telegram could not post to CITEBOT_WEBHOOK_URL: {info.last_error_message}"))
    else:
        alarms.polled()


def reporting(alarms: Alerts, what: str) -> Callable[[TelegramError], None]:
    """Report failures to the log, those alike once in a row, and to the alarms."""
    told: set[str] = set()

    def failed(error: TelegramError) -> None:
        if str(error) not in told:
            _LOG.warning("%s: %s. Trying on.", what, error)
        told.clear()
        told.add(str(error))
        alarms.poll_failed(error)

    return failed
