"""The path of a store -> articles, sentences and places in them, by sqlite3 alone.

Nothing here writes, waits for a load, or sees a generation before it is published.
"""

import json
import logging
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Self

from retrieval.records import (
    ANSWERING,
    NO_SURROUNDINGS,
    Article,
    Filter,
    Kind,
    Sentence,
    Span,
    StoredArticle,
    StoredSource,
    Surroundings,
    Version,
)
from retrieval.store.checksums import SINCE, STORED, is_altered
from retrieval.store.connection import STORE, ReopeningConnection, open_read_only
from retrieval.store.filter_sql import SCOPED, SCOPED_BEFORE, filter_conditions
from retrieval.store.surroundings import JOINED, NONE_SELECTED, SELECTED, from_row
from retrieval.store.time_limit import TimeLimit

WAIT = 10.0  # seconds, for the moments in which SQLite itself recovers a file
CURRENT = "(SELECT generation FROM current_generation)"

_log = logging.getLogger(__name__)
_BATCH = 1000  # keys in one statement; SQLite allows 16,000
_KINDS = {kind.value: kind for kind in Kind}  # a fifth of the time of `Kind(value)`
_SHOWN = f"v.since <= {CURRENT} AND (v.until IS NULL OR v.until > {CURRENT})"
_ALIVE = "v.since BETWEEN ?2 AND ?1 AND (v.until IS NULL OR v.until > ?1)"
_LISTED = "v.id, v.title, v.language, v.url, v.published, v.author, v.sentences, v.characters, v.loaded"
_AS_GIVEN = "v.id, v.title, v.text, v.stated_language, v.url, v.published, v.author"
_WITH_LANGUAGE = "v.id, v.title, v.text, v.language, v.url, v.published, v.author"
_SPAN = 's.position, s.paragraph, s.start, s."end", s.kind'
_ANSWERING = ", ".join(f"'{kind.value}'" for kind in sorted(ANSWERING))
_BEFORE = f"""b.version = s.version AND b.position = s.position - 1 AND b.paragraph = s.paragraph
    AND b.kind IN ({_ANSWERING})"""
_NEXT = 'f.position, f.paragraph, f.start, f."end", f.kind'
_AFTER = f"f.version = s.version AND f.position = s.position + 1 AND f.kind IN ({_ANSWERING})"
_WIDTH = 5  # columns of a sentence
_SOURCES_SINCE, _ORIGINALS_SINCE, _SCOPED_SINCE = 3, 5, 7  # versions of the schema
_OPEN = f"SELECT count(*) FROM versions WHERE until IS NULL AND since <= {CURRENT} AND origin = spec"
_CLOSED = f"SELECT count(*) FROM versions WHERE until > {CURRENT} AND since <= {CURRENT} AND origin = spec"
# Open and closed versions are counted apart because each has its own index. A closed one is still shown while a load
# that replaces it is not published.
_SOURCES = f"""SELECT spec, kind, added, read, outcome, ({_OPEN}) + ({_CLOSED}) FROM sources
    WHERE added IS NOT NULL ORDER BY spec"""


@dataclass(frozen=True, slots=True)
class SentencePlace:
    """A sentence with what is needed to cite it."""

    article: StoredArticle
    sentence: Sentence
    before: Span | None = None  # the sentence before it in its paragraph, if that can answer too
    around: Surroundings = NO_SURROUNDINGS  # of its paragraph
    after: Sentence | None = None  # the next one of the article, if that can answer too


@dataclass(frozen=True, slots=True)
class ArticleSurvey:
    """How many sentences an article has, and what they can be used for."""

    version: int  # row of its version in the store
    id: str
    title: str
    language: str
    published: str | None
    sentences: int  # of all kinds
    answering: int  # of kinds that can answer
    too_long: tuple[int, ...]  # positions of the answering sentences that are too long


class Reader:
    """A store opened for reading. For one thread; other threads may only close it.

    A store that does not exist, or into which nothing was loaded yet, is empty: generation 0. A reader notices when
    the file appears or is replaced. Every method raises StoreError if the file cannot be read, StoreTooNew if a later
    version of citebot wrote it.
    """

    def __init__(self, path: str | Path, limit: TimeLimit | None = None) -> None:
        """Remember the path; the first query opens the file."""
        self.path = Path(path)
        self.limit = limit or TimeLimit()
        self._connection: ReopeningConnection[sqlite3.Connection | None] = ReopeningConnection(self.path, _open)

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; the next query opens it again."""
        self._connection.close()

    def generation(self) -> int:
        """Return the current generation, 0 for an empty or missing store; takes some microseconds."""
        return next((number for (number,) in self._rows(f"SELECT {CURRENT}")), 0)

    def identity(self) -> tuple[int, str]:
        """Return the current generation and when it was begun, which no other store shares; (0, "") for an empty one."""
        rows = self._rows(
            "SELECT g.id, g.begun FROM current_generation AS c JOIN generations AS g ON g.id = c.generation"
        )
        return next(((number, begun) for number, begun in rows), (0, ""))

    def begun(self, generation: int) -> str:
        """Return when a generation was begun, published or not; "" for an unknown one."""
        rows = self._rows("SELECT begun FROM generations WHERE id = ?", generation)
        return next((begun for (begun,) in rows), "")

    def versions(self, generation: int, since: int = 0) -> Iterator[Version]:
        """Yield the versions in a generation, published or not, that are no older than `since`; ordered by row."""
        query = f"SELECT v.row, {_WITH_LANGUAGE} FROM versions AS v WHERE {_ALIVE} ORDER BY v.row"
        has_surroundings = self._has_surroundings()
        for row, *fields in self._rows(query, generation, since):
            article = Article(*fields)
            around = dict(self._surroundings(row, article.text)) if has_surroundings else {}
            yield Version(row, article, tuple(self._sentences(row, article.text)), around)

    def version(self, row: int) -> Version | None:
        """Return a version of any generation, without surroundings; None if it is no longer kept whole."""
        articles = self._rows(f"SELECT {_WITH_LANGUAGE} FROM versions AS v WHERE v.row = ?", row)
        found = next((Article(*fields) for fields in articles), None)
        return Version(row, found, tuple(self._sentences(row, found.text))) if found else None

    def text_of(self, version: int) -> str | None:
        """Return the text of a version; None if it is no longer kept whole."""
        return next((text for (text,) in self._rows("SELECT text FROM versions WHERE row = ?", version)), None)

    def count_sentences(self, generation: int, since: int = 0) -> int:
        """Count the sentences of all kinds in the same versions."""
        rows = self._rows(f"SELECT sum(v.sentences) FROM versions AS v WHERE {_ALIVE}", generation, since)
        return next((count or 0 for (count,) in rows), 0)

    def closed(self, generation: int) -> list[int]:
        """List the rows of the versions that the generation before showed and this one does not."""
        return [row for (row,) in self._rows("SELECT row FROM versions WHERE until = ? ORDER BY row", generation)]

    def matching(self, generation: int, wanted: Filter) -> tuple[list[int], int]:
        """Return the rows of a generation's versions that match a filter, ascending, and how many more lack a date."""
        of_source, of_date, values = filter_conditions(wanted, first=3)
        versions = SCOPED if self._has_schema(_SCOPED_SINCE) else SCOPED_BEFORE
        query = f"""SELECT v.row, {of_date} FROM {versions}
            WHERE {_ALIVE} AND {of_source} AND ({of_date} OR v.day IS NULL)"""
        found = list(self._rows(query, generation, 0, *values))
        rows = sorted(row for row, matches in found if matches)
        return rows, len(found) - len(rows)

    def is_empty(self) -> bool:
        """Whether no article is shown."""
        return not any(self._rows(f"SELECT 1 FROM versions AS v WHERE {_SHOWN} LIMIT 1"))

    def holds_only(self, origin: str) -> bool:
        """Whether no article is from another origin, not even one that an interrupted load has written."""
        return not any(self._rows("SELECT 1 FROM versions WHERE until IS NULL AND origin <> ? LIMIT 1", origin))

    def articles_in(self, origin: str, source: str) -> list[str]:
        """List the ids of the articles last read from one file or page of an origin, in order."""
        query = f"SELECT v.id FROM versions AS v WHERE {_SHOWN} AND v.origin = ? AND v.source = ? ORDER BY v.id"
        return [id_ for (id_,) in self._rows(query, origin, source)]

    def articles(self) -> Iterator[StoredArticle]:
        """Yield the articles without their text, ordered by id."""
        for fields in self._rows(f"SELECT {_LISTED} FROM versions AS v WHERE {_SHOWN} ORDER BY v.id"):
            yield StoredArticle(*fields)

    def sources(self) -> Iterator[StoredSource]:
        """Yield the sources that were added, ordered by name."""
        if self._has_schema(_SOURCES_SINCE):
            for fields in self._rows(_SOURCES):
                yield StoredSource(*fields)

    def read_at(self, spec: str) -> str | None:
        """Return when a source, added or not, was last read or tried, ISO 8601, UTC; None = never."""
        if not self._has_schema(_SOURCES_SINCE):
            return None
        rows = self._rows("SELECT read FROM sources WHERE spec = ?", spec)
        return next((read for (read,) in rows), None)

    def _has_schema(self, since: int) -> bool:
        """Whether the schema is no older: one of an earlier version of citebot is brought up to date by the next load."""
        return any(version >= since for (version,) in self._rows("PRAGMA user_version"))

    def survey(self, longest: int) -> Iterator[ArticleSurvey]:
        """Count the sentences of each article, ordered by id; those of more than `longest` characters are too long."""
        can_answer = f"s.kind IN ({_ANSWERING})"
        too_long = f"""CASE WHEN {can_answer} AND s."end" - s.start > ?1 THEN s.position END"""
        query = f"""SELECT v.row, v.id, v.title, v.language, v.published, v.sentences, coalesce(sum({can_answer}), 0),
            group_concat({too_long}) FROM versions AS v LEFT JOIN spans AS s ON s.version = v.row
            WHERE {_SHOWN} GROUP BY v.row ORDER BY v.id"""
        for *counted, positions in self._rows(query, longest):
            values = [*counted, tuple(map(int, positions.split(","))) if positions else ()]
            yield ArticleSurvey(*values)

    def given(self) -> Iterator[Article]:
        """Yield the articles as they were given, ordered by id: `language` is None if none was stated."""
        return self._given(f"{_SHOWN} ORDER BY v.id")

    def article(self, id: str) -> Article | None:  # noqa: A002 - the field's name
        """Return an article as it was given; None if no article has that id."""
        return next(self._given(f"v.id = ? AND {_SHOWN}", id), None)

    def _given(self, condition: str, *values: str) -> Iterator[Article]:
        source = "v.unbroken, v.original" if self._has_schema(_ORIGINALS_SINCE) else "'[]', NULL"
        query = f"SELECT {_AS_GIVEN}, {source} FROM versions AS v WHERE {condition}"
        for *fields, unbroken, packed in self._rows(query, *values):
            original = None if packed is None else zlib.decompress(packed).decode()
            yield replace(Article(*fields), original=original, unbroken=tuple(map(tuple, json.loads(unbroken))))

    def sentences(self, id: str) -> tuple[Sentence, ...]:  # noqa: A002 - the field's name
        """Return all sentences of an article, in order; () if no article has that id."""
        rows = self._rows(f"SELECT v.row, v.text FROM versions AS v WHERE v.id = ? AND {_SHOWN}", id)
        return tuple(sentence for row, text in rows for sentence in self._sentences(row, text))

    def sentences_of(self, version: int) -> tuple[Sentence, ...]:
        """Return all sentences of one version, in order; () if it is no longer kept whole."""
        text = self.text_of(version)
        return () if text is None else tuple(self._sentences(version, text))

    def places(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], SentencePlace]:
        """Find sentences of any generation by version row and position; those no longer kept are left out."""
        found: dict[tuple[int, int], SentencePlace] = {}
        for begin in range(0, len(keys), _BATCH):
            found.update(self._places(keys[begin : begin + _BATCH]))
        return found

    def _places(self, keys: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], SentencePlace]]:
        """Read each article's text once, however many of the sentences it has: it may have megabytes."""
        versions = {version for version, _ in keys}
        articles = {row: (listed, text) for row, text, listed in self._whole(versions)}
        around, joined = (SELECTED, JOINED) if self._has_surroundings() else (NONE_SELECTED, "")
        query = f"""SELECT s.version, b.start, b."end", {_SPAN}, {_NEXT}, {around}
            FROM (VALUES {", ".join(["(?, ?)"] * len(keys))}) AS k
            CROSS JOIN spans AS s ON s.version = k.column1 AND s.position = k.column2
            LEFT JOIN spans AS b ON {_BEFORE} LEFT JOIN spans AS f ON {_AFTER} {joined}"""
        for version, begins, ends, *row in self._rows(query, *chain.from_iterable(keys)):
            if version in articles:  # and not purged between the two queries
                article, text = articles[version]
                before = None if begins is None else Span(begins, ends, text[begins:ends])
                sentence, following = _sentence(text, row[:_WIDTH]), row[_WIDTH : 2 * _WIDTH]
                after = None if following[0] is None else _sentence(text, following)
                place = SentencePlace(article, sentence, before, from_row(text, row[2 * _WIDTH :]), after)
                yield (version, sentence.position), place

    def _whole(self, versions: Collection[int]) -> Iterator[tuple[int, str, StoredArticle]]:
        """Yield versions with their texts, except those whose text was altered in the file."""
        stored = STORED if self._has_schema(SINCE) else "NULL"
        query = f"""SELECT v.row, CAST(v.text AS BLOB), {stored}, {_LISTED} FROM versions AS v
            WHERE v.row IN ({", ".join("?" * len(versions))})"""
        for row, text, sum_, *listed in self._rows(query, *versions):
            article = StoredArticle(*listed)
            if is_altered(text, sum_):
                _log.warning("%s is not quoted: its text in %s was altered", article.id, self.path.name)
            else:
                yield row, text.decode(errors="replace"), article

    def _sentences(self, version: int, text: str) -> Iterator[Sentence]:
        query = f"SELECT {_SPAN} FROM spans AS s WHERE s.version = ? ORDER BY s.position"
        for span in self._rows(query, version):
            yield _sentence(text, span)

    def _surroundings(self, version: int, text: str) -> Iterator[tuple[int, Surroundings]]:
        query = f"SELECT a.paragraph, {SELECTED} FROM surroundings AS a WHERE a.version = ?"
        for paragraph, *row in self._rows(query, version):
            yield paragraph, from_row(text, row)

    def _has_surroundings(self) -> bool:
        """Whether the store has the table: in one of an earlier version the next load creates it."""
        return any(self._rows("SELECT 1 FROM sqlite_master WHERE name = 'surroundings'"))

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Run a query; a missing store yields no rows."""
        with STORE.explained(self.path):
            connection = self._connection.get()
            if connection is not None:
                with self.limit.ending(connection):
                    yield from connection.execute(query, values)


def _open(path: Path) -> sqlite3.Connection | None:
    """Open a store; return None if there is none yet."""
    if not path.exists():
        return None
    connection = open_read_only(path, WAIT)
    try:
        if STORE.read_version(connection, path):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _sentence(text: str, span: Sequence[Any]) -> Sentence:
    position, paragraph, start, end, kind = span
    return Sentence(position, paragraph, start, end, _KINDS[kind], text[start:end])
