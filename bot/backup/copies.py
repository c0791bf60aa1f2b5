"""What a backup holds, and consistent copies of SQLite files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.backup.uploads import uploaded_files
from bot.settings import uploads_folder
from bot.state.database import STATE as STATE_FILE
from bot.state.database import open_state
from retrieval.errors import RetrievalError
from retrieval.store.connection import STORE, open_read_only

STATE, ARTICLES, WEIGHTS, UPLOADS = "state", "articles", "weights", "uploads"
PAGES = 1000  # copied in one step, which takes some milliseconds
WAIT = 10.0  # seconds for another program to let go of a file
_PENDING = ("inbox", "offers")  # tables of the state that matter for a day at most, and that hold ids of people


class BackupError(RetrievalError):
    """A backup cannot be written or read."""


class Damaged(BackupError):
    """SQLite finds a file damaged."""


@dataclass(frozen=True, slots=True)
class BackupMember:
    """One file of a backup."""

    role: str  # STATE, ARTICLES, WEIGHTS or UPLOADS
    path: Path  # where it is, or will be
    content: str = ""  # what is in it, in words

    def exists(self) -> bool:
        """Whether there is something to back up."""
        return bool(uploaded_files(self.path)) if self.role == UPLOADS else self.path.is_file()


def paths_of(db: Path, state: Path) -> list[BackupMember]:
    """List the files that belong in a backup. The index is not one of them: it can be rebuilt from the articles.

    The state comes first, so that the later copy of the articles holds whatever an answer in the state cites.
    """
    return [
        BackupMember(STATE, state),
        BackupMember(ARTICLES, db),
        BackupMember(WEIGHTS, Path(f"{db}.weights.json")),
        BackupMember(UPLOADS, uploads_folder(db)),
    ]


@contextmanager
def opened(path: Path, *, to_read: bool, name: Path | None = None) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file to overwrite it, or to read it as it is at this moment; raise BackupError.

    `name` is the file that errors name in place of a copy.
    """
    try:
        with closing(_connect(path, to_read)) as connection:
            if to_read:
                connection.execute("BEGIN")  # others can go on writing, and what they write is not seen
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield connection
    except sqlite3.OperationalError as error:  # locked, disk full, no permission
        raise BackupError(str(STORE.explain(name or path, error))) from error
    except sqlite3.Error as error:
        raise Damaged(f"{name or path} is damaged ({error}).") from error


def _connect(path: Path, to_read: bool) -> sqlite3.Connection:
    if to_read:
        return open_read_only(path, WAIT)
    return sqlite3.connect(path, timeout=WAIT, isolation_level=None)


def copy(source: Path, target: Path, name: Path | None = None) -> None:
    """Make an SQLite file equal to what another is at this moment; readers of the target see all of it or nothing.

    `name` is the file that errors name in place of the target, where that is a copy.
    """
    with opened(source, to_read=True) as read, opened(target, to_read=False, name=name) as written:
        read.backup(written, pages=PAGES, progress=_give_up_waiting)


def _give_up_waiting(status: int, *_: int) -> None:
    """Raise OperationalError if a step has waited in vain for another program; SQLite would try forever."""
    if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        raise sqlite3.OperationalError("locked by another program")


def check(role: str, path: Path, name: Path) -> str:
    """Read a copy completely and say what is in it.

    Raise Damaged, and RetrievalError if citebot did not write it; `name` is the file that errors name.
    """
    with opened(path, to_read=True, name=name) as connection:
        ((found, *_), *_) = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if found != "ok":
            raise Damaged(f"{name} is damaged ({found}).")
        return (_articles if role == ARTICLES else _questions)(connection, name)


def _articles(connection: sqlite3.Connection, name: Path) -> str:
    if not STORE.read_version(connection, name):
        return "no articles yet"
    number = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    generation = connection.execute("SELECT generation FROM current_generation").fetchone()[0]
    return f"articles: {number:,}, generation {generation}"


def _questions(connection: sqlite3.Connection, name: Path) -> str:
    if not STATE_FILE.read_version(connection, name):
        return "no questions yet"
    return f"questions: {connection.execute('SELECT count(*) FROM questions').fetchone()[0]:,}"


def leave_out_pending(copied: Path, name: Path) -> None:
    """Erase what is pending from a copy of the state; `name` is the file that errors name."""
    with opened(copied, to_read=True, name=name) as connection:
        is_empty = not STATE_FILE.read_version(connection, copied)
    if is_empty:
        return
    try:
        with closing(open_state(copied)) as connection:
            _erase_pending(connection)
    except sqlite3.Error as error:
        raise BackupError(str(STATE_FILE.explain(name, error))) from error


def carry_pending(present: Path, copied: Path) -> None:
    """Put what is pending in the present state into what will replace it, which gets today's schema."""
    try:
        with closing(open_state(copied)) as connection:
            _erase_pending(connection)
            connection.execute("ATTACH ? AS present", (str(present),))
            for (table,) in connection.execute(
                "SELECT name FROM present.sqlite_master WHERE type = 'table'"
            ).fetchall():
                if table in _PENDING:
                    connection.execute(f"INSERT INTO {table} SELECT * FROM present.{table}")
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"Pending updates cannot be kept. {STATE_FILE.explain(present, error)}") from error


def _erase_pending(connection: sqlite3.Connection) -> None:
    for table in _PENDING:
        connection.execute(f"DELETE FROM {table}")  # which overwrites it, see `open_state`
