"""The records of a question, in the order of the data flow: from what was typed to an answer.

Offsets are half-open character offsets into the article's text; positions count an article's sentences from 1.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

from retrieval.records.loading import LoadReport, Span

Certainty = Literal["sure", "perhaps", "none"]  # of an answer; none = the articles do not answer
Caution = Literal["low", "normal", "high"]  # at high, more questions go unanswered
CAUTIONS: tuple[Caution, ...] = get_args(Caution)


class Intent(StrEnum):
    """What was typed; only a question is looked up in the articles."""

    QUESTION = "question"
    FOLLOW_UP = "follow_up"  # grammar words alone, which ask only after another question: "and when?", "more"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    AFFIRMATION = "affirmation"  # or its opposite, or praise: "ok", "no", "good bot"
    HELP = "help"  # what to ask, and how; also a command without its slash
    IDENTITY = "identity"  # who the bot is
    EMPTY = "empty"  # not a single word
    MORE = "more"  # "more", after a question: the sentences that come next


@dataclass(frozen=True, slots=True)
class Filter:
    """The articles that a question is restricted to by its operators; see `retrieval.asking.filters`."""

    after: str | None = None  # a day, month or year in ISO 8601: published on its first day or later
    before: str | None = None  # likewise: published before its first day
    sources: tuple[str, ...] = ()  # any of these: the beginning of an id, a folder, a host, a source as it was named
    newest: bool = False  # put the later published first among hits that are about as good


MOST_OPERATORS = 8  # in one question: the work grows with each


@dataclass(frozen=True, slots=True)
class Scope:
    """The effect of a question's operators."""

    filter: Filter
    articles: int = 0  # that match
    undated: int = 0  # left out only because their date is unknown
    mistakes: tuple[str, ...] = ()  # invalid operators, as typed; with one of them nothing was looked up
    too_many: bool = False  # there were more than MOST_OPERATORS, and nothing was looked up


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked sentence, `text == article.text[start:end]`."""

    rank: int  # from 1
    score: float
    article: str
    title: str
    url: str | None
    published: str | None
    start: int
    end: int
    position: int
    of: int  # sentences in the article: "sentence 9 of 21"
    text: str
    lead: Span | None = None  # the sentence before, if this one cannot be understood without it
    section: tuple[str, ...] = ()  # the headings above it, outermost first
    intro: Span | None = None  # of a table row its header row, of a list item the sentence that introduces the list
    code: Span | None = None  # the code block, list or table that it introduces
    trail: Span | None = None  # the sentence after it, if this one only announces that
    author: str | None = None  # of the article; of a channel's post its channel
    version: int = 0  # row in the store of the cited version; 0 if it is not from a store
    language: str | None = None  # of the article, ISO 639-1; "und" if it is not known


@dataclass(frozen=True, slots=True)
class Snippet:
    """A hit prepared for a person."""

    hit: Hit
    matched: tuple[tuple[int, int], ...]  # offsets into hit.text of the words that match the question
    focus: tuple[int, int] | None = None  # offsets into hit.text of what is most likely the answer
    twins: tuple[Hit, ...] = ()  # the same sentence in other articles, or a near-duplicate of it


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of the question that no article holds, and the word that was looked up instead."""

    typed: str
    read_as: str


@dataclass(frozen=True, slots=True)
class Context:
    """A question and its answer, as far as the next question of the conversation is read in their light."""

    question: str  # as typed
    language: str
    types: tuple[str, ...]  # what it asks for: when, who, ...
    names: tuple[str, ...]  # in it or carried over to it: content words with a capital or a digit, neighbours together
    words: tuple[str, ...]  # its other content words, likewise
    text: str = ""  # as looked up
    article: str | None = None  # id, of the first hit
    person: str | None = None  # who answers it, if it asks for somebody
    shown: tuple[tuple[str, int], ...] = ()  # article and start of each sentence that was shown
    filter: Filter | None = None  # what the question was restricted to


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles answer to a question, or that they do not answer it."""

    question: str
    language: str  # of the question, ISO 639-1
    intent: Intent
    certainty: Certainty
    p_in_store: float  # probability that the articles answer the question at all, 0 to 1
    p_right: float  # probability that the first hit answers it, 0 to 1
    hits: tuple[Hit, ...]  # ranked whether or not `answered`
    snippets: tuple[Snippet, ...]  # at most 3, twins folded; empty if not `answered`
    nearest: tuple[str, ...]  # titles to offer if not `answered`; with the id where several are equal
    generation: int  # of the store that answered
    corrections: tuple[Correction, ...] = ()  # without which the first hit would not have been found
    scope: Scope | None = None  # None for a question without operators
    disagree: bool = False  # the first two snippets state different numbers or dates of the same thing, the newer first
    carried: tuple[str, ...] = ()  # words of the question before that this one was read with
    context: Context | None = None  # for the next question; None if nothing was looked up

    @property
    def answered(self) -> bool:
        """Whether the articles answer it, for certain or perhaps."""
        return self.certainty != "none"

    @property
    def first(self) -> Hit | None:
        """The hit that people see first; None if the articles do not answer."""
        return self.snippets[0].hit if self.answered and self.snippets else None

    @property
    def confidence(self) -> float:
        """The probability that the first hit answers, 0 to 1."""
        return self.p_right


BlockKind = Literal["text", "list", "table", "code", "heading"]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, table or code block of an article."""

    kind: BlockKind
    start: int
    end: int
    text: str  # `article.text[start:end]`; of a code block without the fences


@dataclass(frozen=True, slots=True)
class Quoted:
    """The text that a citation quotes, from the version of the article that it cites."""

    text: str
    current: bool  # the article still has this text
    changed: str | None  # when the article changed or was removed, ISO 8601, UTC; None while current


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A question whose first hit a load would change; None = not answered."""

    question: str
    before: Hit | None
    after: Hit | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load would do."""

    report: LoadReport  # with the number of the current generation, and the sentences the store would hold
    changed_answers: tuple[ChangedAnswer, ...] = ()  # in the order of the questions
