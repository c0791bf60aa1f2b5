"""An address -> rows of an engine: vectors of sentences and articles, and blobs by name. Errors are put into words here.

Three collections. Rows are never changed but one, the blob named CURRENT, which names the generation that is published:

    citebot_sentences   id (version * 2**20 + number), version, impacts
    citebot_articles    id (version), text, title: impacts
    citebot_blobs       id (name/number), name, version, body: see `blobs`
"""

import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from retrieval.errors import EngineAway
from retrieval.milvus.address import Address
from retrieval.milvus.blobs import PIECE_TEXT, count_pieces, cut, join

if TYPE_CHECKING:
    from pymilvus import MilvusClient

SENTENCES, ARTICLES, BLOBS = "citebot_sentences", "citebot_articles", "citebot_blobs"
PATIENCE = 5.0  # seconds for one request of a question
PATIENCE_OF_LOADS = 60.0
PATIENCE_OF_FILES = 600.0  # an engine in this process can be slow, but not away
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


SENTENCE_VECTORS = Vectors(SENTENCES, "impacts", "version")
TEXT_VECTORS, TITLE_VECTORS = (Vectors(ARTICLES, field, "id") for field in ("text", "title"))

Vector = Mapping[int, float]
_T = TypeVar("_T")
_importing = threading.Lock()


class Connection:
    """A connection to one engine, for all threads; the first request opens it, and one that failed opens it anew."""

    def __init__(self, address: Address, patience: float = PATIENCE) -> None:
        """Take an address, and how many seconds one request may take."""
        self.address, self._patience = address, PATIENCE_OF_FILES if address.is_file else patience
        self._client: MilvusClient | None = None
        self._opening = threading.Lock()

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        with self._opening:
            if self._client is not None:
                self._client.close()
            self._client = None

    def search(self, vectors: Vectors, query: Vector, most: int, where: str) -> list[tuple[int, float]]:
        """Return the versions of the vectors that have the greatest inner product with a query, and that, descending."""
        with self._asked() as client:
            return _search(client, vectors, query, most, filter=where, timeout=self._patience)

    def needed(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return blobs by name; raise EngineAway if one is not there."""
        found = self.blobs(names)
        if lost := [name for name in names if name not in found]:
            raise EngineAway(f"The engine at {self.address} has lost {lost[0]}. Load the articles again.")
        return found

    def blobs(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return blobs by name; one that is not there is left out."""
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
                numbers = range(count_pieces(pieces[f"{name}/0"]))
                found[name] = join([pieces[f"{name}/{number}"] for number in numbers])
        return found

    def _pieces(self, ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in _batches(ids, _BATCH):
            with self._asked() as client:
                rows = client.get(BLOBS, ids=some, output_fields=["id", "body"], timeout=self._patience)
                found |= {row["id"]: row["body"] for row in rows}
        return found

    def put_blobs(self, blobs: Iterable[tuple[str, bytes, int]]) -> None:
        """Write blobs, or replace them: name, bytes, and the version of the article that it belongs to, 0 for none."""
        pieces = (
            {"id": f"{name}/{number}", "name": name, "version": version, "body": piece, "unused": [0.0, 0.0]}
            for name, packed, version in blobs
            for number, piece in enumerate(cut(packed))
        )
        self._upsert(BLOBS, pieces, size=_PIECES)

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

    def _upsert(self, collection: str, rows: Iterable[dict[str, Any]], size: int = _BATCH) -> None:
        for some in _batches(rows, size):
            with self._asked() as client:
                client.upsert(collection, some, timeout=self._patience)

    def count(self, collection: str, where: str = "") -> int:
        """Count rows."""
        with self._asked() as client:
            (row,) = client.query(collection, filter=where, output_fields=["count(*)"], timeout=self._patience)
            return int(row["count(*)"])

    def delete(self, collection: str, where: str) -> None:
        """Delete rows."""
        with self._asked() as client:
            client.delete(collection, filter=where, timeout=self._patience)

    def delete_blobs(self, names: Sequence[str]) -> None:
        """Delete blobs by name."""
        for some in _batches(names, _BATCH):
            self.delete(BLOBS, f"name in {json.dumps(some)}")

    def clear(self) -> None:
        """Delete everything; the next request makes the collections anew."""
        with self._asked() as client:
            for collection in _COLLECTIONS:
                client.drop_collection(collection, timeout=self._patience)
        self.close()

    def settle(self) -> None:
        """Return when all that was written can be searched fast."""
        for collection in (SENTENCES, ARTICLES, BLOBS):
            with self._asked() as client:
                client.flush(collection, timeout=self._patience)

    @contextmanager
    def _asked(self) -> Iterator["MilvusClient"]:
        """Yield the client; raise EngineAway in place of its errors."""
        errors = _errors()
        try:
            with self._opening:
                client = self._client = self._client or _open(self.address, self._patience)
            yield client
        except errors as error:
            self._client = None  # a collection that a restarted server has not loaded is loaded by the next one
            raise EngineAway(_explained(self.address, error)) from error


def _batches(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(rows)
    while some := list(islice(rest, size)):
        yield some


def _errors() -> tuple[type[Exception], ...]:
    """Return what pymilvus raises, and import it: it sets up logs of its own, and would read a file `.env`."""
    with _importing:
        os.environ["PYTHON_DOTENV_DISABLED"] = "1"
        try:
            import grpc  # noqa: PLC0415 - only where an engine is used
            from pymilvus import MilvusException  # noqa: PLC0415
        except ImportError as error:
            raise EngineAway(
                f"pymilvus cannot be imported ({error}). Install it: pip install 'citebot[milvus]'."
            ) from error
        finally:
            del os.environ["PYTHON_DOTENV_DISABLED"]
        for name in ("pymilvus", "grpc"):  # what they log, they raise
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return MilvusException, grpc.RpcError, OSError


def _open(address: Address, patience: float) -> "MilvusClient":
    """Connect; create the collections if they are not there, and have them loaded."""
    from pymilvus import MilvusClient  # noqa: PLC0415

    client = MilvusClient(address.uri, token=address.token, db_name=address.database, timeout=patience)
    for name, fields in _COLLECTIONS.items():
        if not client.has_collection(name, timeout=patience):
            _create(client, name, fields, patience)
        client.load_collection(name, timeout=patience)
    if address.is_file:  # it makes its indexes at the first search, which takes 10 seconds for 100,000 sentences
        for vectors in (SENTENCE_VECTORS, TEXT_VECTORS, TITLE_VECTORS):
            _search(client, vectors, _NO_WORD, 1, timeout=patience)
    return client


def _search(
    client: "MilvusClient", vectors: Vectors, query: Vector, most: int, **options: str | float
) -> list[tuple[int, float]]:
    (rows,) = client.search(
        vectors.collection, [_vector(query)], anns_field=vectors.field, limit=most,
        output_fields=[vectors.version], **options,
        search_params={"metric_type": "IP", "params": {"drop_ratio_search": 0.0}},
    )  # fmt: skip
    return [(row["entity"][vectors.version], row["distance"]) for row in rows]


_COLLECTIONS = {
    SENTENCES: {"id": "number", "version": "number", "impacts": "vector"},
    ARTICLES: {"id": "number", "text": "vector", "title": "vector"},
    BLOBS: {"id": "name", "name": "name", "version": "number", "body": "body", "unused": "plane"},  # it needs a vector
}


def _create(client: "MilvusClient", name: str, fields: Mapping[str, str], patience: float) -> None:
    from pymilvus import DataType  # noqa: PLC0415

    schema, indexes = client.create_schema(auto_id=False), client.prepare_index_params()
    kinds: dict[str, tuple[DataType, dict[str, int]]] = {
        "number": (DataType.INT64, {}),
        "name": (DataType.VARCHAR, {"max_length": 200}), "body": (DataType.VARCHAR, {"max_length": PIECE_TEXT}),
        "vector": (DataType.SPARSE_FLOAT_VECTOR, {}), "plane": (DataType.FLOAT_VECTOR, {"dim": 2}),
    }  # fmt: skip
    for field, kind in fields.items():
        type_, options = kinds[kind]
        schema.add_field(field, type_, is_primary=field == "id", **options)
        if kind == "vector":
            indexes.add_index(field, index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        elif kind == "plane":
            indexes.add_index(field, index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=indexes, consistency_level="Strong", timeout=patience)


def _vector(vector: Vector) -> Mapping[int, float]:
    """Return a vector that the engine takes."""
    return {min(term, _MOST_TERM): value for term, value in vector.items()} or _NO_WORD


def _explained(address: Address, error: Exception) -> str:
    """Return what happened and what to do."""
    code = getattr(error, "code", "")
    reason = str(code() if callable(code) else getattr(error, "message", error)).removeprefix("StatusCode.")
    if "milvus-lite is required" in reason:
        return "milvus-lite, which opens a file, cannot be imported. Install it: pip install 'citebot[milvus-lite]'."
    if address.is_file and "Open local milvus failed" in reason:
        return (
            f"{address} cannot be opened. A file serves one process at a time: end the one that uses it, or have all "
            "use a server (CITEBOT_ENGINE=milvus+http://host:19530)."
        )
    if "UNAUTHENTICATED" in reason or "PERMISSION_DENIED" in reason or "auth" in reason.lower():
        return f"The engine at {address} refuses the user or token in CITEBOT_ENGINE. Correct it there."
    return f"The engine at {address} does not answer ({reason}). See that it runs and can be reached, then try again."
