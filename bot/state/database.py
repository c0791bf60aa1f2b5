"""The SQLite file CITEBOT_STATE: connections to it, with its schema brought up to date."""

import os
import sqlite3
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.state.schema import APPLICATION_ID, MIGRATIONS
from retrieval.errors import RetrievalError
from retrieval.store.connection import FileKind, ReopeningConnection

WAIT = 0.5  # seconds for another process to let go of the file: a change takes a thousandth of that
_RETRY = 0.01  # seconds
_CREATING = threading.Lock()


class StateError(RetrievalError):
    """CITEBOT_STATE cannot be used."""


STATE = FileKind(
    application_id=APPLICATION_ID,
    schema_version=len(MIGRATIONS),
    error=StateError,
    too_new=StateError,
    instead="another file in CITEBOT_STATE",
    repair="Restore a backup (`citebot restore`), or move it away.",
)


class StateFile:
    """CITEBOT_STATE, opened by the first use; for any number of threads and processes.

    Every method raises StateError if the file cannot be used, or is locked for longer than WAIT seconds.
    """

    def __init__(self, path: str | Path) -> None:
        """Remember the path."""
        self.path = Path(path)
        self._lock = threading.Lock()
        self._file = ReopeningConnection(self.path, open_state)

    def __enter__(self) -> Self:
        """Return the object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._file.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection to one thread at a time, creating the file if necessary."""
        if not self._lock.acquire(timeout=WAIT):
            raise StateError(f"{self.path} is busy with a long change. Try again in a moment.")
        try:
            with STATE.explained(self.path):
                yield self._file.get()
        finally:
            self._lock.release()

    @contextmanager
    def _transaction(self, synchronous: str = "NORMAL") -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction that may change the file; a FULL one ends when it is on the disk."""
        with self._connection() as connection:
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            try:
                connection.execute("BEGIN IMMEDIATE")
                with connection:
                    yield connection
            finally:
                connection.execute("PRAGMA synchronous = NORMAL")

    def _rows(self, query: str, *values: object) -> Generator[tuple[Any, ...]]:
        """Run a query; a file that does not exist yet yields no rows."""
        with STATE.explained(self.path):
            exists = self.path.exists()
        if exists:
            with self._connection() as connection:
                yield from connection.execute(query, values)


@contextmanager
def opened_state(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file briefly, for rare tasks; raise StateError if it cannot be used."""
    with STATE.explained(path), closing(open_state(path)) as connection:
        yield connection


def open_state(path: Path) -> sqlite3.Connection:
    """Open the file to read and write, created or migrated if necessary; any thread may use the connection.

    Raise StateError if another program or a later version wrote the file, sqlite3.Error and OSError.
    """
    create_private(path)
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def create_private(path: Path) -> None:
    """Create the file, readable by its owner alone, if it does not exist; SQLite gives its side files the same rights.

    An existing file is not touched: closing any handle of it would drop the locks that SQLite holds on it for this
    process, and the next process to end would remove the write-ahead log that connections of this one still use.
    """
    with _CREATING:
        if not path.exists():
            os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date and set what holds for one connection.

    With a write-ahead log and `synchronous=NORMAL` a question does not wait for the disk. A killed process loses
    nothing that was recorded, a power cut the last seconds, and neither damages the file.
    """
    if STATE.read_version(connection, path) < len(MIGRATIONS):
        _use_write_ahead_log(connection)
        _migrate(connection, path)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the file over; SQLite does not wait by itself while another process does the same."""
    end = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(_RETRY)
        else:
            return


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Create what is missing, in one transaction; another process may have been quicker."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for statements in MIGRATIONS[STATE.read_version(connection, path) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def storable(text: str) -> str:
    """Replace halves of surrogate pairs, which come from terminals and Telegram, and which SQLite cannot store."""
    return text.encode(errors="replace").decode()
