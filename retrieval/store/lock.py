"""Locks: one load at a time may change a store.

The lock is on a file beside the store, not on the store itself, because closing any handle of an SQLite file drops all
locks that SQLite holds on it in this process. The system releases it when its holder ends, however that happens.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from retrieval.disk import explain_unwritable
from retrieval.errors import StoreBusy, StoreError

WAIT = 30.0  # seconds for another program to let go of the store


@contextmanager
def load_lock(store: Path) -> Iterator[None]:
    """Hold the right to change a store; raise StoreBusy at once if another load has it."""
    try:
        file = lock_file(_lock_path(store))
    except BlockingIOError as error:
        holder = holder_of(store)
        raise StoreBusy(
            f"Another load of {store} is running{holder and f' ({holder})'}. Try again when it has finished."
        ) from error
    except OSError as error:
        remedy = "Make sure that its folder exists and is writable."
        raise StoreError(explain_unwritable(error, store, remedy)) from error
    with file:
        with suppress(OSError):  # a full disk
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode())
        yield


def holder_of(store: Path) -> str:
    """Return which load has the lock, or had it last, and since when; "" if that is not known."""
    try:
        return _lock_path(store).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def is_held_by_a_program(store: Path) -> bool:
    """Whether another program is writing to the store, or keeps it open to write, though no load is running."""
    if not store.exists() or is_loading(store):
        return False
    try:
        with closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.Error as error:
        return "locked" in str(error)
    return False


def is_loading(store: Path) -> bool:
    """Whether a load is running."""
    try:
        with _lock_path(store).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # never loaded
    return False


def lock_file(path: Path, mode: int = 0o666) -> IO[bytes]:
    """Open a file, created with `mode`, and lock it until it is closed; raise BlockingIOError if it is locked already."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, mode), "a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        file.close()
        raise
    return file


def _lock_path(store: Path) -> Path:
    return Path(f"{store}.lock")
