"""An address -> rows of an engine: vectors of sentences and articles, and blobs by name. Errors are put into words here.

Three collections. Rows are never changed but one, the blob named CURRENT, which names the generation that is published:

    citebot_sentences   id (version * 2**20 + number), version, impacts
    citebot_articles    id (version), text, title: impacts
    citebot_blobs       id (name/number), name, version, body: see `blobs`
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from retrieval.errors import EngineAway
from retrieval.milvus.address import Address
from retrieval.milvus.blobs import count_pieces, cut, join
from retrieval.milvus.client import ARTICLES, BLOBS, PATIENCE, SENTENCES, VERSION, SharedClient

if TYPE_CHECKING:
    from pymilvus import MilvusClient

PATIENCE_OF_LOADS = 60.0  # seconds for one request
PATIENCE_OF_FILES = 600.0  # an engine in this process can be slow, but not away
_LEAST = 0.05  # seconds; with fewer no request is begun
_MOST_TERM = 2**32 - 3  # an index of a sparse vector is less than 2**32 - 1
_NO_WORD = {_MOST_TERM + 1: 1.0}  # of a vector without words: an engine takes no empty one
_BATCH = 1000  # rows in one request
_PIECES = 100  # of blobs in one request, 6.5 MB
_MOST_NUMBER = 20  # bits of a sentence's number in its article


class Vectors(NamedTuple):
    """The vectors in one column."""

    collection: str
    field: str
    version: str  # the column with the version of the article that a row belongs to


SENTENCE_VECTORS = Vectors(SENTENCES, "impacts", VERSION[SENTENCES])
TEXT_VECTORS, TITLE_VECTORS = (Vectors(ARTICLES, field, VERSION[ARTICLES]) for field in ("text", "title"))

Vector = Mapping[int, float]
_T = TypeVar("_T")


class Lost(EngineAway):
    """Something that is published is not there; it may have been replaced since it was looked up."""


class _Budget:
    """How many seconds some requests may still take together."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds


_budget: ContextVar[_Budget] = ContextVar("budget")  # threads that ask for another take its context with them


class Connection:
    """A connection to one engine, for all threads; the first request opens it, and one that failed opens it anew."""

    def __init__(self, address: Address, patience: float = PATIENCE) -> None:
        """Take an address, and how many seconds one request may take."""
        self.address, self._patience = address, PATIENCE_OF_FILES if address.is_file else patience
        self._client = SharedClient(address, self._patience)

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        self._client.close()

    @property
    def openings(self) -> int:
        """How many times it was opened."""
        return self._client.openings

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let all requests in the block take so many seconds together; those of a block within are not counted.

        An engine in this process can be slow, but not away.
        """
        before = _budget.set(_Budget(inf if self.address.is_file else seconds))
        try:
            yield
        finally:
            _budget.reset(before)

    def _ask(self, request: "Callable[[MilvusClient, float], _T]") -> _T:
        """Make a request, given the seconds that it may take; raise EngineAway."""
        begun, budget = time.monotonic(), _budget.get(None) or _Budget(inf)

        def seconds() -> float:
            left = budget.left - (time.monotonic() - begun)
            if left < _LEAST:
                raise EngineAway(
                    f"The engine at {self.address} answers too slowly. See what it is busy with, then try again."
                )
            return min(self._patience, left)

        try:
            return self._client.ask(request, seconds)
        finally:
            budget.left -= time.monotonic() - begun

    def search(self, vectors: Vectors, query: Vector, most: int, where: str) -> list[tuple[int, float]]:
        """Return the versions of the vectors that have the greatest inner product with a query, and that, descending."""
        (rows,) = self._ask(
            lambda client, seconds: client.search(
                vectors.collection, [_vector(query)], anns_field=vectors.field, limit=most, filter=where,
                output_fields=[vectors.version], timeout=seconds,
                search_params={"metric_type": "IP", "params": {"drop_ratio_search": 0.0}},
            )
        )  # fmt: skip
        return [(row["entity"][vectors.version], row["distance"]) for row in rows]

    def needed(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return blobs by name; raise Lost if one is not there."""
        found = self.blobs(names)
        if lost := [name for name in names if name not in found]:
            raise self.lost(lost[0])
        return found

    def check(self, names: Sequence[str]) -> None:
        """Raise Lost unless these blobs are there, as far as their first pieces tell."""
        pieces = self._pieces([f"{name}/0" for name in names])
        if lost := [name for name in names if f"{name}/0" not in pieces]:
            raise self.lost(lost[0])

    def lost(self, what: str) -> Lost:
        """Return the error that something is not there."""
        return Lost(
            f"The engine at {self.address} has lost {what}. Restore its data, or drop its collections "
            "(their names begin with citebot_) and load the articles again into a new CITEBOT_DB."
        )

    def blobs(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return blobs by name; one that is not there is left out. Raise Lost if a part of one is not there."""
        pieces = self._pieces([f"{name}/0" for name in names])
        more = [
            f"{name}/{number}"
            for name in names
            for number in range(1, count_pieces(pieces[f"{name}/0"]) if f"{name}/0" in pieces else 0)
        ]
        pieces |= self._pieces(more)
        found = {}
        for name in names:
            if f"{name}/0" in pieces:
                parts = [f"{name}/{number}" for number in range(count_pieces(pieces[f"{name}/0"]))]
                if lost := [part for part in parts if part not in pieces]:
                    raise self.lost(lost[0])
                found[name] = join([pieces[part] for part in parts])
        return found

    def of_version(self, version: int) -> dict[str, bytes]:
        """Return the blobs of a version by name, at most some hundreds, each of one piece."""
        rows = self._ask(
            lambda client, seconds: client.query(
                BLOBS, filter=f"version == {version}", output_fields=["name", "body"], limit=_BATCH, timeout=seconds
            )
        )
        return {row["name"]: join([row["body"]]) for row in rows}

    def _pieces(self, ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in _batches(ids, _PIECES):
            found |= {row["id"]: row["body"] for row in self._ask(partial(_get_pieces, some))}
        return found

    def put_blobs(self, blobs: Iterable[tuple[str, bytes, int]]) -> int:
        """Write blobs, or replace them: name, bytes, and the version of the article that it belongs to, 0 for none.

        Return how many rows they are.
        """
        pieces = (
            {"id": f"{name}/{number}", "name": name, "version": version, "body": piece, "unused": [0.0, 0.0]}
            for name, packed, version in blobs
            for number, piece in enumerate(cut(packed))
        )
        return self._upsert(BLOBS, pieces, size=_PIECES)

    def put_vectors(self, rows: Iterable[tuple[int, Sequence[Vector], Vector, Vector]]) -> int:
        """Write the vectors of articles: version, sentences, text, title; return how many sentences there were."""
        count = 0
        for some in _batches(rows, 200):
            sentences = [
                {"id": (version << _MOST_NUMBER) + number, "version": version, "impacts": _vector(vector)}
                for version, vectors, _, _ in some
                for number, vector in enumerate(vectors)
            ]
            count += len(sentences)
            self._upsert(SENTENCES, sentences)
            articles = (
                {"id": version, "text": _vector(text), "title": _vector(title)} for version, _, text, title in some
            )
            self._upsert(ARTICLES, articles)
        return count

    def _upsert(self, collection: str, rows: Iterable[dict[str, Any]], size: int = _BATCH) -> int:
        count = 0
        for some in _batches(rows, size):
            self._ask(partial(_upsert_rows, collection, some))
            count += len(some)
        return count

    def count(self, collection: str, where: str = "") -> int:
        """Count rows."""
        (row,) = self._ask(
            lambda client, seconds: client.query(collection, filter=where, output_fields=["count(*)"], timeout=seconds)
        )
        return int(row["count(*)"])

    def delete(self, collection: str, where: str) -> None:
        """Delete rows."""
        self._ask(lambda client, seconds: client.delete(collection, filter=where, timeout=seconds))

    def delete_blobs(self, names: Sequence[str]) -> None:
        """Delete blobs by name."""
        for some in _batches(names, _BATCH):
            self.delete(BLOBS, f"name in {json.dumps(some)}")

    def clear(self) -> None:
        """Delete everything; the next request makes the collections anew."""
        self._client.clear(lambda: self._patience)

    def settle(self) -> None:
        """Return when all that was written can be searched fast."""
        for collection in (SENTENCES, ARTICLES, BLOBS):
            self._ask(partial(_flush, collection))


def _get_pieces(ids: list[str], client: "MilvusClient", seconds: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(BLOBS, ids=ids, output_fields=["id", "body"], timeout=seconds)
    return rows


def _upsert_rows(collection: str, rows: list[dict[str, Any]], client: "MilvusClient", seconds: float) -> None:
    client.upsert(collection, rows, timeout=seconds)


def _flush(collection: str, client: "MilvusClient", seconds: float) -> None:
    client.flush(collection, timeout=seconds)


def _batches(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(rows)
    while some := list(islice(rest, size)):
        yield some


def _vector(vector: Vector) -> Mapping[int, float]:
    """Return a vector that the engine takes."""
    return {min(term, _MOST_TERM): value for term, value in vector.items()} or _NO_WORD
