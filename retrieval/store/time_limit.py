"""A limit of time that ends a question wherever it is: within a query of SQLite, or between two stages."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from retrieval.errors import QuestionTooSlow

LONGEST = 10.0  # seconds for a question
_STEPS = 10_000  # of SQLite's virtual machine between two looks at the clock, about a millisecond


class TimeLimit:
    """For one reader; without `within` there is no limit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a clock that counts seconds."""
        self._clock, self._end, self._is_ended = clock, inf, False

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit what is done in the block."""
        self._end = self._clock() + seconds
        try:
            yield
        finally:
            self._end = inf

    def end(self) -> None:
        """Let the time be over from now on, in whatever thread."""
        self._is_ended = True

    def check(self) -> None:
        """Raise QuestionTooSlow if the time is over."""
        if self._is_over():
            raise QuestionTooSlow("This question takes too long to answer. Make it shorter, or leave out operators.")

    @contextmanager
    def ending(self, connection: sqlite3.Connection) -> Iterator[None]:
        """End a query in the block when the time is over; raise QuestionTooSlow then."""
        connection.set_progress_handler(self._is_over, _STEPS)
        try:
            yield
        except sqlite3.OperationalError:
            self.check()
            raise

    def _is_over(self) -> bool:
        return self._is_ended or (self._end < inf and self._clock() > self._end)
