"""All that CITEBOT_STATE keeps of one person: to read, and to delete for good."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.state.database import StateFile
from bot.state.ids import pseudonym

_QUESTIONS = """SELECT q.at, q.channel, q.question, q.language, a.answered, a.id AS answer,
    (SELECT json_group_array(text) FROM citations WHERE answer = a.id) AS quoted
    FROM questions AS q JOIN answers AS a ON a.question = q.id WHERE q.user = ? ORDER BY q.id"""
_VOTES = "SELECT at, answer, up AS helpful, reason FROM votes WHERE user = ? ORDER BY at"
_WATCHES = "SELECT at, question, quote AS seen, once FROM watches WHERE chat = ? ORDER BY id"
_DIALOGUES = "SELECT at, context FROM contexts WHERE substr(talk, 33, 16) = ? ORDER BY id"  # talk: chat, topic, user
_ROLES = "SELECT at, role FROM roles WHERE id = ?"
_SETS = "SELECT at, sets FROM chat_sets WHERE chat = ?"
_WRITTEN = "SELECT update_id, json FROM inbox WHERE state = 'dead' AND json IS NOT NULL"
_FORGET = (
    ("DELETE FROM questions WHERE user = ?", "user"),  # with answers, citations and the votes on them
    ("DELETE FROM votes WHERE user = ?", "user"),
    ("DELETE FROM contexts WHERE substr(talk, 33, 16) = ?", "user"),
    ("DELETE FROM blocked WHERE chat = ?", "blocked"),
)
_FORGET_BY_ID = (
    "DELETE FROM watches WHERE chat = ?",
    "DELETE FROM offers WHERE owner = ?",
    "DELETE FROM digests WHERE chat = ?",
    "DELETE FROM roles WHERE id = ? AND role <> 'blocked'",  # or whoever is blocked would let themselves in
    "UPDATE role_changes SET id = NULL WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM roles WHERE id = ?1)",
    "UPDATE role_changes SET admin = NULL WHERE admin = ?",
    "DELETE FROM chat_sets WHERE chat = ?",
    "UPDATE chat_sets SET admin = NULL WHERE admin = ?",
)


class PersonalData(StateFile):
    """What is kept of people, under keyed hashes of their ids or, where it must be known who they are, their ids."""

    def __init__(self, path: str | Path, key: bytes | None) -> None:
        """Take the path of the file and the key of its hashes."""
        super().__init__(path)
        self._key = key

    def of(self, user: int) -> dict[str, Any]:
        """Return what is kept of a person, as in JSON."""
        hash_ = pseudonym(self._key, "user", user)
        with self._connection() as connection:

            def rows(query: str, value: object) -> Iterator[dict[str, Any]]:
                found = connection.execute(query, (value,))
                names = [column[0] for column in found.description]
                return (dict(zip(names, row, strict=True)) for row in found.fetchall())

            return {
                "questions": [row | {"quoted": json.loads(row["quoted"])} for row in rows(_QUESTIONS, hash_)],
                "votes": list(rows(_VOTES, hash_)),
                "waiting_for": list(rows(_WATCHES, user)),
                "roles": list(rows(_ROLES, user)),
                "answered_from": list(rows(_SETS, user)),
                "dialogues": [row | {"context": _read(row["context"])} for row in rows(_DIALOGUES, hash_)],
                "not_processed": [written for _, written in _written_by(connection.execute(_WRITTEN).fetchall(), user)],
            }

    def forget(self, user: int) -> None:
        """Delete it all but a block; what is deleted is overwritten in the file, and in its write-ahead log by `empty_log`."""
        with self._transaction("FULL") as connection:
            for statement, kind in _FORGET:
                connection.execute(statement, (pseudonym(self._key, kind, user),))
            for statement in _FORGET_BY_ID:
                connection.execute(statement, (user,))
            for update_id, _ in _written_by(connection.execute(_WRITTEN).fetchall(), user):
                connection.execute("UPDATE inbox SET json = NULL WHERE update_id = ?", (update_id,))
        self.empty_log()

    def empty_log(self) -> bool:
        """Write the log over into the file and empty it; return whether nobody was reading it at that moment."""
        with self._connection() as connection:
            ((busy, *_),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy


def _read(stored: str | None) -> object:
    return None if stored is None else json.loads(stored)


def _written_by(rows: list[tuple[int, str]], user: int) -> Iterator[tuple[int, object]]:
    """Yield the updates that somebody sent."""
    for update_id, text in rows:
        try:
            update = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if any(_sender(part) == user for part in update.values() if isinstance(part, dict)):
            yield update_id, update


def _sender(part: dict[str, Any]) -> object:
    sender = part.get("from") or part.get("user") or {}
    return sender.get("id") if isinstance(sender, dict) else None
