"""How many questions one person may ask in a minute, so that nobody can take the bot away from the others.

What counts is when a question was asked: what waited while the bot was away may all be answered at once.
"""

from collections import deque
from enum import Enum, auto
from math import ceil
from typing import NamedTuple

MINUTE = 60.0  # seconds


class Admission(Enum):
    """What is done with a question."""

    GO = auto()  # it is answered
    TELL = auto()  # it is the first over the limit: that is told
    SILENT = auto()  # it is another over the limit


class _Asked(NamedTuple):
    at: float
    question: object


class FloodLimit:
    """Counts the questions of any minute, by person; times are seconds of one clock."""

    def __init__(self, per_minute: int) -> None:
        """Let everybody ask so many questions in any minute; 0 = as many as they like."""
        self.per_minute = per_minute
        self._asked: dict[int, deque[_Asked]] = {}
        self._told: dict[int, _Asked] = {}  # the question at which somebody was told last
        self._tidied = 0.0

    def take(self, person: int, at: float, question: object = None) -> Admission:
        """Count a question asked then and say what to do with it; one that is not answered does not count.

        A question that is met again, by its id, as nothing came of it the first time, has the same verdict.
        """
        if not self.per_minute:
            return Admission.GO
        self._tidy(at)
        asked = self._asked.setdefault(person, deque(maxlen=self.per_minute))
        if question is not None and any(one.question == question for one in asked):
            return Admission.GO
        if len(asked) == self.per_minute and at - asked[0].at < MINUTE:
            return self._refuse(person, _Asked(at, question))
        asked.append(_Asked(at, question))
        return Admission.GO

    def seconds(self, person: int, now: float) -> int:
        """Say in how many seconds a person may ask again: 1 to 60, rather more than less."""
        asked = self._asked.get(person)
        return max(1, min(ceil(asked[0].at + MINUTE - now), int(MINUTE))) if asked else 1

    def _refuse(self, person: int, asked: _Asked) -> Admission:
        """Tell nobody more than once in a minute, however fast they go on."""
        told = self._told.get(person)
        if told is not None and asked.at - told.at < MINUTE:
            again = asked.question is not None and asked.question == told.question
            return Admission.TELL if again else Admission.SILENT
        self._told[person] = asked
        return Admission.TELL

    def _tidy(self, now: float) -> None:
        """Once in a minute forget who asks no more."""
        if now - self._tidied < MINUTE:
            return
        self._tidied = now
        self._asked = {person: asked for person, asked in self._asked.items() if now - asked[-1].at < MINUTE}
        self._told = {person: told for person, told in self._told.items() if now - told.at < MINUTE}
