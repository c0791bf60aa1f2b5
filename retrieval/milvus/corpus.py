"""What a process knows of an engine: the generation that is published, its words, and articles that were asked lately."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeVar

import numpy as np

from retrieval.index.bm25 import ARTICLE, TITLE
from retrieval.index.foreign_words import ForeignWords
from retrieval.index.manifest import Generation, LiveSegment
from retrieval.index.merger_input import MergeInput
from retrieval.index.query_reader import QueryReader
from retrieval.index.segment import Arrays, Segment
from retrieval.index.vocabulary import Vocabulary
from retrieval.milvus import manifest as manifests
from retrieval.milvus.blobs import unpack_arrays
from retrieval.milvus.connection import SENTENCE_VECTORS, TEXT_VECTORS, TITLE_VECTORS, Vectors
from retrieval.milvus.download import Download
from retrieval.milvus.manifest import Manifest
from retrieval.milvus.search import EngineSearcher, Listed, Vector, Versions
from retrieval.store.reader import Reader

REMEMBERED = 1000  # articles whose words stay in memory, some 50 kB each
MOST_NAMED = 500  # versions that a condition names; of more, those that are not wanted are left out of what is listed

_VECTORS = {ARTICLE.name: TEXT_VECTORS, TITLE.name: TITLE_VECTORS}

T = TypeVar("T")


class Corpus:
    """The articles of an engine, for all threads of a process."""

    def __init__(self, download: Download) -> None:
        """Take what fills the store of this process."""
        self.connection, self._download = download.connection, download
        self._manifest: Manifest | None = None
        self._segments: dict[str, Segment] = {}
        self._words: dict[int, Arrays] = {}
        self._lock = threading.Lock()

    def current(self) -> Manifest | None:
        """Return the manifest that is published now, and have its articles listed in the store; None if there is none."""
        names = manifests.current_names(self.connection)
        if not names:
            return None
        with self._lock:
            if self._manifest is None or self._manifest.name != names[0]:
                manifest = manifests.read_manifest(self.connection, names[0])
                self._download.follow(manifest)
                self._take_words(manifest)
                self._manifest = manifest
            return self._manifest

    def _take_words(self, manifest: Manifest) -> None:
        """Fetch the vocabularies of segments that are not known yet."""
        lacking = [name for name in manifest.words if name not in self._segments]
        found = self.connection.needed(lacking)
        fresh = {name: Segment(Path(name), unpack_arrays(found[name]), manifest.words[name]) for name in lacking}
        self._segments = {name: (self._segments | fresh)[name] for name in manifest.words}

    def searcher(self, manifest: Manifest) -> EngineSearcher:
        """Return a searcher of a generation, for one thread."""
        segments = [self._segments[name] for name in manifest.words]
        generation = Generation(manifest.generation, manifest.begun, manifest.means, tuple(map(LiveSegment, segments)))
        words = [_SegmentWords(segment) for segment in segments]
        reader = QueryReader(words, generation.languages, manifest.sentences)
        return EngineSearcher(generation, reader, EngineRows(self, manifest), manifest.slack)

    def words(self, versions: Sequence[int]) -> list[MergeInput]:
        """Return the words of articles, in the order of their versions."""
        lacking = [version for version in versions if version not in self._words]
        blobs = self.connection.needed([f"words/{version}" for version in lacking])
        found = {version: unpack_arrays(blobs[f"words/{version}"]) for version in lacking}
        with self._lock:
            found |= {version: self._words[version] for version in versions if version in self._words}
            if len(self._words) + len(found) > REMEMBERED:
                self._words.clear()
            self._words |= found
        return [MergeInput(found[version], {}) for version in versions]


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
        """Return the rows of these versions only."""
        return replace(self, wanted=frozenset(versions.tolist()))

    def sentences(self, query: Vector, most: int) -> Listed:
        """List the best sentences, by all fields but those of their article."""
        return self._listed(SENTENCE_VECTORS, query, most)

    def articles(self, field: str, query: Vector, most: int) -> Listed:
        """List the best articles by one field, not weighted."""
        return self._listed(_VECTORS[field], query, most)

    def words(self, versions: Sequence[int]) -> list[MergeInput]:
        """Return the words of articles, in the order of their versions."""
        return self.corpus.words(versions)

    def _listed(self, vectors: Vectors, query: Vector, most: int) -> Listed:
        where = f"{vectors.version} <= {self.manifest.newest}"
        if self.wanted is not None and len(self.wanted) <= MOST_NAMED:
            where = f"{vectors.version} in {sorted(self.wanted)}"
        found = self.corpus.connection.search(vectors, query, most, where) if query else []
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
        self._manifest: Manifest | None = None
        self._searcher: EngineSearcher | None = None

    def close(self) -> None:
        """Let go of the generation."""
        self._manifest = self._searcher = None

    def searcher(self) -> EngineSearcher | None:
        """Return the searcher of the current generation, None for an empty engine."""
        manifest = self._corpus.current()
        if manifest is not self._manifest:
            self._searcher = self._corpus.searcher(manifest) if manifest else None
            if manifest and self._searcher and self._reader.sets:
                rows = np.array(self._reader.in_sets(manifest.generation), np.int64)
                self._searcher = self._searcher.restricted_to(rows)
            self._manifest = manifest
        return self._searcher

    def mending(self, ask: Callable[[], T]) -> T:
        """Ask; there is no index of this machine that could be damaged."""
        return ask()
