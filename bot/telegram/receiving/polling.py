"""Fetch updates by long polling; an update is confirmed to Telegram only once it is stored."""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.rendering import operator_messages
from bot.settings import Settings
from bot.state import StateError
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.sending.failures import Refused, seconds_to_wait

ALLOWED_UPDATES = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.CHOSEN_INLINE_RESULT,
)
_FOR_GUESTS = (*ALLOWED_UPDATES, Update.GUEST_MESSAGE)
LONGEST_WAIT = 30  # seconds that Telegram waits for an update before it returns none
_MOST_UPDATES = 100  # at once, the most that Telegram returns
_FULL_PAUSE = 0.1  # seconds between two checks whether there is room again
_RETRY_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds
_JITTER = 0.1  # seconds at most on top of a pause, so that two bots do not poll in step

_LOG = logging.getLogger(__name__)
Receive = Callable[[list[dict[str, Any]]], Awaitable[None]]


class LongPolling:
    """Fetches updates and passes them on as they are; no update, however malformed, can stop it."""

    def __init__(
        self,
        bot: Bot,
        request: BaseRequest,
        receive: Receive,
        *,
        is_full: Callable[[], bool],
        alerts: Alerts,
        allowed: Sequence[str] = ALLOWED_UPDATES,
    ) -> None:
        """Poll over `request`, which must serve nothing else: a poll takes as long as Telegram waits.

        Only the kinds of updates that are `allowed` come.
        """
        self._allowed = allowed
        self._url = f"{bot.base_url}/getUpdates"
        self._request = request
        self._receive = receive
        self._is_full = is_full
        self._alerts = alerts
        self._offset = 0  # the last stored update plus one; 0 = whatever Telegram has
        self._failures = 0

    async def run(self) -> None:
        """Poll until cancelled; raise Refused if Telegram rejects the token."""
        while True:
            try:
                await self._poll()
            except InvalidToken:
                raise Refused(operator_messages.REFUSED_BY_TELEGRAM) from None  # the library's own text shows the token
            except (TelegramError, StateError) as error:
                await self._pause_after(error)
            else:
                self._failures = 0

    async def _poll(self) -> None:
        while self._is_full():  # noqa: ASYNC110 - it is rarely full, and an event would be set for each update
            await asyncio.sleep(_FULL_PAUSE)
        query = {"timeout": LONGEST_WAIT, "limit": _MOST_UPDATES, "allowed_updates": json.dumps(self._allowed)}
        if self._offset:
            query["offset"] = self._offset
        longest = LONGEST_WAIT + (self._request.read_timeout or 0)
        result = await self._request.post(f"{self._url}?{urlencode(query)}", read_timeout=longest)
        updates = [one for one in result if _has_id(one)] if isinstance(result, list) else []
        if updates:
            await self._receive(updates)
            self._offset = max(one["update_id"] for one in updates) + 1
        elif result or not isinstance(result, list):
            raise TelegramError("Telegram sent updates without ids")
        self._alerts.polled()  # only now: if the inbox cannot be written, nothing comes in, and admins must know

    async def _pause_after(self, error: TelegramError | StateError) -> None:
        pause = _RETRY_PAUSES[min(self._failures, len(_RETRY_PAUSES) - 1)]
        if isinstance(error, RetryAfter):
            pause = seconds_to_wait(error)
        if not self._failures:
            _LOG.warning("%s", _in_words(error))
        self._failures += 1
        self._alerts.poll_failed(error)
        await asyncio.sleep(pause + random.uniform(0, _JITTER))  # noqa: S311 - no secret


def allowed_updates(settings: Settings) -> Sequence[str]:
    """Return the kinds of updates that the bot needs: mentions where it is no member only if it answers them."""
    return _FOR_GUESTS if settings.guests else ALLOWED_UPDATES


def _has_id(update: object) -> bool:
    return isinstance(update, dict) and type(update.get("update_id")) is int


def _in_words(error: TelegramError | StateError) -> str:
    if isinstance(error, Conflict):
        return "Another process polls with the same token, and each message reaches only one of the two. Retrying."
    if isinstance(error, StateError):
        return f"{error} Until then, updates wait at Telegram."
    return f"Telegram cannot be reached: {error}. Retrying."
