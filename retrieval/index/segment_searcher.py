"""Search one segment by its vocabulary, its sentences and its postings."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import SECTION, TITLE, Means
from retrieval.index.foreign_words import ForeignWords
from retrieval.index.full_search import FullSearch
from retrieval.index.manifest import LiveSegment
from retrieval.index.postings import SegmentQuery
from retrieval.index.pruned_search import PrunedSearch
from retrieval.index.records import Floats, Query, QueryTerm
from retrieval.index.scorer import ranges
from retrieval.index.segment import WORD
from retrieval.index.top_k import TopK
from retrieval.index.vocabulary import Vocabulary

AT_ONCE = 1_000_000  # running words of a segment that are read together
SMALL = 30_000  # sentences: in a larger segment, all postings would take too much memory, 280 bytes a sentence

Rows = NDArray[np.intp]


class Offsets(NamedTuple):
    """How many of each the segments before this one have, so that numbers are unique in a generation."""

    rows: int
    paragraphs: int
    articles: int


class ForwardIndex(NamedTuple):
    """The running words of a segment: those of row i are words[at[i]:at[i + 1]]."""

    at: NDArray[np.uint32]
    words: NDArray[np.uint32]  # numbers in the table of words, PlaceCue bits above WORD_BITS

    def of(self, rows: Rows, most: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return where the words of each row start, and how many there are, up to a maximum."""
        start = self.at.take(rows).astype(np.intp)
        return start, np.minimum(self.at.take(rows + 1) - start, most)


class UnitVectors(NamedTuple):
    """The rows of word vectors of each title, or of what surrounds each paragraph: of unit i, rows[at[i]:at[i + 1]]."""

    at: NDArray[np.uint32]
    rows: NDArray[np.uint16]

    def of(self, units: NDArray[np.integer], most: int) -> tuple[NDArray[np.uint16], Rows]:
        """Return the rows of each unit, one unit after the other, and how many each has, up to a maximum."""
        start = self.at.take(units).astype(np.intp)
        lengths = np.minimum(self.at.take(units + 1) - start, most)
        return self.rows.take(ranges(start, lengths)), lengths


class SegmentSearcher:
    """Searches a segment of a generation; not to be shared between threads."""

    def __init__(self, living: LiveSegment, means: Means, offsets: Offsets) -> None:
        """Take a segment, the mean lengths of its generation, and what comes before it."""
        self._living, self._means, self._searched = living, means, False
        arrays = self._arrays = living.segment.arrays
        self.offsets, self.sentences = offsets, living.segment.sentences
        self.vocabulary = Vocabulary(living.segment)
        self.foreign = ForeignWords(self.vocabulary)
        self._pruned = PrunedSearch(living.segment, means, living.dead, offsets.rows)
        self.postings = {**self._pruned.articles, SECTION.name: self._pruned.sections}
        self.first, self.article_first = arrays["paragraph.first"], arrays["article.first"]
        self.forward = ForwardIndex(arrays["forward.at"], arrays["forward.words"])
        self.marks: NDArray[np.uint8] = arrays["marks"]
        self.vectors = {
            of.name: UnitVectors(arrays[f"{of.name}.vectors.at"], arrays[f"{of.name}.vectors"])
            for of in (SECTION, TITLE)
        }
        self.numbers = np.zeros(len(self.vocabulary.cues), np.intp)  # of words, for candidates; all 0 between questions

    def search(self, query: Query, best: TopK) -> None:
        """Add the best sentences of the segment to those of others."""
        small = self._searched and self.sentences <= SMALL
        self._searched = True  # the first search does not wait until all postings are in memory
        (self._full if small else self._pruned).search(self._segment_query(query), best)

    @cached_property
    def _full(self) -> FullSearch:
        return FullSearch(self._living.segment, self._means, self._living.dead, self.offsets.rows)

    def scores(self, query: Query, rows: Rows) -> dict[str, Floats]:
        """Return the scores of some rows by field: (n,)."""
        return self._pruned.scores(self._segment_query(query), rows, self.paragraphs(rows))

    def _segment_query(self, query: Query) -> SegmentQuery:
        weights: dict[int, float] = {}
        for term in query.terms:
            for column, nearness in self.columns(term):
                weights[column] = weights.get(column, 0.0) + term.weight * nearness
        weights = {column: weight for column, weight in weights.items() if weight > 0}
        columns = np.fromiter(weights, np.intp, len(weights))
        return SegmentQuery(columns, np.fromiter(weights.values(), np.float32, len(weights)))

    def columns(self, term: QueryTerm) -> list[tuple[int, float]]:
        """Return the columns of what a term is read as, with weights up to 1."""
        found = ((self.vocabulary.column_of(number), weight) for number, weight in term.readings)
        return [(column, weight) for column, weight in found if column is not None]

    def paragraphs(self, rows: Rows) -> Rows:
        """Return the paragraph of each row."""
        return self.first.searchsorted(rows.astype(self.first.dtype), side="right") - 1  # else all of `first` is cast

    def articles(self, paragraphs: Rows) -> NDArray[np.int32]:
        """Return the article of each paragraph."""
        return self._arrays["paragraph.article"].take(paragraphs)

    def keys(self, rows: Rows) -> list[tuple[int, int]]:
        """Return the version row and the position that identify each sentence in the store."""
        versions = self._arrays["version"].take(self.articles(self.paragraphs(rows)))
        return list(zip(versions.tolist(), self._arrays["position"].take(rows).tolist(), strict=True))

    def running_terms(self, version: int, most: int) -> NDArray[np.uint32] | None:
        """Return the first terms of the sentences of an article in order, None if its version is not in this segment."""
        versions = self._arrays["version"]
        article = int(versions.searchsorted(version))
        if article == len(versions) or versions[article] != version:
            return None
        start, end = self.forward.at.take(self.first.take(self.article_first[article : article + 2])).tolist()
        return self._terms_of(slice(start, min(end, start + most)))

    def running_terms_of_all(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """Yield the terms of the sentences of all articles, some articles at a time, with the version of each term."""
        ends = self.forward.at.take(self.first.take(self.article_first)).astype(np.int64)  # (A + 1,)
        start = 0
        while start < len(ends) - 1:
            end = max(int(ends.searchsorted(ends[start] + AT_ONCE, side="right")) - 1, start + 1)
            versions = self._arrays["version"][start:end].repeat(np.diff(ends[start : end + 1]))
            yield versions, self._terms_of(slice(ends[start], ends[end]))
            start = end

    def _terms_of(self, here: slice) -> NDArray[np.uint32]:
        return self.vocabulary.terms.take(self.vocabulary.columns.take(self.forward.words[here] & WORD))
