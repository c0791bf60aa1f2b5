"""Versions that no kept generation shows any more -> their texts, compressed, so that a citation can still be checked.

Sentences are left out: a citation has the offsets of its own. Of an article that is no longer in the store nothing is
kept: who removes it wants it gone.
"""

import sqlite3
import zlib

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
