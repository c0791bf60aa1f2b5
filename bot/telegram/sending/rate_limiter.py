"""From a call of the Bot API to a reply of Telegram's: not too fast, again where that helps, never twice where it may harm.

What carries a chat is paced and goes out in order within the chat; whoever waits gives their place to others meanwhile.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.state import BlockedChats
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.sending.errors import Unanswered, Undelivered, Unreadable, seconds_to_wait
from bot.telegram.sending.rate_limits import RateLimits
from bot.telegram.slots import aside

_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between tries of what was not delivered
_LONGEST_HOLD = 60.0  # seconds that Telegram may ask for before the update is rather put off as a whole
_MARGIN = 0.02  # seconds on top of what Telegram asks for
_PACED = ("send", "edit", "forward", "copy", "delete", "stop", "pin", "unpin")
_GONE = ("blocked", "deactivated", "kicked", "not a member", "can't initiate", "chat was deleted")

_LOG = logging.getLogger(__name__)
_Call = Callable[..., Coroutine[Any, Any, Any]]


@dataclass(slots=True)
class _Line:
    """Those who wait for something that one may use at a time; who came first goes first."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0  # with the one whose turn it is

    @asynccontextmanager
    async def stood(self) -> AsyncIterator[None]:
        self.length += 1
        try:
            async with self.lock:
                yield
        finally:
            self.length -= 1


class RateLimiter(BaseRateLimiter[None]):
    """Carries all that the bot says; remembers who does not want to hear from it."""

    def __init__(
        self,
        pacing: RateLimits | None,
        blocked: BlockedChats | None,
        metrics: Metrics,
        alarms: Alerts,
        *,
        pauses: Sequence[float] = _PAUSES,
    ) -> None:
        """Without pacing everything goes at once; without `blocked` nobody is remembered.

        What was not delivered is sent again after each of the pauses, in seconds.
        """
        self._pauses = pauses
        self._pacing = pacing
        self._blocked = blocked
        self._metrics = metrics
        self._alarms = alarms
        self._chats: dict[int, _Line] = {}  # in which something is about to be said
        self._all = _Line()  # of the chats that wait until there is room for one more

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Do nothing: there is nothing to close."""

    def heard_from(self, chat: int) -> None:
        """Take note that somebody writes: whoever had blocked the bot does so no more."""
        if self._blocked is not None and chat in self._blocked:
            self._blocked.discard(chat)

    async def process_request(  # noqa: PLR0917 - the library's own
        self,
        callback: _Call,
        args: Any,  # noqa: ANN401 - the library's own
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:  # noqa: ANN401 - whatever Telegram replies
        """Make a call; raises TelegramError, Undelivered only after several tries and RetryAfter for a long wait."""
        del rate_limit_args
        chat = _chat(data) if endpoint.startswith(_PACED) else None
        if chat is None:
            return await self._tried(lambda: callback(*args, **kwargs), endpoint, None)
        async with self._in_order(chat):
            if self._blocked is not None and chat in self._blocked:
                raise Forbidden("the bot was blocked by the user, as was learned before")
            return await self._tried(lambda: callback(*args, **kwargs), endpoint, chat)

    @asynccontextmanager
    async def _in_order(self, chat: int) -> AsyncIterator[None]:
        """Wait until all that was said before in a chat has gone."""
        line = self._chats.setdefault(chat, _Line())
        try:
            async with AsyncExitStack() as stack:
                async with aside() if line.length else nullcontext():
                    await stack.enter_async_context(line.stood())
                yield
        finally:
            if not line.length:
                self._chats.pop(chat, None)

    async def _tried(self, call: Callable[[], Coroutine[Any, Any, Any]], endpoint: str, chat: int | None) -> Any:  # noqa: ANN401
        """Make a call again after whatever can do no harm."""
        tries = 0
        while True:
            sent = await self._paced(chat)
            try:
                return await self._made(call, endpoint)
            except RetryAfter as error:
                pause = self._obey(error, chat)
                if pause > _LONGEST_HOLD:
                    raise
                reason = "too fast"
            except Undelivered:
                is_start = endpoint == "getMe"  # which waits for Telegram by itself
                if is_start or tries == len(self._pauses):
                    raise
                pause, reason = self._pauses[tries] * random.uniform(1, 1.2), "not delivered"  # noqa: S311 - no secret
                tries += 1
            except Forbidden as error:
                self._remember(error, chat)
                raise
            finally:
                if self._pacing is not None and chat is not None:
                    self._pacing.answered(chat, sent, time.monotonic())
            self._metrics.retried(endpoint, reason)
            async with aside():
                await asyncio.sleep(pause)

    async def _paced(self, chat: int | None) -> float:
        """Wait until a message may go to a chat, and count it; give the time at which it goes.

        Raises RetryAfter when Telegram holds the chat for long: the update is rather put off as a whole.
        """
        pacing = self._pacing
        if pacing is None or chat is None:
            return time.monotonic()
        if (held := pacing.held_for(chat, time.monotonic())) > _LONGEST_HOLD:
            raise RetryAfter(ceil(held))
        async with AsyncExitStack() as stack:
            if self._all.length or pacing.due(chat, time.monotonic()) > 0:
                async with aside():
                    await _rest(lambda: pacing.due_in_chat(chat, time.monotonic()))
                    await stack.enter_async_context(self._all.stood())
                    await _rest(lambda: pacing.due(chat, time.monotonic()))
            while pacing.due(chat, time.monotonic()) > 0:  # again: replies came, or all was held
                async with aside():
                    await _rest(lambda: pacing.due(chat, time.monotonic()))
            now = time.monotonic()
            pacing.spend(chat, now)
            return now

    async def _made(self, call: Callable[[], Coroutine[Any, Any, Any]], endpoint: str) -> Any:  # noqa: ANN401
        begun = time.monotonic()
        try:
            result = await call()
        except TelegramError as error:
            self._metrics.sent(endpoint, _outcome(error))
            if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
                self._alarms.send_failed(error)
            else:
                self._alarms.sent()  # Telegram answers, if only to refuse
            raise
        self._metrics.sent(endpoint, "ok")
        self._metrics.stage("sending", time.monotonic() - begun)
        self._alarms.sent()
        return result

    def _obey(self, error: RetryAfter, chat: int | None) -> float:
        """Hold the chat as long as Telegram says; give the seconds."""
        pause = seconds_to_wait(error) + _MARGIN
        now = time.monotonic()
        if self._pacing is not None:
            self._pacing.hold(chat, now + pause, now)
        return pause

    def _remember(self, error: Forbidden, chat: int | None) -> None:
        if self._blocked is not None and chat is not None and any(word in error.message.lower() for word in _GONE):
            self._blocked.add(chat)
            _LOG.info("a chat does not want to hear from the bot any more: %s", error.message)


async def _rest(due: Callable[[], float]) -> None:
    """Sleep until nothing is due any more, which may change meanwhile."""
    while (pause := due()) > 0:  # noqa: ASYNC110 - time is all that is waited for
        await asyncio.sleep(pause)


def _chat(data: dict[str, Any]) -> int | None:
    """Say which chat a call is for; one that has a name only counts as one without limits."""
    try:
        return int(data["chat_id"])
    except (KeyError, TypeError, ValueError):
        return None


def _outcome(error: TelegramError) -> str:
    if isinstance(error, Unanswered | Unreadable):
        return "uncertain"
    return "failed" if isinstance(error, NetworkError) and not isinstance(error, BadRequest) else "refused"
