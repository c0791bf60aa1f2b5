"""Updates as Telegram delivered them, kept in CITEBOT_STATE until they are answered or put aside.

An update is on the disk before Telegram is told that it arrived, and it stays open until it is marked: whatever ends the
process, the next one finds what was not marked. An open update holds what was written and who wrote it, ids included,
and so does a dead letter for KEPT_DEAD seconds; once an update is done, only its number is kept.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bot.state.database import StateFile, storable

KEPT_DONE = 86400.0  # seconds for which the number of an answered update is kept: Telegram repeats none older
KEPT_DEAD = 30 * KEPT_DONE
FORGOTTEN = 200  # rows of each kind that one call deletes at most, in about a millisecond
LONGEST_REASON = 500  # characters

_LOG = logging.getLogger(__name__)
_TO_JSON = json.JSONEncoder(separators=(",", ":"))  # only ASCII, so that halves of surrogate pairs survive
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1  # what SQLite can hold

_TAKE = "INSERT INTO inbox (update_id, received, json) VALUES (?, ?, ?) ON CONFLICT (update_id) DO NOTHING"
_WAITING = "SELECT update_id, json, received FROM inbox WHERE state = 'open' ORDER BY update_id"
_DONE = """UPDATE inbox SET state = 'done', at = ?, reason = NULL, json = NULL
    WHERE update_id = ? AND state = 'open'"""
_FAILED = "UPDATE inbox SET tries = tries + 1, reason = ? WHERE update_id = ? AND state = 'open' RETURNING tries"
_PUT_ASIDE = "UPDATE inbox SET state = 'dead', at = ?, reason = ? WHERE update_id = ? AND state = 'open'"
_DEAD = """SELECT update_id, at, reason, tries FROM inbox WHERE state = 'dead' AND at IS NOT NULL
    ORDER BY at DESC, update_id DESC"""
_FORGET = """DELETE FROM inbox WHERE update_id IN
    (SELECT update_id FROM inbox WHERE state = ? AND at < ? ORDER BY at LIMIT ?)"""


class StoredUpdate(NamedTuple):
    """An update waiting to be handled."""

    update_id: int
    update: dict[str, Any]  # as Telegram sent it
    received: float  # time.time()


class DeadLetter(NamedTuple):
    """An update that nobody will handle any more."""

    update_id: int
    at: datetime  # when it was put aside, UTC
    reason: str
    tries: int  # that failed before


class _Row(NamedTuple):
    """An update on its way into the table."""

    update: StoredUpdate
    json: str | None
    reason: str | None  # why it cannot be stored


class Inbox(StateFile):
    """What Telegram delivered and is not answered yet.

    Only `take` waits for the disk: an update whose mark is lost in a power cut is answered twice.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, creating it if necessary."""
        super().__init__(path)
        with self._connection():
            pass

    def take(self, updates: Sequence[dict[str, Any]]) -> list[StoredUpdate]:
        """Put updates on the disk, all or none, and return those that are new, in their order.

        One without an integer `update_id` is left out, one that cannot be written as JSON becomes a dead letter.
        """
        now = time.time()
        rows = [_row(update, now) for update in updates if _has_id(update)]
        if len(rows) < len(updates):
            _LOG.warning("Telegram sent updates without a number: %d left out.", len(updates) - len(rows))
        if not rows:
            return []
        with self._transaction(synchronous="FULL") as connection:
            new = [row for row in rows if connection.execute(_TAKE, (row.update.update_id, now, row.json)).rowcount]
            for row in new:
                if row.reason:
                    connection.execute(_PUT_ASIDE, (now, row.reason, row.update.update_id))
            _forget(connection, now)
        return [row.update for row in new if not row.reason]

    def waiting(self) -> list[StoredUpdate]:
        """List what is neither done nor put aside, by number; put aside what cannot be read any more."""
        with self._connection() as connection:
            rows = connection.execute(_WAITING).fetchall()
        return [update for row in rows if (update := self._read(*row))]

    def done(self, update_id: int) -> None:
        """Note that an update was handled, and erase it; do nothing if it is not open."""
        with self._connection() as connection:
            connection.execute(_DONE, (time.time(), update_id))

    def failed(self, update_id: int, reason: str) -> int:
        """Note a try that failed and return how many have; 0 for an update that is not open."""
        with self._connection() as connection:
            rows = connection.execute(_FAILED, (_kept(reason), update_id)).fetchall()
        return rows[0][0] if rows else 0

    def put_aside(self, update_id: int, reason: str) -> None:
        """Make an update a dead letter; do nothing if it is not open."""
        with self._connection() as connection:
            connection.execute(_PUT_ASIDE, (time.time(), _kept(reason), update_id))

    def dead_letters(self) -> list[DeadLetter]:
        """List what was put aside, the latest first."""
        with self._connection() as connection:
            return read_dead_letters(connection)

    def _read(self, update_id: int, text: str, received: float) -> StoredUpdate | None:
        try:
            return StoredUpdate(update_id, json.loads(text), received)
        except (ValueError, TypeError, RecursionError) as error:
            self.put_aside(update_id, f"It cannot be read any more ({error}).")
            return None


def read_dead_letters(connection: sqlite3.Connection) -> list[DeadLetter]:
    """List what was put aside, the latest first."""
    rows = connection.execute(_DEAD).fetchall()
    return [DeadLetter(id_, datetime.fromtimestamp(at, UTC), reason, tries) for id_, at, reason, tries in rows]


def _has_id(update: object) -> bool:
    """Whether this is an update with a number that SQLite can hold; True is a number only to Python."""
    id_ = update.get("update_id") if isinstance(update, dict) else None
    return type(id_) is int and _LOWEST <= id_ <= _HIGHEST


def _row(update: dict[str, Any], received: float) -> _Row:
    stored = StoredUpdate(update["update_id"], update, received)
    try:
        return _Row(stored, _TO_JSON.encode(update), None)
    except (ValueError, TypeError, RecursionError) as error:
        return _Row(stored, None, _kept(f"It cannot be stored ({error})."))


def _forget(connection: sqlite3.Connection, now: float) -> None:
    for state, kept in (("done", KEPT_DONE), ("dead", KEPT_DEAD)):
        connection.execute(_FORGET, (state, now - kept, FORGOTTEN))


def _kept(reason: str) -> str:
    return storable(reason)[:LONGEST_REASON]
