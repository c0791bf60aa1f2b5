"""CITEBOT_STATE -> what is wrong with it, in words, each with its remedy; and what was put aside in it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.state.database import INBOX, StateError, is_ledger, unusable
from bot.state.inbox import DeadLetter, read_dead_letters


def find_state_problems(path: Path) -> list[str]:
    """Read the whole file and say what is wrong with it; [] for a sound one, and for one that is not there yet."""
    try:
        return _problems(path) if path.is_file() else []
    except StateError as error:
        return [str(error)]
    except (sqlite3.Error, OSError) as error:
        return [str(unusable(path, error))]


def find_dead_letters(path: Path) -> list[DeadLetter]:
    """List the messages that nobody will answer any more, the latest first; [] where the file cannot be read."""
    try:
        if not path.is_file():
            return []
        with _read(path) as connection:
            return read_dead_letters(connection) if is_ledger(connection, path) >= INBOX else []
    except (StateError, sqlite3.Error, OSError):
        return []  # a problem of its own


def _problems(path: Path) -> list[str]:
    with _read(path) as connection:
        is_ledger(connection, path)
        ((found, *_), *_) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    return (
        []
        if found == "ok"
        else [f"{path} is damaged ({found}). Bring a backup back (`citebot restore`), or move it away."]
    )


@contextmanager
def _read(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as connection:
        yield connection
