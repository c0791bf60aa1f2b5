"""The table of sources: what a load reads if no source is named, when it was last read, and what came of it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from retrieval.records import SourceKind
from retrieval.store.batch import now
from retrieval.store.connection import STORE, open_read_only
from retrieval.store.lock import WAIT, load_lock
from retrieval.store.schema import open_for_writing

_ADD = """INSERT INTO sources (spec, kind, added, set_name) VALUES (?1, ?2, ?3, coalesce(?4, ''))
    ON CONFLICT (spec) DO UPDATE SET added = coalesce(added, excluded.added), set_name = coalesce(?4, set_name)
    WHERE added IS NULL OR set_name <> coalesce(?4, set_name)"""
_NOTE = """INSERT INTO sources (spec, kind, read, outcome) VALUES (?, ?, ?, ?)
    ON CONFLICT (spec) DO UPDATE SET read = excluded.read, outcome = excluded.outcome, kind =
        CASE WHEN excluded.outcome <> '' AND excluded.kind = 'page' THEN kind ELSE excluded.kind END"""


def add_source(path: Path, spec: str, kind: SourceKind, set_name: str | None = None) -> bool:
    """Add a source to the table, creating the store if necessary; return False if it is there already, and in that set.
    Without a set it stays in the one that it is in.

    Raise StoreBusy, StoreTooNew and StoreError as a load does. A load that is running is in the way only if the store
    still has an earlier schema.
    """
    return _change(path, lambda store: store.execute(_ADD, [spec, kind, now(), set_name]).rowcount)


def remove_source(path: Path, spec: str) -> bool:
    """Remove a source from the table; return False if it is not there. Raise as `add_source` does."""

    def remove(store: sqlite3.Connection) -> int:
        removed = store.execute("DELETE FROM sources WHERE spec = ? AND added IS NOT NULL", [spec]).rowcount
        if removed:
            store.execute("DELETE FROM readings WHERE origin = ?", [spec])
        return removed

    return path.exists() and _change(path, remove)


def note_source(store: sqlite3.Connection, spec: str, kind: SourceKind, outcome: str) -> None:
    """Note what came of reading a source just now, added or not, within the caller's transaction.

    A URL that could not be read keeps the kind it was known to have.
    """
    store.execute(_NOTE, [spec, kind, now(), outcome])


def _change(path: Path, change: Callable[[sqlite3.Connection], int]) -> bool:
    with STORE.explained(path):
        if not _is_current(path):
            with load_lock(path):
                open_for_writing(path).close()
        with closing(sqlite3.connect(path, timeout=WAIT)) as store, store:
            return change(store) > 0


def _is_current(path: Path) -> bool:
    """Whether the store exists and has the tables of this version."""
    if not path.is_file():
        return False
    with closing(open_read_only(path, WAIT)) as store:
        return STORE.read_version(store, path) == STORE.schema_version
