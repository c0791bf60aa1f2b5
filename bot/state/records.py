"""The records of questions and answers: who asked, what was asked, and what the answer was."""

from collections.abc import Mapping
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
    sets: tuple[str, ...] = ()  # of articles that alone were asked
    is_told: bool = False  # of an answer that they wait for: they have not asked again


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
    """What can be counted of the questions on record."""

    since: str  # when the oldest was asked, ISO 8601, UTC; "" if there are none
    questions: int
    answered: int
    undelivered: int  # answers that Telegram did not take in any form
    reason: str  # why it did not take the last of them
    milliseconds: float | None  # median time that an answer took; None if it is not known of any
    helpful: int  # votes
    unhelpful: int
    reasons: Mapping[str, int]  # what was wrong, the most frequent first
    right: int  # first sentences, by their judgements; one that was given often counts once
    wrong: int
    nothing: int  # no article answers the question
    refused_rightly: int  # refusals, by their judgements
    refused_wrongly: int
    cited: Mapping[str, int]  # answers that cite an article, by its id, the most cited first
    days: tuple[tuple[str, int, int], ...]  # ISO 8601, and how many questions were answered and refused then

    @property
    def judged(self) -> int:
        """How many first sentences were judged."""
        return self.right + self.judged_wrong

    @property
    def judged_wrong(self) -> int:
        """How many of them were wrong, be it that none would have been right."""
        return self.wrong + self.nothing

    @property
    def share_wrong(self) -> float | None:
        """The share of wrong ones, 0 to 1; None if none was judged."""
        return self.judged_wrong / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that was not answered, or whose answer more people found wrong than helpful."""

    at: str  # ISO 8601, UTC, to the millisecond
    user: bytes | None  # keyed hash of who asked
    question: str
    sets: tuple[str, ...]  # of articles that alone were asked; none = all
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
class Overview:
    """How well the questions on record were answered, and what is missing in the articles."""

    figures: Figures
    interval: tuple[float, float] | None  # of the share of wrong first answers, 95 %; None if none was judged
    gaps: tuple[Gap, ...]  # the most asked first
    articles: int
    never_cited: tuple[str, ...]  # ids of articles


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


@dataclass(frozen=True, slots=True)
class ExportedQuestion:
    """A question with its answer, and nothing that says who asked."""

    day: str  # ISO 8601, UTC
    channel: Channel
    language: str  # ISO 639-1
    question: str
    answered: bool
    confidence: float  # 0 to 1
    milliseconds: float | None  # that the answer took
    article: str | None  # that was cited first
    quote: str | None
    helpful: int
    unhelpful: int
    judgement: Verdict | None


def wording(question: str) -> str:
    """Return what is the same for questions that differ only in case and spaces."""
    return " ".join(question.casefold().split())
