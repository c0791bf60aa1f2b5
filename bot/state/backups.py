"""When backups were made, in CITEBOT_STATE, so that `citebot doctor` can say that there has been none for long."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.state.database import STATE, opened_state
from bot.state.schema import BACKUPS
from retrieval.store.connection import open_read_only

_WAIT = 5.0  # seconds for another program to let go of the file


def note_backup(state: Path, file: Path) -> None:
    """Note that a backup was made just now; raise StateError if that cannot be written."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with opened_state(state) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM backups")  # the newest says it all
        connection.execute("INSERT INTO backups (file, at) VALUES (?, ?)", (str(file.absolute()), at))


def newest_backup(state: Path) -> datetime | None:
    """Return when the newest backup was made, as far as this file knows; None = never. Raise StateError."""
    if not state.is_file():
        return None
    with STATE.explained(state), closing(open_read_only(state, _WAIT)) as connection:
        if STATE.read_version(connection, state) < BACKUPS:
            return None
        (at,) = connection.execute("SELECT max(at) FROM backups").fetchone()
    return datetime.fromisoformat(at) if at else None
