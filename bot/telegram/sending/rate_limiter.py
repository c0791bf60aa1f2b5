"""Calls of the Bot API in, Telegram's replies out: paced, retried where that helps, never repeated where it may do harm.

Calls to a chat are paced, and go out in order within the chat. While one waits, its update gives up its sending slot.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.state import BlockedChats
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.sending.failures import Unanswered, Undelivered, Unreadable, seconds_to_wait
from bot.telegram.sending.rate_limits import RateLimits
from bot.telegram.sending.slots import release_slot, take_slot

_RETRY_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between tries of what was not delivered
_LONGEST_HOLD = 60.0  # seconds: if Telegram asks for more, the whole update is put off instead
_MARGIN = 0.02  # seconds on top of what Telegram asks for
_PACED = ("send", "edit", "forward", "copy", "delete", "stop", "pin", "unpin")
_GONE = ("blocked", "deactivated", "kicked", "not a member", "can't initiate", "chat was deleted")

_LOG = logging.getLogger(__name__)
_Call = Callable[[], Coroutine[Any, Any, Any]]


@dataclass(slots=True)
class _Queue:
    """First come, first served."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0  # including the one being served

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        self.length += 1
        try:
            async with self.lock:
                yield
        finally:
            self.length -= 1


class RateLimiter(BaseRateLimiter[None]):
    """Makes all calls of the bot, and remembers the chats that have blocked it."""

    def __init__(
        self,
        limits: RateLimits | None,
        blocked: BlockedChats | None,
        metrics: Metrics,
        alerts: Alerts,
        *,
        pauses: Sequence[float] = _RETRY_PAUSES,
    ) -> None:
        """Without `limits` nothing is paced, without `blocked` no chat is remembered.

        What was not delivered is sent again after each of the pauses, in seconds.
        """
        self._limits = limits
        self._blocked = blocked
        self._metrics = metrics
        self._alerts = alerts
        self._pauses = pauses
        self._chats: dict[int, _Queue] = {}  # with a call that is waiting or under way
        self._all_chats = _Queue()  # calls whose chat is free, waiting for the limit over all chats

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Do nothing: there is nothing to close."""

    def heard_from(self, chat: int) -> None:
        """Note that somebody wrote: they no longer block the bot."""
        if self._blocked is not None and chat in self._blocked:
            self._blocked.discard(chat)

    async def process_request(  # noqa: PLR0917 - the library's own
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - the library's own
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:  # noqa: ANN401 - whatever Telegram replies
        """Make a call; raise TelegramError, Undelivered only after several tries and RetryAfter for a long wait."""
        del rate_limit_args
        chat = _chat(data) if endpoint.startswith(_PACED) else None
        if chat is None:
            return await self._call_until_taken(lambda: callback(*args, **kwargs), endpoint, None)
        async with self._in_order(chat):
            if self._blocked is not None and chat in self._blocked:
                raise Forbidden("this user blocked the bot earlier")
            return await self._call_until_taken(lambda: callback(*args, **kwargs), endpoint, chat)

    @asynccontextmanager
    async def _in_order(self, chat: int) -> AsyncIterator[None]:
        """Wait until all earlier calls to a chat are over."""
        queue = self._chats.setdefault(chat, _Queue())
        if queue.length:
            release_slot()
        try:
            async with queue.turn():
                yield
        finally:
            if not queue.length:
                self._chats.pop(chat, None)

    async def _call_until_taken(self, call: _Call, endpoint: str, chat: int | None) -> Any:  # noqa: ANN401
        """Make a call, again after every failure that left no trace at Telegram."""
        tries = 0
        while True:
            sent = await self._wait_for_room(chat)
            try:
                return await self._call_once(call, endpoint)
            except RetryAfter as error:
                pause, reason = self._hold(error, chat), "too fast"
                if pause > _LONGEST_HOLD:
                    raise
            except Undelivered:
                if endpoint == "getMe" or tries == len(self._pauses):  # the start retries getMe itself
                    raise
                pause, reason = self._pauses[tries] * random.uniform(1, 1.2), "not delivered"  # noqa: S311 - no secret
                tries += 1
            except Forbidden as error:
                self._note_if_blocked(error, chat)
                raise
            finally:
                if self._limits is not None and chat is not None:
                    self._limits.answered(chat, sent, time.monotonic())
            self._metrics.retried(endpoint, reason)
            release_slot()
            await asyncio.sleep(pause)

    async def _wait_for_room(self, chat: int | None) -> float:
        """Wait until a message may go to a chat, take a slot and count the message; return the time at which it goes.

        Raise RetryAfter if Telegram holds the chat for long, so that the whole update is put off.
        """
        if chat is None:
            return time.monotonic()
        limits = self._limits
        if limits is None:
            await take_slot()
            return time.monotonic()
        if (held := limits.held_for(chat, time.monotonic())) > _LONGEST_HOLD:
            raise RetryAfter(ceil(held))
        if self._all_chats.length or limits.due(chat, time.monotonic()) > 0:
            release_slot()
        while (pause := limits.due_in_chat(chat, time.monotonic())) > 0:  # noqa: ASYNC110 - waits for time alone
            await asyncio.sleep(pause)
        async with self._all_chats.turn():
            await take_slot()
            while (pause := limits.due(chat, time.monotonic())) > 0:
                release_slot()
                await asyncio.sleep(pause)
                await take_slot()
            now = time.monotonic()
            limits.spend(chat, now)
            return now

    async def _call_once(self, call: _Call, endpoint: str) -> Any:  # noqa: ANN401
        begun = time.monotonic()
        try:
            result = await call()
        except TelegramError as error:
            self._metrics.sent(endpoint, _outcome(error))
            if _is_network_failure(error):
                self._alerts.send_failed(error)
            else:
                self._alerts.sent()  # Telegram answers, if only to refuse
            raise
        self._metrics.sent(endpoint, "ok")
        self._metrics.stage("sending", time.monotonic() - begun)
        self._alerts.sent()
        return result

    def _hold(self, error: RetryAfter, chat: int | None) -> float:
        """Send nothing to a chat for as long as Telegram asks; return the seconds."""
        pause = seconds_to_wait(error) + _MARGIN
        now = time.monotonic()
        if self._limits is not None:
            self._limits.hold(chat, now + pause, now)
        return pause

    def _note_if_blocked(self, error: Forbidden, chat: int | None) -> None:
        if self._blocked is not None and chat is not None and any(word in error.message.lower() for word in _GONE):
            self._blocked.add(chat)
            _LOG.info("A chat has blocked the bot: %s", error.message)


def _chat(data: dict[str, Any]) -> int | None:
    """Return the chat that a call is for; None without one, and for a chat given by name, which is not limited."""
    try:
        return int(data["chat_id"])
    except (KeyError, TypeError, ValueError):
        return None


def _outcome(error: TelegramError) -> str:
    if isinstance(error, Unanswered | Unreadable):
        return "uncertain"
    return "failed" if _is_network_failure(error) else "refused"


def _is_network_failure(error: TelegramError) -> bool:
    return isinstance(error, NetworkError) and not isinstance(
        error, BadRequest
    )  # a subclass, but Telegram's own answer
