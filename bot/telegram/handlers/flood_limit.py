"""Limits the questions, or the presses, of one person per minute, so that nobody can occupy the bot.

The time of asking counts: questions that waited while the bot was away may all be answered at once.
"""

from collections import deque
from enum import Enum, auto
from math import ceil
from typing import NamedTuple

MINUTE = 60.0  # seconds


class Admission(Enum):
    """What to do with a question."""

    ANSWER = auto()
    WARN = auto()  # the first over the limit
    IGNORE = auto()  # another over the limit


class _Asked(NamedTuple):
    at: float
    question: object


class FloodLimit:
    """Counts the questions of each person in any minute; times are seconds of one clock."""

    def __init__(self, per_minute: int) -> None:
        """Allow each person this many questions in any minute; 0 = no limit."""
        self.per_minute = per_minute
        self._asked: dict[object, deque[_Asked]] = {}
        self._warned: dict[object, _Asked] = {}  # the question at which somebody was last warned
        self._cleaned = 0.0

    def admit(self, person: object, at: float, question: object = None) -> Admission:
        """Count a question asked at this time and return what to do with it; only answered ones count.

        A question that is retried, as its id shows, gets the same result again.
        """
        if not self.per_minute:
            return Admission.ANSWER
        self._forget(at)
        asked = self._asked.setdefault(person, deque(maxlen=self.per_minute))
        if question is not None and any(one.question == question for one in asked):
            return Admission.ANSWER
        if len(asked) == self.per_minute and at - asked[0].at < MINUTE:
            return self._refuse(person, _Asked(at, question))
        asked.append(_Asked(at, question))
        return Admission.ANSWER

    def retry_after(self, person: object, now: float) -> int:
        """Return the seconds until a person may ask again, rounded up: 1 to 60."""
        asked = self._asked.get(person)
        return max(1, min(ceil(asked[0].at + MINUTE - now), int(MINUTE))) if asked else 1

    def _refuse(self, person: object, asked: _Asked) -> Admission:
        """Warn nobody more than once in a minute, however fast they ask."""
        warned = self._warned.get(person)
        if warned is not None and asked.at - warned.at < MINUTE:
            again = asked.question is not None and asked.question == warned.question
            return Admission.WARN if again else Admission.IGNORE
        self._warned[person] = asked
        return Admission.WARN

    def _forget(self, now: float) -> None:
        """Once a minute, forget those who have stopped asking."""
        if now - self._cleaned < MINUTE:
            return
        self._cleaned = now
        self._asked = {person: asked for person, asked in self._asked.items() if now - asked[-1].at < MINUTE}
        self._warned = {person: warned for person, warned in self._warned.items() if now - warned.at < MINUTE}
