"""Score every sentence of some paragraphs in each field, from the sentences' running words.

Shapes: T columns of the query, R rows: all sentences of the paragraphs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import MAX_TF, PARAGRAPH, PREVIOUS, SECTION, SENTENCE, Means, impacts, norms
from retrieval.index.postings import Postings, SegmentQuery, Units
from retrieval.index.records import Floats
from retrieval.index.segment import WORD, Segment

_NO_QUERY = SegmentQuery(np.empty(0, np.intp), np.empty(0, np.float32))


class Scorer:
    """Scores sentences of one segment; not to be shared between threads."""

    def __init__(self, segment: Segment, means: Means, paragraphs: Postings, sections: Postings) -> None:
        """Take a segment, the mean lengths of its generation, and the postings of its paragraphs and their sections."""
        arrays = segment.arrays
        self._mean, self._paragraphs, self._sections = means[SENTENCE.name], paragraphs, sections
        self._at, self._words = arrays["forward.at"], arrays["forward.words"]
        self._first, self._words_of = arrays["paragraph.first"], arrays["words.first"]
        # the place in the query of each word's column, from 1; all 0 between queries
        self._place = np.zeros(len(arrays["words.number"]), np.uint16)
        self._query = _NO_QUERY

    @contextmanager
    def scoring(self, query: SegmentQuery) -> Iterator[None]:
        """Score for a query within the block."""
        self._query = query
        bounds = (self._words_of.take(query.columns + more).tolist() for more in (0, 1))
        words = list(map(slice, *bounds))
        try:
            for place, here in enumerate(words, 1):
                self._place[here] = place
            yield
        finally:
            for here in words:
                self._place[here] = 0

    def score(
        self, paragraphs: Units, names: Sequence[str], articles: Mapping[str, Floats]
    ) -> tuple[NDArray[np.intp], dict[str, Floats]]:
        """Return the rows of paragraphs, (R,), and their scores by field, each (R,).

        `articles` are the scores of the paragraphs' articles in the fields whose unit is the article.
        """
        first = self._first.take(paragraphs).astype(np.intp)
        sizes = self._first.take(paragraphs + 1) - first
        rows = ranges(first, sizes)
        starts = sizes.cumsum() - sizes
        tf, lengths = self._frequencies(rows, first, first + sizes)
        weights = self._query.weights[:, None]
        own = _sum_terms(impacts(tf, norms(lengths, SENTENCE, self._mean), SENTENCE, weights))
        found = {SENTENCE.name: own}
        if PREVIOUS in names:
            found[PREVIOUS] = previous(own, starts)
        if PARAGRAPH.name in names:
            tf = np.minimum(np.add.reduceat(tf, starts, axis=1), MAX_TF)
            found[PARAGRAPH.name] = _sum_terms(self._paragraphs.scores(tf, paragraphs, weights)).repeat(sizes)
        if SECTION.name in names:
            found[SECTION.name] = _sum_terms(self._sections.look_up(self._query, paragraphs)).repeat(sizes)
        return rows, found | {name: scores.repeat(sizes) for name, scores in articles.items()}

    def _frequencies(
        self, rows: NDArray[np.intp], first: NDArray[np.intp], end: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        """Count how often each row holds each column, (T, R), and its words, (R,); `rows` are those from first to end."""
        begin = self._at.take(first).astype(np.intp)
        words = self._words.take(ranges(begin, self._at.take(end) - begin))
        words &= WORD
        places = self._place.take(words)
        hits = places.nonzero()[0]
        lengths = self._at.take(rows + 1) - self._at.take(rows)
        cells = places.take(hits).astype(np.intp)
        cells -= 1
        cells *= len(rows)
        cells += np.arange(len(rows)).repeat(lengths).take(hits)
        tf = np.bincount(cells, minlength=len(self._query.columns) * len(rows))
        return np.minimum(tf, MAX_TF).reshape(-1, len(rows)), lengths


def previous(scores: Floats, starts: NDArray[np.integer]) -> Floats:
    """Return for each row the score of the row before it, 0 where a paragraph starts."""
    found = np.empty_like(scores)
    found[1:] = scores[:-1]
    found[starts] = 0
    return found


def ranges(first: NDArray[np.integer], sizes: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return first[0], first[0] + 1, ..., sizes[0] numbers, then those from first[1], and so on."""
    ends = sizes.cumsum(dtype=np.intp)
    found = np.arange(ends[-1] if len(ends) else 0)
    found += (first - (ends - sizes)).repeat(sizes)
    return found


def _sum_terms(shares: Floats) -> Floats:
    """Sum over terms in their order, (T, n) -> (n,).

    NumPy's sum of a single column is pairwise, and the same sentence would score differently alone.
    """
    return shares.sum(axis=0) if shares.shape[1] > 1 else shares.cumsum(axis=0)[-1:].sum(axis=0)
