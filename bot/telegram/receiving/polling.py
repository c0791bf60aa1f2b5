"""From Telegram's long polling to updates that are kept: they are confirmed to Telegram only once they are."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.rendering import messages
from bot.state import StateError
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.sending.errors import Refused, seconds_to_wait

WANTED = (Update.MESSAGE, Update.CALLBACK_QUERY)
LONGEST_WAIT = 30  # seconds that Telegram waits for an update before it says that there is none
_MOST = 100  # updates at once, the most that Telegram gives
_UNTIL_THERE_IS_ROOM = 0.1  # seconds
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds between tries
_JITTER = 0.1  # seconds more at most, so that two bots do not keep step

_LOG = logging.getLogger(__name__)
Receive = Callable[[list[dict[str, Any]]], Awaitable[None]]


class LongPolling:
    """Asks for updates and hands them on as they came; nothing in one of them can stop it."""

    def __init__(
        self, bot: Bot, request: BaseRequest, receive: Receive, *, is_full: Callable[[], bool], alarms: Alerts
    ) -> None:
        """Ask over `request`, which nothing else uses: a poll takes as long as Telegram waits."""
        self._url = f"{bot.base_url}/getUpdates"
        self._request = request
        self._receive = receive
        self._is_full = is_full
        self._alarms = alarms
        self._offset = 0  # one more than the last update that is kept; 0 = whatever Telegram has
        self._failures = 0

    async def run(self) -> None:
        """Ask until cancelled; raises Refused when Telegram does not accept the token."""
        while True:
            try:
                await self._poll()
            except InvalidToken:
                raise Refused(messages.REFUSED_BY_TELEGRAM) from None  # its own text holds the token
            except (TelegramError, StateError) as error:
                await self._pause_after(error)
            else:
                self._failures = 0

    async def _poll(self) -> None:
        while self._is_full():  # noqa: ASYNC110 - it is looked at rarely, and by nobody else
            await asyncio.sleep(_UNTIL_THERE_IS_ROOM)
        asked = {"timeout": LONGEST_WAIT, "limit": _MOST, "allowed_updates": WANTED}
        if self._offset:
            asked["offset"] = self._offset
        data = RequestData([RequestParameter.from_input(name, value) for name, value in asked.items()])
        found = await self._request.post(self._url, data, read_timeout=LONGEST_WAIT + self._read_timeout())
        updates = [one for one in found if _has_id(one)] if isinstance(found, list) else []
        if updates:
            await self._receive(updates)
            self._offset = max(one["update_id"] for one in updates) + 1
        elif found or not isinstance(found, list):
            raise TelegramError("Telegram gave updates without ids")
        self._alarms.polled()  # only now: while the inbox cannot be written no update comes in, and the admins hear of it

    def _read_timeout(self) -> float:
        return self._request.read_timeout or 0

    async def _pause_after(self, error: TelegramError | StateError) -> None:
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        if isinstance(error, RetryAfter):
            pause = seconds_to_wait(error)
        if not self._failures:
            _LOG.warning("%s", _in_words(error))
        self._failures += 1
        self._alarms.poll_failed(error)
        await asyncio.sleep(pause + random.uniform(0, _JITTER))  # noqa: S311 - no secret


def _has_id(update: object) -> bool:
    return isinstance(update, dict) and type(update.get("update_id")) is int


def _in_words(error: TelegramError | StateError) -> str:
    if isinstance(error, Conflict):
        return "Another process asks Telegram with the same token; only one of the two gets a message. Trying on."
    if isinstance(error, StateError):
        return f"{error} Until then no update is taken; they wait with Telegram."
    return f"Telegram cannot be reached: {error}. Trying on."
