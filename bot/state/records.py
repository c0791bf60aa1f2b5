"""The nouns of the ledger: who asked, what was asked, and what was given as its answer."""

from dataclasses import dataclass
from typing import Literal

from retrieval.records import Span

Channel = Literal["telegram", "console"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a question came from. The ids are Telegram's; the ledger keeps keyed hashes of them only."""

    channel: Channel
    user: int | None = None  # None = nobody in particular: the console, or somebody in the name of a group
    chat: int | None = None


CONSOLE = Sender("console")


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence as it was quoted: `text` is what stood at `[start:end]` of that version of the article."""

    rank: int  # as it was shown, from 1
    article: str
    version: int  # row of the article's version in the store
    start: int
    end: int
    text: str
    lead: Span | None = None  # the sentence before, where it was quoted along


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
    citations: tuple[Citation, ...]  # by rank; none where it was not answered


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
    source: str | None  # the article cited first; None where it was not answered
