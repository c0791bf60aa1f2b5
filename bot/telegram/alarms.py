"""From how polls and sends go, to words for the admins when Telegram could not be reached for long.

What is told here is kept until it has reached every admin who can be reached: a message that says that nothing can be sent
arrives when it is over, or not at all.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter, TelegramError

from bot.rendering import delivery_words
from bot.rendering.ages import moment
from bot.rendering.telegram import shorten, text_html

if TYPE_CHECKING:
    from bot.ledger import DeadLetter

_LOG = logging.getLogger(__name__)
_REASON_UNITS = 300  # UTF-16 units of a reason, in a message
_ANSWERS = (BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter)  # errors that Telegram itself has sent
_is_telling: ContextVar[bool] = ContextVar("is_telling", default=False)


@dataclass(slots=True)
class _Outage:
    """A time in which nothing of a kind worked."""

    begun: float  # seconds since 1970, as all times here: of the first failure
    failed: float  # of the last
    why: str
    ended: float | None = None
    is_alarming: bool = False  # it lasts long enough to be told
    warned: set[int] = field(default_factory=set)  # admins who know that it began
    informed: set[int] = field(default_factory=set)  # admins who know that it is over


class _Line:
    """One direction of the traffic with Telegram, and its outages."""

    def __init__(self, name: str, patience: float) -> None:
        """Alarm when failures without any success between them are `patience` seconds apart."""
        self.name = name
        self.over: list[_Outage] = []  # to be told yet
        self.now: _Outage | None = None
        self._patience = patience

    def worked(self, now: float) -> None:
        """End the outage, if there is one."""
        outage, self.now = self.now, None
        if outage is not None and outage.is_alarming:
            outage.ended = now
            self.over.append(outage)
            _LOG.warning("%s works again, after %.0f s", self.name, now - outage.begun)

    def failed(self, now: float, error: Exception) -> None:
        """Begin an outage, or go on with it."""
        why = shorten(str(error) or type(error).__name__, _REASON_UNITS)
        if self.now is None:
            self.now = _Outage(now, now, why)
        self.now.failed, self.now.why = now, why
        if not self.now.is_alarming and now - self.now.begun >= self._patience:
            self.now.is_alarming = True
            _LOG.error("%s has failed for %.0f s: %s", self.name, now - self.now.begun, why)


class Alarms:
    """Is told how polls and sends go, by methods that are cheap and never raise; tells the admins in a task of its own."""

    def __init__(
        self,
        *,
        patience: float = 60.0,
        between_looks: float = 5.0,
        between_dead_letters: float = 600.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """All in seconds: how long a failure may last untold, and the least time between two looks or two messages."""
        self.reachable = True  # until something has failed: at the start nothing is known
        self._patience = patience
        self._between_looks = between_looks
        self._between_dead_letters = between_dead_letters
        self._clock = clock
        self._polling, self._sending = _Line("polling", patience), _Line("sending", patience)
        self._dead: list[DeadLetter] = []  # not told yet
        self._dead_told = float("-inf")
        self._probed = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def polled(self) -> None:
        """Note that updates were fetched."""
        self.reachable = True
        self._polling.worked(self._clock())

    def poll_failed(self, error: Exception) -> None:
        """Note that no updates could be fetched."""
        self.reachable = isinstance(error, _ANSWERS)
        self._polling.failed(self._clock(), error)

    def sent(self) -> None:
        """Note that something was sent."""
        self.reachable = True
        self._sending.worked(self._clock())

    def send_failed(self, error: Exception) -> None:
        """Note that something could not be sent; that one chat has blocked the bot says nothing of the others."""
        self.reachable = isinstance(error, _ANSWERS)
        if not isinstance(error, Forbidden) and not _is_telling.get():
            self._sending.failed(self._clock(), error)

    def dead_letter(self, letter: "DeadLetter") -> None:
        """Note an update that was put aside."""
        self._dead.append(letter)

    def start(self, bot: Bot, admins: frozenset[int]) -> None:
        """Begin to tell the admins, what came before included."""

    async def close(self) -> None:
        """Tell nothing more."""
