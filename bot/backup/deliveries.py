"""What Telegram delivered, in backups and after them: it belongs to the present, so that no old question is answered anew.

A backup holds no message that waits and no dead letter, and with them none of the ids of people in those. Bringing one
back leaves the inbox as it is: what waits is answered, what was answered is known.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.backup.files import BackupError, opened
from bot.ledger.format import INBOX, is_ledger, open_ledger


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
