"""Which admins get a digest every week, and when the next is due, in CITEBOT_STATE; by their ids, to write to them."""

from bot.state.database import STATE, StateFile

_SET = "INSERT INTO digests (chat, due) VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET due = excluded.due"


class Digests(StateFile):
    """The digests that are ordered; times are seconds since 1970."""

    def order(self, chat: int, due: float) -> None:
        """Order a digest, or put off the next one."""
        with self._transaction("FULL") as connection:
            connection.execute(_SET, (chat, due))

    def cancel(self, chat: int) -> bool:
        """Order no more; return False if none was ordered."""
        with self._transaction("FULL") as connection:
            return connection.execute("DELETE FROM digests WHERE chat = ?", (chat,)).rowcount > 0

    def due(self, now: float) -> list[tuple[int, float]]:
        """List who is to get a digest now, and when it was due."""
        with STATE.explained(self.path):
            exists = self.path.exists()
        if not exists:
            return []
        with self._connection() as connection:
            return connection.execute("SELECT chat, due FROM digests WHERE due <= ? ORDER BY due", (now,)).fetchall()
