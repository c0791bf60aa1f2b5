"""An SQLite connection -> whether its file is a store of this version of citebot."""

import sqlite3
from pathlib import Path

from retrieval.errors import StoreError, StoreTooNew

APPLICATION_ID = 0x43495445  # "CITE", in the header of the file
SCHEMA_VERSION = 4  # the number of migrations in `schema`, in the header too

_HEADER = ("application_id", "user_version")
_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite_%'"


def is_store(connection: sqlite3.Connection, path: Path) -> bool:
    """Tell a store (True) from a file in which nothing has been made yet (False).

    Raises StoreTooNew for a store of a later schema, StoreError for anything else than a store.
    """
    try:
        tables = connection.execute(_TABLES).fetchone()[0]  # first: another process may be making the store
        application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _HEADER)
    except sqlite3.DatabaseError as error:
        raise unusable(path, error) from error
    if application != APPLICATION_ID and (tables or application):
        raise StoreError(f"{path} is an SQLite file of another program. Name another file for the store.")
    if version > SCHEMA_VERSION:
        raise StoreTooNew(f"{path} was written by a later version of citebot. Update citebot, or name another store.")
    return bool(application)


def unusable(path: Path, error: sqlite3.Error) -> StoreError:
    """Word an error of SQLite for the person who runs the bot, with what to do about it."""
    reason = str(error)
    if "not a database" in reason:
        return StoreError(f"{path} is not an SQLite file. Move it away or name another store, then load again.")
    if "malformed" in reason or "corrupt" in reason:
        return StoreError(f"{path} is damaged ({reason}). Restore a copy, or move it away and load the articles again.")
    if "locked" in reason or "busy" in reason:
        return StoreError(f"{path} is held by another program. Close it there and try again.")
    if "full" in reason:
        return StoreError(f"There is no room left for {path}. Make room on the disk and try again.")
    if "unable to open" in reason or "readonly" in reason:
        return StoreError(f"{path} cannot be opened. Make it and its folder readable and writable for citebot.")
    return StoreError(f"{path} cannot be used ({reason}). Run `citebot doctor` to see what is wrong.")
