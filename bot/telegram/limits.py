"""How many questions one person may ask in a minute, so that nobody can take the bot away from the others."""

from collections import deque
from enum import Enum, auto

MINUTE = 60.0  # seconds
_MOST_PEOPLE = 10_000  # who are remembered at once


class Verdict(Enum):
    """What is done with a question."""

    GO = auto()  # it is answered
    TELL = auto()  # it is the first over the limit: that is told
    SILENT = auto()  # it is another over the limit


class QuestionLimit:
    """Counts the questions of the last minute, by person; times are seconds of a clock that never goes back."""

    def __init__(self, per_minute: int) -> None:
        """Let everybody ask so many questions in any minute; 0 = as many as they like."""
        self.per_minute = per_minute
        self._asked: dict[int, deque[float]] = {}
        self._told: set[int] = set()

    def take(self, person: int, now: float) -> Verdict:
        """Count a question and say what to do with it; one that is not answered does not count."""
        if not self.per_minute:
            return Verdict.GO
        asked = self._asked.setdefault(person, deque(maxlen=self.per_minute))
        if len(asked) == self.per_minute and now - asked[0] < MINUTE:
            if person in self._told:
                return Verdict.SILENT
            self._told.add(person)
            return Verdict.TELL
        asked.append(now)
        self._told.discard(person)
        if len(self._asked) > _MOST_PEOPLE:
            self._tidy(now)
        return Verdict.GO

    def seconds(self, person: int, now: float) -> int:
        """Say in how many seconds a person may ask again, at least 1."""
        asked = self._asked.get(person)
        return max(1, round(asked[0] + MINUTE - now)) if asked else 1

    def _tidy(self, now: float) -> None:
        self._asked = {person: asked for person, asked in self._asked.items() if now - asked[-1] < MINUTE}
        self._told &= self._asked.keys()
