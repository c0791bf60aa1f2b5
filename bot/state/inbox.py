"""Updates as Telegram delivered them -> rows of CITEBOT_STATE, until they are answered or put aside.

An update is on the disk before Telegram is told that it arrived, and open until it is marked: whatever ends the process,
what was not marked is waiting when the next one starts. An open update holds what was written and who wrote it, ids
included, and so does a dead letter for KEPT_DEAD seconds; of one that is done nothing is left but its number.
"""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from bot.state.database import WAIT, StateError, identity, open_ledger, storable, unusable

KEPT_DONE = 86400.0  # seconds for which the number of an answered update is known: Telegram repeats none older
KEPT_DEAD = 30 * KEPT_DONE
FORGOTTEN = 200  # rows of each kind at most that one intake deletes, in about a millisecond
LONGEST_REASON = 500  # characters

_LOG = logging.getLogger(__name__)
_TO_JSON = json.JSONEncoder(separators=(",", ":"))  # ASCII alone: halves of surrogate pairs survive
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
    """An update that waits to be handled."""

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

    letter: StoredUpdate
    json: str | None
    reason: str | None  # why it cannot be kept as it is


class Inbox:
    """What Telegram delivered and is not answered yet; for any number of threads of one process.

    Every method raises LedgerError where the file cannot be used, or is held for longer than WAIT seconds.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made where it is not there yet."""
        self.path = path
        self._lock = threading.Lock()  # one for both: SQLite would let one change wait for the other in longer steps
        self._taking: sqlite3.Connection | None = None  # waits for the disk
        self._marking: sqlite3.Connection | None = None  # does not: an update marked in vain is answered twice
        self._file: tuple[int, int] | None = None
        with self._held():
            pass

    def __enter__(self) -> Self:
        """Give the inbox itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; what comes later opens it again."""
        with self._lock:
            self._close()

    def take(self, updates: Sequence[dict[str, Any]]) -> list[StoredUpdate]:
        """Put updates on the disk, all or none, and give those that are new, as they came.

        One without a whole number as `update_id` is left out, one that cannot be written as JSON becomes a dead letter.
        """
        now = time.time()
        rows = [_row(update, now) for update in updates if _has_id(update)]
        if len(rows) < len(updates):
            _LOG.warning("Telegram sent updates without a number: %d left out.", len(updates) - len(rows))
        if not rows:
            return []
        with self._held() as (taking, _):
            taking.execute("BEGIN IMMEDIATE")
            with taking:
                new = [row for row in rows if taking.execute(_TAKE, (row.letter.update_id, now, row.json)).rowcount]
                for row in new:
                    if row.reason:
                        taking.execute(_PUT_ASIDE, (now, row.reason, row.letter.update_id))
                _forget(taking, now)
        return [row.letter for row in new if not row.reason]

    def waiting(self) -> list[StoredUpdate]:
        """Give what is neither done nor put aside, by number; what cannot be read any more is put aside."""
        with self._held() as (_, marking):
            rows = marking.execute(_WAITING).fetchall()
        return [letter for row in rows if (letter := self._letter(*row))]

    def done(self, update_id: int) -> None:
        """Note that an update was handled, and erase it; nothing happens where it is not open."""
        with self._held() as (_, marking):
            marking.execute(_DONE, (time.time(), update_id))

    def failed(self, update_id: int, reason: str) -> int:
        """Note a try that failed; give how many have, 0 for an update that is not open."""
        with self._held() as (_, marking):
            rows = marking.execute(_FAILED, (_kept(reason), update_id)).fetchall()
        return rows[0][0] if rows else 0

    def put_aside(self, update_id: int, reason: str) -> None:
        """Make an update a dead letter; nothing happens where it is not open."""
        with self._held() as (_, marking):
            marking.execute(_PUT_ASIDE, (time.time(), _kept(reason), update_id))

    def dead_letters(self) -> list[DeadLetter]:
        """List what was put aside, the latest first."""
        with self._held() as (_, marking):
            return read_dead_letters(marking)

    def _letter(self, update_id: int, text: str, received: float) -> StoredUpdate | None:
        try:
            return StoredUpdate(update_id, json.loads(text), received)
        except (ValueError, TypeError, RecursionError) as error:
            self.put_aside(update_id, f"It cannot be read any more ({error}).")
            return None

    @contextmanager
    def _held(self) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
        """Give both connections to one thread at a time; errors of SQLite and of the system become a LedgerError."""
        if not self._lock.acquire(timeout=WAIT):
            raise StateError(f"{self.path} is held by a change that takes long. Try again in a moment.")
        try:
            yield self._current()
        except (sqlite3.Error, OSError) as error:
            raise unusable(self.path, error) from error
        finally:
            self._lock.release()

    def _current(self) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        """Open the file, or the one that has taken its place, such as a backup that was restored."""
        if self._taking is None or self._marking is None or self._file != identity(self.path):
            self._close()
            self._taking = open_ledger(self.path)
            self._taking.execute("PRAGMA synchronous = FULL")
            self._marking = open_ledger(self.path)
            self._file = identity(self.path)
        return self._taking, self._marking

    def _close(self) -> None:
        for connection in (self._taking, self._marking):
            if connection is not None:
                connection.close()
        self._taking = self._marking = self._file = None


def read_dead_letters(connection: sqlite3.Connection) -> list[DeadLetter]:
    """List what was put aside, the latest first."""
    rows = connection.execute(_DEAD).fetchall()
    return [DeadLetter(id_, datetime.fromtimestamp(at, UTC), reason, tries) for id_, at, reason, tries in rows]


def _has_id(update: object) -> bool:
    """Tell whether this is an update with a number that SQLite can hold; True is a number to Python alone."""
    id_ = update.get("update_id") if isinstance(update, dict) else None
    return type(id_) is int and _LOWEST <= id_ <= _HIGHEST


def _row(update: dict[str, Any], received: float) -> _Row:
    letter = StoredUpdate(update["update_id"], update, received)
    try:
        return _Row(letter, _TO_JSON.encode(update), None)
    except (ValueError, TypeError, RecursionError) as error:
        return _Row(letter, None, _kept(f"It cannot be kept ({error})."))


def _forget(connection: sqlite3.Connection, now: float) -> None:
    for state, kept in (("done", KEPT_DONE), ("dead", KEPT_DEAD)):
        connection.execute(_FORGET, (state, now - kept, FORGOTTEN))


def _kept(reason: str) -> str:
    return storable(reason)[:LONGEST_REASON]
