"""The path of a store -> articles, sentences and places in them, by sqlite3 alone.

Nothing here writes, waits for a load or sees one before it is published.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from retrieval.records import (
    ANSWERING,
    Article,
    Filter,
    Kind,
    Sentence,
    Span,
    StoredArticle,
    StoredSource,
    Version,
)
from retrieval.store.filters import DATED, matching
from retrieval.store.schema import is_store, unusable

_AT_ONCE = 1000  # keys in one statement, of the 16,000 that SQLite allows
WAIT = 10.0  # seconds, for the moments in which SQLite itself recovers a file

_KINDS = {kind.value: kind for kind in Kind}  # a fifth of the time of `Kind(value)`
_LISTED = "v.id, v.title, v.language, v.url, v.published, v.author, v.sentences, v.characters, v.loaded"
_GIVEN = "v.id, v.title, v.text, v.stated_language, v.url, v.published, v.author"
_FILLED = "v.id, v.title, v.text, v.language, v.url, v.published, v.author"
_SPAN = 's.position, s.paragraph, s.start, s."end", s.kind'
_ANSWERING = ", ".join(f"'{kind.value}'" for kind in sorted(ANSWERING))
_BEFORE = f"""b.version = s.version AND b.position = s.position - 1 AND b.paragraph = s.paragraph
    AND b.kind IN ({_ANSWERING})"""
_ALIVE = "v.since BETWEEN ?2 AND ?1 AND (v.until IS NULL OR v.until > ?1)"
CURRENT = "(SELECT generation FROM current_generation)"
_SOURCES_SINCE = 3  # version of the schema
_OPEN = f"SELECT count(*) FROM versions WHERE until IS NULL AND since <= {CURRENT} AND origin = spec"
_CLOSED = f"SELECT count(*) FROM versions WHERE until > {CURRENT} AND since <= {CURRENT} AND origin = spec"
# Counted apart, since each has an index of its own: what is closed and still shown is what a load has replaced so far.
_SOURCES = f"""SELECT spec, kind, added, read, outcome, ({_OPEN}) + ({_CLOSED}) FROM sources
    WHERE added IS NOT NULL ORDER BY spec"""
_SHOWN = f"v.since <= {CURRENT} AND (v.until IS NULL OR v.until > {CURRENT})"


@dataclass(frozen=True, slots=True)
class SentencePlace:
    """A sentence with what is needed to cite it."""

    article: StoredArticle
    sentence: Sentence
    before: Span | None = None  # the sentence before it in its paragraph, where that is of a kind that can answer


@dataclass(frozen=True, slots=True)
class ArticleSurvey:
    """What the sentences of an article are, counted."""

    version: int  # row of its version in the store
    id: str
    title: str
    language: str
    published: str | None
    sentences: int  # of all kinds
    answering: int  # of kinds that can answer
    too_long: tuple[int, ...]  # positions of those of them that are too long


class Reader:
    """A store opened to read. For one thread; another may only close it.

    A store that is not there, or in which nothing was loaded yet, is empty: generation 0. It is noticed when it
    appears, and when another file has taken its place. Every method raises StoreError where the file cannot be read,
    StoreTooNew where a later version of citebot wrote it.
    """

    def __init__(self, path: str | Path) -> None:
        """Remember the path; the file is opened by the first question about it."""
        self.path = Path(path)
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode of what is open

    def __enter__(self) -> Self:
        """Give the reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file = None

    def generation(self) -> int:
        """Give the current generation, 0 for an empty or missing store; some microseconds."""
        return next((number for (number,) in self._rows(f"SELECT {CURRENT}")), 0)

    def identity(self) -> tuple[int, str]:
        """Give the current generation and when it was begun, which no other store shares; (0, "") for an empty one."""
        rows = self._rows(
            "SELECT g.id, g.begun FROM current_generation AS c JOIN generations AS g ON g.id = c.generation"
        )
        return next(((number, begun) for number, begun in rows), (0, ""))

    def begun(self, generation: int) -> str:
        """Give when a generation was begun, published or not; "" for one that is not known."""
        rows = self._rows("SELECT begun FROM generations WHERE id = ?", generation)
        return next((begun for (begun,) in rows), "")

    def versions(self, generation: int, since: int = 0) -> Iterator[Version]:
        """Give the versions that make up a generation, published or not, ordered by row; only those not older than another."""
        query = f"SELECT v.row, {_FILLED} FROM versions AS v WHERE {_ALIVE} ORDER BY v.row"
        for row, *fields in self._rows(query, generation, since):
            article = Article(*fields)
            yield Version(row, article, tuple(self._sentences(row, article.text)))

    def count_sentences(self, generation: int, since: int = 0) -> int:
        """Count the sentences of all kinds of the same versions."""
        rows = self._rows(f"SELECT sum(v.sentences) FROM versions AS v WHERE {_ALIVE}", generation, since)
        return next((count or 0 for (count,) in rows), 0)

    def closed(self, generation: int) -> list[int]:
        """List the rows of the versions that a generation no longer shows and the one before it did."""
        return [row for (row,) in self._rows("SELECT row FROM versions WHERE until = ? ORDER BY row", generation)]

    def matching(self, generation: int, wanted: Filter) -> tuple[list[int], int]:
        """Give the rows of a generation's versions that match a filter, ascending, and how many more only lack a date."""
        of_source, of_date, values = matching(wanted, first=3)
        query = f"""SELECT v.row, {of_date} FROM versions AS v
            WHERE {_ALIVE} AND {of_source} AND ({of_date} OR NOT {DATED}) ORDER BY v.row"""
        found = list(self._rows(query, generation, 0, *values))
        rows = [row for row, matches in found if matches]
        return rows, len(found) - len(rows)

    def articles(self) -> Iterator[StoredArticle]:
        """List the articles, ordered by id."""
        for fields in self._rows(f"SELECT {_LISTED} FROM versions AS v WHERE {_SHOWN} ORDER BY v.id"):
            yield StoredArticle(*fields)

    def is_empty(self) -> bool:
        """Whether no article is shown."""
        return not any(self._rows(f"SELECT 1 FROM versions AS v WHERE {_SHOWN} LIMIT 1"))

    def sources(self) -> Iterator[StoredSource]:
        """List the sources that were added, ordered by name."""
        if self._has_sources():
            for fields in self._rows(_SOURCES):
                yield StoredSource(*fields)

    def read_at(self, spec: str) -> str | None:
        """Give when a source was last read or tried, ISO 8601, UTC; it need not have been added. None = never."""
        rows = self._rows("SELECT read FROM sources WHERE spec = ?", spec) if self._has_sources() else iter(())
        return next((read for (read,) in rows), None)

    def _has_sources(self) -> bool:
        """Tell whether there are the tables of sources: a store of an earlier version gets them by the next load."""
        return any(version >= _SOURCES_SINCE for (version,) in self._rows("PRAGMA user_version"))

    def survey(self, most: int) -> Iterator[ArticleSurvey]:
        """Count the sentences of each article, ordered by id; too long is one of more than so many characters."""
        can_answer = f"s.kind IN ({_ANSWERING})"
        long = f"""CASE WHEN {can_answer} AND s."end" - s.start > ?1 THEN s.position END"""
        query = f"""SELECT v.row, v.id, v.title, v.language, v.published, v.sentences, coalesce(sum({can_answer}), 0),
            group_concat({long}) FROM versions AS v LEFT JOIN spans AS s ON s.version = v.row
            WHERE {_SHOWN} GROUP BY v.row ORDER BY v.id"""
        for *counted, too_long in self._rows(query, most):
            values = [*counted, tuple(map(int, too_long.split(","))) if too_long else ()]
            yield ArticleSurvey(*values)

    def given(self) -> Iterator[Article]:
        """Give the articles back as they were given, ordered by id: `language` is None where none was stated."""
        for fields in self._rows(f"SELECT {_GIVEN} FROM versions AS v WHERE {_SHOWN} ORDER BY v.id"):
            yield Article(*fields)

    def article(self, id: str) -> Article | None:  # noqa: A002 - the field's name
        """Give an article as it was given; None where there is none of that id."""
        rows = self._rows(f"SELECT {_GIVEN} FROM versions AS v WHERE v.id = ? AND {_SHOWN}", id)
        return next((Article(*fields) for fields in rows), None)

    def sentences(self, id: str) -> tuple[Sentence, ...]:  # noqa: A002 - the field's name
        """Give all sentences of an article, in order; none where there is no article of that id."""
        rows = self._rows(f"SELECT v.row, v.text FROM versions AS v WHERE v.id = ? AND {_SHOWN}", id)
        return tuple(sentence for row, text in rows for sentence in self._sentences(row, text))

    def sentences_of(self, version: int) -> tuple[Sentence, ...]:
        """Give all sentences of one version, in order; none where it is no longer kept whole."""
        texts = self._rows("SELECT text FROM versions WHERE row = ?", version)
        return tuple(sentence for (text,) in texts for sentence in self._sentences(version, text))

    def places(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], SentencePlace]:
        """Find sentences, whatever generation they are of, each under its key: version row and position.

        One whose version is no longer kept is not among them.
        """
        found: dict[tuple[int, int], SentencePlace] = {}
        for begin in range(0, len(keys), _AT_ONCE):
            found.update(self._places(keys[begin : begin + _AT_ONCE]))
        return found

    def _places(self, keys: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], SentencePlace]]:
        """Read each article's text once, however many of the sentences are of it: it may have megabytes."""
        versions = {version for version, _ in keys}
        query = f"SELECT v.row, v.text, {_LISTED} FROM versions AS v WHERE v.row IN ({', '.join('?' * len(versions))})"
        articles = {row: (StoredArticle(*listed), text) for row, text, *listed in self._rows(query, *versions)}
        query = f"""SELECT s.version, b.start, b."end", {_SPAN} FROM (VALUES {", ".join(["(?, ?)"] * len(keys))}) AS k
            CROSS JOIN spans AS s ON s.version = k.column1 AND s.position = k.column2 LEFT JOIN spans AS b ON {_BEFORE}"""
        for version, begins, ends, position, *span in self._rows(query, *chain.from_iterable(keys)):
            if version in articles:  # and not purged between the two queries
                article, text = articles[version]
                before = None if begins is None else Span(begins, ends, text[begins:ends])
                yield (version, position), SentencePlace(article, _sentence(text, position, *span), before)

    def _sentences(self, version: int, text: str) -> Iterator[Sentence]:
        query = f"SELECT {_SPAN} FROM spans AS s WHERE s.version = ? ORDER BY s.position"
        for position, paragraph, start, end, kind in self._rows(query, version):
            yield Sentence(position, paragraph, start, end, _KINDS[kind], text[start:end])

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Run a query; a missing store gives no rows."""
        try:
            connection = self._connect()
            if connection is not None:
                yield from connection.execute(query, values)
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error

    def _connect(self) -> sqlite3.Connection | None:
        """Open the file, or a new one in its place; None as long as there is no store in it."""
        try:
            status = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            self.close()
            return None
        if self._file != (status.st_dev, status.st_ino):
            self.close()
            self._connection = _open(self.path)
            self._file = (status.st_dev, status.st_ino) if self._connection else None
        return self._connection


def _open(path: Path) -> sqlite3.Connection | None:
    address = path.absolute().as_uri() + "?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=WAIT, check_same_thread=False)
    try:
        if is_store(connection, path):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _sentence(text: str, *span: Any) -> Sentence:  # noqa: ANN401 - columns of a row
    position, paragraph, start, end, kind = span
    return Sentence(position, paragraph, start, end, _KINDS[kind], text[start:end])
