"""One segment, ready to be searched: its vocabulary, its sentences, its postings."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import Means
from retrieval.index.full_search import FullSearch
from retrieval.index.manifest import LiveSegment
from retrieval.index.postings import SegmentQuery
from retrieval.index.pruned_search import PrunedSearch
from retrieval.index.records import Floats, Query, QueryTerm
from retrieval.index.segment import WORD
from retrieval.index.top_k import TopK
from retrieval.index.vocabulary import Vocabulary

AT_ONCE = 1_000_000  # running words of a segment that are looked at together
SMALL = 30_000  # sentences: in a segment of more, all postings would take too much memory, 280 bytes a sentence

Rows = NDArray[np.intp]


class Offsets(NamedTuple):
    """What stands before a segment in its generation, so that numbers are unique over all segments."""

    rows: int
    paragraphs: int
    articles: int


class Forward(NamedTuple):
    """The running words of a segment: those of row i are words[at[i]:at[i + 1]]."""

    at: NDArray[np.uint32]
    words: NDArray[np.uint32]  # numbers in the table of words, PlaceCue bits above WORD_BITS

    def of(self, rows: Rows, most: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Give where the words of some rows begin, and how many there are, at most so many."""
        begin = self.at.take(rows).astype(np.intp)
        return begin, np.minimum(self.at.take(rows + 1) - begin, most)


class SegmentSearcher:
    """A segment of a generation; not to be shared between threads."""

    def __init__(self, shown: LiveSegment, means: Means, offsets: Offsets) -> None:
        """Take a segment, the mean lengths of its generation, and what stands before it."""
        self._shown, self._means, self._asked = shown, means, False
        arrays = self._arrays = shown.segment.arrays
        self.offsets, self.sentences = offsets, shown.segment.sentences
        self.vocabulary = Vocabulary(shown.segment)
        self._pruner = PrunedSearch(shown.segment, means, shown.dead, offsets.rows)
        self.postings = self._pruner.articles
        self.first, self.article_first = arrays["paragraph.first"], arrays["article.first"]
        self.forward = Forward(arrays["forward.at"], arrays["forward.words"])
        self.numbers = np.zeros(len(self.vocabulary.cues), np.intp)  # of words, to gather by; between questions all 0

    def columns(self, term: QueryTerm) -> list[tuple[int, float]]:
        """Give the columns of what a term is read as, with weights up to 1."""
        found = ((self.vocabulary.column_of(number), weight) for number, weight in term.readings)
        return [(column, weight) for column, weight in found if column is not None]

    def search(self, query: Query, best: TopK) -> None:
        """Add the best sentences of the segment to the best of others."""
        small = self._asked and self.sentences <= SMALL
        self._asked = True  # who asks but once need not wait until all postings are in memory
        (self._exhaustive if small else self._pruner).search(self._legs(query), best)

    @cached_property
    def _exhaustive(self) -> FullSearch:
        return FullSearch(self._shown.segment, self._means, self._shown.dead, self.offsets.rows)

    def scores(self, query: Query, rows: Rows) -> dict[str, Floats]:
        """Give the scores of some rows by field: (n,)."""
        return self._pruner.scores(self._legs(query), rows, self.paragraphs(rows))

    def _legs(self, query: Query) -> SegmentQuery:
        weights: dict[int, float] = {}
        for term in query.terms:
            for column, nearness in self.columns(term):
                weights[column] = weights.get(column, 0.0) + term.weight * nearness
        heard = {column: weight for column, weight in weights.items() if weight > 0}
        columns = np.fromiter(heard, np.intp, len(heard))
        return SegmentQuery(columns, np.fromiter(heard.values(), np.float32, len(heard)))

    def paragraphs(self, rows: Rows) -> Rows:
        """Give the paragraph of each row."""
        return self.first.searchsorted(rows.astype(self.first.dtype), side="right") - 1  # else all of `first` is cast

    def articles(self, paragraphs: Rows) -> NDArray[np.int32]:
        """Give the article of each paragraph."""
        return self._arrays["paragraph.article"].take(paragraphs)

    def running_terms(self, version: int, most: int) -> NDArray[np.uint32] | None:
        """Give the first terms of what can answer in an article, in order; None where its version stands elsewhere."""
        versions = self._arrays["version"]
        article = int(versions.searchsorted(version))
        if article == len(versions) or versions[article] != version:
            return None
        begin, end = self.forward.at.take(self.first.take(self.article_first[article : article + 2])).tolist()
        words = self.forward.words[begin : min(end, begin + most)] & WORD
        return self.vocabulary.terms.take(self.vocabulary.columns.take(words))

    def running_terms_of_all(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """Give the terms of what can answer in all articles, some articles at a time, and the version that each is of."""
        ends = self.forward.at.take(self.first.take(self.article_first)).astype(np.int64)  # (A + 1,)
        begin = 0
        while begin < len(ends) - 1:
            end = max(int(ends.searchsorted(ends[begin] + AT_ONCE, side="right")) - 1, begin + 1)
            words = self.forward.words[ends[begin] : ends[end]] & WORD
            versions = self._arrays["version"][begin:end].repeat(np.diff(ends[begin : end + 1]))
            yield versions, self.vocabulary.terms.take(self.vocabulary.columns.take(words))
            begin = end

    def keys(self, rows: Rows) -> list[tuple[int, int]]:
        """Give the version row and the position by which the store knows each of some sentences."""
        versions = self._arrays["version"].take(self.articles(self.paragraphs(rows)))
        return list(zip(versions.tolist(), self._arrays["position"].take(rows).tolist(), strict=True))
