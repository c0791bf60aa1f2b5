"""The records of a load, in the order of the data flow: from a source to a generation of the store.

Offsets are half-open character offsets into `Article.text`; positions count an article's sentences from 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

SourceKind = Literal["path", "glob", "page", "feed", "sitemap"]  # of a URL, known once it has been read
Phase = Literal["reading", "indexing"]
SET_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")  # of articles


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
    articles: int = 0  # in the store after the load
    sentences: int = 0  # in them, of all kinds
    replaced: tuple[str, ...] = ()  # of the changed ones, those that the store held from another source
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
    origin: str = ""  # the source that it was last read from


def checked_set(name: str) -> str:
    """Return the name of a set of articles; raise ValueError for one that no set can have."""
    if not SET_NAME.fullmatch(name):
        raise ValueError(f"a set is named by up to 40 letters, digits, - and _, not {name!r}")
    return name


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source that every load reads if none is named."""

    spec: str  # an absolute path or pattern, or a URL
    kind: SourceKind
    added: str  # ISO 8601, UTC
    read: str | None  # when it was last read or tried, ISO 8601, UTC; None = not yet
    outcome: str  # what went wrong then; empty = nothing
    articles: int  # current ones last read from it
    set_name: str = ""  # of the set of articles that it belongs to; "" for none, whose articles belong to all


@dataclass(frozen=True, slots=True)
class PublishedGeneration:
    """What the store showed from one load, removal or rollback to the next."""

    number: int
    published: str  # ISO 8601, UTC
    note: str  # what was done, in words
    articles: int | None  # None if not counted, by an earlier version of citebot
    sentences: int | None  # of all kinds
    current: bool
    kept: bool  # current, or not a rollback and among those that can be gone back to
    restores: int | None = None  # of a rollback: the generation whose articles it shows again
