"""Open an SQLite file that citebot wrote: check its header, notice when it is replaced, put errors into words."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from retrieval.disk import full_disk, is_full
from retrieval.errors import RetrievalError, StoreError, StoreTooNew

_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite_%'"
_OPENED = TypeVar("_OPENED", bound=sqlite3.Connection | None)


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of SQLite file: the marks in its header, and the errors and remedies if one cannot be used."""

    application_id: int
    schema_version: int  # the number of migrations
    error: type[RetrievalError]
    too_new: type[RetrievalError]
    instead: str  # what to choose in place of a file that is not of this kind
    repair: str  # what to do about a damaged file

    def read_version(self, connection: sqlite3.Connection, path: Path) -> int:
        """Return the version of a file's schema, 0 if nothing is in the file yet.

        Raise `too_new` if a later version of citebot wrote it, `error` if another program did.
        """
        tables = connection.execute(_TABLES).fetchone()[0]  # first: another process may be creating them
        header = ("application_id", "user_version")
        application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in header)
        if application != self.application_id and (tables or application):
            raise self.error(f"{path} is an SQLite file of another program. Choose {self.instead}.")
        if version > self.schema_version:
            raise self.too_new(
                f"{path} was written by a later version of citebot. Update citebot, or choose {self.instead}."
            )
        return int(version) if application else 0

    def explain(self, path: Path, error: sqlite3.Error | OSError) -> RetrievalError:
        """Return the error to raise in place of one of SQLite or the system: what happened and what to do."""
        reason = str(error)
        if "not a database" in reason:
            text = f"is not an SQLite file. Move it away, or choose {self.instead}."
        elif "malformed" in reason or "corrupt" in reason:
            text = f"is damaged ({reason}). {self.repair}"
        elif "locked" in reason or "busy" in reason:
            text = "is locked by another program. Close that program or wait until it has finished."
        elif is_full(error, path):
            text = f"cannot be written: {full_disk(error, path)}"
        elif "I/O error" in reason or (isinstance(error, OSError) and error.errno == errno.EIO):
            text = f"cannot be read or written ({reason}). Check the disk, then run `citebot doctor`."
        elif isinstance(error, OSError) or "unable to open" in reason or "readonly" in reason:
            text = "cannot be opened. Make it and its folder readable and writable for citebot."
        else:
            text = f"cannot be used ({reason}). Run `citebot doctor` to see what is wrong."
        return self.error(f"{path} {text}")

    @contextmanager
    def explained(self, path: Path) -> Iterator[None]:
        """Raise errors of SQLite and the system as `explain` words them."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self.explain(path, error) from error


STORE = FileKind(
    application_id=0x43495445,  # "CITE"
    schema_version=10,  # the number of migrations in `retrieval.store.schema`
    error=StoreError,
    too_new=StoreTooNew,
    instead="another file for the store",
    repair="Restore a backup (`citebot restore`), or move it away and load the articles again.",
)


class FrozenConnection(sqlite3.Connection):
    """A connection that takes its file for unchangeable, and so needs no other files beside it."""

    stamp: tuple[int, ...]  # of the file when it was opened


def open_read_only(path: Path, wait: float) -> sqlite3.Connection:
    """Open a file that exists, for any thread; `wait` is how many seconds another program may hold it.

    SQLite makes files beside one with a write-ahead log even to read it. Where it cannot, because the disk is full or
    the folder read-only, and nothing is in the log, the connection is a FrozenConnection.
    """
    address, stamp = path.absolute().as_uri(), _stamp(path)
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=wait, check_same_thread=False)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error) or stamp[-1]:
            raise
    except sqlite3.Error:
        connection.close()
        raise
    else:
        return connection
    address += "?mode=ro&immutable=1"
    frozen = sqlite3.connect(address, uri=True, check_same_thread=False, factory=FrozenConnection)
    frozen.stamp = stamp
    return frozen


class ReopeningConnection(Generic[_OPENED]):
    """A connection that is opened when it is first used, and again when another file has taken the old one's place."""

    def __init__(self, path: Path, open_file: Callable[[Path], _OPENED]) -> None:
        """Remember the path and how to open it; what `open_file` returns as None is tried again at the next use."""
        self._path = path
        self._open_file = open_file
        self._opened: _OPENED | None = None
        self._file: tuple[int, int] | None = None  # device and inode

    def get(self) -> _OPENED:
        """Return the connection to the file that is at the path now."""
        file = _identity(self._path)
        if self._opened is not None and file == self._file and not self._is_outdated():
            return self._opened
        self.close()
        opened = self._opened = self._open_file(self._path)
        self._file = file or _identity(self._path)
        return opened

    def _is_outdated(self) -> bool:
        """Whether a file that was taken for unchangeable has changed."""
        return isinstance(self._opened, FrozenConnection) and self._opened.stamp != _stamp(self._path)

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        if self._opened is not None:
            self._opened.close()
        self._opened = self._file = None


def _identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode, None if there is no file."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what changes with a file; the last number is how long its write-ahead log is."""
    status, log = path.stat(), path.with_name(f"{path.name}-wal")
    return status.st_mtime_ns, status.st_size, log.stat().st_size if log.exists() else 0
