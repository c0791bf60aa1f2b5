"""A store -> an engine, an engine -> a store: copied whole, then both compared; what an engine holds, in numbers.

A place is the address of an engine, or the path of a store.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from retrieval.engine import Engine, open_engine
from retrieval.errors import StoreError
from retrieval.milvus import manifest as manifests
from retrieval.milvus.address import parse_address
from retrieval.milvus.claim import claimed
from retrieval.milvus.client import ARTICLES, BLOBS, SENTENCES
from retrieval.milvus.connection import PATIENCE_OF_LOADS, Connection
from retrieval.milvus.download import Download, make_ordinary
from retrieval.milvus.upload import upload
from retrieval.store.connection import STORE
from retrieval.store.earlier_versions import HistoryReader
from retrieval.store.lock import load_lock

ASKED = 50  # titles, as questions that both sides are asked


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing that two places have, or ought to have, in common."""

    what: str
    source: str
    target: str
    is_equal: bool
    is_decisive: bool = True  # whether the places differ if it does


@dataclass(frozen=True, slots=True)
class EngineState:
    """What an engine holds."""

    address: str
    generation: int
    published: str | None  # ISO 8601, UTC
    articles: int
    sentences: int  # that can answer
    manifests: int  # generations that can be asked
    rows: dict[str, int]  # by collection
    slack: float  # how many times more than its vectors say a sentence may score; from 1.1 on they are made anew


def is_engine(place: str) -> bool:
    """Whether a place is the address of an engine."""
    return place.startswith("milvus+")


def copy_articles(source: str, target: str, *, replace: bool = False) -> list[Compared]:
    """Copy all articles with their history, one of both places being an engine; return how they compare afterwards.

    Raise StoreError if there is nothing to copy, or if the target holds other articles and is not to be replaced.
    """
    beside = [Path(place).absolute().parent for place in (target, source) if not is_engine(place)]
    with TemporaryDirectory(prefix=".citebot-copy-", dir=next(iter(beside), None)) as folder:
        whole = Path(folder, "whole.db")
        if is_engine(source):
            _download(source, whole)
        else:
            whole = Path(source)
        if is_engine(target):
            _fill(whole, target, replace=replace)
        else:
            _put(whole, Path(target), source, replace=replace)
        with ExitStack() as stack:
            sides = [
                stack.enter_context(
                    open_engine(Path(folder, f"{name}.db"), address=place) if is_engine(place) else open_engine(place)
                )
                for name, place in (("source", source), ("target", target))
            ]
            return list(_compare(*sides))


def describe_engine(address: str) -> EngineState:
    """Return what an engine holds; raise EngineAway."""
    with closing(_connect(address)) as connection:
        names = manifests.current_names(connection)
        rows = {name: connection.count(name) for name in (SENTENCES, ARTICLES, BLOBS)}
        if not names:
            return EngineState(str(connection.address), 0, None, 0, 0, 0, rows, 1.0)
        manifest = manifests.read_manifest(connection, names[0])
    current = manifest.generations[-1]
    return EngineState(
        str(connection.address), manifest.generation, current["published"], current["articles"] or 0,
        manifest.sentences, len(names), rows, manifest.slack,
    )  # fmt: skip


def _connect(address: str) -> Connection:
    return Connection(parse_address(address), PATIENCE_OF_LOADS)


def _download(address: str, store: Path) -> None:
    """Make a new store hold all that an engine does."""
    with closing(_connect(address)) as connection:
        manifest = manifests.published(connection)
        if manifest is None:
            raise StoreError(f"The engine at {connection.address} holds no articles.")
        Download(store, connection).complete(manifest)
    make_ordinary(store)


def _fill(store: Path, address: str, *, replace: bool) -> None:
    """Make an engine hold what a store shows."""
    if not _generations(store):
        raise StoreError(f"There are no articles in {store}.")
    with load_lock(store), closing(_connect(address)) as connection:
        before = manifests.published(connection)
        if before and not before.is_of(_generations(store)):
            if not replace:
                raise StoreError(_refusal(f"The engine at {connection.address}", str(store)))
            connection.clear()
        with claimed(connection) as claim:
            upload(store, connection, claim.check)


def _put(whole: Path, store: Path, source: str, *, replace: bool) -> None:
    """Make a store what another is, for readers at once."""
    with load_lock(store):
        shown = next(reversed(_generations(store).items()), None)
        if shown and shown not in _generations(whole).items() and not replace:
            raise StoreError(_refusal(str(store), f"the engine at {parse_address(source)}"))
        store.touch(0o600)
        with (
            STORE.explained(store),
            closing(sqlite3.connect(whole)) as read,
            closing(sqlite3.connect(store)) as written,
        ):
            read.backup(written)


def _generations(store: Path) -> dict[int, str]:
    """Return when the generations of a store were begun, in order."""
    with HistoryReader(store) as reader:
        return {one.number: reader.begun(one.number) for one in reversed(list(reader.history()))}


def _refusal(target: str, source: str) -> str:
    return (
        f"{target} holds other articles than {source}, or later ones. Copy elsewhere, or add --replace to delete those."
    )


def _compare(source: Engine, target: Engine) -> Iterator[Compared]:
    both = (source, target)
    articles = [engine.articles() for engine in both]
    yield _compared("generation", [f"{engine.generation():,}" for engine in both])
    yield _compared("articles", [f"{len(some):,}" for some in articles])
    yield _compared("sentences", [f"{sum(one.sentences for one in some):,}" for some in articles])
    yield _compared("texts", [_checksum(engine) for engine in both])
    yield _compared("history", [f"{len(engine.history()):,}" for engine in both])
    titles = [one.title for one in articles[0] if one.title]
    asked = titles[:: max(1, -(-len(titles) // ASKED))]
    firsts = [[_first(engine, title) for title in asked] for engine in both]
    same = sum(one == other for one, other in zip(*firsts, strict=True))
    yield Compared("first hits", f"{same:,} of {len(asked):,} the same", "", same == len(asked), is_decisive=False)


def _compared(what: str, values: Sequence[str]) -> Compared:
    source, target = values
    return Compared(what, source, target, source == target)


def _checksum(engine: Engine) -> str:
    """Return the beginning of a checksum of all articles as they were given."""
    found = hashlib.sha256()
    for article in engine.export():
        found.update(repr(astuple(article)).encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:16]


def _first(engine: Engine, question: str) -> tuple[str, int, int] | None:
    """Return where the first hit is. Its score may differ: an index that is made anew has other statistics."""
    return next(((hit.article, hit.start, hit.end) for hit in engine.ask(question, 1).hits), None)
