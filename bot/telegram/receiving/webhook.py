"""What Telegram posts in, stored updates out: a post is accepted only once its update is stored.

Also sets the webhook, and keeps it set.
"""

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Never

from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.settings import Settings
from bot.state import StateError
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving.polling import Receive, allowed_updates
from bot.telegram.sending.failures import seconds_to_wait

MOST_BYTES = 2**20  # of one update: Telegram's have some thousands
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_RETRY_LATER = {"Retry-After": "5"}
_LOG_INTERVAL = 60.0  # seconds, at least, between two log lines about refusals of one kind
_LONGEST_PAUSE = 30.0  # seconds between two tries
_CHECK_INTERVAL = 60.0  # seconds between two checks of the webhook

_LOG = logging.getLogger(__name__)


class Refusal(Exception):
    """A post that is not accepted; Telegram will repeat it."""

    def __init__(self, status: HTTPStatus, reason: str, text: str) -> None:
        """Take the status of the response, one word for the metrics and a sentence for the log."""
        super().__init__(text)
        self.status, self.reason = status, reason


class Webhook:
    """Accepts posts from Telegram, the only sender that knows the secret."""

    def __init__(
        self,
        secret: str,
        receive: Receive,
        has_room: Callable[[], bool],
        metrics: Metrics,
        *,
        patience: float = 10.0,
    ) -> None:
        """Pass updates to `receive` while there is room; a post may take `patience` seconds to arrive."""
        self._secret = secret.encode()
        self._receive = receive
        self._has_room = has_room
        self._metrics = metrics
        self._patience = patience
        self._logged: dict[str, float] = {}  # by reason, when it was logged last

    async def post(self, request: web.Request) -> web.Response:
        """Accept one update; Telegram repeats whatever is not answered with 200."""
        try:
            self._check_secret(request)
            update = _parse(await self._read(request))
            self._check_room()  # last: the bot may begin to stop while a body arrives
            await self._receive([update])
        except StateError as error:
            text = f"{error} Until then, updates wait at Telegram."
            return self._refuse(Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "state", text))
        except Refusal as refusal:
            return self._refuse(refusal)
        return web.Response()

    def _check_secret(self, request: web.Request) -> None:
        given = request.headers.getall(_SECRET, [])
        if len(given) != 1 or not hmac.compare_digest(given[0].encode(errors="replace"), self._secret):
            raise Refusal(HTTPStatus.FORBIDDEN, "secret", "A request lacked the secret in CITEBOT_WEBHOOK_SECRET.")

    def _check_room(self) -> None:
        if not self._has_room():
            text = "The bot has too much to do, or is starting or stopping."
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", text)

    async def _read(self, request: web.Request) -> bytes:
        """Read a body, but no more than the longest update; raise Refusal."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                async for piece in request.content.iter_any():
                    body += piece
                    if len(body) > MOST_BYTES:
                        text = f"A request was longer than {MOST_BYTES} bytes."
                        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "long", text)
        except TimeoutError as error:
            text = f"A request took longer than {self._patience:g} s to arrive."
            raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "slow", text) from error
        except (web.RequestPayloadError, OSError) as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "cut", "A request was cut off.") from error
        return bytes(body)

    def _refuse(self, refusal: Refusal) -> web.Response:
        self._metrics.refused(refusal.reason)
        now = time.monotonic()
        if now - self._logged.get(refusal.reason, float("-inf")) >= _LOG_INTERVAL:
            self._logged[refusal.reason] = now
            _LOG.warning("The webhook refused a request: %s", refusal)
        is_temporary = refusal.status is HTTPStatus.SERVICE_UNAVAILABLE
        response = web.Response(status=refusal.status, headers=_RETRY_LATER if is_temporary else None)
        response.force_close()  # the rest of the body is not read
        return response


def _parse(body: bytes) -> dict[str, Any]:
    """Return the update in a body; raise Refusal if there is none."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "malformed", "A request was not JSON.") from error
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise Refusal(HTTPStatus.BAD_REQUEST, "malformed", "A request was not an update.")
    return update


async def keep_webhook(bot: Bot, settings: Settings, alerts: Alerts, *, interval: float = _CHECK_INTERVAL) -> Never:
    """Set the webhook and check it every `interval` seconds: set it again if it is gone, report what Telegram reports.

    Raise InvalidToken.
    """
    report = FailureReporter(alerts, "The webhook cannot be set yet").report
    await retry_until_accepted(lambda: set_webhook(bot, settings), report)
    alerts.polled()
    while True:
        await asyncio.sleep(interval)
        await retry_until_accepted(lambda: _check_webhook(bot, settings, alerts, interval), report)


async def set_webhook(bot: Bot, settings: Settings) -> None:
    """Tell Telegram where to post updates; raise TelegramError."""
    await bot.set_webhook(
        settings.webhook_url or "",
        secret_token=settings.webhook_secret,
        allowed_updates=allowed_updates(settings),
        max_connections=settings.workers,  # at most 64; Telegram accepts 100
    )


async def _check_webhook(bot: Bot, settings: Settings, alerts: Alerts, interval: float) -> None:
    info = await bot.get_webhook_info()
    if info.url != settings.webhook_url:
        _LOG.warning("Another process has removed or changed the webhook; setting it again.")
        await set_webhook(bot, settings)
        return
    failure = info.last_error_date  # in whole seconds
    if failure is not None and datetime.now(UTC) - failure <= timedelta(seconds=interval + 1):
        _LOG.warning("Telegram could not post updates: %s", info.last_error_message)
        alerts.poll_failed(BadRequest(f"Telegram could not post to CITEBOT_WEBHOOK_URL: {info.last_error_message}"))
    else:
        alerts.polled()


async def retry_until_accepted(
    request: Callable[[], Awaitable[object]], on_failure: Callable[[TelegramError], None]
) -> None:
    """Repeat a request until Telegram accepts it, with longer and longer pauses; raise InvalidToken."""
    pause = 1.0
    while True:
        try:
            await request()
        except InvalidToken:
            raise
        except TelegramError as error:
            on_failure(error)
            wanted = seconds_to_wait(error) if isinstance(error, RetryAfter) else 0.0
            await asyncio.sleep(max(pause, wanted))
        else:
            return
        pause = min(2 * pause, _LONGEST_PAUSE)


class FailureReporter:
    """Reports failures to the log, those with the same text only once in a row, and to the alerts."""

    def __init__(self, alerts: Alerts, what: str) -> None:
        """Begin each log line with `what`."""
        self._alerts, self._what = alerts, what
        self._last: str | None = None

    def report(self, error: TelegramError) -> None:
        """Report one failure."""
        if str(error) != self._last:
            _LOG.warning("%s: %s. Retrying.", self._what, error)
        self._last = str(error)
        self._alerts.poll_failed(error)
