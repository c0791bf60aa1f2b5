"""Paragraphs of a segment -> the score of each of their sentences in each field, from the running words.

Shapes: T legs of the query, R rows of the paragraphs, all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import MAX_TF, PREVIOUS, Means, impacts, norms
from retrieval.index.postings import PARAGRAPH, SENTENCE, Postings, SegmentQuery, Units
from retrieval.index.records import Floats
from retrieval.index.segment import WORD, Segment

Kind = TypeVar("Kind", bound=np.generic)
_NO_LEGS = SegmentQuery(np.empty(0, np.intp), np.empty(0, np.float32))


class Scorer:
    """Scores sentences of one segment; not to be shared between threads."""

    def __init__(self, segment: Segment, means: Means, paragraphs: Postings) -> None:
        """Take a segment, the mean lengths of its generation, and its paragraphs."""
        arrays = segment.arrays
        self._mean, self._paragraphs = means[SENTENCE.name], paragraphs
        self._at, self._words = arrays["forward.at"], arrays["forward.words"]
        self._first, self._article = arrays["paragraph.first"], arrays["paragraph.article"]
        self._words_of = arrays["words.first"]
        self._leg = np.zeros(len(arrays["words.number"]), np.uint16)  # of each word, from 1; between queries all 0
        self._legs = _NO_LEGS

    @contextmanager
    def of(self, legs: SegmentQuery) -> Iterator[None]:
        """Score for a query as long as the block lasts."""
        self._legs = legs
        words = [
            slice(first, end)
            for first, end in zip(
                self._words_of.take(legs.columns).tolist(), self._words_of.take(legs.columns + 1).tolist(), strict=True
            )
        ]
        try:
            for number, here in enumerate(words, 1):
                self._leg[here] = number
            yield
        finally:
            for here in words:
                self._leg[here] = 0

    def score(
        self, paragraphs: Units, names: Sequence[str], articles: Mapping[str, Floats]
    ) -> tuple[NDArray[np.intp], dict[str, Floats]]:
        """Give the rows of paragraphs, and their scores in the named fields, each of shape (R,).

        `articles` are the scores of the paragraphs' articles in the fields whose unit is the article.
        """
        first = self._first.take(paragraphs).astype(np.intp)
        sizes = self._first.take(paragraphs + 1) - first
        rows = ranges(first, sizes)
        starts = sizes.cumsum() - sizes
        tf, lengths = self._frequencies(rows, first, first + sizes)
        weights = self._legs.weights[:, None]
        own = self._own(tf, lengths)
        found = {SENTENCE.name: own}
        if PREVIOUS in names:
            found[PREVIOUS] = np.empty_like(own)
            found[PREVIOUS][1:] = own[:-1]
            found[PREVIOUS][starts] = 0
        if PARAGRAPH.name in names:
            held = np.minimum(np.add.reduceat(tf, starts, axis=1), MAX_TF)
            shares = self._paragraphs.weighed(held, paragraphs, weights)
            found[PARAGRAPH.name] = added_up(shares).repeat(sizes)
        for name, scores in articles.items():
            found[name] = scores.repeat(sizes)
        return rows, found

    def score_alone(self, rows: NDArray[np.intp]) -> Floats:
        """Give the scores of rows in the sentence field: (n,)."""
        return self._own(*self._frequencies(rows, rows, rows + 1))

    def _own(self, tf: NDArray[np.intp], lengths: NDArray[np.integer]) -> Floats:
        weights = self._legs.weights[:, None]
        return added_up(impacts(tf, norms(lengths, SENTENCE, self._mean), SENTENCE, weights))

    def _frequencies(
        self, rows: NDArray[np.intp], first: NDArray[np.intp], end: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        """Count how often each row has each leg, (T, R), and its words, (R,); the rows are those from first to end."""
        begin = self._at.take(first).astype(np.intp)
        words = self._words.take(ranges(begin, self._at.take(end) - begin))
        words &= WORD
        legs = self._leg.take(words)
        hits = legs.nonzero()[0]
        lengths = self._at.take(rows + 1) - self._at.take(rows)
        row = np.arange(len(rows)).repeat(lengths).take(hits)
        number = legs.take(hits).astype(np.intp)
        number -= 1
        number *= len(rows)
        number += row
        tf = np.bincount(number, minlength=len(self._legs.columns) * len(rows))
        return np.minimum(tf, MAX_TF).reshape(-1, len(rows)), lengths


def added_up(shares: Floats) -> Floats:
    """Add up legs one after the other, (T, n) -> (n,); NumPy's sum of a single column goes pairwise, and twins would differ."""
    return shares.sum(axis=0) if shares.shape[1] > 1 else shares.cumsum(axis=0)[-1:].sum(axis=0)


def ranges(first: NDArray[np.integer], sizes: NDArray[np.integer]) -> NDArray[np.intp]:
    """Give first[0], first[0] + 1, ... sizes[0] of them, then those of first[1], and so on."""
    ends = sizes.cumsum(dtype=np.intp)
    found = np.arange(ends[-1] if len(ends) else 0)
    found += (first - (ends - sizes)).repeat(sizes)
    return found


def distinct(numbers: NDArray[Kind]) -> NDArray[Kind]:
    """Give each number once, ascending; for a few thousand NumPy's own `unique` takes six times as long."""
    numbers = np.sort(numbers)
    new = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    return numbers.take(np.flatnonzero(new))
