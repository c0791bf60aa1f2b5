"""A store -> what is wrong with it, in words, each with its remedy."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import StoreError
from retrieval.store.lock import is_loading
from retrieval.store.schema import is_store, unusable
from retrieval.text.languages import STEMMERS, UNKNOWN

_NAMED = 5  # ids named in one problem; the rest is counted


def find_store_problems(path: Path) -> list[str]:
    """Read the whole store and say what is wrong with it; [] for a sound one, and for one that is not there yet."""
    if not path.exists():
        return []
    try:
        return list(_problems(path))
    except StoreError as error:
        return [str(error)]
    except sqlite3.Error as error:
        return [str(unusable(path, error))]


def _problems(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)
    try:
        if not is_store(connection, path):
            return
        yield from _damage(connection, path)
        yield from _leftovers(connection, path)
        yield from _untitled(connection)
        yield from _languages(connection)
    finally:
        connection.close()


def _damage(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    (found, *_), *_ = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if found != "ok":
        yield f"{path} is damaged ({found}). Restore a copy, or move it away and load the articles again."


def _leftovers(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    loading = connection.execute("SELECT max(begun) FROM generations WHERE state = 'loading'").fetchone()[0]
    if loading and not is_loading(path):
        yield f"A load begun at {loading} was cut off or only previewed: nothing of it is shown. Load the same again: that goes on from there."


def _untitled(connection: sqlite3.Connection) -> Iterator[str]:
    ids = [row[0] for row in connection.execute("SELECT id FROM articles WHERE trim(title) = '' ORDER BY id")]
    if ids:
        yield f"{_named(ids)} without a title: citations name the id alone. Give a `title` and load again."


def _languages(connection: sqlite3.Connection) -> Iterator[str]:
    rows = connection.execute("SELECT language, id FROM articles ORDER BY language, id")
    ids: dict[str, list[str]] = {}
    for language, id_ in rows:
        ids.setdefault(language, []).append(id_)
    for language, of_it in ids.items():
        if language == UNKNOWN:
            yield f"{_named(of_it)} in no language that was recognised. State its `language` and load again."
        elif not _is_code(language):
            yield f"{_named(of_it)} in the language {language!r}. State it as in `en` and load again."


def _is_code(language: str) -> bool:
    return language in STEMMERS or (len(language) in (2, 3) and language.isascii() and language.islower())


def _named(ids: list[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{'Article' if len(ids) == 1 else 'Articles'} {', '.join(ids[:_NAMED])}{more}"
