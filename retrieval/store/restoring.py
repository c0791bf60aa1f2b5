"""The number of an earlier generation -> its articles once more, under the generation that is being written.

What both hold stays as it is. A version that is alive now and was not then is closed; of one that was alive then and is
not now there is a copy. So nothing is taken from a generation, and the one written is indexed as after any load.
"""

import sqlite3
from dataclasses import dataclass

_NEW = """until IS NULL AND since > ?1 AND NOT EXISTS (
    SELECT 1 FROM versions AS o WHERE o.id = v.id AND o.digest = v.digest AND o.since <= ?1 AND o.until > ?1)"""
_OLD = """since <= ?1 AND until > ?1 AND NOT EXISTS (
    SELECT 1 FROM versions AS o WHERE o.id = v.id AND o.digest = v.digest AND o.until IS NULL)"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What another generation has that the current one has not, by article id, ordered."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.added or self.changed or self.removed)


def compare(connection: sqlite3.Connection, target: int) -> Difference:
    """Say what going back to an earlier generation would change; no generation may be begun."""
    now = _ids(connection, f"SELECT id FROM versions AS v WHERE {_NEW}", target)
    then = _ids(connection, f"SELECT id FROM versions AS v WHERE {_OLD}", target)
    return Difference(*(tuple(sorted(ids)) for ids in (then - now, then & now, now - then)))


def restore(connection: sqlite3.Connection, target: int, number: int) -> None:
    """Write the articles of an earlier generation under a new number, within the caller's transaction."""
    connection.execute(f"UPDATE versions AS v SET until = ?2 WHERE {_NEW}", [target, number])
    copied = ", ".join(_columns(connection))
    connection.execute(
        f"INSERT INTO versions (since, {copied}) SELECT ?2, {copied} FROM versions AS v WHERE {_OLD} ORDER BY row",
        [target, number],
    )
    connection.execute(
        """INSERT INTO spans (version, position, paragraph, start, "end", kind)
            SELECT new.row, s.position, s.paragraph, s.start, s."end", s.kind
            FROM versions AS new JOIN versions AS v ON v.id = new.id AND v.since <= ?1 AND v.until > ?1
            JOIN spans AS s ON s.version = v.row WHERE new.since = ?2""",
        [target, number],
    )


def _columns(connection: sqlite3.Connection) -> list[str]:
    """Name all that a version has, but when it lives."""
    names = [name for _, name, *_ in connection.execute("PRAGMA table_info(versions)")]
    return [f'"{name}"' for name in names if name not in {"row", "since", "until"}]


def _ids(connection: sqlite3.Connection, query: str, target: int) -> set[str]:
    return {id_ for (id_,) in connection.execute(query, [target])}
