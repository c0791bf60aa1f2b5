"""What a backup holds, and copying it: from one SQLite file into another, whole and of one moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.state.database import INBOX, is_ledger, open_ledger
from retrieval.errors import RetrievalError
from retrieval.store.schema import is_store

STATE, ARTICLES, WEIGHTS = "state", "articles", "weights"
PAGES = 1000  # copied in one step, some milliseconds
WAIT = 10.0  # seconds for another program to let go of a file


class BackupError(RetrievalError):
    """A backup cannot be written or read; its text is fit to be shown."""


class Damaged(BackupError):
    """What SQLite reads there makes no sense."""


@dataclass(frozen=True, slots=True)
class BackupMember:
    """One file of a backup."""

    role: str  # STATE, ARTICLES or WEIGHTS
    path: Path  # where it stands, or shall stand
    told: str = ""  # what is in it, in words


def paths_of(db: Path, state: Path) -> list[BackupMember]:
    """Say which files make up what is worth keeping; the index is derived from the articles and not among them.

    The state comes first: whatever an answer in its copy cites, the later copy of the articles holds.
    """
    from retrieval.ranking.weights import weights_file  # noqa: PLC0415 - with numpy, which other commands can do without

    return [BackupMember(STATE, state), BackupMember(ARTICLES, db), BackupMember(WEIGHTS, weights_file(db))]


@contextmanager
def opened(path: Path, *, to_read: bool) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file, to write it anew or to read it as it is in this moment; raises BackupError."""
    address = path.absolute().as_uri() + ("?mode=ro" if to_read else "")
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=WAIT, isolation_level=None)) as connection:
            if to_read:
                connection.execute("BEGIN")  # what others write from now on is not seen, and they do not wait
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield connection
    except sqlite3.OperationalError as error:  # held, no room, no right
        raise BackupError(f"{path} cannot be {'read' if to_read else 'written'} ({error}).") from error
    except sqlite3.Error as error:
        raise Damaged(f"{path} is damaged ({error}).") from error


def copy(source: Path, target: Path) -> None:
    """Make an SQLite file what another is in this moment; readers of the target see the old one or the new one."""
    with opened(source, to_read=True) as read, opened(target, to_read=False) as written:
        read.backup(written, pages=PAGES, progress=_give_up_waiting)


def _give_up_waiting(status: int, *_: int) -> None:
    """Raise OperationalError when a step has waited in vain for another program; by itself SQLite goes on for ever."""
    if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        raise sqlite3.OperationalError("another program holds it")


def check(role: str, path: Path, name: Path) -> str:
    """Read a copy through and say what is in it; raises Damaged, and RetrievalError for a file that is none of ours.

    `name` is the file to name in errors.
    """
    with opened(path, to_read=True) as connection:
        ((found, *_), *_) = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if found != "ok":
            raise Damaged(f"{name} is damaged ({found}).")
        return (_articles if role == ARTICLES else _questions)(connection, name)


def _articles(connection: sqlite3.Connection, name: Path) -> str:
    if not is_store(connection, name):
        return "no articles yet"
    number = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    generation = connection.execute("SELECT generation FROM current_generation").fetchone()[0]
    return f"articles: {number:,}, generation {generation}"


def _questions(connection: sqlite3.Connection, name: Path) -> str:
    if not is_ledger(connection, name):
        return "no questions yet"
    return f"questions: {connection.execute('SELECT count(*) FROM questions').fetchone()[0]:,}"


def leave_out_inbox(copied: Path) -> None:
    """Erase the inbox from a copy of the state that was read through and found sound."""
    with opened(copied, to_read=True) as connection:
        is_empty = not is_ledger(connection, copied)
    if is_empty:
        return
    try:
        with closing(open_ledger(copied)) as connection:
            connection.execute("DELETE FROM inbox")  # overwritten: open_ledger sees to that
    except sqlite3.Error as error:
        raise BackupError(f"{copied} cannot be written ({error}).") from error


def carry_inbox(present: Path, copied: Path) -> None:
    """Put the inbox of the present state into what is about to take its place, which gets the schema of today."""
    try:
        with closing(open_ledger(copied)) as connection:
            connection.execute("DELETE FROM inbox")
            connection.execute("ATTACH ? AS present", (str(present),))
            if connection.execute("PRAGMA present.user_version").fetchone()[0] >= INBOX:
                connection.execute("INSERT INTO inbox SELECT * FROM present.inbox")
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"What waits in {present} cannot be kept ({error}). Try again in a moment.") from error
