"""The rows of a store, as they go to an engine and come back from it.

A store that is filled from an engine lists all articles; the text of one is there once its checksum is. All functions
take a connection and leave transactions to the caller.
"""

import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from retrieval.store.checksums import checksum

Row = dict[str, Any]
_HEAVY = ("text", "unbroken", "original")  # columns of `versions` that come with the text
_OF_TEXT = ("spans", "surroundings")  # tables
_KEYS = 1000  # in one statement


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """List the columns of a table, without those that are computed."""
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]


def listed(connection: sqlite3.Connection, after: int, generation: int) -> list[Row]:
    """Return what is known of the versions above a row that were published by a generation, without text and end."""
    names = [name for name in columns(connection, "versions") if name not in {*_HEAVY, "until"}]
    query = f"SELECT {_quoted(names)} FROM versions WHERE row > ? AND since <= ? ORDER BY row"
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query, [after, generation])]


def ends(connection: sqlite3.Connection, generation: int) -> dict[int, int]:
    """Return the generation that ended each version that is no longer shown, by row."""
    return dict(connection.execute("SELECT row, until FROM versions WHERE until <= ?", [generation]))


def text(connection: sqlite3.Connection, version: int) -> Row:
    """Return the text of a version with its sentences and what surrounds its paragraphs."""
    query = f"SELECT {_quoted(_HEAVY)} FROM versions WHERE row = ?"
    whole, unbroken, original = next(connection.execute(query, [version]))
    packed = None if original is None else b64encode(original).decode()
    return {"text": whole, "unbroken": unbroken, "original": packed} | {
        table: [list(row) for row in connection.execute(f"SELECT * FROM {table} WHERE version = ?", [version])]
        for table in _OF_TEXT
    }


def whole(connection: sqlite3.Connection, table: str, condition: str = "1") -> list[Row]:
    """Return a table that is copied whole, or those of its rows that meet a condition."""
    names = columns(connection, table)
    query = f"SELECT {_quoted(names)} FROM {table} WHERE {condition}"
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def places(connection: sqlite3.Connection, generation: int) -> int:
    """Return a checksum of where the versions of a generation were last read."""
    alive = "since <= ?1 AND (until IS NULL OR until > ?1)"
    rows = connection.execute(f"SELECT row, origin, source FROM versions WHERE {alive} ORDER BY row", [generation])
    found = 0
    for row in rows:
        found = checksum(repr((found, row)).encode())
    return found


def list_versions(connection: sqlite3.Connection, rows: Iterable[Row], ended: Mapping[int, int]) -> None:
    """List versions without their texts; of those that are listed, note where they were last read."""
    moved = "UPDATE versions SET origin = ?1, source = ?2 WHERE row = ?3 AND (origin, source) IS NOT (?1, ?2)"
    for row in rows:
        values = {"text": "", "unbroken": "[]"} | row | {"until": ended.get(row["row"])}
        _insert(
            connection, "versions", [values], "OR IGNORE"
        )  # an upsert of SQLite 3.40 breaks the computed columns' index
        connection.execute(moved, [row["origin"], row["source"], row["row"]])


def end_versions(connection: sqlite3.Connection, ended: Mapping[int, int]) -> None:
    """End versions, by row."""
    changed = [(until, row) for row, until in ended.items()]
    connection.executemany("UPDATE versions SET until = ?1 WHERE row = ?2 AND until IS NOT ?1", changed)


def missing(
    connection: sqlite3.Connection, versions: Collection[int] | None = None, *, ended: bool = True
) -> Iterator[int]:
    """Yield the rows of those versions, or of all, whose text is not there yet, `ended` ones included or not."""
    absent = "NOT EXISTS (SELECT 1 FROM checksums AS c WHERE c.version = v.row)"
    absent += "" if ended else " AND until IS NULL"
    if versions is None:
        yield from (row for (row,) in connection.execute(f"SELECT row FROM versions AS v WHERE {absent}").fetchall())
        return
    wanted = sorted(versions)
    for begin in range(0, len(wanted), _KEYS):
        some = wanted[begin : begin + _KEYS]
        query = f"SELECT row FROM versions AS v WHERE row IN ({', '.join('?' * len(some))}) AND {absent}"
        yield from (row for (row,) in connection.execute(query, some).fetchall())


def add_text(connection: sqlite3.Connection, version: int, row: Mapping[str, Any]) -> None:
    """Add the text of a version that is listed, if it is not there yet."""
    original = None if row["original"] is None else b64decode(row["original"])
    values = [row["text"], row["unbroken"], original, version]
    connection.execute("UPDATE versions SET text = ?, unbroken = ?, original = ? WHERE row = ?", values)
    for table in _OF_TEXT:
        marks = ", ".join("?" * len(columns(connection, table)))
        connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row[table])
    sum_ = checksum(row["text"].encode("utf-8", "surrogatepass"))
    connection.execute("INSERT OR IGNORE INTO checksums (version, crc) VALUES (?, ?)", [version, sum_])


def drop_ended_without_text(connection: sqlite3.Connection) -> None:
    """Delete ended versions whose text is nowhere any more."""
    absent = "NOT EXISTS (SELECT 1 FROM checksums AS c WHERE c.version = versions.row)"
    connection.execute(f"DELETE FROM versions WHERE until IS NOT NULL AND {absent}")


def earlier(connection: sqlite3.Connection) -> list[int]:
    """List the versions that were replaced so long ago that their texts alone are kept, ascending."""
    return [version for (version,) in connection.execute("SELECT version FROM earlier ORDER BY version")]


def earlier_text(connection: sqlite3.Connection, version: int) -> Row:
    """Return such a text, packed."""
    (row,) = whole(connection, "earlier", f"version = {version}")
    return row | {"packed": b64encode(row["packed"]).decode()}


def add_earlier(connection: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """Add such a text, if it is not there yet; its version is listed no longer."""
    for table, column in (*((name, "version") for name in (*_OF_TEXT, "checksums")), ("versions", "row")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", [row["version"]])
    _insert(connection, "earlier", [{**row, "packed": b64decode(row["packed"])}], "OR IGNORE")


def keep_earlier(connection: sqlite3.Connection, versions: Collection[int]) -> None:
    """Delete such texts but those of some versions."""
    gone = [(version,) for version in set(earlier(connection)).difference(versions)]
    connection.executemany("DELETE FROM earlier WHERE version = ?", gone)


def has_text(connection: sqlite3.Connection, version: int) -> bool:
    """Whether there is a text of a version, packed or not."""
    query = "SELECT version FROM checksums WHERE version = ?1 UNION ALL SELECT version FROM earlier WHERE version = ?1"
    return connection.execute(query, [version]).fetchone() is not None


def replace(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Put rows in place of all those of a table, or of those with the same keys if others refer to it."""
    if table != "generations":
        connection.execute(f"DELETE FROM {table}")
    _insert(connection, table, rows, "OR REPLACE")


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row], otherwise: str) -> None:
    known = set(columns(connection, table))
    for row in rows:
        names = [name for name in row if name in known]  # a later version of citebot may have sent more
        query = f"INSERT {otherwise} INTO {table} ({_quoted(names)}) VALUES ({', '.join('?' * len(names))})"
        connection.execute(query, [row[name] for name in names])


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
