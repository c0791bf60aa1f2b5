"""Answers on their way to a person -> the ledger, for as long as it can be written; nobody loses an answer over it.

Recorded before it is shown, in the thread that answered, so that whatever a person has seen can be found.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.settings import Settings
from bot.state.answers import AnswerLog
from bot.state.database import StateError
from bot.state.ids import key_from_token
from bot.state.records import Sender
from retrieval.records import Answer, Intent, Snippet

AGAIN = 60.0  # seconds before a ledger that failed is tried again: one question in that time may have to wait for it
DAY = 86400.0  # seconds
MOST = 200  # questions that are forgotten after one question is recorded, some ten milliseconds

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Recorder:
    """Keeps what was asked for `keep_days` days, 0 = keeps nothing. For any number of threads; raises no LedgerError."""

    def __init__(self, ledger: AnswerLog, keep_days: int) -> None:
        """Forget what is too old by now; the ledger stays the caller's to close."""
        self._ledger = ledger
        self._keep = timedelta(days=keep_days)
        self._silent_until = 0.0  # time.monotonic()
        self._fails = False
        self._failing = threading.Lock()
        self._tidied = time.monotonic()
        self._tried(lambda: ledger.forget(self._oldest()))

    def record(self, answer: Answer, asker: Sender) -> str | None:
        """Keep an answer to a question; give its id, None where it was not kept. A greeting is no question."""
        if not self._keep or answer.intent != Intent.QUESTION:
            return None
        answer_id = self._tried(lambda: self._ledger.record(answer, asker))
        if time.monotonic() - self._tidied >= DAY:
            self._tidy()
        return answer_id

    def add(self, answer_id: str | None, first: int, snippets: Sequence[Snippet]) -> None:
        """Keep what was shown later of an answer that was recorded, under the numbers from `first` on."""
        if answer_id is not None and snippets:
            self._tried(lambda: self._ledger.add(answer_id, first, snippets))

    def of(self, asker: Sender) -> "SenderRecorder":
        """Give what keeps the answers that one person gets."""
        return SenderRecorder(self, asker)

    def _tidy(self) -> None:
        """Forget what is too old, a part of it at a time: the next question goes on where this one left off."""
        forgotten = self._tried(lambda: self._ledger.forget(self._oldest(), MOST))
        if forgotten != MOST:
            self._tidied = time.monotonic()

    def _oldest(self) -> datetime:
        return datetime.now(UTC) - self._keep

    def _tried(self, act: Callable[[], _Result]) -> _Result | None:
        """Do something with the ledger; None where it cannot be used, which is logged once and not tried for a while."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            result = act()
        except StateError as error:
            self._fail(error)
            return None
        if self._fails:
            _LOG.warning("Questions are recorded again; what was asked meanwhile was not.")
            self._fails = False
        return result

    def _fail(self, error: StateError) -> None:
        """Give up for a while; several threads may have waited, and one of them tells."""
        with self._failing:
            is_new = not self._fails
            self._fails = True
            self._silent_until = time.monotonic() + AGAIN
        if is_new:
            _LOG.warning("%s Until then questions are answered, but not recorded.", error)


@dataclass(frozen=True, slots=True)
class SenderRecorder:
    """Keeps the answers that one person gets."""

    recorder: Recorder
    asker: Sender

    def record(self, answer: Answer) -> str | None:
        """Keep an answer; give its id, None where it was not kept."""
        return self.recorder.record(answer, self.asker)

    def add(self, answer_id: str | None, first: int, snippets: Sequence[Snippet]) -> None:
        """Keep what was shown later of an answer, under the numbers from `first` on."""
        self.recorder.add(answer_id, first, snippets)


@contextmanager
def open_recorder(settings: Settings) -> Iterator[Recorder]:
    """Record into CITEBOT_STATE as long as the block lasts."""
    with AnswerLog(settings.state, key_from_token(settings.token)) as ledger:
        yield Recorder(ledger, settings.keep_days)
