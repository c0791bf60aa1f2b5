"""A question and its candidates -> what several groups of features need, each computed once: where the terms are.

T terms, C of them content terms (no function words); n candidates; L words of the longest candidate; k words of all
candidates that match a term or resemble one.
"""

from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import SAME_TERM, Candidates, Floats, Query

REACH = 6  # words on each side of a matched word that are near it
WEIGHTS = (1 - np.abs(np.arange(-REACH, REACH + 1)) / (REACH + 1)).astype(np.float32)  # by distance, -REACH to REACH
_AROUND = ("sentence", "title", "previous", "next", "paragraph", "article")  # from near to far
COVERED = ("form", *_AROUND)

Places = NDArray[np.intp]


class Proximity:
    """What the features of one question share."""

    def __init__(self, query: Query, candidates: Candidates) -> None:
        """Take a question and its candidates."""
        self.query, self.candidates = query, candidates
        self.weights: Floats = np.array([term.weight for term in query.terms], np.float32)  # (T,)
        self.shares: Floats = self.weights / np.float32(
            max(query.total_weight, 1e-6)
        )  # of the weight of the question: (T,)
        content = [number for number, term in enumerate(query.terms) if not term.grammar]
        self.content = np.array(content, np.intp)  # numbers of the content terms: (C,)

    @cached_property
    def covered(self) -> dict[str, Floats]:
        """How much of the question is in the sentence, or within wider and wider surroundings: (3, n) by place.

        The rows: by weight (divided by ten), by share of the weight, by share of names alone.
        """
        named = np.array([term.name for term in self.query.terms], np.float32)
        ways = np.array([self.weights / 10, self.shares, self.shares * named])
        sentence, *around = (self.candidates.held[place] for place in _AROUND)
        held = np.array([sentence >= 1, ignoring_form(sentence), *around], np.float32)
        for nearer, place in pairwise(held[1:]):
            np.maximum(nearer, place, out=place)
        return dict(zip(COVERED, ways @ held, strict=True))

    @cached_property
    def like(self) -> Places:
        """Where candidates have words that match or resemble a term: (k,) ascending indices into the flat (L, n) table."""
        return np.flatnonzero(self.candidates.words > 0)

    @cached_property
    def similarity(self) -> Floats:
        """How similar each of those words is to each term: (T, k), 1 for any form of the term."""
        return ignoring_form(self.candidates.similarity.take(self.candidates.words.reshape(-1)[self.like], axis=1))

    @cached_property
    def known(self) -> Places:
        """Where candidates have words of the question, in any form: indices into the flat (L, n) table."""
        return self.like[(self.similarity == 1).any(axis=0)]

    @cached_property
    def matches(self) -> "Matches":
        """Where candidates have content terms."""
        return Matches(self)

    @cached_property
    def density(self) -> Floats:
        """How much of the question is near each word, 0 to 1: the flat (L, n) table."""
        return self.matches.density(self.shares[self.content])


class Matches:
    """The words of candidates that match or resemble content terms, by term and then by position.

    They go into one table for each term, padded by REACH before the first and after the last word: (C, L', n).
    """

    def __init__(self, proximity: Proximity) -> None:
        """Collect the matches."""
        alike = proximity.similarity[proximity.content]
        places = np.flatnonzero(alike > 0)  # with `divmod`, three times as fast as `nonzero`
        term, number = np.divmod(places, max(alike.shape[1], 1))
        longest, self._n = proximity.candidates.words.shape
        self._terms, self._size = len(alike), (longest + 2 * REACH) * self._n  # of the table of one term
        self._weight = alike.reshape(-1)[places]
        self._at = term * self._size + REACH * self._n + proximity.like[number]

    @cached_property
    def _near(self) -> Floats:
        """How near each place is to each term, 1 at the term itself: the flat (C, L', n) table."""
        found = np.zeros(self._terms * self._size, np.float32)
        around = self._at + self._n * np.arange(-REACH, REACH + 1)[:, None]
        np.maximum.at(found, around.reshape(-1), (WEIGHTS[:, None] * self._weight).reshape(-1))
        return found

    def density(self, shares: Floats) -> Floats:
        """Return the sum of nearness to each term, weighted by share: (C,) -> the flat (L, n) table."""
        near = shares @ self._near.reshape(self._terms, self._size)
        return near[REACH * self._n : self._size - REACH * self._n]

    def pairs(self) -> tuple[Floats, Floats]:
        """Return how near each term is to the next one of the question, and whether it is right before it.

        Both are (C - 1, n), the best of the places where a candidate has the term.
        """
        table = np.zeros((self._terms, self._size), np.float32)
        table.reshape(-1)[self._at] = self._weight
        pairs = max(self._terms - 1, 0)
        first = self._at.searchsorted(pairs * self._size)  # the matches of all terms but the last
        at, weight = self._at[:first], self._weight[:first]
        candidate = at // self._size * self._n + at % self._n
        found = np.zeros((2, pairs * self._n), np.float32)
        np.maximum.at(found[0], candidate, np.minimum(weight, self._near.take(at + self._size)))
        np.maximum.at(found[1], candidate, np.minimum(weight, table.reshape(-1).take(at + self._size + self._n)))
        near, beside = found.reshape(2, pairs, self._n)
        return near, beside


def ignoring_form(similarity: Floats) -> Floats:
    """Return similarities with another form of a term counted as the term itself."""
    return np.maximum(similarity, (similarity >= SAME_TERM).astype(np.float32))
