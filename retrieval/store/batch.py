"""Changes of a load -> rows of the store, many in one transaction.

They are inserted by `executemany`, which takes a third of the time of sqlite-utils' `insert_all`.
"""

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime

from retrieval.records import Article, Sentence, Surroundings
from retrieval.store import surroundings
from retrieval.store.checksums import checksum

_MOST_CHANGES, _MOST_SPANS, _MOST_CHARACTERS = 2_000, 20_000, 8_000_000  # in one transaction

_COLUMNS = (
    "row", "id", "since", "digest", "language", "stated_language", "url", "published", "author", "origin", "source",
    "loaded", "paragraphs", "sentences", "characters", "title", "text", "unbroken", "original",
)  # fmt: skip
_SPAN_COLUMNS = ("version", "position", "paragraph", "start", "end", "kind")
_SURROUNDINGS_COLUMNS = ("version", "paragraph", *surroundings.COLUMNS)
_READING_COLUMNS = ("origin", "source", "stamp", "reader", "articles", "digest", "outcome", "read")


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version in the store: what tells a load whether the article has changed, and where it was read."""

    row: int
    digest: str
    origin: str
    source: str
    resumed: bool = False  # written by the interrupted load that this one continues


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """What a file or page held when it was last read, whatever the store holds now."""

    origin: str
    source: str
    stamp: str  # fingerprint, equal as long as it is unchanged; empty if it has none
    reader: str  # version of the code that read it
    articles: int
    digest: str  # of the digests of its articles
    outcome: str  # why it could not be read completely; empty if it was


@dataclass(frozen=True, slots=True)
class NewVersion:
    """An article ready to be written."""

    article: Article
    language: str  # stated or detected
    sentences: tuple[Sentence, ...]
    digest: str
    origin: str
    source: str
    replaces: StoredVersion | None
    surroundings: Mapping[int, Surroundings] = field(default_factory=dict)  # by paragraph


@dataclass(slots=True)
class Batch:
    """Rows waiting to be written in one transaction."""

    new: list[tuple[int, NewVersion]] = field(default_factory=list)  # with the row of each
    closed: list[int] = field(default_factory=list)  # rows of versions
    moved: list[tuple[str, str, int]] = field(default_factory=list)  # origin, source, row
    readings: list[ReadRecord] = field(default_factory=list)
    spans: int = 0
    characters: int = 0

    def add(self, row: int, new: NewVersion) -> None:
        """Add a version by a single append, so that an interruption cannot leave half of one."""
        self.new.append((row, new))
        self.spans += len(new.sentences)
        self.characters += len(new.article.text) + len(new.article.original or "")

    def is_full(self) -> bool:
        """Whether it is time to write: before memory grows, after enough rows to be worth a transaction."""
        changes = max(2 * len(self.new) + len(self.closed) + len(self.moved), len(self.readings))
        return changes >= _MOST_CHANGES or self.spans >= _MOST_SPANS or self.characters >= _MOST_CHARACTERS

    def write(self, connection: sqlite3.Connection, generation: int | None) -> None:
        """Write the rows under a generation, within the caller's transaction."""
        closed = [*self.closed, *(new.replaces.row for _, new in self.new if new.replaces)]
        connection.executemany("UPDATE versions SET until = ? WHERE row = ?", [(generation, row) for row in closed])
        connection.executemany("UPDATE versions SET origin = ?, source = ? WHERE row = ?", self.moved)
        versions = (_version_row(row, generation, new) for row, new in self.new)
        connection.executemany(_insert("versions", _COLUMNS), versions)
        spans = (_span_row(row, sentence) for row, new in self.new for sentence in new.sentences)
        connection.executemany(_insert("spans", _SPAN_COLUMNS), spans)
        around = (
            (row, paragraph, *surroundings.to_row(one))
            for row, new in self.new
            for paragraph, one in new.surroundings.items()
        )
        connection.executemany(_insert("surroundings", _SURROUNDINGS_COLUMNS), around)
        sums = ((row, checksum(new.article.text.encode())) for row, new in self.new)
        connection.executemany(_insert("checksums", ("version", "crc")), sums)
        replace = _insert("readings", _READING_COLUMNS).replace("INSERT", "REPLACE", 1)
        connection.executemany(replace, map(_reading_row, self.readings))


def _version_row(row: int, generation: int | None, new: NewVersion) -> tuple[object, ...]:
    article, paragraphs = new.article, {sentence.paragraph for sentence in new.sentences}
    return (
        row, article.id, generation, new.digest, new.language, article.language, article.url, article.published,
        article.author, new.origin, new.source, now(), len(paragraphs), len(new.sentences), len(article.text),
        article.title, article.text, json.dumps(article.unbroken), pack(article.original),
    )  # fmt: skip


def pack(text: str | None) -> bytes | None:
    """Compress a text that is seldom read."""
    return None if text is None else zlib.compress(text.encode())


def _reading_row(known: ReadRecord) -> tuple[object, ...]:
    return (*astuple(known), now())


def _span_row(version: int, sentence: Sentence) -> tuple[object, ...]:
    return version, sentence.position, sentence.paragraph, sentence.start, sentence.end, str(sentence.kind)


def _insert(table: str, columns: Sequence[str]) -> str:
    quoted = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({quoted}) VALUES ({', '.join('?' * len(columns))})"


def now(precision: str = "seconds") -> str:
    """Return the time in UTC as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec=precision)
