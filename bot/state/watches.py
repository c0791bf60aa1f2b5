"""Who is to be told when the answer to a question changes, in CITEBOT_STATE.

Somebody whose question was not answered is told once, when it is; somebody who watches an answer each time that another
comes first. The rows hold a person's id as it is: the bot cannot write to a hash.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.state.database import STATE, StateFile, storable

MOST = 50  # questions that one person may wait for

_ADD = """INSERT INTO watches (chat, language, question, article, quote, once, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
    WHERE (SELECT count(*) FROM watches WHERE chat = ?1) < ?8
    ON CONFLICT (chat, question) DO UPDATE SET once = min(once, excluded.once)"""
_ALL = "SELECT id, chat, language, question, article, quote, once FROM watches"
_TOLD = "UPDATE watches SET article = ?, quote = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Watch:
    """A question whose answer somebody waits for."""

    id: int
    chat: int  # their private chat, which has their id
    language: str  # of their Telegram
    question: str
    article: str | None  # cited first when they last saw an answer; None if there was none
    quote: str | None  # the sentence
    once: bool  # ends when they are told


class Watches(StateFile):
    """All that people wait for. A file that does not exist yet is empty; the first watch creates it."""

    def add(self, watch: Watch) -> bool:
        """Store a watch, whose `id` does not matter; return False if this person has too many."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        facts = (watch.chat, watch.language, storable(watch.question), watch.article, watch.quote, watch.once, at, MOST)
        with self._transaction("FULL") as connection:
            return connection.execute(_ADD, facts).rowcount > 0

    def all(self, after: int = 0) -> list[Watch]:
        """List all watches whose id is greater than `after`, the oldest first."""
        return list(self._watches(f"{_ALL} WHERE id > ? ORDER BY id", after))

    def of(self, chat: int) -> list[Watch]:
        """List the watches of one person, the oldest first."""
        return list(self._watches(f"{_ALL} WHERE chat = ? ORDER BY id", chat))

    def told(self, watch: Watch) -> None:
        """Note the article and the quote that somebody was told; a watch for one answer ends."""
        with self._transaction("FULL") as connection:
            if watch.once:
                connection.execute("DELETE FROM watches WHERE id = ?", (watch.id,))
            else:
                connection.execute(_TOLD, (watch.article, watch.quote, watch.id))

    def remove(self, id_: int, chat: int) -> bool:
        """End a watch of a person; return False if they have none of this number."""
        with self._transaction() as connection:
            return connection.execute("DELETE FROM watches WHERE id = ? AND chat = ?", (id_, chat)).rowcount > 0

    def remove_all(self, chat: int) -> None:
        """End all watches of a person."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM watches WHERE chat = ?", (chat,))

    def _watches(self, query: str, *values: object) -> Iterator[Watch]:
        with STATE.explained(self.path):
            exists = self.path.exists()
        if not exists:
            return
        with self._connection() as connection, closing(connection.execute(query, values)) as rows:
            for id_, chat, language, question, article, quote, once in rows.fetchall():
                yield Watch(id_, chat, language, question, article, quote, bool(once))
