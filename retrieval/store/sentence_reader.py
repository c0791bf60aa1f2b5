"""The path of a store -> texts and sentences of versions, of any generation, by sqlite3 alone."""

import logging
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

from retrieval.records import (
    ANSWERING,
    NO_SURROUNDINGS,
    Kind,
    Sentence,
    Span,
    StoredArticle,
    Surroundings,
)
from retrieval.store.checksums import SINCE, STORED, is_altered
from retrieval.store.connection import STORE, ReopeningConnection, open_read_only
from retrieval.store.surroundings import JOINED, NONE_SELECTED, SELECTED, from_row
from retrieval.store.time_limit import TimeLimit

WAIT = 10.0  # seconds, for the moments in which SQLite itself recovers a file
CURRENT = "(SELECT generation FROM current_generation)"
LISTED = "v.id, v.title, v.language, v.url, v.published, v.author, v.sentences, v.characters, v.loaded, v.origin"
ANSWERING_KINDS = ", ".join(f"'{kind.value}'" for kind in sorted(ANSWERING))

_log = logging.getLogger(__name__)
_BATCH = 1000  # keys in one statement; SQLite allows 16,000
_KINDS = {kind.value: kind for kind in Kind}  # a fifth of the time of `Kind(value)`
_SPAN = 's.position, s.paragraph, s.start, s."end", s.kind'
_BEFORE = f"""b.version = s.version AND b.position = s.position - 1 AND b.paragraph = s.paragraph
    AND b.kind IN ({ANSWERING_KINDS})"""
_NEXT = 'f.position, f.paragraph, f.start, f."end", f.kind'
_AFTER = f"f.version = s.version AND f.position = s.position + 1 AND f.kind IN ({ANSWERING_KINDS})"
_WIDTH = 5  # columns of a sentence


@dataclass(frozen=True, slots=True)
class SentencePlace:
    """A sentence with what is needed to cite it."""

    article: StoredArticle
    sentence: Sentence
    before: Span | None = None  # the sentence before it in its paragraph, if that can answer too
    around: Surroundings = NO_SURROUNDINGS  # of its paragraph
    after: Sentence | None = None  # the next one of the article, if that can answer too


class SentenceReader:
    """A store opened for reading: its generation, and the sentences of any. For one thread; others may only close it.

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

    def text_of(self, version: int) -> str | None:
        """Return the text of a version; None if it is no longer kept whole."""
        return next((text for (text,) in self._rows("SELECT text FROM versions WHERE row = ?", version)), None)

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
        query = f"""SELECT v.row, CAST(v.text AS BLOB), {stored}, {LISTED} FROM versions AS v
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

    def _has_schema(self, since: int) -> bool:
        """Whether the schema is no older: one of an earlier version of citebot is brought up to date by the next load."""
        return any(version >= since for (version,) in self._rows("PRAGMA user_version"))


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
