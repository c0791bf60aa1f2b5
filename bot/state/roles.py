"""Who may what beyond what the settings say, and who changed that when, in CITEBOT_STATE.

The ids of people and groups are kept as they are: updates are compared with them, and admins must be able to read them.
Hashes would not do, since their key goes with the bot's token: with a new token, whoever is blocked would be let in.
/forgetme therefore deletes what somebody was allowed, and takes their id out of the list of changes, but a block stays.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from sqlite3 import Connection

from bot.state.database import opened_state
from bot.state.mirrored import Mirrored, now

_ALL = "SELECT id, role FROM roles ORDER BY at DESC"
_CHANGES = "SELECT at, id, role, admin FROM role_changes ORDER BY number DESC LIMIT ?"
_GIVE = "INSERT OR REPLACE INTO roles (id, role, at) VALUES (?, ?, ?)"
_TAKE = "DELETE FROM roles WHERE id = ? AND role <> 'blocked'"
_NOTE = "INSERT INTO role_changes (at, id, role, admin) VALUES (?, ?, ?, ?)"
_UPGRADE = (
    "INSERT OR IGNORE INTO roles (id, role, at) SELECT ?1, role, at FROM roles WHERE id = ?2",
    "DELETE FROM roles WHERE id = ?2 AND id <> ?1 AND role <> 'blocked'",  # messages of the group may still be waiting
)


class Role(StrEnum):
    """What somebody may; admins are those in the settings."""

    READER = "reader"  # a person or a group: may ask
    EDITOR = "editor"  # a person: closes gaps, adds documents and posts, loads
    BLOCKED = "blocked"  # a person or a chat: nothing


@dataclass(frozen=True, slots=True)
class RoleChange:
    """One line of the list of changes."""

    at: datetime
    id: int | None  # of a person or a group; None = they were forgotten
    role: Role | None  # None = it was taken away
    admin: int | None  # who did it; None = they were forgotten


class Roles(Mirrored):
    """The roles of people and groups."""

    def of(self, id_: int) -> Role | None:
        """Return the role of a person or a chat."""
        return self._roles.get(id_)

    def all(self, role: Role) -> list[int]:
        """List whoever has a role, the latest first."""
        return [id_ for id_, given in self._roles.items() if given is role]

    def changes(self, most: int) -> list[RoleChange]:
        """Read what was changed, the latest first. Raise StateError if the file cannot be read."""
        with opened_state(self._path) as connection:
            rows = connection.execute(_CHANGES, (most,)).fetchall()
        return [
            RoleChange(datetime.fromisoformat(at), id_, Role(role) if role else None, admin)
            for at, id_, role, admin in rows
        ]

    def give(self, id_: int, role: Role, admin: int) -> None:
        """Give a role in place of any other; it is on the disk when this returns."""
        with self._changing() as connection:
            connection.execute(_GIVE, (id_, role, now()))
            connection.execute(_NOTE, (now(), id_, role, admin))

    def take(self, id_: int, admin: int) -> bool:
        """Take the role of a reader or an editor away; return False if they have none. A block stays."""
        with self._changing() as connection:
            taken = connection.execute(_TAKE, (id_,)).rowcount > 0
            if taken:
                connection.execute(_NOTE, (now(), id_, None, admin))
        return taken

    def upgraded(self, old: int, new: int) -> None:
        """Let a supergroup have the role of the group that it was, unless it has one; nobody is noted to have done it."""
        if old in self._roles:
            with self._changing() as connection:
                for statement in _UPGRADE:
                    connection.execute(statement, (new, old))

    def _read(self, connection: Connection) -> None:
        self._roles = {id_: Role(role) for id_, role in connection.execute(_ALL)}
