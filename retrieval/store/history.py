"""The path of a store -> what it showed before: its generations, and the texts of versions that have been replaced."""

import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.records import PublishedGeneration, Quoted
from retrieval.store.reader import CURRENT, Reader

KEPT = 3  # earlier generations that can be gone back to
MOST_EARLIER = 10  # texts of an article
MOST_BYTES = 1_000_000  # of the same together, compressed

_CLOSED = "SELECT id FROM versions WHERE until < ?1"
_KEPT = "SELECT 1 FROM versions AS kept WHERE kept.id = {}.id AND (kept.until IS NULL OR kept.until >= ?1)"


def pack(text: str) -> bytes:
    """Compress a text."""
    return zlib.compress(text.encode())


def unpack(packed: bytes) -> str:
    """Give a text back as it was."""
    return zlib.decompress(packed).decode()


def compress_closed(connection: sqlite3.Connection) -> None:
    """Keep of the versions that no kept generation shows their texts alone, within the caller's transaction.

    The oldest of an article go where there are too many.
    """
    published = "SELECT id FROM generations WHERE state = 'published' ORDER BY id DESC LIMIT 1 OFFSET ?"
    (oldest,) = connection.execute(published, [KEPT - 1]).fetchone() or (0,)
    _keep_texts(connection, oldest)
    closed = "SELECT row FROM versions WHERE until < ?"
    connection.execute(f"DELETE FROM spans WHERE version IN ({closed})", [oldest])
    connection.execute(f"DELETE FROM versions WHERE row IN ({closed})", [oldest])


def _keep_texts(connection: sqlite3.Connection, oldest: int) -> None:
    """Compress the texts of versions that were closed before a generation."""
    connection.create_function("pack", 1, pack, deterministic=True)
    connection.execute(
        f"""INSERT INTO earlier (version, id, since, until, loaded, packed)
            SELECT row, id, since, until, loaded, pack(text) FROM versions AS v
            WHERE until < ?1 AND EXISTS ({_KEPT.format("v")}) ORDER BY row""",
        [oldest],
    )
    connection.execute(
        f"DELETE FROM earlier WHERE id IN ({_CLOSED}) AND NOT EXISTS ({_KEPT.format('earlier')})", [oldest]
    )
    connection.execute(
        f"""DELETE FROM earlier WHERE version IN (
            SELECT version FROM (
                SELECT version, row_number() OVER newer AS number, sum(length(packed)) OVER newer AS bytes
                FROM earlier WHERE id IN ({_CLOSED}) WINDOW newer AS (PARTITION BY id ORDER BY version DESC)
            ) WHERE number > {MOST_EARLIER} OR bytes > {MOST_BYTES}
        )""",
        [oldest],
    )


class HistoryReader(Reader):
    """A reader of what is not shown any more too."""

    def history(self) -> Iterator[PublishedGeneration]:
        """Give the generations that were ever shown, the latest first."""
        counts = "articles, sentences" if self._keeps_earlier() else "NULL, NULL"
        query = f"""SELECT id, published, note, {counts}, id = {CURRENT} FROM generations
            WHERE state = 'published' ORDER BY id DESC"""
        for place, (number, published, note, articles, sentences, current) in enumerate(self._rows(query)):
            yield PublishedGeneration(number, published, note, articles, sentences, bool(current), place <= KEPT)

    def quoted(self, id: str, version: int, start: int, end: int) -> Quoted | None:  # noqa: A002 - the field's name
        """Give a stretch of a version of an article, in half-open character offsets; None where it is no longer kept."""
        text, until = next(self._kept(id, version), ("", 0))
        if not 0 <= start < end <= len(text):
            return None
        article = self.article(id)
        if article and article.text == text:
            return Quoted(text[start:end], current=True, changed=None)
        changed = self._rows("SELECT published FROM generations WHERE id = ?", until)
        return Quoted(text[start:end], current=False, changed=next((at for (at,) in changed), None))

    def _kept(self, id: str, version: int) -> Iterator[tuple[str, int | None]]:  # noqa: A002 - as above
        """Give the text of a version that was ever shown, and the generation that closed it."""
        shown = f"id = ? AND since <= {CURRENT}"
        yield from self._rows(f"SELECT text, until FROM versions WHERE row = ? AND {shown}", version, id)
        if self._keeps_earlier():
            for packed, until in self._rows(
                "SELECT packed, until FROM earlier WHERE version = ? AND id = ?", version, id
            ):
                yield unpack(packed), until

    def _keeps_earlier(self) -> bool:
        """Tell whether a load has brought the store to a schema with earlier texts and counts."""
        return any(self._rows("SELECT 1 FROM sqlite_master WHERE name = 'earlier'"))


class ReaderOf(Reader):
    """A reader for which one generation is the current one to be asked, published or not."""

    def __init__(self, path: str | Path, generation: int) -> None:
        """Take the path of a store and the number of the generation."""
        super().__init__(path)
        self._generation = generation

    def identity(self) -> tuple[int, str]:
        """Give that generation and when it was begun."""
        return self._generation, self.begun(self._generation)


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
