"""CITEBOT_STATE -> what is wrong with it, in words, each with its remedy."""

import sqlite3
from pathlib import Path

from bot.ledger.format import LedgerError, is_ledger, unusable


def find_ledger_problems(path: Path) -> list[str]:
    """Read the whole file and say what is wrong with it; [] for a sound one, and for one that is not there yet."""
    try:
        return _problems(path) if path.is_file() else []
    except LedgerError as error:
        return [str(error)]
    except (sqlite3.Error, OSError) as error:
        return [str(unusable(path, error))]


def _problems(path: Path) -> list[str]:
    connection = sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)
    try:
        is_ledger(connection, path)
        ((found, *_), *_) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    finally:
        connection.close()
    return [] if found == "ok" else [f"{path} is damaged ({found}). Restore a backup of it, or move it away."]
