"""An engine -> a store on this machine that lists its articles, and holds the texts that were needed so far.

Such a store can be deleted at any time. It is an ordinary one in all but that: what reads it first asks for the texts
that it needs, see `reader`.
"""

import logging
import sqlite3
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from retrieval.errors import StoreBusy, StoreError
from retrieval.milvus.blobs import unpack_json
from retrieval.milvus.connection import Connection
from retrieval.milvus.manifest import Manifest
from retrieval.store import exchange
from retrieval.store.connection import STORE, open_read_only
from retrieval.store.lock import WAIT, load_lock

_log = logging.getLogger(__name__)
_AT_ONCE = 200  # texts that are fetched together
_PAUSE = 0.1  # seconds between two looks whether another process has created the store
# Names of blobs: the lists of versions that were taken, and the last manifest.
_TABLE = "CREATE TABLE IF NOT EXISTS filled_from (name TEXT PRIMARY KEY) WITHOUT ROWID"


class _Overtaken(Exception):
    """The store goes on from a generation of the engine that has gone another way since."""


class Download:
    """Fills one store from an engine; for all threads."""

    def __init__(self, store: Path, connection: Connection) -> None:
        """Take the store's path; `follow` creates the file."""
        self.store, self.connection = store, connection

    def follow(self, manifest: Manifest) -> None:
        """List the articles of a generation, and show it; what is listed already is not asked for again.

        Raise StoreError if the store holds articles that the engine does not know.
        """
        try:
            self._follow(manifest)
        except _Overtaken:
            kept = _move_aside(self.store)
            _log.warning(
                "%s shows what the engine at %s has never had, or has no longer. It is now %s, and made anew. If a load "
                "of this machine did not reach the engine, repeat it.", self.store, self.connection.address, kept.name,
            )  # fmt: skip
            self._follow(manifest)

    def _follow(self, manifest: Manifest) -> None:
        if not _is_there(self.store):
            _create(self.store)
        with STORE.explained(self.store), closing(_connect(self.store)) as rows:
            known = known_blobs(rows)
            if manifest.name in known or self._is_ahead(rows, manifest, is_copy=bool(known)):
                return
            names = [name for name in manifest.catalogue if name not in known]
            lists = self.connection.needed(names)
            with rows:
                rows.execute("BEGIN IMMEDIATE")  # another process may be filling it
                exchange.replace(rows, "generations", manifest.generations)
                exchange.end_versions(rows, manifest.ended)
                for name in names:
                    exchange.list_versions(rows, unpack_json(lists[name]), manifest.ended)
                exchange.replace(rows, "sources", manifest.sources)
                rows.execute("UPDATE current_generation SET generation = ?", [manifest.generation])
                _note(rows, manifest)

    def note(self, manifest: Manifest) -> None:
        """Note that the store holds all of a generation: it has been uploaded from there."""
        with STORE.explained(self.store), closing(_connect(self.store)) as rows, rows:
            rows.execute("BEGIN IMMEDIATE")
            _note(rows, manifest)

    def _is_ahead(self, rows: sqlite3.Connection, manifest: Manifest, *, is_copy: bool) -> bool:
        """Whether the store shows a later generation, or the same and was not filled from the engine.

        Raise StoreError if what it shows is no generation that the engine has had, _Overtaken if it came from there.
        """
        published = dict(rows.execute("SELECT id, begun FROM generations WHERE state = 'published' ORDER BY id"))
        (shown,) = next(rows.execute("SELECT generation FROM current_generation"))
        ours = manifest.is_of(published)
        if ours and not is_copy:
            return True
        if is_copy and ours and shown > manifest.generation:
            raise _Overtaken
        if not ours and shown and published[shown] not in {one["begun"] for one in manifest.generations}:
            if is_copy:
                raise _Overtaken
            raise StoreError(
                f"{self.store} holds articles of its own, which the engine at {self.connection.address} does not know. "
                "Choose another file for CITEBOT_DB, or copy them there: citebot engine copy."
            )
        return False

    def fetch(self, versions: Collection[int] | None = None) -> None:
        """Fetch the texts of those versions, or of all, that the store does not hold yet."""
        if not _is_there(self.store):
            return
        with STORE.explained(self.store), closing(_connect(self.store)) as rows:
            lacking = list(exchange.missing(rows, versions))
            for begin in range(0, len(lacking), _AT_ONCE):
                some = lacking[begin : begin + _AT_ONCE]
                found = self.connection.blobs([f"text/{version}" for version in some])
                with rows:
                    rows.execute("BEGIN IMMEDIATE")
                    for version in some:
                        if packed := found.get(f"text/{version}"):
                            exchange.add_text(rows, version, unpack_json(packed))
                if lost := next(exchange.missing(rows, some, ended=False), None):
                    raise self.connection.lost(f"text/{lost}")

    def fetch_cited(self, version: int) -> None:
        """Fetch the text of a version that may have been replaced long ago."""
        self.fetch([version])
        with STORE.explained(self.store), closing(_connect(self.store)) as rows:
            if not exchange.has_text(rows, version):
                self._fetch_earlier(rows, [version])

    def _fetch_earlier(self, rows: sqlite3.Connection, versions: Sequence[int]) -> None:
        for begin in range(0, len(versions), _AT_ONCE):
            found = self.connection.blobs([f"earlier/{version}" for version in versions[begin : begin + _AT_ONCE]])
            with rows:
                rows.execute("BEGIN IMMEDIATE")
                for packed in found.values():
                    exchange.add_earlier(rows, unpack_json(packed))

    def complete(self, manifest: Manifest) -> None:
        """Make the store hold all that the engine does, so that a load can go on from there."""
        self.follow(manifest)
        self.fetch()
        readings = self.connection.needed([manifest.readings])
        with STORE.explained(self.store), closing(_connect(self.store)) as rows, rows:
            self._fetch_earlier(rows, sorted({*manifest.earlier}.difference(exchange.earlier(rows))))
            if next(rows.execute("SELECT generation FROM current_generation")) == (manifest.generation,):
                exchange.keep_earlier(rows, manifest.earlier)  # otherwise the store has gone on from there
            exchange.drop_ended_without_text(rows)
            exchange.replace(rows, "readings", unpack_json(readings[manifest.readings]))


def _move_aside(store: Path) -> Path:
    """Give a store and what belongs to it another name that nothing has, and return that."""
    names = (store.with_name(f"{store.name}.overtaken{number or ''}") for number in count())
    aside = next(name for name in names if not name.exists())
    for ending in ("-wal", "-shm", ".index", ""):
        place = Path(f"{store}{ending}")
        if place.exists():
            place.rename(f"{aside}{ending}")
    return aside


def is_copy(store: Path) -> bool:
    """Whether a store is filled from an engine."""
    if not _is_there(store):
        return False
    with STORE.explained(store), closing(open_read_only(store, WAIT)) as rows:
        return bool(known_blobs(rows))


def make_ordinary(store: Path) -> None:
    """Make a store that holds all of an engine one that no longer belongs to it."""
    with closing(_connect(store)) as rows:
        rows.execute("DROP TABLE IF EXISTS filled_from")


def _create(store: Path) -> None:
    """Create a store, whole at once; if another process does, wait for it."""
    from retrieval.store.schema import open_for_writing  # noqa: PLC0415 - sqlite-utils, once in the life of a store

    begun, aside = time.monotonic(), store.with_name(f"{store.name}.new")
    while not _is_there(store):
        try:
            with load_lock(store):
                if not _is_there(store):
                    aside.unlink(missing_ok=True)
                    open_for_writing(aside).close()
                    aside.replace(store)
        except StoreBusy:
            if time.monotonic() - begun > WAIT:
                raise
            time.sleep(_PAUSE)


def _is_there(store: Path) -> bool:
    return store.exists() and store.stat().st_size > 0


def _connect(store: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(store, timeout=WAIT, isolation_level=None)
    rows.execute("PRAGMA synchronous = NORMAL")  # what a crash loses is fetched again
    return rows


def _note(rows: sqlite3.Connection, manifest: Manifest) -> None:
    """Note which manifest the store follows, within the caller's transaction."""
    rows.execute(_TABLE)
    rows.execute("DELETE FROM filled_from")
    names = [(name,) for name in (manifest.name, *manifest.catalogue)]
    rows.executemany("INSERT INTO filled_from VALUES (?)", names)


def known_blobs(rows: sqlite3.Connection) -> set[str]:
    """Return the names of the lists that the store was filled from, and of the last manifest."""
    if not rows.execute("SELECT 1 FROM sqlite_master WHERE name = 'filled_from'").fetchone():
        return set()
    return {name for (name,) in rows.execute("SELECT name FROM filled_from")}
