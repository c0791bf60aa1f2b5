"""How long a load may take to read URLs: each with all that it lists, and all of them together.

Files are the operator's own, however many; what reading one may cost is limited in readers/limits.py.
"""

import time
from math import inf

SOURCE_MINUTES = 30.0  # a sitemap of 1,000 pages takes about ten
LOAD_MINUTES = 180.0


class TimeBudget:
    """Of one load, by the clock."""

    def __init__(self) -> None:
        """Begin with the first URL."""
        self._load_end = self._source_end = inf

    def begin_source(self) -> None:
        """Count the time from now on as that of another URL."""
        now = time.monotonic()
        self._load_end = min(self._load_end, now + 60 * LOAD_MINUTES)
        self._source_end = now + 60 * SOURCE_MINUTES

    def why_stopped(self) -> str:
        """Return why no more may be read of a URL; empty as long as there is time."""
        now = time.monotonic()
        if now > self._load_end:
            return _stopped("all URLs of a load", LOAD_MINUTES)
        return _stopped("a URL", SOURCE_MINUTES) if now > self._source_end else ""


def _stopped(what: str, minutes: float) -> str:
    limit = f"It was stopped: {what} may take {minutes:g} minutes."
    return f"{limit} What was read of it is kept, and the next load reads the rest."
