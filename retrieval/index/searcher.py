"""Search a generation: a question's tokens -> a query -> the best sentences of all segments."""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELD_NAMES, WEIGHTS, idf_array
from retrieval.index.manifest import Generation
from retrieval.index.query_reader import QueryReader
from retrieval.index.records import Floats, Query
from retrieval.index.segment import WORD
from retrieval.index.segment_searcher import Offsets, SegmentSearcher
from retrieval.index.top_k import TopHits, TopK
from retrieval.text.analyzer import Token


class Found(NamedTuple):
    """The best sentences for a query, and the searcher that knows all about them, in which their rows are numbered."""

    searcher: "Searcher"
    hits: TopHits


class Searcher:
    """Searches one generation; not to be shared between threads."""

    def __init__(self, generation: Generation, reader: QueryReader | None = None) -> None:
        """Take an opened generation, and the reader of its questions where that knows more words than its segments."""
        self.generation, self.languages = generation, generation.languages
        self.sentences = generation.sentences
        self.segments: list[SegmentSearcher] = []
        offsets = Offsets(0, 0, 0)
        for living in generation.segments:
            segment = SegmentSearcher(living, generation.means, offsets)
            self.segments.append(segment)
            sizes = segment.sentences, len(segment.first) - 1, len(segment.article_first) - 1
            offsets = Offsets(*(before + size for before, size in zip(offsets, sizes, strict=True)))
        self.reader = reader or QueryReader(self.segments, self.languages, self.sentences)
        self._counts_all = reader is None
        self.unknown_idf = self.reader.unknown_idf

    def restricted_to(self, versions: NDArray[np.int64]) -> "Searcher":
        """Return a searcher of the articles of these versions only, whose rows ascend.

        Words weigh the same as in the whole generation.
        """
        segments = tuple(one.only(versions) for one in self.generation.segments)
        return Searcher(replace(self.generation, segments=segments))

    def query(
        self, text: str, language: str, tokens: Collection[Token], types: frozenset[str] = frozenset(), kinds: int = 0
    ) -> Query:
        """Look up the words of a question, each once."""
        return self.reader.query(text, language, tokens, types, kinds)

    def top(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> Found:
        """Find the best k sentences by the weighted sum of the named fields."""
        return Found(self, self.search(query, k, names))

    def search(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> TopHits:
        """Find the best k sentences by the weighted sum of the named fields."""
        best = TopK(k, {name: weight for name, weight in WEIGHTS.items() if name in names})
        for segment in self.segments:
            segment.search(query, best)
        return best.hits()

    def scores(self, query: Query, rows: NDArray[np.intp]) -> dict[str, Floats]:
        """Return the scores of some sentences by field: (n,)."""
        found = {name: np.zeros(len(rows), np.float32) for name in WEIGHTS}
        for segment, here in self.by_segment(rows):
            for name, values in segment.scores(query, rows[here] - segment.offsets.rows).items():
                found[name][here] = values
        return found

    def keys(self, rows: NDArray[np.intp]) -> list[tuple[int, int]]:
        """Return the version row and the position that identify each sentence in the store."""
        found: dict[int, tuple[int, int]] = {}
        for segment, here in self.by_segment(rows):
            found.update(zip(here.tolist(), segment.keys(rows[here] - segment.offsets.rows), strict=True))
        return [found[number] for number in range(len(rows))]

    def idfs(self, segment: SegmentSearcher, words: NDArray[np.integer]) -> Floats:
        """Return the idf of the terms of some words of a segment."""
        columns = segment.vocabulary.columns.take(words)
        if not self._counts_all:
            return self.reader.idfs(segment.vocabulary.terms.take(columns))
        df = segment.vocabulary.df_of.take(columns)
        for other in self.segments:
            if other is not segment:
                df = df + other.vocabulary.dfs(segment.vocabulary.terms.take(columns))
        return idf_array(self.sentences, df)

    def word(self, row: int, place: int) -> str:
        """Return the letters, normalised, of a running word of a sentence; places count from 0."""
        (segment, _), *_ = self.by_segment(np.array([row]))
        at = int(segment.forward.at[row - segment.offsets.rows]) + place
        return segment.vocabulary.spelling(int(segment.forward.words[at] & WORD))

    def running_terms(self, version: int, most: int) -> NDArray[np.uint32]:
        """Return the first terms of the sentences of an article, by the row of its version in the store."""
        found = (segment.running_terms(version, most) for segment in self.segments)
        return next((terms for terms in found if terms is not None), np.empty(0, np.uint32))

    def by_segment(self, rows: NDArray[np.intp]) -> list[tuple[SegmentSearcher, NDArray[np.intp]]]:
        """Group rows by the segment that holds them: return the segments with places in `rows`."""
        if len(self.segments) == 1:
            return [(self.segments[0], np.arange(len(rows)))]
        starts = np.array([segment.offsets.rows for segment in self.segments])
        number = starts.searchsorted(rows, side="right") - 1
        return [(self.segments[one], np.flatnonzero(number == one)) for one in np.unique(number)]
