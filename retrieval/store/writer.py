"""Articles with their sentences -> rows under a new generation, which are shown all at once or not at all.

A version that is replaced or removed is closed (`until`) as soon as its batch is written, but readers of the current
generation, whose number is smaller, still see it. So publishing is one update, however much has changed.

A load that is interrupted or killed leaves its batches under its unpublished generation, whose note says what was being
loaded. The next load of the same sources takes that generation over and continues; any other load undoes it.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.disk import check_room
from retrieval.errors import StoreError
from retrieval.records import SourceKind
from retrieval.store.batch import Batch, NewVersion, ReadRecord, StoredVersion, now
from retrieval.store.connection import STORE
from retrieval.store.earlier_versions import TABLES, Difference, compare, compress_closed, restore
from retrieval.store.lock import load_lock
from retrieval.store.schema import open_for_writing
from retrieval.store.sources import note_source

if TYPE_CHECKING:
    from sqlite_utils import Database

_KNOWN = "row, digest, origin, source, since IS ?1"
_BYTES = 8  # that a character of a new version needs at most, with its sentences: four in the log, four in the file
_TO_UNDO = 1_000_000  # bytes that undoing a load needs on the disk besides those of the log
_UNDONE = 50  # versions that one transaction deletes, so that the write-ahead log stays short


class Writer:
    """A store that is being changed by the one load that holds its lock; made by `open_writer`."""

    def __init__(self, db: "Database", path: Path, purpose: str = "") -> None:
        """Continue what an interrupted load of the same purpose left; undo what any other load left.

        `purpose` says what is loaded and how; without one nothing is continued. The caller holds the store's lock.
        """
        self._db, self._path = db, path
        self._batch = Batch()
        self._next_row = 1 + self._number("SELECT max(seq) FROM sqlite_sequence WHERE name = 'versions'")
        self._purpose = purpose
        left = "SELECT max(id) FROM generations WHERE state = 'loading' AND note = ? AND note <> ''"
        self.generation: int | None = self._number(left, purpose) or None  # otherwise the first change begins it
        if self.generation is None:
            self.abandon()
        else:  # so that an index built from it before is not used for its new content
            row = {"begun": now("microseconds"), "articles": None, "sentences": None}
            self._db.table("generations").update(self.generation, row)
        # Saves the first load a query for each article.
        self._was_empty = not self._number("SELECT EXISTS (SELECT 1 FROM versions)")

    def known(self, id: str) -> StoredVersion | None:  # noqa: A002 - the field's name
        """Return the stored version of an article that this load has not changed; None for a new article."""
        if self._was_empty:
            return None
        query = f"SELECT {_KNOWN} FROM versions WHERE id = ?2 AND until IS NULL"
        return next((StoredVersion(*fields) for fields in self._db.execute(query, [self.generation, id])), None)

    def known_of(self, origin: str) -> Iterator[tuple[str, StoredVersion]]:
        """Yield id and stored version of each article last read from an origin, ordered by id.

        Changes by `add` and `remove` are not seen until `flush`; finish the iteration before changing anything.
        """
        query = f"SELECT id, {_KNOWN} FROM versions WHERE origin = ?2 AND until IS NULL ORDER BY id"
        return ((id_, StoredVersion(*fields)) for id_, *fields in self._db.execute(query, [self.generation, origin]))

    def removed_of(self, origin: str) -> list[str]:
        """List the articles of an origin that were removed by the load that this one continues, ordered by id."""
        query = """SELECT id FROM versions AS v WHERE until = ? AND origin = ?
            AND NOT EXISTS (SELECT 1 FROM versions AS o WHERE o.id = v.id AND o.until IS NULL) ORDER BY id"""
        return [id_ for (id_,) in self._db.execute(query, [self.generation, origin])]

    def held(self, origin: str, source: str) -> list[tuple[str, StoredVersion]]:
        """Return the same for one file or page of an origin, from the index alone."""
        query = f"SELECT id, {_KNOWN} FROM versions WHERE origin = ?2 AND source = ?3 AND until IS NULL"
        rows = self._db.conn.execute(query, [self.generation, origin, source])
        return [(id_, StoredVersion(*fields)) for id_, *fields in rows]

    def reading(self, origin: str, source: str) -> ReadRecord | None:
        """Return what a file or page held when any load last read it; None if unknown."""
        if self._was_empty:
            return None
        query = """SELECT origin, source, stamp, reader, articles, digest, outcome FROM readings
            WHERE origin = ? AND source = ?"""
        return next((ReadRecord(*fields) for fields in self._db.conn.execute(query, [origin, source])), None)

    def note(self, reading: ReadRecord) -> None:
        """Note what a file or page holds, after its articles were added; this needs no generation."""
        self._batch.readings.append(reading)
        self._flush_full()

    def note_sources(self, outcomes: Mapping[str, tuple[SourceKind, str]], met: Mapping[str, AbstractSet[str]]) -> None:
        """Note what came of each source, and forget files and pages that are gone from origins read completely."""
        with self._db.atomic():
            for spec, (kind, outcome) in outcomes.items():
                note_source(self._db.conn, spec, kind, outcome)
            for origin, sources in met.items():
                known = self._db.conn.execute("SELECT source FROM readings WHERE origin = ?", [origin]).fetchall()
                gone = [(origin, source) for (source,) in known if source not in sources]
                self._db.conn.executemany("DELETE FROM readings WHERE origin = ? AND source = ?", gone)

    def is_published(self, id: str) -> bool:  # noqa: A002 - the field's name
        """Whether the current generation holds an article, whatever this load has done to it."""
        return not self._was_empty and self._number("SELECT count(*) FROM articles WHERE id = ?", id) > 0

    def add(self, new: NewVersion) -> None:
        """Add a version in place of the one it replaces."""
        self._begun()
        row, self._next_row = self._next_row, self._next_row + 1
        self._batch.add(row, new)
        self._flush_full()

    def move(self, known: StoredVersion, origin: str, source: str) -> None:
        """Note that an unchanged article now comes from elsewhere; this needs no generation."""
        self._batch.moved.append((origin, source, known.row))
        self._flush_full()

    def remove(self, known: StoredVersion) -> None:
        """Remove an article from this generation."""
        self._begun()
        self._batch.closed.append(known.row)
        self._flush_full()

    def forget(self, id: str) -> None:  # noqa: A002 - the field's name
        """Undo what an interrupted load did to an article, so that its current version stays."""
        with self._db.atomic():
            self._delete(f"id = ? AND since = {self._begun()}", id)
            self._db.execute("UPDATE versions SET until = NULL WHERE id = ? AND until = ?", [id, self.generation])

    def flush(self) -> None:
        """Write the batch in one transaction; readers do not see it. Raise StoreError if the disk would get too full."""
        batch, self._batch = self._batch, Batch()
        if batch.new:
            self._check_room(batch.characters * _BYTES)
        with self._db.atomic():
            batch.write(self._db.conn, self.generation)

    def publish(self, note: str) -> None:
        """Show this generation to everybody, in one short transaction."""
        self.flush()
        articles, sentences = self.count()
        row = {"state": "published", "published": now(), "note": note, "articles": articles, "sentences": sentences}
        with self._db.atomic():
            self._db.table("generations").update(self._begun(), row)
            self._db.execute("UPDATE current_generation SET generation = ?", [self.generation])
        self.generation = None

    def restore(self, target: int, shown: int) -> Difference:
        """Write the articles of an earlier generation under this one and return the difference; nothing may be begun.

        `shown` is the last generation that showed them: the target itself, or a rollback to it.
        """
        difference = compare(self._db.conn, shown)
        if difference:
            self._check_room()
            with self._db.atomic():
                number = self._begun()
                restore(self._db.conn, shown, number)
                self._db.table("generations").update(number, {"restores": target})
        return difference

    def leave(self) -> None:
        """Leave this generation complete but unpublished: the next load of the same purpose continues it."""
        self.flush()
        articles, sentences = self.count()
        self._db.table("generations").update(self._begun(), {"articles": articles, "sentences": sentences})
        self.generation = None

    def abandon(self) -> None:
        """Undo whatever this load, or one that was killed, has written and not published, and give back its room.

        Raise StoreError if the disk is too full even for that.
        """
        self._batch, self.generation = Batch(), None
        unpublished = "(SELECT id FROM generations WHERE state = 'loading')"
        if not self._number(f"SELECT EXISTS {unpublished}"):
            return
        log = self._path.with_name(f"{self._path.name}-wal")
        self._check_room((log.stat().st_size if log.exists() else 0) + _TO_UNDO, to_undo=True)
        with self._db.atomic():  # from now on no load continues it
            self._db.execute("UPDATE generations SET note = '' WHERE state = 'loading'")
        last = f"SELECT row FROM versions WHERE +since IN {unpublished} ORDER BY row DESC LIMIT {_UNDONE}"
        while self._number(f"SELECT EXISTS (SELECT 1 FROM versions WHERE since IN {unpublished})"):
            with self._db.atomic():
                self._delete(f"row IN ({last})")
        with self._db.atomic():
            self._db.execute(f"UPDATE versions SET until = NULL WHERE until IN {unpublished}")
            self._db.execute("UPDATE generations SET state = 'abandoned' WHERE state = 'loading'")
        self._db.conn.executescript("PRAGMA incremental_vacuum")
        self._empty_log()

    def purge(self) -> None:
        """Compress the versions that no kept generation shows any more, and empty SQLite's write-ahead log."""
        with suppress(sqlite3.Error):  # if it fails, the next load does it
            with self._db.atomic():
                compress_closed(self._db.conn)
            self._empty_log()

    def current(self) -> int:
        """Return the number of the published generation."""
        return self._number("SELECT generation FROM current_generation")

    def count(self) -> tuple[int, int]:
        """Count the articles, and the sentences of all kinds, in what is being written, or in what is published."""
        counted = "SELECT count(*), ifnull(sum(sentences), 0) FROM versions WHERE until IS NULL"
        articles, sentences = self._db.execute(counted).fetchone()
        return articles, sentences

    def _begun(self) -> int:
        """Return the number of this generation, never used before; begin it if this is the first change."""
        if self.generation is None:
            self.generation = 1 + self._number("SELECT max(id) FROM generations")
            self._db.table("generations").insert(
                {"id": self.generation, "state": "loading", "begun": now("microseconds"), "note": self._purpose}
            )
        return self.generation

    def _flush_full(self) -> None:
        if self._batch.is_full():
            self.flush()

    def _empty_log(self) -> None:
        """Write what is in the write-ahead log to the file, and give back its room unless a question reads it just now."""
        (waits,) = self._db.execute("PRAGMA busy_timeout").fetchone()
        self._db.execute("PRAGMA busy_timeout = 0")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._db.execute(f"PRAGMA busy_timeout = {waits}")

    def _check_room(self, needed: int = 0, *, to_undo: bool = False) -> None:
        with STORE.explained(self._path):
            check_room(self._path, needed, to_undo=to_undo)

    def _delete(self, condition: str, *values: str) -> None:
        for table in TABLES:
            self._db.execute(
                f"DELETE FROM {table} WHERE version IN (SELECT row FROM versions WHERE {condition})", values
            )
        self._db.execute(f"DELETE FROM versions WHERE {condition}", values)

    def _number(self, query: str, *values: int | str) -> int:
        row = self._db.execute(query, values).fetchone()
        return int(row[0] or 0) if row else 0


@contextmanager
def open_writer(path: Path, purpose: str = "") -> Iterator[Writer]:
    """Open a store for one load, creating it if necessary; undo what is not published when the block ends.

    If there is a `purpose`, Ctrl-C undoes nothing: the next load of the same purpose continues.
    Raise StoreBusy if another load is running, StoreTooNew, and StoreError for whatever else SQLite reports.
    """
    with load_lock(path):
        try:
            with closing(open_for_writing(path)) as db:
                yield from _writing(Writer(db, path, purpose), keep=bool(purpose))
        except sqlite3.Error as error:
            raise STORE.explain(path, error) from error


def _writing(writer: Writer, *, keep: bool) -> Iterator[Writer]:
    try:
        yield writer
    except KeyboardInterrupt:
        with suppress(sqlite3.Error, StoreError):  # earlier batches are kept anyway
            if keep:
                writer.flush()
            else:
                writer.abandon()
        raise
    except BaseException:
        _undo(writer)
        raise
    _undo(writer)


def _undo(writer: Writer) -> None:
    if writer.generation is not None:
        with suppress(sqlite3.Error, StoreError):  # if that fails too, the next load does it
            writer.abandon()
