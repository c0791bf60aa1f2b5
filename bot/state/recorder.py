"""Record answers in CITEBOT_STATE; if it cannot be written, people still get their answers.

An answer is recorded before it is shown, in the thread that answered, so that whatever a person has seen can be found.
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
from bot.state.records import Sender, StoredAnswer
from retrieval.records import Answer, Intent, Snippet

AGAIN = 60.0  # seconds before a file that failed is tried again: only one question in that time may have to wait for it
DAY = 86400.0  # seconds
MOST = 200  # questions that are deleted after one question is recorded, in some ten milliseconds

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Recorder:
    """Records questions and keeps them for `keep_days` days; 0 records nothing, and leaves what is kept.

    For any number of threads. Recording raises no StateError.
    """

    def __init__(self, log: AnswerLog, keep_days: int) -> None:
        """Delete what is too old by now; the caller closes the log."""
        self._log = log
        self._keep = timedelta(days=keep_days)
        self._silent_until = 0.0  # time.monotonic()
        self._fails = False
        self._failing = threading.Lock()
        self._tidied = time.monotonic()
        if self._keep:
            self._try(lambda: log.forget(self._oldest()))

    def record(self, answer: Answer, asker: Sender, milliseconds: float | None = None) -> str | None:
        """Record an answer to a question, and the time that it took if it is known; a greeting is not recorded.

        Return its id, None if it was not recorded.
        """
        if not self._keep or answer.intent != Intent.QUESTION:
            return None
        answer_id = self._try(lambda: self._log.record(answer, asker, milliseconds))
        if time.monotonic() - self._tidied >= DAY:
            self._tidy()
        return answer_id

    def add(self, answer_id: str | None, first: int, snippets: Sequence[Snippet]) -> None:
        """Record what was shown later of an answer that was recorded, ranked from `first` on."""
        if answer_id is not None and snippets:
            self._try(lambda: self._log.add(answer_id, first, snippets))

    def find(self, answer_id: str) -> StoredAnswer | None:
        """Return a recorded answer; None if it is unknown or too old. Raise StateError."""
        return self._log.answer(answer_id)

    def vote(self, answer_id: str, user: int, *, up: bool) -> bool | None:
        """Store what a person thinks of an answer; return whether it is unsaid what was wrong with it, None if it is
        unknown or too old. Raise StateError.
        """
        return self._log.vote(answer_id, user, up=up)

    def explain_vote(self, answer_id: str, user: int, reason: str) -> bool:
        """Store what was wrong with an answer; return False if the person has no vote against it. Raise StateError."""
        return self._log.explain_vote(answer_id, user, reason)

    def dismiss(self, answer_ids: Sequence[str]) -> None:
        """Take the questions of these answers off the open ones. Raise StateError."""
        self._log.dismiss(answer_ids)

    def undelivered(self, answer_id: str | None, reason: str) -> None:
        """Record that an answer, if it was recorded, could not be delivered."""
        if answer_id is not None:
            self._try(lambda: self._log.undelivered(answer_id, reason))

    def of(self, asker: Sender) -> "SenderRecorder":
        """Return a recorder of the answers that one person gets."""
        return SenderRecorder(self, asker)

    def _tidy(self) -> None:
        """Delete some of what is too old; the next question continues until all is deleted."""
        forgotten = self._try(lambda: self._log.forget(self._oldest(), MOST))
        if forgotten != MOST:
            self._tidied = time.monotonic()

    def _oldest(self) -> datetime:
        return datetime.now(UTC) - self._keep

    def _try(self, act: Callable[[], _Result]) -> _Result | None:
        """Do something with the log; if it fails, return None, log it once and try again only after a while."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            result = act()
        except StateError as error:
            self._fail(error)
            return None
        if self._fails:
            _LOG.warning("Questions are recorded again. Those asked in the meantime were not.")
            self._fails = False
        return result

    def _fail(self, error: StateError) -> None:
        """Give up for a while; of several threads that have waited, one logs it."""
        with self._failing:
            is_new = not self._fails
            self._fails = True
            self._silent_until = time.monotonic() + AGAIN
        if is_new:
            _LOG.warning("%s Until then questions are answered, but not recorded.", error)


@dataclass(frozen=True, slots=True)
class SenderRecorder:
    """Records the answers that one person gets."""

    recorder: Recorder
    asker: Sender

    def record(self, answer: Answer, milliseconds: float) -> str | None:
        """Record an answer and the time that it took; return its id, None if it was not recorded."""
        return self.recorder.record(answer, self.asker, milliseconds)

    def add(self, answer_id: str | None, first: int, snippets: Sequence[Snippet]) -> None:
        """Record what was shown later of an answer, ranked from `first` on."""
        self.recorder.add(answer_id, first, snippets)


@contextmanager
def open_recorder(settings: Settings) -> Iterator[Recorder]:
    """Record in CITEBOT_STATE until the block ends."""
    with AnswerLog(settings.state, key_from_token(settings.token)) as log:
        yield Recorder(log, settings.keep_days)
