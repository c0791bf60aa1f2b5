"""From how polls and sends go, to words for the admins when Telegram could not be reached for long.

What is to be told is kept until it has reached every admin who can be reached. That nothing could be sent is told when it
is over: whoever can read it knows that it is.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter, TelegramError

from bot.rendering import admin_messages
from bot.rendering.dates import moment
from bot.rendering.telegram.answer import shorten, text_html
from bot.state import DeadLetter

_LOG = logging.getLogger(__name__)
_REASON_UNITS = 300  # UTF-16 units of a reason, in a message
_ANSWERS = (BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter)  # errors that Telegram itself has sent
_is_telling: ContextVar[bool] = ContextVar("is_telling", default=False)  # a failure to tell of failures is not another


@dataclass(slots=True)
class _Outage:
    """A time in which nothing of a kind worked; all times in seconds since 1970."""

    begun: float  # the first failure
    failed: float  # the last
    why: str
    is_conflict: bool = False
    is_alarming: bool = False  # it lasts long enough to be told
    ended: float | None = None
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
        """End the outage, if there is one; of two bots that poll in turns both succeed now and then, which ends nothing."""
        outage = self.now
        if outage is None or (outage.is_conflict and now - outage.failed < self._patience):
            return
        self.now = None
        if outage.is_alarming:
            outage.ended = now
            self.over.append(outage)
            _LOG.warning("%s works again, after %.0f seconds", self.name, now - outage.begun)

    def failed(self, now: float, error: Exception) -> None:
        """Begin an outage, or go on with it."""
        outage = self.now = self.now or _Outage(now, now, "")
        outage.failed, outage.is_conflict = now, isinstance(error, Conflict)
        outage.why = shorten(str(error) or type(error).__name__, _REASON_UNITS)
        if not outage.is_alarming and now - outage.begun >= self._patience:
            outage.is_alarming = True
            _LOG.error("%s has failed for %.0f seconds: %s", self.name, now - outage.begun, outage.why)

    def alarming(self) -> Iterable[_Outage]:
        """Give what is to be told, the oldest first."""
        return [*self.over, *([self.now] if self.now is not None and self.now.is_alarming else ())]

    def forget_told(self, admins: frozenset[int]) -> None:
        """Forget what is over and known to all admins."""
        self.over = [outage for outage in self.over if not admins <= outage.informed]


class Alerts:
    """Is told how polls and sends go, by methods that are cheap and never raise; tells the admins in a task of its own."""

    def __init__(
        self,
        *,
        patience: float = 60.0,
        between_looks: float = 5.0,
        between_repeats: float = 600.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take times in seconds: how long a failure may last untold, and between two looks or two tellings of a kind."""
        self.reachable = True  # the last poll or send was answered; at the start nothing is known
        self._patience, self._between_looks, self._between_repeats = patience, between_looks, between_repeats
        self._clock = clock
        self._polling, self._sending = _Line("fetching updates", patience), _Line("sending", patience)
        self._dead: list[DeadLetter] = []  # not told yet
        self._dead_told = self._sending_told = self._tried = float("-inf")  # when that was last so
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

    def dead_letter(self, letter: DeadLetter) -> None:
        """Note an update that was put aside."""
        self._dead.append(letter)

    def start(self, bot: Bot, admins: frozenset[int]) -> None:
        """Begin to tell the admins, also of what was noted before."""
        self._task = asyncio.create_task(self._go_on(bot, admins))

    async def close(self) -> None:
        """Tell nothing more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self, bot: Bot, admins: frozenset[int]) -> None:
        _is_telling.set(True)
        while True:
            try:
                await self._look(bot, admins)
            except Exception:  # noqa: BLE001 - whatever it is, there will be more to tell
                _LOG.exception("the admins could not be told")
            await asyncio.sleep(self._between_looks)

    async def _look(self, bot: Bot, admins: frozenset[int]) -> None:
        if not self.reachable and self._clock() - self._tried < self._patience:
            return  # each try costs a few seconds of repeats
        for outage in self._polling.alarming():
            await self._tell_of_polling(bot, admins, outage)
        self._polling.forget_told(admins)
        for outage in self._sending.alarming():
            await self._tell_of_sending(bot, admins, outage)
        self._sending.forget_told(admins)
        if self._dead and self._clock() - self._dead_told >= self._between_repeats:
            await self._tell_of_dead_letters(bot, admins)

    async def _tell_of_polling(self, bot: Bot, admins: frozenset[int], outage: _Outage) -> None:
        begun = _shown(outage.begun)
        if outage.ended is None:
            text = admin_messages.not_receiving(begun, outage.why)
            outage.warned |= await self._tell(bot, admins - outage.warned, text)
            return
        ended = _shown(outage.ended)
        again = admin_messages.receiving_again(ended)
        outage.informed |= await self._tell(bot, outage.warned - outage.informed, again)
        whole = admin_messages.was_not_receiving(begun, ended, outage.why)
        outage.informed |= await self._tell(bot, admins - outage.warned - outage.informed, whole)

    async def _tell_of_sending(self, bot: Bot, admins: frozenset[int], outage: _Outage) -> None:
        """Try it also while it lasts: when it arrives, it is over."""
        now = self._clock()
        if not outage.informed and now - self._sending_told < self._between_repeats:
            outage.informed |= admins  # sending fails again and again: the log has it each time
            return
        text = admin_messages.was_not_sending(_shown(outage.begun), _shown(outage.ended or now), outage.why)
        if informed := await self._tell(bot, admins - outage.informed, text):
            outage.informed |= informed
            self._sending_told = now

    async def _tell_of_dead_letters(self, bot: Bot, admins: frozenset[int]) -> None:
        dead = list(self._dead)
        newest = dead[-1]
        text = admin_messages.put_aside(len(dead), newest.update_id, shorten(newest.reason, _REASON_UNITS))
        if await self._tell(bot, admins, text) or not admins:
            del self._dead[: len(dead)]
            self._dead_told = self._clock()

    async def _tell(self, bot: Bot, admins: Iterable[int], text: str) -> set[int]:
        """Send a text to each admin; give those who need not be tried again."""
        settled = set()
        for admin in sorted(admins):
            self._tried = self._clock()
            try:
                await bot.send_message(admin, text_html(_without_token(text, bot)), parse_mode=ParseMode.HTML)
            except (BadRequest, Forbidden) as error:  # a bot cannot write to who has never written to it
                _LOG.warning("an admin cannot be told: %s", error)
            except TelegramError as error:
                _LOG.info("an admin was not told yet: %s", error)
                continue
            else:
                self.sent()
            settled.add(admin)
        return settled


def _shown(seconds: float) -> str:
    return moment(datetime.fromtimestamp(seconds, UTC).isoformat())


def _without_token(text: str, bot: Bot) -> str:
    """Take the token out of what a library may have put into the text of its error."""
    return text.replace(bot.token, "<token>").replace(bot.token.partition(":")[2] or bot.token, "<token>")
