"""The path of a store -> articles, versions and sources, by sqlite3 alone.

Nothing here writes, waits for a load, or sees a generation before it is published.
"""

import json
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.errors import StoreError
from retrieval.records import Article, Filter, Sentence, StoredArticle, StoredSource, Version
from retrieval.store.filter_sql import SCOPED, SCOPED_BEFORE, filter_conditions
from retrieval.store.sentence_reader import ANSWERING_KINDS, CURRENT, LISTED, SentenceReader
from retrieval.store.time_limit import TimeLimit

_SHOWN = f"v.since <= {CURRENT} AND (v.until IS NULL OR v.until > {CURRENT})"
_ALIVE = "v.since BETWEEN ?2 AND ?1 AND (v.until IS NULL OR v.until > ?1)"
_FILLED = "SELECT 1 FROM sqlite_master WHERE name = 'filled_from'"  # with texts of an engine, as they are needed
_WITHOUT_TEXT = f"""SELECT 1 FROM versions AS v WHERE {_ALIVE}
    AND NOT EXISTS (SELECT 1 FROM checksums AS c WHERE c.version = v.row) LIMIT 1"""
_AS_GIVEN = "v.id, v.title, v.text, v.stated_language, v.url, v.published, v.author"
_WITH_LANGUAGE = "v.id, v.title, v.text, v.language, v.url, v.published, v.author"
_SOURCES_SINCE, _ORIGINALS_SINCE, _SCOPED_SINCE, _SETS_SINCE = 3, 5, 7, 10  # versions of the schema
_OPEN = f"SELECT count(*) FROM versions WHERE until IS NULL AND since <= {CURRENT} AND origin = spec"
_CLOSED = f"SELECT count(*) FROM versions WHERE until > {CURRENT} AND since <= {CURRENT} AND origin = spec"
# Open and closed versions are counted apart because each has its own index. A closed one is still shown while a load
# that replaces it is not published.
_SOURCES = f"""SELECT spec, kind, added, read, outcome, ({_OPEN}) + ({_CLOSED}), {{set_name}} FROM sources
    WHERE added IS NOT NULL ORDER BY spec"""


@dataclass(frozen=True, slots=True)
class ArticleSurvey:
    """How many sentences an article has, and what they can be used for."""

    version: int  # row of its version in the store
    id: str
    title: str
    language: str
    published: str | None
    origin: str  # the source it was read from
    sentences: int  # of all kinds
    answering: int  # of kinds that can answer
    too_long: tuple[int, ...]  # positions of the answering sentences that are too long


class Reader(SentenceReader):
    """A store opened for reading: its articles as well as their sentences.

    With `sets` it shows only their articles, and those of sources that belong to no set.
    """

    def __init__(self, path: str | Path, limit: TimeLimit | None = None, sets: Collection[str] = ()) -> None:
        """Remember the path; the first query opens the file."""
        super().__init__(path, limit)
        self.sets = tuple(sorted(sets))

    def _shown(self) -> str:
        """Return the condition on versions that are current, and in the sets."""
        return f"{_SHOWN} AND {self._in_sets()}"

    def _in_sets(self) -> str:
        if not self.sets or not self._has_schema(_SETS_SINCE):
            return "1"
        names = ", ".join(f"'{name}'" for name in self.sets)  # letters, digits, - and _: see `Engine`
        return f"v.origin NOT IN (SELECT spec FROM sources WHERE set_name <> '' AND set_name NOT IN ({names}))"

    def in_sets(self, generation: int) -> list[int]:
        """Return the rows of a generation's versions that are in the sets, ascending."""
        query = f"SELECT v.row FROM versions AS v WHERE {_ALIVE} AND {self._in_sets()} ORDER BY v.row"
        return [row for (row,) in self._rows(query, generation, 0)]

    def rows_of(self, article_ids: Collection[str]) -> list[int]:
        """Return the rows of the current versions of articles, ascending."""
        wanted = ", ".join("?" * len(article_ids))
        query = f"SELECT v.row FROM versions AS v WHERE {self._shown()} AND v.id IN ({wanted}) ORDER BY v.row"
        return [row for (row,) in self._rows(query, *article_ids)]

    def versions(self, generation: int, since: int = 0) -> Iterator[Version]:
        """Yield the versions in a generation, published or not, that are no older than `since`; ordered by row."""
        query = f"SELECT v.row, {_WITH_LANGUAGE} FROM versions AS v WHERE {_ALIVE} ORDER BY v.row"
        if any(self._rows(_FILLED)) and any(self._rows(_WITHOUT_TEXT, generation, since)):
            raise StoreError(
                f"{self.path} holds only some of the texts of an engine. Set CITEBOT_ENGINE to that engine, or delete "
                "this file and load the articles again."
            )
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
            WHERE {_ALIVE} AND {self._in_sets()} AND {of_source} AND ({of_date} OR v.day IS NULL)"""
        found = list(self._rows(query, generation, 0, *values))
        rows = sorted(row for row, matches in found if matches)
        return rows, len(found) - len(rows)

    def is_empty(self) -> bool:
        """Whether no article is shown."""
        return not any(self._rows(f"SELECT 1 FROM versions AS v WHERE {self._shown()} LIMIT 1"))

    def holds_only(self, origin: str) -> bool:
        """Whether no article is from another origin, not even one that an interrupted load has written."""
        return not any(self._rows("SELECT 1 FROM versions WHERE until IS NULL AND origin <> ? LIMIT 1", origin))

    def articles_in(self, origin: str, source: str) -> list[str]:
        """List the ids of the articles last read from one file or page of an origin, in order."""
        query = f"SELECT v.id FROM versions AS v WHERE {self._shown()} AND v.origin = ? AND v.source = ? ORDER BY v.id"
        return [id_ for (id_,) in self._rows(query, origin, source)]

    def articles(self) -> Iterator[StoredArticle]:
        """Yield the articles without their text, ordered by id."""
        for fields in self._rows(f"SELECT {LISTED} FROM versions AS v WHERE {self._shown()} ORDER BY v.id"):
            yield StoredArticle(*fields)

    def sources(self) -> Iterator[StoredSource]:
        """Yield the sources that were added, ordered by name."""
        if self._has_schema(_SOURCES_SINCE):
            set_name = "set_name" if self._has_schema(_SETS_SINCE) else "''"
            for fields in self._rows(_SOURCES.format(set_name=set_name)):
                yield StoredSource(*fields)

    def read_at(self, spec: str) -> str | None:
        """Return when a source, added or not, was last read or tried, ISO 8601, UTC; None = never."""
        if not self._has_schema(_SOURCES_SINCE):
            return None
        rows = self._rows("SELECT read FROM sources WHERE spec = ?", spec)
        return next((read for (read,) in rows), None)

    def failure(self, spec: str) -> str:
        """Return why a source could not be read the last time; "" if it could, or was never tried."""
        if not self._has_schema(_SOURCES_SINCE):
            return ""
        return next((outcome for (outcome,) in self._rows("SELECT outcome FROM sources WHERE spec = ?", spec)), "")

    def last_read(self) -> str | None:
        """Return when any source was last read or tried, ISO 8601, UTC; None = never, or before that was noted."""
        if not self._has_schema(_SOURCES_SINCE):
            return None
        return next((read for (read,) in self._rows("SELECT max(read) FROM sources")), None)

    def survey(self, longest: int) -> Iterator[ArticleSurvey]:
        """Count the sentences of each article, ordered by id; those of more than `longest` characters are too long."""
        can_answer = f"s.kind IN ({ANSWERING_KINDS})"
        too_long = f"""CASE WHEN {can_answer} AND s."end" - s.start > ?1 THEN s.position END"""
        query = f"""SELECT v.row, v.id, v.title, v.language, v.published, v.origin, v.sentences, coalesce(sum({can_answer}), 0),
            group_concat({too_long}) FROM versions AS v LEFT JOIN spans AS s ON s.version = v.row
            WHERE {self._shown()} GROUP BY v.row ORDER BY v.id"""
        for *counted, positions in self._rows(query, longest):
            values = [*counted, tuple(map(int, positions.split(","))) if positions else ()]
            yield ArticleSurvey(*values)

    def given(self) -> Iterator[Article]:
        """Yield the articles as they were given, ordered by id: `language` is None if none was stated."""
        return self._given(f"{self._shown()} ORDER BY v.id")

    def article(self, id: str) -> Article | None:  # noqa: A002 - the field's name
        """Return an article as it was given; None if no article has that id."""
        return next(self._given(f"v.id = ? AND {self._shown()}", id), None)

    def _given(self, condition: str, *values: str) -> Iterator[Article]:
        source = "v.unbroken, v.original" if self._has_schema(_ORIGINALS_SINCE) else "'[]', NULL"
        query = f"SELECT {_AS_GIVEN}, {source} FROM versions AS v WHERE {condition}"
        for *fields, unbroken, packed in self._rows(query, *values):
            original = None if packed is None else zlib.decompress(packed).decode()
            yield replace(Article(*fields), original=original, unbroken=tuple(map(tuple, json.loads(unbroken))))

    def sentences(self, id: str) -> tuple[Sentence, ...]:  # noqa: A002 - the field's name
        """Return all sentences of an article, in order; () if no article has that id."""
        rows = self._rows(f"SELECT v.row, v.text FROM versions AS v WHERE v.id = ? AND {self._shown()}", id)
        return tuple(sentence for row, text in rows for sentence in self._sentences(row, text))
