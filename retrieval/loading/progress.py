"""Report how far a load is to the callback that asked for it."""

import time
from collections.abc import Callable

from retrieval.records import Phase, Progress


class ProgressReporter:
    """Reports each phase of a load with the seconds since it began; does nothing without a callback."""

    def __init__(self, callback: Callable[[Progress], None] | None) -> None:
        """Begin with reading; its clock starts once all sources have been found."""
        self._callback = callback
        self._phase: Phase = "reading"
        self._begun = time.monotonic()

    def finding(self, source: str) -> None:
        """Report which source is being looked for."""
        self._report(Progress(source, 0, None, 0))
        self._begun = time.monotonic()

    def reading(self, source: str, done: int, total: int, sentences: int) -> None:
        """Report how many bytes of all sources have been read, and how many new sentences they held."""
        if self._callback:
            self._report(Progress(source, done, total, sentences, "reading", time.monotonic() - self._begun))

    def indexing(self, done: int, total: int) -> None:
        """Report how many of all sentences have been indexed; the first call starts the clock of this phase."""
        if self._phase != "indexing":
            self._phase, self._begun = "indexing", time.monotonic()
        self._report(Progress("", done, total, done, "indexing", time.monotonic() - self._begun))

    def _report(self, progress: Progress) -> None:
        if self._callback:
            self._callback(progress)
