"""The nouns of the library, in the order of the data flow: from a source to an answer.

Offsets are half-open character offsets into `Article.text`; positions count an article's sentences from 1.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple, get_args


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to read: a file that was named, or found in a folder that was named."""

    id: str  # relative path without suffix, `/` between the parts; of the one article too, but in JSONL each has its own
    path: Path
    origin: str  # what the admin named: a vanished article is one whose origin was read and no longer held it
    url: str | None = None  # the address that the file was fetched from


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it was given: `text` is whole, only its line ends are normalised to line feeds."""

    id: str
    title: str
    text: str
    language: str | None = None  # ISO 639-1, None = not stated
    url: str | None = None
    published: str | None = None  # ISO 8601, as precise as it was given
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read, with the reason in words."""

    name: str  # of the file, or `file:line` in JSONL
    reason: str


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


class Sentence(NamedTuple):  # made in half of a dataclass's time, and a load makes two of each
    """A sentence of an article: `text == article.text[start:end]`, no white space at either end."""

    position: int  # from 1, over the sentences of all kinds
    paragraph: int  # from 1
    start: int
    end: int
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, by article id; a load that changed nothing published nothing."""

    generation: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()  # their origin was read and did not hold them; still in the store
    removed: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    sentences: int = 0  # in the store after the load, of all kinds
    resumed: int = 0  # articles of those added and changed that an interrupted load had already written
    unread: int = 0  # files and pages that were as they had been, and so were not read again


Phase = Literal["reading", "indexing"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase of a load is; `total` is None while sources are still being found."""

    source: str  # empty while indexing
    done: int  # bytes of the sources (within one the characters of its articles so far, which are fewer); sentences when indexing
    total: int | None  # of the same
    sentences: int  # of the articles that were new or changed; when indexing those done
    phase: Phase = "reading"
    seconds: float = 0.0  # since the phase began


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article's text."""

    start: int
    end: int
    text: str


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
    lead: Span | None = None  # the sentence before, when this one leans on it
    version: int = 0  # row in the store of the version that is cited; 0 where it is of no store


@dataclass(frozen=True, slots=True)
class Snippet:
    """A hit made ready for a person."""

    hit: Hit
    matched: tuple[tuple[int, int], ...]  # offsets into hit.text of the words that the question asked for
    focus: tuple[int, int] | None = None  # offsets into hit.text of what is most likely the answer
    twins: tuple[Hit, ...] = ()  # the same sentence in other articles, also where one adds to it in a twin


Caution = Literal["low", "normal", "high"]
"""How sure the first hit must be before a question is answered: high keeps silent more often."""
CAUTIONS: tuple[Caution, ...] = get_args(Caution)


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of the question that no article holds, and the word of the articles that it was read as."""

    typed: str
    read_as: str


class Intent(StrEnum):
    """What was typed: a question is looked up, the rest is answered without the articles."""

    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    EMPTY = "empty"  # no word in it


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles a question is put to, by its operators; see `retrieval.asking.filters`."""

    after: str | None = None  # a day, a month or a year of ISO 8601: published on its first day or later
    before: str | None = None  # the same: published before its first day
    sources: tuple[str, ...] = ()  # of any of these: the beginning of an id, a folder, a host, a source as it was named
    newest: bool = False  # among hits that are about as good the later published first


@dataclass(frozen=True, slots=True)
class Scope:
    """What became of the operators of a question."""

    filter: Filter
    articles: int = 0  # that match
    undated: int = 0  # that were left out only because nobody knows when they were published
    mistakes: tuple[str, ...] = ()  # operators that mean nothing, as typed; with one of them nothing was looked up


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question, or that they do not."""

    question: str
    language: str  # of the question, ISO 639-1
    intent: Intent
    answered: bool
    confidence: float  # probability that the first hit answers, 0 to 1
    hits: tuple[Hit, ...]  # ranked whether or not `answered`
    snippets: tuple[Snippet, ...]  # at most 3, twins folded; empty when not `answered`
    nearest: tuple[str, ...]  # titles to offer when not `answered`
    generation: int  # of the store that answered
    corrections: tuple[Correction, ...] = ()  # those without which the first hit would not have been found
    scope: Scope | None = None  # None for a question without operators


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


SourceKind = Literal["path", "glob", "page", "feed", "sitemap"]
"""What was named: a file or folder, a pattern of files, or an address; what is behind one is told by its first reading."""


@dataclass(frozen=True, slots=True)
class StoredSource:
    """Something that is read by every load that names nothing."""

    spec: str  # an absolute path or pattern, or an address
    kind: SourceKind
    added: str  # ISO 8601, UTC
    read: str | None  # when it was last read or tried, ISO 8601, UTC; None = not yet
    outcome: str  # what was wrong then, in words; empty = nothing
    articles: int  # that are shown and were last read from it


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a citation quotes, from the version that it was made of."""

    text: str
    current: bool  # the article still has this text
    changed: str | None  # when it got another or was removed, ISO 8601, UTC; None while current


@dataclass(frozen=True, slots=True)
class Version:
    """An article as one generation of the store holds it, with its sentences."""

    row: int  # of the version in the store
    article: Article
    sentences: tuple[Sentence, ...]  # of all kinds, by position


@dataclass(frozen=True, slots=True)
class PublishedGeneration:
    """What was shown from one load, removal or going back to the next."""

    number: int
    published: str  # ISO 8601, UTC
    note: str  # what was done, in words
    articles: int | None  # None where it was not counted: by an earlier version of citebot
    sentences: int | None  # of all kinds
    current: bool
    kept: bool  # it is shown, or can be gone back to


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A question whose first hit a load would change; None = silence."""

    question: str
    before: Hit | None
    after: Hit | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load would do."""

    report: LoadReport  # with the current generation's number, and the sentences that there would be
    changed_answers: tuple[ChangedAnswer, ...] = ()  # in the order of the questions
