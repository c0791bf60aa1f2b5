"""A store -> an engine that holds the same articles, published by one small write.

Whatever a load wrote that was killed, or whose engine went away, is written again by the next.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from retrieval.errors import EngineAway, StoreError
from retrieval.index.builder import build_index
from retrieval.index.inverter import invert
from retrieval.index.manifest import Generation, index_folder, open_generation
from retrieval.index.merger_input import MergeInput
from retrieval.index.segment import VOCABULARY, SegmentDamaged
from retrieval.index.tokens import TokenCollector
from retrieval.milvus import manifest as manifests
from retrieval.milvus.blobs import pack_arrays, pack_json
from retrieval.milvus.client import ARTICLES, BLOBS, SENTENCES, VERSION
from retrieval.milvus.connection import Connection
from retrieval.milvus.impacts import article_vectors
from retrieval.milvus.manifest import Manifest
from retrieval.store import exchange
from retrieval.store.connection import open_read_only
from retrieval.store.reader import Reader

STALE = 1.1  # times as much as its vectors say: from there on, all are made anew
_AT_ONCE = 5000  # versions that a condition names
MOST_LISTS = 20  # blobs that list versions, before they become one


class Uploaded(NamedTuple):
    """What an upload has written."""

    articles: int = 0
    sentences: int = 0


def upload(store: Path, connection: Connection, check: Callable[[], None]) -> Manifest | None:
    """Make an engine hold what a store shows; `check` is called last before that is published. Return its manifest, None
    for a store without articles.

    Raise what it raises, StoreError if it holds articles that the store does not know, and EngineAway.
    """
    if not store.exists():
        return None
    with Reader(store) as reader, closing(open_read_only(store, 10.0)) as rows:
        number, begun = reader.identity()
        if not number:
            return None
        before = manifests.published(connection)
        if before and not before.is_of(dict(rows.execute("SELECT id, begun FROM generations"))):
            raise StoreError(
                f"The engine at {connection.address} holds articles that {store} does not know. Load into another file "
                "(CITEBOT_DB): a new one begins with what the engine holds."
            )
        index = _indexed(reader, index_folder(store), number, begun)
        if before and before.shows_all_of(index, exchange.whole(rows, "sources"), exchange.places(rows, number)):
            return before
        return _Upload(connection, reader, rows, index, before).run(check)


def _indexed(reader: Reader, folder: Path, number: int, begun: str) -> Generation:
    """Open the index of a generation; a store that comes from an engine has none yet."""
    try:
        return open_generation(folder, number, begun)
    except SegmentDamaged:
        folder.mkdir(0o700, exist_ok=True)
        build_index(reader.versions(number), folder, number, begun)
        return open_generation(folder, number, begun)


class _Upload:
    """One upload."""

    def __init__(
        self,
        connection: Connection,
        reader: Reader,
        rows: sqlite3.Connection,
        index: Generation,
        before: Manifest | None,
    ) -> None:
        self._connection, self._reader, self._rows, self._index = connection, reader, rows, index
        self._before, self._newest = before, before.newest if before else 0
        known = before.vector_means if before else index.means
        # No vector may become smaller, since the generation before is still asked, by its own mean lengths.
        self._means = {name: max(mean, known[name]) for name, mean in index.means.items()}
        self._all_anew = any(mean > STALE * known[name] for name, mean in index.means.items())
        self._vector_means = self._means if self._all_anew else known
        self._pieces = 0  # rows of blobs that were written of articles that the generation shows

    def run(self, check: Callable[[], None]) -> Manifest:
        """Write what the engine lacks, publish it, and delete what no question needs any more."""
        self._delete_versions(f"> {self._newest}")  # left by a load that was killed
        listed = exchange.listed(self._rows, self._newest, self._index.number)
        ended = exchange.ends(self._rows, self._index.number)
        new = [row["row"] for row in listed]
        past = self._connection.put_blobs(self._texts([row for row in new if row in ended]))
        self._pieces += self._connection.put_blobs(self._texts([row for row in new if row not in ended]))
        self._connection.put_blobs(self._earlier_texts())
        uploaded = self._write_living()
        living = {ARTICLES: uploaded.articles, SENTENCES: uploaded.sentences, BLOBS: self._pieces}
        manifest = self._describe(listed, self._with_earlier(living))
        self._connection.settle()
        self._check(manifest, living | {BLOBS: self._pieces + past})
        names = manifests.current_names(self._connection)
        if names[:1] != ([self._before.name] if self._before else []):
            raise StoreError(f"Another load has filled the engine at {self._connection.address} meanwhile. Load again.")
        check()
        dropped = manifests.publish(self._connection, manifest, names)
        self._clean_up(manifest, names, dropped)
        return manifest

    def _texts(self, versions: list[int]) -> Iterator[tuple[str, bytes, int]]:
        for version in versions:
            yield f"text/{version}", pack_json(exchange.text(self._rows, version)), version

    def _earlier_texts(self) -> Iterator[tuple[str, bytes, int]]:
        known = frozenset(self._before.earlier if self._before else ())
        for version in exchange.earlier(self._rows):
            if version not in known:
                yield f"earlier/{version}", pack_json(exchange.earlier_text(self._rows, version)), 0

    def _write_living(self) -> Uploaded:
        """Write words and vectors of the articles that are new, or vectors of all."""
        articles = sentences = 0
        since = 0 if self._all_anew or not self._before else self._before.generation + 1
        for some in _inverted(self._reader, self._index.number, since):
            new = {version: one for version, one in some.items() if version > self._newest}
            words = ((f"words/{version}", pack_arrays(one.arrays), version) for version, one in new.items())
            self._pieces += self._connection.put_blobs(words)
            vectors = {version: article_vectors(one, self._means) for version, one in some.items()}
            self._connection.put_vectors((version, *of) for version, of in vectors.items())
            articles += len(new)
            sentences += sum(len(vectors[version].sentences) for version in new)
        return Uploaded(articles, sentences)

    def _with_earlier(self, written: Mapping[str, int]) -> dict[str, int]:
        """Return how many rows all articles of the generation have, by collection, given those of new ones."""
        before = self._before
        if before is None:
            return dict(written)
        ended = sorted(exchange.ends(self._rows, self._index.number).keys() - before.ended.keys())
        past = Counter[str]()
        for begin in range(0, len(ended), _AT_ONCE):
            for name, column in VERSION.items():
                some = f"{column} in {ended[begin : begin + _AT_ONCE]} and {column} <= {before.newest}"
                past[name] += self._connection.count(name, some)
        return {name: before.rows[name] + count - past[name] for name, count in written.items()}

    def _describe(self, listed: list[exchange.Row], living: dict[str, int]) -> Manifest:
        """Write what describes the generation, and return its manifest."""
        id_, before, number = uuid4().hex, self._before, self._index.number
        ended = exchange.ends(self._rows, number)
        catalogue = before.catalogue if before else []
        moved = before and before.places != exchange.places(self._rows, before.generation)
        if len(catalogue) < MOST_LISTS and not moved:
            ended = (before.ended if before else {}) | ended
        else:
            listed, catalogue = exchange.listed(self._rows, 0, number), []
        words = {manifests.vocabulary_name(one.segment): one.segment for one in self._index.segments}
        known = before.words if before else {}
        blobs = {f"catalogue/{id_}": pack_json(listed), f"readings/{id_}": pack_json(self._table("readings"))} | {
            name: pack_arrays({part: segment.arrays[part] for part in VOCABULARY})
            for name, segment in words.items()
            if name not in known
        }
        self._connection.put_blobs((name, packed, 0) for name, packed in blobs.items())
        return Manifest(
            name=f"manifest/{id_}",
            generation=number,
            begun=self._index.begun,
            newest=max([self._newest, *(row["row"] for row in listed)]),
            means=dict(self._index.means),
            vector_means=dict(self._vector_means),
            words={name: dict(segment.languages) for name, segment in words.items()},
            sentences=self._index.sentences,
            catalogue=[*catalogue, f"catalogue/{id_}"],
            ended=ended,
            places=exchange.places(self._rows, number),
            readings=f"readings/{id_}",
            rows=living,
            earlier=exchange.earlier(self._rows),
            generations=self._table("generations", f"state = 'published' AND id <= {number}"),
            sources=self._table("sources"),
        )

    def _table(self, name: str, condition: str = "1") -> list[exchange.Row]:
        return exchange.whole(self._rows, name, condition)

    def _check(self, manifest: Manifest, written: Mapping[str, int]) -> None:
        """Raise EngineAway unless all that the manifest names is there, and nothing else that is as new."""
        for collection, count in written.items():
            found = self._connection.count(collection, f"{VERSION[collection]} > {self._newest}")
            if found != count:
                raise EngineAway(
                    f"The engine at {self._connection.address} holds {found} new rows in {collection} instead of {count}. "
                    "Load again."
                )
        manifests.check_rows(self._connection, manifest)
        self._connection.check(sorted(manifest.blobs - {manifest.name}))

    def _clean_up(self, manifest: Manifest, names: list[str], dropped: list[str]) -> None:
        """Delete what only manifests name that are no longer kept, and the versions that the store keeps no longer."""
        kept = [manifest, *(manifests.read_manifest(self._connection, name) for name in names if name not in dropped)]
        named = set().union(*(one.blobs for one in kept))
        gone = set().union(*(manifests.read_manifest(self._connection, name).blobs for name in dropped)) - named
        past_earlier = set(self._before.earlier if self._before else ()) - set(manifest.earlier)
        self._connection.delete_blobs([*sorted(gone), *(f"earlier/{version}" for version in sorted(past_earlier))])
        least = min(one.generation for one in kept)
        stored = {row for (row,) in self._rows.execute("SELECT row FROM versions")}
        past = [row for row, until in manifest.ended.items() if until <= least and row not in stored]
        if past:
            self._delete_versions(f"in {sorted(past)}")

    def _delete_versions(self, which: str) -> None:
        for collection, column in VERSION.items():
            self._connection.delete(collection, f"{column} {which}")


def _inverted(reader: Reader, generation: int, since: int, size: int = 100) -> Iterator[dict[int, MergeInput]]:
    """Yield the words of articles by version, some articles at a time."""
    tokens, some = TokenCollector(), dict[int, MergeInput]()
    for version in reader.versions(generation, since):
        tokens.add(version)
        some[version.row] = invert(tokens.take())
        if len(some) >= size:
            yield some
            some = {}
    yield some
