"""The table of sources: what every load that names nothing reads, when it was last read, and what came of it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from retrieval.records import SourceKind
from retrieval.store.batch import now
from retrieval.store.lock import load_lock
from retrieval.store.schema import SCHEMA_VERSION, WAIT, is_store, open_for_writing, unusable

_ADD = """INSERT INTO sources (spec, kind, added) VALUES (?, ?, ?)
    ON CONFLICT (spec) DO UPDATE SET added = excluded.added WHERE added IS NULL"""
_NOTE = """INSERT INTO sources (spec, kind, read, outcome) VALUES (?, ?, ?, ?)
    ON CONFLICT (spec) DO UPDATE SET read = excluded.read, outcome = excluded.outcome, kind =
        CASE WHEN excluded.outcome <> '' AND excluded.kind = 'page' THEN kind ELSE excluded.kind END"""


def add_source(path: Path, spec: str, kind: SourceKind) -> bool:
    """Add a source to the table, in a store that is made where it is missing; False where it is there already.

    Raises StoreBusy, StoreTooNew and StoreError as a load does, but waits for none that is under way on a current store.
    """
    return _change(path, lambda store: store.execute(_ADD, [spec, kind, now()]).rowcount)


def remove_source(path: Path, spec: str) -> bool:
    """Take a source out of the table; False where it is not there. Raises as `add_source` does."""

    def remove(store: sqlite3.Connection) -> int:
        removed = store.execute("DELETE FROM sources WHERE spec = ? AND added IS NOT NULL", [spec]).rowcount
        if removed:
            store.execute("DELETE FROM readings WHERE origin = ?", [spec])
        return removed

    return path.exists() and _change(path, remove)


def note_source(store: sqlite3.Connection, spec: str, kind: SourceKind, outcome: str) -> None:
    """Note what came of reading a source just now, within the caller's transaction; it need not have been added.

    An address that could not be read stays what it was known to be.
    """
    store.execute(_NOTE, [spec, kind, now(), outcome])


def _change(path: Path, change: Callable[[sqlite3.Connection], int]) -> bool:
    try:
        if not _is_current(path):
            with load_lock(path):
                open_for_writing(path).close()
        store = sqlite3.connect(path, timeout=WAIT)
        try:
            with store:
                return change(store) > 0
        finally:
            store.close()
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def _is_current(path: Path) -> bool:
    """Tell whether a store is there and has the tables of this version."""
    if not path.is_file():
        return False
    store = sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True, timeout=WAIT)
    try:
        return is_store(store, path) and store.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    finally:
        store.close()
