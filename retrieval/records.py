"""The records of the library, in the order of the data flow: from a source to an answer.

Offsets are half-open character offsets into `Article.text`; positions count an article's sentences from 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple, get_args

SourceKind = Literal["path", "glob", "page", "feed", "sitemap"]  # of a URL, known once it has been read
Phase = Literal["reading", "indexing"]
Certainty = Literal["sure", "perhaps", "none"]  # of an answer; none = the articles do not answer
Caution = Literal["low", "normal", "high"]  # at high, more questions go unanswered
CAUTIONS: tuple[Caution, ...] = get_args(Caution)


# Reading: a source -> articles -> sentences
Offsets = tuple[int, int]  # half-open


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read."""

    id: str  # relative path without suffix, `/` between the parts; also the id of its article, except in JSONL
    path: Path
    origin: str  # the source that was named; an article vanishes if its origin was read and no longer held it
    url: str | None = None  # where the file was fetched from


@dataclass(frozen=True, slots=True)
class Article:
    """An article as its reader sees it: `text` is complete; plain text is as it was given, but for its line ends."""

    id: str
    title: str
    text: str
    language: str | None = None  # ISO 639-1, None = not stated
    url: str | None = None
    published: str | None = None  # ISO 8601, as precise as it was given
    author: str | None = None
    original: str | None = None  # the markup that `text` was made from; only of Markdown, reStructuredText and AsciiDoc
    unbroken: tuple[
        Offsets, ...
    ] = ()  # of code and links in `text` in which no sentence ends, whatever stops they hold


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read, and why."""

    name: str  # of the file, or `file:line` in JSONL
    reason: str
    source: str = field(default="", compare=False)  # id of the file that it is in, as far as a load knows it


class Kind(StrEnum):
    """What a sentence is; only BODY and LIST can answer."""

    BODY = "body"
    HEADLINE = "headline"
    CAPTION = "caption"
    CREDIT = "credit"
    AGENCY = "agency"
    LIST = "list"
    OTHER = "other"  # dateline alone, byline, "Read more", related stories, share bars


ANSWERING = frozenset({Kind.BODY, Kind.LIST})


class Sentence(NamedTuple):  # created in half the time of a dataclass, and a load creates two of each
    """A sentence of an article: `text == article.text[start:end]`, no white space at either end."""

    position: int  # from 1, over the sentences of all kinds
    paragraph: int  # from 1
    start: int
    end: int
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article's text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What belongs to a paragraph and stands elsewhere in its article."""

    section: tuple[str, ...] = ()  # headings above it, outermost first, without marks; a FAQ's question comes last
    intro: Span | None = None  # the sentence that introduces the list, table or code block that it belongs to
    header: Span | None = None  # of a table row: the header row
    code: Span | None = None  # the code block, list or table that its last sentence introduces with a colon


NO_SURROUNDINGS = Surroundings()


@dataclass(frozen=True, slots=True)
class Version:
    """An article as one generation of the store holds it, with its sentences."""

    row: int  # of the version in the store
    article: Article
    sentences: tuple[Sentence, ...]  # of all kinds, by position
    surroundings: Mapping[int, Surroundings] = field(default_factory=dict)  # by paragraph, of those that have any


# Loading: sources -> a generation of the store
@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase of a load is; `total` is None while sources are still being found."""

    source: str  # empty while indexing
    done: int  # bytes of the sources (within one, characters of its articles, which are fewer); sentences when indexing
    total: int | None  # in the same unit
    sentences: int  # of new and changed articles; when indexing, those done
    phase: Phase = "reading"
    seconds: float = 0.0  # since the phase began


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, by article id; a load that changed nothing published nothing."""

    generation: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()  # no longer in their source, but still in the store
    removed: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    sentences: int = 0  # in the store after the load, of all kinds
    resumed: int = 0  # added and changed articles that an interrupted load had already written
    unread: int = 0  # files and pages skipped because they had not changed


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the store lists it, without its text."""

    id: str
    title: str
    language: str
    url: str | None
    published: str | None
    author: str | None
    sentences: int
    characters: int
    loaded: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source that every load reads if none is named."""

    spec: str  # an absolute path or pattern, or a URL
    kind: SourceKind
    added: str  # ISO 8601, UTC
    read: str | None  # when it was last read or tried, ISO 8601, UTC; None = not yet
    outcome: str  # what went wrong then; empty = nothing
    articles: int  # current ones last read from it


@dataclass(frozen=True, slots=True)
class PublishedGeneration:
    """What the store showed from one load, removal or rollback to the next."""

    number: int
    published: str  # ISO 8601, UTC
    note: str  # what was done, in words
    articles: int | None  # None if not counted, by an earlier version of citebot
    sentences: int | None  # of all kinds
    current: bool
    kept: bool  # current, or can be rolled back to


# Asking: a question -> hits -> an answer
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


@dataclass(frozen=True, slots=True)
class Filter:
    """The articles that a question is restricted to by its operators; see `retrieval.asking.filters`."""

    after: str | None = None  # a day, month or year in ISO 8601: published on its first day or later
    before: str | None = None  # likewise: published before its first day
    sources: tuple[str, ...] = ()  # any of these: the beginning of an id, a folder, a host, a source as it was named
    newest: bool = False  # put the later published first among hits that are about as good


@dataclass(frozen=True, slots=True)
class Scope:
    """The effect of a question's operators."""

    filter: Filter
    articles: int = 0  # that match
    undated: int = 0  # left out only because their date is unknown
    mistakes: tuple[str, ...] = ()  # invalid operators, as typed; with one of them nothing was looked up


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
    version: int = 0  # row in the store of the cited version; 0 if it is not from a store


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

    @property
    def answered(self) -> bool:
        """Whether the articles answer it, for certain or perhaps."""
        return self.certainty != "none"

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
