"""Tables of CITEBOT_STATE that are read once: looking something up does not read the file."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

from bot.state.database import opened_state


class Mirrored(ABC):
    """A table, and what it holds. What another process changes is seen late.

    Every method that changes something raises StateError if the file cannot be used, and then changes nothing.
    """

    def __init__(self, path: Path) -> None:
        """Read the file, creating it if necessary; raise StateError if it cannot be read, since what it forbids would be lost."""
        self._path = path
        self._lock = threading.Lock()
        self.reread()

    def reread(self) -> None:
        """Read what somebody else has changed in the file. Raise StateError if it cannot be read."""
        with self._lock, opened_state(self._path) as connection:
            self._read(connection)

    @abstractmethod
    def _read(self, connection: Connection) -> None:
        """Remember the table."""

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """Yield a connection in a transaction; what it changes is on the disk in the end, and is remembered."""
        with self._lock, opened_state(self._path) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection
            self._read(connection)


def now() -> str:
    """Return the time as it is stored: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
