"""A path -> an SQLite connection to the ledger, made or brought up to date where needed.

A change of the schema is a tuple of statements at the end of MIGRATIONS.
"""

import os
import sqlite3
import threading
import time
from pathlib import Path

from retrieval.errors import RetrievalError

APPLICATION_ID = 0x43495453  # "CITS", in the header of the file
WAIT = 0.5  # seconds for another process to let go of the file: its changes take a thousandth of that
_RETRY = 0.01  # seconds
_MAKING = threading.Lock()

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        """CREATE TABLE questions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            channel TEXT NOT NULL CHECK (channel IN ('telegram', 'console')),
            user BLOB,
            chat BLOB,
            language TEXT NOT NULL,
            question TEXT NOT NULL
        )""",
        "CREATE INDEX questions_by_time ON questions(at)",
        """CREATE TABLE answers (
            id TEXT PRIMARY KEY,
            question INTEGER NOT NULL REFERENCES questions(id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            generation INTEGER NOT NULL,
            answered INTEGER NOT NULL,
            confidence REAL NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX answers_by_question ON answers(question)",
        """CREATE TABLE citations (
            answer TEXT NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
            rank INTEGER NOT NULL,
            article TEXT NOT NULL,
            version INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            text TEXT NOT NULL,
            lead_start INTEGER,
            lead_end INTEGER,
            lead TEXT,
            PRIMARY KEY (answer, rank)
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE inbox (
            update_id INTEGER PRIMARY KEY,
            received REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dead')),
            tries INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            at REAL,
            json TEXT
        )""",
        "CREATE INDEX inbox_settled ON inbox(state, at) WHERE at IS NOT NULL",
        "CREATE TABLE blocked (chat BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
    ),
)
"""The statements that lead from one version of the schema to the next; the version is their number."""
INBOX = 2  # the version that brought the inbox


class StateError(RetrievalError):
    """The file of what the bot remembers cannot be used."""


def open_ledger(path: Path) -> sqlite3.Connection:
    """Open the file to read and write, readable by its owner alone when it is made; any thread may use the connection.

    Raises LedgerError for a file of another program or of a later version, sqlite3.Error and OSError.
    """
    make_private(path)
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def make_private(path: Path) -> None:
    """Make the file, readable by its owner alone, where it is not there; SQLite gives its side files the same rights.

    One that is there is not touched: closing any handle of it would drop the locks that SQLite holds on it for this
    process, and the next process to end would take the write-ahead log away from under the connections of this one.
    """
    with _MAKING:
        if not path.exists():
            os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date and set what holds for one connection.

    With a write-ahead log and `synchronous=NORMAL` a question costs no wait for the disk. What was recorded is in the
    system's hands: a killed process loses nothing, a power cut the last seconds, and the file stays sound in both.
    """
    if is_ledger(connection, path) < len(MIGRATIONS):
        _use_write_ahead_log(connection)
        _migrate(connection, path)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten


def is_ledger(connection: sqlite3.Connection, path: Path) -> int:
    """Give the version of the schema, 0 for a file in which nothing has been made yet.

    Raises LedgerError for a file of another program or of a later version.
    """
    header = ("application_id", "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]  # first: others may be making it
    application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in header)
    if application != APPLICATION_ID and (tables or application):
        raise StateError(f"{path} is an SQLite file of another use. Name another file in CITEBOT_STATE.")
    if version > len(MIGRATIONS):
        raise StateError(f"{path} was written by a later version of citebot. Update citebot, or change CITEBOT_STATE.")
    return int(version)


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
    """Make what is missing, in one transaction; another process may have been quicker."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for statements in MIGRATIONS[is_ledger(connection, path) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def identity(path: Path) -> tuple[int, int] | None:
    """Tell one file from another that takes its place: device and inode, None where there is no file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def storable(text: str) -> str:
    """Replace halves of surrogate pairs, which a terminal and Telegram can give and SQLite cannot keep."""
    return text.encode(errors="replace").decode()


def unusable(path: Path, error: sqlite3.Error | OSError) -> StateError:
    """Word an error for the person who runs the bot, with what to do about it."""
    reason = str(error)
    if "not a database" in reason:
        return StateError(f"{path} is not an SQLite file. Name another file in CITEBOT_STATE.")
    if "malformed" in reason or "corrupt" in reason:
        return StateError(f"{path} is damaged ({reason}). Bring a backup back (`citebot restore`), or move it away.")
    if "locked" in reason or "busy" in reason:
        return StateError(f"{path} is held by another program. Close it there.")
    if "full" in reason:
        return StateError(f"There is no room left for {path}. Make room on the disk.")
    if isinstance(error, OSError) or "unable to open" in reason or "readonly" in reason:
        return StateError(f"{path} cannot be opened. Make it and its folder readable and writable for citebot.")
    return StateError(f"{path} cannot be used ({reason}). Run `citebot doctor` to see what is wrong.")
