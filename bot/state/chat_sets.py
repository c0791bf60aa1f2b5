"""Which sets of articles a chat is answered from, and who decided that when, in CITEBOT_STATE.

The ids of chats are kept as they are: with hashes, whose key goes with the bot's token, a new token would lift all limits.
"""

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from bot.state.mirrored import Mirrored, now

_ALL = "SELECT chat, sets, at, admin FROM chat_sets ORDER BY at DESC, chat"
_BIND = "INSERT OR REPLACE INTO chat_sets (chat, sets, at, admin) VALUES (?, ?, ?, ?)"
_UPGRADE = """INSERT OR IGNORE INTO chat_sets (chat, sets, at, admin)
    SELECT ?1, sets, at, admin FROM chat_sets WHERE chat = ?2"""


@dataclass(frozen=True, slots=True)
class Binding:
    """The sets of a chat."""

    sets: tuple[str, ...]  # names, in order; never none
    at: datetime
    admin: int | None  # who bound it; None = they were forgotten


class ChatSets(Mirrored):
    """The chats that are bound to sets of articles."""

    def of(self, chat: int | None) -> tuple[str, ...]:
        """Return the sets that a chat is bound to; none if it is not."""
        bound = self._bound.get(chat)
        return bound.sets if bound else ()

    def all(self) -> dict[int | None, Binding]:
        """Return all bindings by chat, the latest first."""
        return dict(self._bound)

    def bind(self, chat: int, sets: tuple[str, ...], admin: int) -> None:
        """Bind a chat to sets, in place of others; without sets, to none."""
        with self._changing() as connection:
            if sets:
                connection.execute(_BIND, (chat, " ".join(sorted(sets)), now(), admin))
            else:
                connection.execute("DELETE FROM chat_sets WHERE chat = ?", (chat,))

    def upgraded(self, old: int, new: int) -> None:
        """Bind a supergroup as the group that it was, unless it is bound; of the group messages may still be waiting."""
        if old in self._bound:
            with self._changing() as connection:
                connection.execute(_UPGRADE, (new, old))

    def _read(self, connection: Connection) -> None:
        self._bound: dict[int | None, Binding] = {
            chat: Binding(tuple(sets.split()), datetime.fromisoformat(at), admin)
            for chat, sets, at, admin in connection.execute(_ALL)
        }
