"""The records of questions and answers: who asked, what was asked, and what the answer was."""

from dataclasses import dataclass
from typing import Literal

from retrieval.records import Span

Channel = Literal["telegram", "console"]
Verdict = Literal["right", "wrong", "nothing", "skipped"]
"""What somebody who knows the articles thinks of a first sentence: it answers, another one would, none does, no opinion."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a question came from. The ids are Telegram's; only keyed hashes of them are stored."""

    channel: Channel
    user: int | None = None  # None = nobody in particular: the console, or somebody who writes as a group
    chat: int | None = None


CONSOLE = Sender("console")


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence as it was quoted: `text` is `[start:end]` of that version of the article."""

    rank: int  # as it was shown, from 1
    article: str
    version: int  # row of the article's version in the store
    start: int
    end: int
    text: str
    lead: Span | None = None  # the sentence before, if it was quoted too


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was given."""

    id: str
    question: str
    channel: Channel
    at: str  # ISO 8601, UTC, to the millisecond
    language: str  # of the question, ISO 639-1
    generation: int  # of the store that answered
    answered: bool
    confidence: float  # 0 to 1
    citations: tuple[Citation, ...]  # by rank; none if it was not answered


@dataclass(frozen=True, slots=True)
class Votes:
    """How many people found an answer helpful, and how many did not."""

    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of the questions on record were answered."""

    since: str  # when the oldest was asked, ISO 8601, UTC; "" if there are none
    questions: int
    answered: int
    undelivered: int  # answers that Telegram did not take in any form
    reason: str  # why it did not take the last of them


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that was not answered, or whose answer more people found wrong than helpful."""

    at: str  # ISO 8601, UTC, to the millisecond
    user: bytes | None  # keyed hash of who asked
    question: str
    answered: bool
    answer: str  # the id of its answer
    article: str | None  # that was cited first
    quote: str | None  # the sentence that was cited first


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask the same, and that the articles leave open."""

    questions: tuple[str, ...]  # different wordings, the most frequent first
    times: int  # that one of them was asked
    people: int  # in Telegram; who asked in the console is not known
    last: str  # when one was asked last, ISO 8601, UTC
    answered: bool  # whether they were answered, and people found that wrong
    answers: tuple[str, ...]  # ids, the latest first


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question as a list shows it."""

    at: str  # ISO 8601, UTC, to the millisecond
    channel: Channel
    question: str
    language: str
    answered: bool
    confidence: float
    answer: str  # the id of its answer
    source: str | None  # the article cited first; None if it was not answered


@dataclass(frozen=True, slots=True)
class FirstSentence:
    """The sentence that a question was answered with first, or that it was refused; however often that happened."""

    question: str
    language: str  # ISO 639-1
    at: str  # when it was asked last, ISO 8601, UTC
    answers: tuple[str, ...]  # ids, the latest first
    article: str | None  # None if it was refused, as are the next two
    quote: str | None
    lead: str | None  # the sentence before, if it was quoted too
    helpful: int  # how many people found it so
    unhelpful: int
    verdict: Verdict | None


def wording(question: str) -> str:
    """Return what is the same for questions that differ only in case and spaces."""
    return " ".join(question.casefold().split())
