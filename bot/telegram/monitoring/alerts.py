"""Results of polls and sends in, messages to the admins about outages out.

An alert is kept until it has reached every admin who can be reached. A time when nothing could be sent is reported once
it is over, since no report could be sent before.
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

from bot.rendering import alert_messages
from bot.rendering.ages import moment
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import text_html
from bot.state import DeadLetter

_LOG = logging.getLogger(__name__)
_REASON_UNITS = 300  # UTF-16 code units
_ANSWERS = (BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter)  # errors that show that Telegram answered
_is_alerting: ContextVar[bool] = ContextVar("is_alerting", default=False)  # a failed alert must not cause another


@dataclass(slots=True)
class _Outage:
    """A period in which no poll, or no send, succeeded; times in seconds since 1970."""

    begun: float  # the first failure
    failed: float  # the last failure
    reason: str
    is_conflict: bool = False
    is_alarming: bool = False  # it lasts long enough to be reported
    ended: float | None = None
    warned: set[int] = field(default_factory=set)  # admins who were told that it began
    informed: set[int] = field(default_factory=set)  # admins who were told that it is over


class _Direction:
    """Polling or sending, and its outages."""

    def __init__(self, name: str, patience: float) -> None:
        """Report an outage once it has lasted `patience` seconds."""
        self.name = name
        self.over: list[_Outage] = []  # not yet reported to all
        self.now: _Outage | None = None
        self._patience = patience

    def succeeded(self, now: float) -> None:
        """End the outage, if there is one, but not a conflict: of two bots that poll, each succeeds now and then."""
        outage = self.now
        if outage is None or (outage.is_conflict and now - outage.failed < self._patience):
            return
        self.now = None
        if outage.is_alarming:
            outage.ended = now
            self.over.append(outage)
            _LOG.warning("%s works again after %.0f seconds", self.name, now - outage.begun)

    def failed(self, now: float, error: Exception) -> None:
        """Begin or continue an outage."""
        outage = self.now = self.now or _Outage(now, now, "")
        outage.failed, outage.is_conflict = now, isinstance(error, Conflict)
        outage.reason = shorten(str(error) or type(error).__name__, _REASON_UNITS)
        if not outage.is_alarming and now - outage.begun >= self._patience:
            outage.is_alarming = True
            _LOG.error("%s has failed for %.0f seconds: %s", self.name, now - outage.begun, outage.reason)

    def alarming(self) -> Iterable[_Outage]:
        """Return the outages to report, the oldest first."""
        return [*self.over, *([self.now] if self.now is not None and self.now.is_alarming else ())]

    def forget_reported(self, admins: frozenset[int]) -> None:
        """Forget the outages that are over and reported to all admins."""
        self.over = [outage for outage in self.over if not admins <= outage.informed]


class Alerts:
    """Watches polls and sends with methods that are cheap and never raise, and alerts the admins in a separate task."""

    def __init__(
        self,
        *,
        patience: float = 60.0,
        interval: float = 5.0,
        repeat_after: float = 600.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take seconds: until an outage is reported, between two checks, and between two messages about the same thing."""
        self.reachable = True  # whether the last poll or send was answered
        self._patience, self._interval, self._repeat_after = patience, interval, repeat_after
        self._clock = clock
        self._polling, self._sending = _Direction("fetching updates", patience), _Direction("sending", patience)
        self._dead: list[DeadLetter] = []  # not yet reported
        self._notes: dict[str, set[int]] = {}  # and the admins who have been told
        self._dead_reported = self._sending_reported = self._tried = float("-inf")  # when last
        self._task: asyncio.Task[None] | None = None

    def polled(self) -> None:
        """Note that a poll succeeded."""
        self.reachable = True
        self._polling.succeeded(self._clock())

    def poll_failed(self, error: Exception) -> None:
        """Note that a poll failed."""
        self.reachable = isinstance(error, _ANSWERS)
        self._polling.failed(self._clock(), error)

    def sent(self) -> None:
        """Note that a send succeeded."""
        self.reachable = True
        self._sending.succeeded(self._clock())

    def send_failed(self, error: Exception) -> None:
        """Note that a send failed; a chat that has blocked the bot is not a sign of an outage."""
        self.reachable = isinstance(error, _ANSWERS)
        if not isinstance(error, Forbidden) and not _is_alerting.get():
            self._sending.failed(self._clock(), error)

    def dead_letter(self, letter: DeadLetter) -> None:
        """Note an update that was put aside."""
        self._dead.append(letter)

    def tell(self, text: str) -> None:
        """Tell the admins something once."""
        self._notes.setdefault(text, set())

    def start(self, bot: Bot, admins: frozenset[int]) -> None:
        """Begin to alert the admins, also about what was noted before."""
        self._task = asyncio.create_task(self._run(bot, admins))

    async def close(self) -> None:
        """Stop alerting."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, bot: Bot, admins: frozenset[int]) -> None:
        _is_alerting.set(True)
        while True:
            try:
                await self._check(bot, admins)
            except Exception:  # noqa: BLE001 - later alerts must still go out
                _LOG.exception("The admins could not be alerted.")
            await asyncio.sleep(self._interval)

    async def _check(self, bot: Bot, admins: frozenset[int]) -> None:
        if not self.reachable and self._clock() - self._tried < self._patience:
            return  # each try costs a few seconds of retries
        for outage in self._polling.alarming():
            await self._report_polling(bot, admins, outage)
        self._polling.forget_reported(admins)
        for outage in self._sending.alarming():
            await self._report_sending(bot, admins, outage)
        self._sending.forget_reported(admins)
        for text, told in list(self._notes.items()):
            told.update(await self._tell(bot, admins - told, text))
            if admins <= told:
                del self._notes[text]
        if self._dead and self._clock() - self._dead_reported >= self._repeat_after:
            await self._report_dead_letters(bot, admins)

    async def _report_polling(self, bot: Bot, admins: frozenset[int], outage: _Outage) -> None:
        begun = _shown(outage.begun)
        if outage.ended is None:
            text = alert_messages.not_receiving(begun, outage.reason)
            outage.warned |= await self._tell(bot, admins - outage.warned, text)
            return
        ended = _shown(outage.ended)
        again = alert_messages.receiving_again(ended)
        outage.informed |= await self._tell(bot, outage.warned - outage.informed, again)
        whole = alert_messages.was_not_receiving(begun, ended, outage.reason)
        outage.informed |= await self._tell(bot, admins - outage.warned - outage.informed, whole)

    async def _report_sending(self, bot: Bot, admins: frozenset[int], outage: _Outage) -> None:
        """Send the report even during the outage: when it arrives, the outage is over."""
        now = self._clock()
        if not outage.informed and now - self._sending_reported < self._repeat_after:
            outage.informed |= admins  # sending keeps failing: the log has every outage
            return
        text = alert_messages.was_not_sending(_shown(outage.begun), _shown(outage.ended or now), outage.reason)
        if informed := await self._tell(bot, admins - outage.informed, text):
            outage.informed |= informed
            self._sending_reported = now

    async def _report_dead_letters(self, bot: Bot, admins: frozenset[int]) -> None:
        dead = list(self._dead)
        newest = dead[-1]
        text = alert_messages.put_aside(len(dead), newest.update_id, shorten(newest.reason, _REASON_UNITS))
        if await self._tell(bot, admins, text) or not admins:
            del self._dead[: len(dead)]
            self._dead_reported = self._clock()

    async def _tell(self, bot: Bot, admins: Iterable[int], text: str) -> set[int]:
        """Send a text to each admin; return those who need not be tried again."""
        settled = set()
        for admin in sorted(admins):
            self._tried = self._clock()
            try:
                await bot.send_message(admin, text_html(_without_token(text, bot)), parse_mode=ParseMode.HTML)
            except (BadRequest, Forbidden) as error:  # e.g. an admin who has never written to the bot
                _LOG.warning("An admin cannot be alerted: %s", error)
            except TelegramError as error:
                _LOG.info("An admin was not alerted yet: %s", error)
                continue
            else:
                self.sent()
            settled.add(admin)
        return settled


def _shown(seconds: float) -> str:
    return moment(datetime.fromtimestamp(seconds, UTC).isoformat())


def _without_token(text: str, bot: Bot) -> str:
    """Remove the token, which a library may have put into the text of an error."""
    return text.replace(bot.token, "<token>").replace(bot.token.partition(":")[2] or bot.token, "<token>")
