"""CITEBOT_STATE -> its problems, in words, and what to do about each; and its dead letters."""

from contextlib import closing
from pathlib import Path

from bot.state.database import STATE, StateError
from bot.state.inbox import DeadLetter, read_dead_letters
from bot.state.schema import INBOX
from retrieval.store.connection import open_read_only

_WAIT = 5.0  # seconds for another program to let go of the file


def find_state_problems(path: Path) -> list[str]:
    """Read the whole file and list its problems; [] if it is sound or does not exist yet."""
    try:
        with STATE.explained(path):
            return _problems(path) if path.is_file() else []
    except StateError as error:
        return [str(error)]


def find_dead_letters(path: Path) -> list[DeadLetter]:
    """List the updates that nobody will handle any more, the latest first; [] if the file cannot be read."""
    try:
        with STATE.explained(path):
            return _dead_letters(path) if path.is_file() else []
    except StateError:
        return []  # `find_state_problems` reports it


def _problems(path: Path) -> list[str]:
    with closing(open_read_only(path, _WAIT)) as connection:
        STATE.read_version(connection, path)
        ((found, *_), *_) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    return [] if found == "ok" else [f"{path} is damaged ({found}). {STATE.repair}"]


def _dead_letters(path: Path) -> list[DeadLetter]:
    with closing(open_read_only(path, _WAIT)) as connection:
        return read_dead_letters(connection) if STATE.read_version(connection, path) >= INBOX else []
