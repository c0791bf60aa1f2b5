"""A question and its candidates -> what several families of features are made from, each worked out once.

T terms, C of them content; n candidates, L words of the longest; k words of all candidates that are like a term.
"""

from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import SAME_TERM, Candidates, Floats, Query

REACH = 6  # words on each side of a matched word that are near it
WEIGHTS = (1 - np.abs(np.arange(-REACH, REACH + 1)) / (REACH + 1)).astype(np.float32)  # from the farthest before it on


Places = NDArray[np.intp]

_AROUND = ("sentence", "title", "previous", "next", "paragraph", "article")  # further and further
COVERED = ("form", *_AROUND)


class Proximity:
    """What the features of one question share."""

    def __init__(self, query: Query, candidates: Candidates) -> None:
        """Take a question and its candidates."""
        self.query, self.candidates = query, candidates
        self.weights: Floats = np.array([term.weight for term in query.terms], np.float32)  # (T,)
        self.shares: Floats = self.weights / np.float32(max(query.total_weight, 1e-6))  # of the question's weight: (T,)
        content = [number for number, term in enumerate(query.terms) if not term.grammar]
        self.content = np.array(content, np.intp)  # the terms that are no function words, in order

    @cached_property
    def covered(self) -> dict[str, Floats]:
        """How much of the question stands in the sentence, or further and further around it: (3, n) by place.

        By weight (tenths), by share and by names.
        """
        named = np.array([term.name for term in self.query.terms], np.float32)
        ways = np.array([self.weights / 10, self.shares, self.shares * named])
        sentence, *around = (self.candidates.held[place] for place in _AROUND)
        held = np.array([sentence >= 1, any_form(sentence), *around], np.float32)
        for nearer, place in pairwise(held[1:]):
            np.maximum(nearer, place, out=place)
        return dict(zip(COVERED, ways @ held, strict=True))

    @cached_property
    def like(self) -> Places:
        """Where candidates have words like one of the question's: (k,) places in (L, n) laid flat, ascending."""
        return np.flatnonzero(self.candidates.words > 0)

    @cached_property
    def similarity(self) -> Floats:
        """How much each of those words is each term: (T, k), 1 for any form of it."""
        return any_form(self.candidates.similarity.take(self.candidates.words.reshape(-1)[self.like], axis=1))

    @cached_property
    def known(self) -> Places:
        """Where candidates have words of the question, in any form: places in (L, n) laid flat."""
        return self.like[(self.similarity == 1).any(axis=0)]

    @cached_property
    def matches(self) -> "Matches":
        """Where candidates have content terms."""
        return Matches(self)

    @cached_property
    def density(self) -> Floats:
        """How much of the question stands near each word, 0 to 1: (L, n) laid flat."""
        return self.matches.density(self.shares[self.content])


class Matches:
    """The words of the candidates that are, or are like, content terms: m of them, by term and then by place.

    They are put down in a table for each term that has room before the first and behind the last word: (C, L', n).
    """

    def __init__(self, view: Proximity) -> None:
        """Find them."""
        alike = view.similarity[view.content]
        places = np.flatnonzero(alike > 0)  # with `divmod` a third of the time that `nonzero` takes
        term, number = np.divmod(places, max(alike.shape[1], 1))
        longest, self._n = view.candidates.words.shape
        self._terms, self._size = len(alike), (longest + 2 * REACH) * self._n  # of one term's table
        self._weight = alike.reshape(-1)[places]
        self._at = term * self._size + REACH * self._n + view.like[number]

    @cached_property
    def _near(self) -> Floats:
        """How near each place is to each term, 1 at the term itself: (C, L', n) laid flat."""
        found = np.zeros(self._terms * self._size, np.float32)
        around = self._at + self._n * np.arange(-REACH, REACH + 1)[:, None]
        np.maximum.at(found, around.reshape(-1), (WEIGHTS[:, None] * self._weight).reshape(-1))
        return found

    def density(self, shares: Floats) -> Floats:
        """Add up how near each word is to the terms, each with its share: (C,) -> (L, n) laid flat."""
        near = shares @ self._near.reshape(self._terms, self._size)
        return near[REACH * self._n : self._size - REACH * self._n]

    def pairs(self) -> tuple[Floats, Floats]:
        """Give how near each term stands to the one that follows it in the question, and whether right before it.

        Both (C - 1, n), the best of the places that a candidate has it in.
        """
        table = np.zeros((self._terms, self._size), np.float32)
        table.reshape(-1)[self._at] = self._weight
        pairs = max(self._terms - 1, 0)
        first = self._at.searchsorted(pairs * self._size)  # how many are of a term that another follows
        at, weight = self._at[:first], self._weight[:first]
        candidate = at // self._size * self._n + at % self._n
        found = np.zeros((2, pairs * self._n), np.float32)
        np.maximum.at(found[0], candidate, np.minimum(weight, self._near.take(at + self._size)))
        np.maximum.at(found[1], candidate, np.minimum(weight, table.reshape(-1).take(at + self._size + self._n)))
        near, beside = found.reshape(2, pairs, self._n)
        return near, beside


def any_form(similarity: Floats) -> Floats:
    """Take a term in another form for the term itself."""
    return np.maximum(similarity, (similarity >= SAME_TERM).astype(np.float32))
