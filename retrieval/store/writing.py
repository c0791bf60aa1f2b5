"""Articles with their sentences -> rows under a generation of their own, shown all at once or not at all.

A version that is replaced or removed is closed (`until`) as soon as its batch is written: for a reader of the
current generation, which is smaller, it goes on living. So publishing is one update, however much has changed.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from retrieval.records import Article, Sentence
from retrieval.store.format import unusable
from retrieval.store.locking import load_lock
from retrieval.store.schema import open_for_writing

_MOST_CHANGES, _MOST_SPANS, _MOST_CHARACTERS = 2_000, 20_000, 8_000_000  # in one transaction
KEPT = 3  # generations that can be taken back: what they closed is kept

_COLUMNS = (
    "row", "id", "since", "digest", "language", "stated_language", "url", "published", "author", "origin", "source",
    "loaded", "paragraphs", "sentences", "characters", "title", "text",
)  # fmt: skip
_SPAN_COLUMNS = ("version", "position", "paragraph", "start", "end", "kind")


@dataclass(frozen=True, slots=True)
class Known:
    """What a load asks of a version in the store, to tell whether it is still the same and where it was read."""

    row: int
    digest: str
    origin: str
    source: str


@dataclass(frozen=True, slots=True)
class NewVersion:
    """An article made ready to be written."""

    article: Article
    language: str  # stated or detected
    sentences: tuple[Sentence, ...]
    digest: str
    origin: str
    source: str
    replaces: Known | None


@dataclass(slots=True)
class _Batch:
    """Rows that wait to be written in one transaction."""

    versions: list[tuple[object, ...]] = field(default_factory=list)
    spans: list[tuple[object, ...]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)  # rows of versions
    moved: list[tuple[str, str, int]] = field(default_factory=list)  # origin, source, row
    characters: int = 0

    def is_full(self) -> bool:
        """Tell whether writing now keeps memory small and transactions worth their while."""
        changes = len(self.versions) + len(self.closed) + len(self.moved)
        return changes >= _MOST_CHANGES or len(self.spans) >= _MOST_SPANS or self.characters >= _MOST_CHARACTERS


class Writer:
    """A store that is being changed by the one load that may; made by `open_writer`."""

    def __init__(self, db: Database) -> None:
        """Take over a database whose lock is held, and undo what a killed load has left."""
        self._db = db
        self._batch = _Batch()
        self._next_row = 1 + self._number("SELECT max(seq) FROM sqlite_sequence WHERE name = 'versions'")
        self.generation: int | None = None  # begun by the first change
        self.abandon()

    def known(self, id: str) -> Known | None:  # noqa: A002 - the field's name
        """Give what is known of an article that this load has not changed; None for a new one."""
        query = "SELECT row, digest, origin, source FROM versions WHERE id = ? AND until IS NULL"
        return next((Known(*fields) for fields in self._db.execute(query, [id])), None)

    def known_of(self, origin: str) -> Iterator[tuple[str, Known]]:
        """Give id and what is known of each article last read from an origin, ordered by id.

        What `add` and `remove` have in hand is not seen until `flush`; end the iteration before changing anything.
        """
        query = "SELECT id, row, digest, origin, source FROM versions WHERE origin = ? AND until IS NULL ORDER BY id"
        return ((id_, Known(*fields)) for id_, *fields in self._db.execute(query, [origin]))

    def add(self, new: NewVersion) -> None:
        """Write a version in place of the one it replaces."""
        row, self._next_row = self._next_row, self._next_row + 1
        if new.replaces:
            self._batch.closed.append(new.replaces.row)
        self._batch.versions.append(_version_row(row, self._begun(), new))
        self._batch.spans += [(row, s.position, s.paragraph, s.start, s.end, s.kind.value) for s in new.sentences]
        self._batch.characters += len(new.article.text)
        self._flush_full()

    def move(self, known: Known, origin: str, source: str) -> None:
        """Note that an unchanged article now comes from elsewhere; this needs no generation."""
        self._batch.moved.append((origin, source, known.row))
        self._flush_full()

    def remove(self, known: Known) -> None:
        """Take an article out of this generation."""
        self._begun()
        self._batch.closed.append(known.row)
        self._flush_full()

    def flush(self) -> None:
        """Write the batch in one transaction; readers do not see it."""
        batch, self._batch = self._batch, _Batch()
        connection = self._db.conn
        with self._db.atomic():
            closed = [(self.generation, row) for row in batch.closed]
            connection.executemany("UPDATE versions SET until = ? WHERE row = ?", closed)
            connection.executemany("UPDATE versions SET origin = ?, source = ? WHERE row = ?", batch.moved)
            _insert(self._db, "versions", _COLUMNS, batch.versions)
            _insert(self._db, "spans", _SPAN_COLUMNS, batch.spans)

    def publish(self, note: str) -> None:
        """Show this generation to everybody, in one short transaction."""
        self.flush()
        with self._db.atomic():
            row = {"state": "published", "published": _now(), "note": note}
            self._db.table("generations").update(self._begun(), row)
            self._db.execute("UPDATE current_generation SET generation = ?", [self.generation])
        self.generation = None

    def abandon(self) -> None:
        """Undo whatever was written and not published, by this load or by one that was killed."""
        self._batch, self.generation = _Batch(), None
        unpublished = "(SELECT id FROM generations WHERE state = 'loading')"
        with self._db.atomic():
            self._delete(f"since IN {unpublished}")
            self._db.execute(f"UPDATE versions SET until = NULL WHERE until IN {unpublished}")
            self._db.execute("UPDATE generations SET state = 'abandoned' WHERE state = 'loading'")

    def purge(self) -> None:
        """Delete versions that were closed before the last KEPT generations, and shorten SQLite's log of changes."""
        oldest = self._number(
            "SELECT id FROM generations WHERE state = 'published' ORDER BY id DESC LIMIT 1 OFFSET ?", KEPT - 1
        )
        with suppress(sqlite3.Error):  # where it fails, the next load does it
            with self._db.atomic():
                self._delete(f"until < {oldest}")
            self._db.execute("PRAGMA busy_timeout = 0")  # a reader in the middle of a question is not waited for
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def current(self) -> int:
        """Give the number of the published generation."""
        return self._number("SELECT generation FROM current_generation")

    def count_sentences(self) -> int:
        """Count the sentences of the published generation, of all kinds."""
        return self._number("SELECT sum(sentences) FROM articles")

    def _begun(self) -> int:
        """Give the number of this generation, never used before; the first change begins it."""
        if self.generation is None:
            self.generation = 1 + self._number("SELECT max(id) FROM generations")
            self._db.table("generations").insert(
                {"id": self.generation, "state": "loading", "begun": _now("microseconds")}
            )
        return self.generation

    def _flush_full(self) -> None:
        if self._batch.is_full():
            self.flush()

    def _delete(self, condition: str) -> None:
        self._db.execute(f"DELETE FROM spans WHERE version IN (SELECT row FROM versions WHERE {condition})")
        self._db.execute(f"DELETE FROM versions WHERE {condition}")

    def _number(self, query: str, *values: int) -> int:
        row = self._db.execute(query, values).fetchone()
        return int(row[0] or 0) if row else 0


@contextmanager
def open_writer(path: Path) -> Iterator[Writer]:
    """Open a store for one load, made where it is missing; what is not published when the block ends is undone.

    Raises StoreBusy when another load is under way, StoreTooNew, and StoreError for whatever else SQLite reports.
    """
    with load_lock(path):
        try:
            db = open_for_writing(path)
            try:
                yield from _writing(db)
            finally:
                db.close()
        except sqlite3.Error as error:
            raise unusable(path, error) from error


def _writing(db: Database) -> Iterator[Writer]:
    writer = Writer(db)
    try:
        yield writer
    finally:
        if writer.generation is not None:
            with suppress(sqlite3.Error):  # where even that fails, the next load does it
                writer.abandon()


def _version_row(row: int, generation: int, new: NewVersion) -> tuple[object, ...]:
    article, paragraphs = new.article, {sentence.paragraph for sentence in new.sentences}
    return (
        row, article.id, generation, new.digest, new.language, article.language, article.url, article.published,
        article.author, new.origin, new.source, _now(), len(paragraphs), len(new.sentences), len(article.text),
        article.title, article.text,
    )  # fmt: skip


def _insert(db: Database, table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    if rows:
        records: list[Sequence[Any]] = [columns, *rows]
        db.table(table).insert_all(records, batch_size=5_000)


def _now(precision: str = "seconds") -> str:
    return datetime.now(UTC).isoformat(timespec=precision)
