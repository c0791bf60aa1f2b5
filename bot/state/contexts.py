"""What the next question of a conversation is read in the light of, in CITEBOT_STATE.

A conversation is one person's in one chat and topic. Its latest question counts for LONGEST; a question that replies to
an answer is read in the light of that answer, however old, as long as questions are kept.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.state.database import opened_state
from bot.state.ids import pseudonym
from retrieval.records import Context, Filter

LONGEST = 3600.0  # seconds
_DAY = 86400.0  # seconds

_KEEP = "INSERT INTO contexts (at, chat, talk, message, context) VALUES (?, ?, ?, ?, ?)"
_LATEST = "SELECT context FROM contexts WHERE talk = ? AND at > ? ORDER BY id DESC LIMIT 1"
_OF_MESSAGE = "SELECT context FROM contexts WHERE chat = ? AND message = ? ORDER BY id DESC LIMIT 1"
_FORGET = "DELETE FROM contexts WHERE at <= ?"


@dataclass(frozen=True, slots=True)
class Talk:
    """Whose conversation, and where. Only keyed hashes of these ids are stored."""

    chat: int
    topic: int | None = None
    user: int | None = None


class Contexts:
    """The contexts of all conversations. Every method raises StateError if the file cannot be used."""

    def __init__(
        self, path: Path, key: bytes | None, keep_days: int = 0, clock: Callable[[], float] = time.time
    ) -> None:
        """Take the path of the file, which the first context creates, the key of its hashes, and how long to keep them."""
        self._path, self._key, self._clock = path, key, clock
        self._keep = max(LONGEST, keep_days * _DAY)

    def find(self, talk: Talk, replied: int | None = None, *, only: bool = False) -> Context | None:
        """Return the context of the answer replied to, by its message id; if there is none, and not `only` this counts,
        that of the conversation.
        """
        if not self._path.exists():
            return None
        with opened_state(self._path) as connection:
            rows: list[tuple[str | None]] = []
            if replied is not None:
                rows = connection.execute(_OF_MESSAGE, (self._chat(talk), replied)).fetchall()
            if not (rows or only):
                rows = connection.execute(_LATEST, (self._talk(talk), self._clock() - LONGEST)).fetchall()
        return _read(rows[0][0]) if rows and rows[0][0] else None

    def keep(self, talk: Talk, message: int | None, context: Context | None) -> None:
        """Keep the context that an answer, sent as this message, makes; None forgets the conversation."""
        now, stored = self._clock(), json.dumps(asdict(context)) if context else None
        with opened_state(self._path) as connection:
            connection.execute(_KEEP, (now, self._chat(talk), self._talk(talk), message, stored))
            connection.execute(_FORGET, (now - self._keep,))

    def _chat(self, talk: Talk) -> bytes:
        return pseudonym(self._key, "chat", talk.chat) or b""

    def _talk(self, talk: Talk) -> bytes:
        ids = (("chat", talk.chat), ("topic", talk.topic), ("user", talk.user))
        return b"".join(pseudonym(self._key, kind, id_) or bytes(16) for kind, id_ in ids)


def _read(stored: str) -> Context:
    values = json.loads(stored)
    for name in ("types", "names", "words"):
        values[name] = tuple(values[name])
    values["shown"] = tuple((article, start) for article, start in values["shown"])
    if wanted := values["filter"]:
        values["filter"] = Filter(**wanted | {"sources": tuple(wanted["sources"])})
    return Context(**values)
