"""A store -> its problems, in words, and what to do about each."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from retrieval.errors import StoreError
from retrieval.store.checksums import SINCE, STORED, is_altered
from retrieval.store.connection import STORE, open_read_only
from retrieval.store.lock import is_loading
from retrieval.text.languages import STEMMERS, UNKNOWN

_NAMED = 5  # ids named in one problem; the rest are counted
COUNTED_SINCE = 4  # the version of the schema in which a generation that is complete has its number of articles
_WAIT = 5.0  # seconds for another program to let go of the file


def find_store_problems(path: Path) -> list[str]:
    """Read the whole store and list its problems; [] if it is sound or does not exist yet."""
    if not path.exists():
        return []
    try:
        with STORE.explained(path), closing(open_read_only(path, _WAIT)) as connection:
            return list(_problems(connection, path))
    except StoreError as error:
        return [str(error)]


def _problems(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    if STORE.read_version(connection, path):
        yield from _damage(connection, path)
        yield from _altered(connection, path)
        yield from _leftovers(connection, path)
        yield from _untitled(connection)
        yield from _languages(connection)


def _damage(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    (found, *_), *_ = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if found != "ok":
        yield f"{path} is damaged ({found}). {STORE.repair}"


def _altered(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    if STORE.read_version(connection, path) < SINCE:
        return
    rows = connection.execute(f"SELECT v.id, CAST(v.text AS BLOB), {STORED} FROM versions AS v ORDER BY v.id")
    ids = [id_ for id_, text, stored in rows if is_altered(text, stored)]
    if ids:
        remedy = "Restore a backup (`citebot restore`), or remove them and load them again."
        yield f"{_named(ids)}: the text in {path} was altered, so it is not quoted. {remedy}"


def _leftovers(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    previewed = "articles IS NOT NULL" if STORE.read_version(connection, path) >= COUNTED_SINCE else "0"
    query = f"SELECT max(begun) FROM generations WHERE state = 'loading' AND NOT ({previewed})"
    ((loading,),) = connection.execute(query).fetchall()
    if loading and not is_loading(path):
        yield f"The load of {loading} was interrupted, and is not visible. Run it again to continue."


_LANGUAGES = """
    SELECT language, id FROM articles
    WHERE language != ? OR EXISTS (
        SELECT 1 FROM sentences WHERE article = articles.id AND kind IN ('body', 'list') -- a title alone tells none
    )
    ORDER BY language, id
"""


def _untitled(connection: sqlite3.Connection) -> Iterator[str]:
    ids = [row[0] for row in connection.execute("SELECT id FROM articles WHERE trim(title) = '' ORDER BY id")]
    if ids:
        yield f"{_named(ids)}: no title, so citations show only the id. Add a `title` and load again."


def _languages(connection: sqlite3.Connection) -> Iterator[str]:
    rows = connection.execute(_LANGUAGES, (UNKNOWN,))
    ids: dict[str, list[str]] = {}
    for language, id_ in rows:
        ids.setdefault(language, []).append(id_)
    for language, written in ids.items():
        if language == UNKNOWN:
            yield f"{_named(written)}: language not recognised. Add a `language` and load again."
        elif not _is_code(language):
            yield f"{_named(written)}: unknown language {language!r}. Use a code such as `en` and load again."


def _is_code(language: str) -> bool:
    return language in STEMMERS or (len(language) in (2, 3) and language.isascii() and language.islower())


def _named(ids: list[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{'Article' if len(ids) == 1 else 'Articles'} {', '.join(ids[:_NAMED])}{more}"
