"""A load at work -> how far it is, told to whoever asked for it."""

import time
from collections.abc import Callable

from retrieval.records import Phase, Progress


class ProgressReporter:
    """Tells how far each phase of a load is, with the seconds since it began; tells nothing where nobody listens."""

    def __init__(self, tell: Callable[[Progress], None] | None) -> None:
        """Begin with reading, whose clock starts when the sources have been found."""
        self._tell = tell
        self._phase: Phase = "reading"
        self._begun = time.monotonic()

    def finding(self, source: str) -> None:
        """Tell which source is looked for."""
        self._report(Progress(source, 0, None, 0))
        self._begun = time.monotonic()

    def reading(self, source: str, done: int, total: int, sentences: int) -> None:
        """Tell how many bytes of all sources are read, and how many sentences that were new came of them."""
        if self._tell:
            self._report(Progress(source, done, total, sentences, "reading", time.monotonic() - self._begun))

    def indexing(self, done: int, total: int) -> None:
        """Tell how many of all sentences are in the index; the first call begins the phase."""
        if self._phase != "indexing":
            self._phase, self._begun = "indexing", time.monotonic()
        self._report(Progress("", done, total, done, "indexing", time.monotonic() - self._begun))

    def _report(self, progress: Progress) -> None:
        if self._tell:
            self._tell(progress)
