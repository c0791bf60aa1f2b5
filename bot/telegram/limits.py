"""How many questions one person may ask in a minute, so that nobody can take the bot away from the others."""

from collections import deque
from collections.abc import Hashable
from enum import Enum, auto
from typing import NamedTuple

MINUTE = 60.0  # seconds
_MOST_PEOPLE = 10_000  # who are remembered at once


class Verdict(Enum):
    """What is done with a question."""

    GO = auto()  # it is answered
    TELL = auto()  # it is the first over the limit: that is told
    SILENT = auto()  # it is another over the limit


class _Asked(NamedTuple):
    at: float
    question: Hashable


class QuestionLimit:
    """Counts the questions of the last minute, by person; times are seconds of a clock that never goes back."""

    def __init__(self, per_minute: int) -> None:
        """Let everybody ask so many questions in any minute; 0 = as many as they like."""
        self.per_minute = per_minute
        self._asked: dict[int, deque[_Asked]] = {}
        self._told: dict[int, Hashable] = {}  # by person, after which question

    def take(self, person: int, now: float, question: Hashable = None) -> Verdict:
        """Count a question and say what to do with it; one that is not answered does not count.

        What is said to `question`, its id, stays: when Telegram could not be reached it comes again.
        """
        if not self.per_minute:
            return Verdict.GO
        asked = self._asked.setdefault(person, deque(maxlen=self.per_minute))
        if question is not None and any(question == one.question for one in asked):
            return Verdict.GO
        if len(asked) == self.per_minute and now - asked[0].at < MINUTE:
            if person in self._told and (question is None or self._told[person] != question):
                return Verdict.SILENT
            self._told[person] = question
            return Verdict.TELL
        asked.append(_Asked(now, question))
        self._told.pop(person, None)
        if len(self._asked) > _MOST_PEOPLE:
            self._tidy(now)
        return Verdict.GO

    def seconds(self, person: int, now: float) -> int:
        """Say in how many seconds a person may ask again, at least 1."""
        asked = self._asked.get(person)
        return max(1, round(asked[0].at + MINUTE - now)) if asked else 1

    def _tidy(self, now: float) -> None:
        self._asked = {person: asked for person, asked in self._asked.items() if now - asked[-1].at < MINUTE}
        self._told = {person: question for person, question in self._told.items() if person in self._asked}
