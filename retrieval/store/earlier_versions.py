"""What a store showed before: its earlier generations, and the texts of versions that were replaced."""

import sqlite3
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.records import PublishedGeneration, Quoted
from retrieval.store.batch import pack
from retrieval.store.reader import Reader
from retrieval.store.sentence_reader import CURRENT

KEPT = 3  # earlier generations that can be published again; a rollback is none of its own, but shows one of them again
MOST_EARLIER = 10  # earlier texts of an article
MOST_BYTES = 1_000_000  # of these texts together, compressed
RESTORES_SINCE = 9  # version of the schema
TABLES = ("spans", "surroundings", "checksums")  # with rows of each version

# Versions that the target generation has and the current one has not, and the other way round.
_THEN = """since <= ?1 AND until > ?1 AND NOT EXISTS (
    SELECT 1 FROM versions AS o WHERE o.id = v.id AND o.digest = v.digest AND o.until IS NULL)"""
_NOW = """until IS NULL AND since > ?1 AND NOT EXISTS (
    SELECT 1 FROM versions AS o WHERE o.id = v.id AND o.digest = v.digest AND o.since <= ?1 AND o.until > ?1)"""


class HistoryReader(Reader):
    """A reader that also sees what is no longer shown."""

    def history(self) -> Iterator[PublishedGeneration]:
        """Yield the generations that were ever published, the latest first."""
        counts = "articles, sentences" if self._keeps_earlier() else "NULL, NULL"
        restores = "restores" if self._has_schema(RESTORES_SINCE) else "NULL"
        query = f"""SELECT id, published, note, {counts}, id = {CURRENT}, {restores} FROM generations
            WHERE state = 'published' ORDER BY id DESC"""
        shown: dict[int, int] = {}  # how many others were shown since, by generation
        for number, published, note, articles, sentences, current, restored in self._rows(query):
            since = shown.setdefault(restored or number, len(shown))
            kept = bool(current) or (since <= KEPT and restored is None)
            yield PublishedGeneration(number, published, note, articles, sentences, bool(current), kept, restored)

    def quoted(self, id: str, version: int, start: int, end: int) -> Quoted | None:  # noqa: A002 - the field's name
        """Return part of a version's text, in half-open character offsets; None if it is no longer kept."""
        text, until = next(self._text(id, version), ("", 0))
        if not 0 <= start < end <= len(text):
            return None
        article = self.article(id)
        if article and article.text == text:
            return Quoted(text[start:end], current=True, changed=None)
        changed = self._rows("SELECT published FROM generations WHERE id = ?", until)
        return Quoted(text[start:end], current=False, changed=next((at for (at,) in changed), None))

    def _text(self, id: str, version: int) -> Iterator[tuple[str, int | None]]:  # noqa: A002 - as above
        """Yield the text of a version that was ever shown, and the generation that closed it."""
        shown = f"id = ? AND since <= {CURRENT}"
        yield from self._rows(f"SELECT text, until FROM versions WHERE row = ? AND {shown}", version, id)
        if self._keeps_earlier():
            query = "SELECT packed, until FROM earlier WHERE version = ? AND id = ?"
            for packed, until in self._rows(query, version, id):
                yield zlib.decompress(packed).decode(), until

    def _keeps_earlier(self) -> bool:
        """Whether the store has a schema with earlier texts and counts; the next load brings an older one up to date."""
        return any(self._rows("SELECT 1 FROM sqlite_master WHERE name = 'earlier'"))


class GenerationReader(Reader):
    """A reader that takes one generation, published or not, for the current one."""

    def __init__(self, path: str | Path, generation: int) -> None:
        """Take the path of a store and the number of the generation."""
        super().__init__(path)
        self._generation = generation

    def identity(self) -> tuple[int, str]:
        """Return that generation and when it was begun."""
        return self._generation, self.begun(self._generation)


def compress_closed(connection: sqlite3.Connection) -> None:
    """Reduce versions that no kept generation shows to their compressed texts, within the caller's transaction.

    If an article has too many, its oldest texts are deleted; those of a removed article are all deleted.
    """
    kept_generations = """SELECT max(id) FROM generations WHERE state = 'published'
        GROUP BY coalesce(restores, id) ORDER BY 1 DESC LIMIT ?"""
    numbers = [number for (number,) in connection.execute(kept_generations, [KEPT + 1])]
    shown = " OR ".join(f"since <= {number} AND until > {number}" for number in numbers)
    connection.create_function("pack", 1, pack, deterministic=True)
    closed = f"FROM versions WHERE until IS NOT NULL AND NOT ({shown})"
    kept = f"SELECT 1 FROM versions WHERE id = {{}}.id AND (until IS NULL OR {shown})"
    for statement in (
        f"""INSERT INTO earlier (version, id, since, until, loaded, packed)
            SELECT v.row, v.id, v.since, v.until, v.loaded, pack(v.text) FROM versions AS v
            WHERE v.row IN (SELECT row {closed}) AND EXISTS ({kept.format("v")}) ORDER BY v.row""",
        f"DELETE FROM earlier WHERE id IN (SELECT id {closed}) AND NOT EXISTS ({kept.format('earlier')})",
        f"""DELETE FROM earlier WHERE version IN (
            SELECT version FROM (
                SELECT version, row_number() OVER newer AS number, sum(length(packed)) OVER newer AS bytes
                FROM earlier WHERE id IN (SELECT id {closed}) WINDOW newer AS (PARTITION BY id ORDER BY version DESC)
            ) WHERE number > {MOST_EARLIER} OR bytes > {MOST_BYTES}
        )""",
        *(f"DELETE FROM {table} WHERE version IN (SELECT row {closed})" for table in TABLES),
        f"DELETE {closed}",
    ):
        connection.execute(statement)


@dataclass(frozen=True, slots=True)
class Difference:
    """What another generation has that the current one has not, by article id, ordered."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.added or self.changed or self.removed)


def compare(connection: sqlite3.Connection, target: int) -> Difference:
    """Return what restoring an earlier generation would change; no generation may be begun."""
    now, then = _ids(connection, _NOW, target), _ids(connection, _THEN, target)
    return Difference(*(tuple(sorted(ids)) for ids in (then - now, then & now, now - then)))


def restore(connection: sqlite3.Connection, target: int, number: int) -> None:
    """Write the articles of an earlier generation under a new number, within the caller's transaction."""
    copied = _columns(connection, "versions", {"row", "since", "until"})
    for statement in (
        f"UPDATE versions AS v SET until = ?2 WHERE {_NOW}",
        f"INSERT INTO versions (since, {copied}) SELECT ?2, {copied} FROM versions AS v WHERE {_THEN} ORDER BY row",
        *(_copying(table, _columns(connection, table, {"version"})) for table in TABLES),
    ):
        connection.execute(statement, [target, number])


def _copying(table: str, columns: str) -> str:
    """Return a statement that gives the restored versions their rows of another table."""
    return f"""INSERT INTO {table} (version, {columns}) SELECT new.row, {columns}
        FROM versions AS new JOIN versions AS v ON v.id = new.id AND v.since <= ?1 AND v.until > ?1
        JOIN {table} AS s ON s.version = v.row WHERE new.since = ?2"""


def _columns(connection: sqlite3.Connection, table: str, others: Collection[str]) -> str:
    """List the columns of a table except others."""
    names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    return ", ".join(f'"{name}"' for name in names if name not in others)


def _ids(connection: sqlite3.Connection, condition: str, target: int) -> set[str]:
    return {id_ for (id_,) in connection.execute(f"SELECT id FROM versions AS v WHERE {condition}", [target])}
