"""What the bot knows of groups: where it listens, and what supergroups were before; as keyed hashes in CITEBOT_STATE."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bot.state.database import StateError, opened_state
from bot.state.ids import pseudonym

_LOG = logging.getLogger(__name__)

_ALL = "SELECT chat, was, listens FROM groups"
_PUT = "INSERT OR REPLACE INTO groups (chat, was, listens) VALUES (?, ?, ?)"


class Groups:
    """The groups that the bot knows something of. Raises no StateError: if the file fails, it knows it until it ends.

    Looking a group up does not read the file. Without a key there are no hashes, and nothing is remembered.
    """

    def __init__(self, path: Path, key: bytes | None) -> None:
        """Read the file, creating it if necessary; `key` is the key of its hashes."""
        self._path = path
        self._key = key
        rows = self._run(_ALL)
        self._was: dict[bytes, bytes] = {chat: was for chat, was, _ in rows if was}
        self._listening: set[bytes] = {chat for chat, _, listens in rows if listens}

    def listens(self, chat: int) -> bool:
        """Whether the bot answers questions in a group that are put to nobody."""
        return bool(self._listening) and self._hash(chat) in self._listening

    def listens_anywhere(self) -> bool:
        """Whether the bot answers such questions in any group."""
        return bool(self._listening)

    def listen(self, chat: int, *, on: bool) -> None:
        """Answer such questions from now on, or no longer."""
        if hash_ := self._hash(chat):
            (self._listening.add if on else self._listening.discard)(hash_)
            self._keep(hash_)

    def was_any(self, chat: int, others: Iterable[int]) -> bool:
        """Whether a supergroup was one of these groups."""
        was = self._was.get(self._hash(chat) or b"") if self._was else None
        return was is not None and any(self._hash(other) == was for other in others)

    def upgraded(self, old: int, new: int) -> bool:
        """Note that a group has become a supergroup; return False if that was known."""
        before, now = self._hash(old), self._hash(new)
        if not before or not now or self._was.get(now) == before:
            return False
        self._was[now] = before
        if before in self._listening:
            self._listening.add(now)
        self._keep(now)
        return True

    def _hash(self, chat: int) -> bytes | None:
        return pseudonym(self._key, "group", chat)

    def _keep(self, chat: bytes) -> None:
        self._run(_PUT, chat, self._was.get(chat), chat in self._listening)

    def _run(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        try:
            with opened_state(self._path) as connection:
                return connection.execute(statement, values).fetchall()
        except StateError as error:
            _LOG.warning("%s Until then what the bot knows of groups is forgotten when it ends.", error)
            return ()
