"""Chats that blocked the bot, as keyed hashes in CITEBOT_STATE: nothing is sent to them until they write again."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from bot.state.database import StateError, opened_state
from bot.state.ids import pseudonym

_LOG = logging.getLogger(__name__)

_ALL = "SELECT chat FROM blocked"
_ADD = "INSERT INTO blocked (chat, at) VALUES (?, ?) ON CONFLICT (chat) DO NOTHING"
_DISCARD = "DELETE FROM blocked WHERE chat = ?"


class BlockedChats:
    """The chats that blocked the bot. Raises no StateError: if the file fails, they are known until the bot ends.

    Looking a chat up does not read the file. Without a key there are no hashes, and nothing is remembered.
    """

    def __init__(self, path: Path, key: bytes | None) -> None:
        """Read the file, creating it if necessary; `key` is the key of its hashes."""
        self._path = path
        self._key = key
        self._hashes = {chat for (chat,) in self._run(_ALL)}

    def __contains__(self, chat: int) -> bool:
        """Whether a chat is known to have blocked the bot."""
        return bool(self._hashes) and self._hash(chat) in self._hashes

    def add(self, chat: int) -> None:
        """Remember that a chat blocked the bot."""
        hash_ = self._hash(chat)
        if hash_ is not None and hash_ not in self._hashes:
            self._hashes.add(hash_)
            self._run(_ADD, hash_, time.time())

    def discard(self, chat: int) -> None:
        """Forget that a chat blocked the bot: something came from it."""
        if chat in self:
            self._hashes.discard(self._hash(chat) or b"")
            self._run(_DISCARD, self._hash(chat))

    def _hash(self, chat: int) -> bytes | None:
        return pseudonym(self._key, "blocked", chat)  # a kind of its own, so that it does not reveal who asked what

    def _run(self, statement: str, *values: object) -> Sequence[tuple[bytes]]:
        """Execute one statement, which is so rare that the file is not kept open for it."""
        try:
            with opened_state(self._path) as connection:
                return connection.execute(statement, values).fetchall()
        except StateError as error:
            _LOG.warning("%s Until then the chats that blocked the bot are forgotten when it ends.", error)
            return ()
