"""What a process knows of an engine: the generation that is published, its words, and articles that were asked lately."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import numpy as np

from retrieval.index.bm25 import ARTICLE, SENTENCE, TITLE
from retrieval.index.foreign_words import ForeignWords
from retrieval.index.manifest import Generation, LiveSegment
from retrieval.index.merger_input import MergeInput
from retrieval.index.query_reader import QueryReader
from retrieval.index.segment import Arrays, Segment
from retrieval.index.vocabulary import Vocabulary
from retrieval.milvus import manifest as manifests
from retrieval.milvus.blobs import unpack_arrays
from retrieval.milvus.client import PATIENCE
from retrieval.milvus.connection import SENTENCE_VECTORS, TEXT_VECTORS, TITLE_VECTORS, Lost, Vectors
from retrieval.milvus.download import Download
from retrieval.milvus.manifest import Manifest
from retrieval.milvus.search import EngineSearcher, Listed, Vector, Versions
from retrieval.store.reader import Reader

REMEMBERED = 100_000_000  # bytes of articles' words that stay in memory, some 25 kB each
NAMED = 500  # versions that a condition names; of more, those that are not wanted are left out of what is listed
NAMED_IF_RARE = 10_000  # that it names if they are less than one in RARE of all
RARE = 10

_VECTORS = {SENTENCE.name: SENTENCE_VECTORS, ARTICLE.name: TEXT_VECTORS, TITLE.name: TITLE_VECTORS}

T = TypeVar("T")


class Published(NamedTuple):
    """A generation that can be asked; it stays so while others are published, as long as its manifest is kept."""

    manifest: Manifest
    segments: Mapping[str, Segment]  # its vocabularies, by the name of their blob
    openings: int  # of the connection, when it was last seen that nothing is missing


class Corpus:
    """The articles of an engine, for all threads of a process."""

    def __init__(self, download: Download) -> None:
        """Take what fills the store of this process."""
        self.connection, self._download = download.connection, download
        self._published: Published | None = None
        self._following = threading.Lock()
        self._remembered = _Remembered(REMEMBERED)

    def current(self) -> Published | None:
        """Return what is published now, and have its articles listed in the store; None if there is nothing.

        Raise Lost if not all of it is there.
        """
        names = self._names()
        while names:
            with self._following, self.connection.within(inf):  # a new generation takes longer than a question may
                try:
                    self._follow(names[0])
                except Lost:
                    names, before = self._names(), names
                    if names[:1] == before[:1]:
                        raise
                else:
                    return self._published
        return None

    def _names(self) -> list[str]:
        names = manifests.current_names(self.connection)
        if not names and self._published:
            raise self.connection.lost("the name of what is published")
        return names

    def _follow(self, name: str) -> None:
        before, openings = self._published, self.connection.openings
        if before and (before.manifest.name, before.openings) == (name, openings):
            return
        if before and before.manifest.name == name:
            manifest, segments = before.manifest, before.segments
        else:
            manifest = manifests.read_manifest(self.connection, name)
            self._download.follow(manifest)
            segments = self._vocabularies(manifest, before.segments if before else {})
        manifests.check_rows(self.connection, manifest)  # a server that was restarted may have lost some
        self._published = Published(manifest, segments, openings)

    def _vocabularies(self, manifest: Manifest, known: Mapping[str, Segment]) -> dict[str, Segment]:
        """Return the vocabularies of segments, of which those that are not known are fetched."""
        found = self.connection.needed([name for name in manifest.words if name not in known])
        fresh = {name: Segment(Path(name), unpack_arrays(found[name]), manifest.words[name]) for name in found}
        return {name: fresh.get(name) or known[name] for name in manifest.words}

    def searcher(self, published: Published, check_time: Callable[[], None]) -> EngineSearcher:
        """Return a searcher of a generation, for one thread."""
        manifest, segments = published.manifest, published.segments.values()
        generation = Generation(manifest.generation, manifest.begun, manifest.means, tuple(map(LiveSegment, segments)))
        reader = QueryReader(list(map(_SegmentWords, segments)), generation.languages, manifest.sentences)
        return EngineSearcher(generation, reader, EngineRows(self, manifest), manifest.slack, check_time)

    def words(self, versions: Sequence[int]) -> list[MergeInput]:
        """Return the words of articles, in the order of their versions."""
        found = self._remembered.take(versions)
        blobs = self.connection.needed([f"words/{version}" for version in versions if version not in found])
        fresh = {version: unpack_arrays(blobs[f"words/{version}"]) for version in versions if version not in found}
        self._remembered.add(fresh)
        return [MergeInput((found | fresh)[version], {}) for version in versions]


class _Remembered:
    """The words of the articles that were asked last; for all threads."""

    def __init__(self, most: int) -> None:
        """Take how many bytes may be kept."""
        self._most, self._bytes, self._lock = most, 0, threading.Lock()
        self._kept: OrderedDict[int, Arrays] = OrderedDict()  # the last used last

    def take(self, versions: Iterable[int]) -> dict[int, Arrays]:
        """Return what is kept of some articles."""
        with self._lock:
            found = {version: self._kept[version] for version in versions if version in self._kept}
            for version in found:
                self._kept.move_to_end(version)
            return found

    def add(self, words: Mapping[int, Arrays]) -> None:
        """Keep the words of articles in place of those that were used longest ago."""
        with self._lock:
            for version, arrays in words.items():
                if version not in self._kept:
                    self._kept[version] = arrays
                    self._bytes += _size(arrays)
            while self._bytes > self._most:
                self._bytes -= _size(self._kept.popitem(last=False)[1])


def _size(arrays: Arrays) -> int:
    return sum(array.nbytes for array in arrays.values())


class _SegmentWords:
    """The words of one segment, for one thread."""

    def __init__(self, segment: Segment) -> None:
        self.vocabulary = Vocabulary(segment)
        self.foreign = ForeignWords(self.vocabulary)


@dataclass(frozen=True, slots=True)
class EngineRows:
    """The rows of one generation."""

    corpus: Corpus
    manifest: Manifest
    wanted: frozenset[int] | None = None  # versions; None for all

    def only(self, versions: Versions) -> Self:
        """Return the rows of these versions only, of those that there are."""
        wanted = frozenset(versions.tolist())
        return replace(self, wanted=wanted if self.wanted is None else wanted & self.wanted)

    def lists(self, query: Vector, most: Mapping[str, int]) -> dict[str, Listed]:
        """List the best articles by their fields, not weighted, and the best sentences; all at once."""
        if not query or (self.wanted is not None and not self.wanted):
            return dict.fromkeys(most, Listed([], [], 0.0))
        with ThreadPoolExecutor(len(_VECTORS)) as pool:
            asked = {  # each with the time that is left to the question
                name: pool.submit(copy_context().run, self._listed, _VECTORS[name], query, most[name]) for name in most
            }
            return {name: listed.result() for name, listed in asked.items()}

    def words(self, versions: Sequence[int]) -> list[MergeInput]:
        """Return the words of articles, in the order of their versions."""
        return self.corpus.words(versions)

    def _condition(self, column: str) -> str:
        wanted, newest = self.wanted, self.manifest.newest
        if wanted is None or len(wanted) > NAMED_IF_RARE or (len(wanted) > NAMED and len(wanted) * RARE > newest):
            return f"{column} <= {newest}"
        return f"{column} in {sorted(wanted)}"

    def _listed(self, vectors: Vectors, query: Vector, most: int) -> Listed:
        found = self.corpus.connection.search(vectors, query, most, self._condition(vectors.version))
        shown = [(version, score) for version, score in found if self._shows(version)]
        versions, scores = [version for version, _ in shown], [score for _, score in shown]
        return Listed(versions, scores, found[-1][1] if len(found) >= most else 0.0)

    def _shows(self, version: int) -> bool:
        return version not in self.manifest.ended and (self.wanted is None or version in self.wanted)


class EngineIndex:
    """The generation of an engine that questions are asked of; for one thread."""

    def __init__(self, corpus: Corpus, reader: Reader) -> None:
        """Take the articles, and the reader of the store that lists them."""
        self._corpus, self._reader = corpus, reader
        self._published: Published | None = None
        self._searcher: EngineSearcher | None = None

    def close(self) -> None:
        """Let go of the generation."""
        self._published = self._searcher = None

    def searcher(self) -> EngineSearcher | None:
        """Return the searcher of the current generation, None for an empty engine."""
        published = self._corpus.current()
        if published is not self._published:
            self._searcher = self._opened(published) if published else None
            self._published = published
        return self._searcher

    def _opened(self, published: Published) -> EngineSearcher:
        searcher = self._corpus.searcher(published, self._reader.limit.check)
        if not self._reader.sets:
            return searcher
        return searcher.restricted_to(np.array(self._reader.in_sets(published.manifest.generation), np.int64))

    def mending(self, ask: Callable[[], T]) -> T:
        """Ask; once more if what was asked has been replaced meanwhile, and is no longer kept.

        The engine gets half the time that a question may take: if it takes longer, it is the engine that is slow.
        """
        with self._corpus.connection.within(PATIENCE):
            try:
                return ask()
            except Lost:
                if self._corpus.current() is self._published:
                    raise
                return ask()
