"""A question and its candidates -> how near they are in meaning, by word vectors, whatever the words and languages.

A text is the sum of its words' vectors, each weighed by a / (a + frequency) (Arora et al. 2017). Only products with the
question's vectors are computed; the length of a sum follows from the weights, as if any two words of a text had the
same cosine. Shapes: C content terms, n candidates, L words of a place, U different words in all places.
"""

from functools import cache

import numpy as np

from retrieval.index.records import Floats
from retrieval.ranking.proximity import Proximity
from retrieval.text.word_frequency import array
from retrieval.text.word_vectors import NONE, open_word_vectors

COMMON = 1e-4  # share of running words at which a word weighs half
ALIKE = 0.06  # mean cosine of two words of a text
BESIDE = ("title", "section", "previous")  # places that say what a sentence leaves out
_TINY = np.float32(1e-6)


class Meaning:
    """What the features of one question share."""

    def __init__(self, proximity: Proximity) -> None:
        """Take what is known of a question and its candidates."""
        self._held, self._shares = proximity.candidates.held, proximity.shares[proximity.content]
        self._content, self._places = proximity.content, proximity.candidates.vectors
        table, terms = open_word_vectors(), [proximity.query.terms[number] for number in proximity.content]
        asked = table.vectors([term.word for term in terms], np.array([term.term for term in terms], np.uint32))
        used = np.zeros(table.size + 1, np.bool_)
        used[0] = True
        for rows in self._places.values():
            used[rows] = True
        different = np.flatnonzero(used)
        number = np.zeros(len(used), np.int32)
        number[different] = np.arange(len(different), dtype=np.int32)
        self._at = {place: number.take(rows) for place, rows in self._places.items()}  # (L, n)
        self._likeness: Floats = np.zeros((len(terms), len(different)), np.float32)  # (C, U) cosines
        self._likeness[:, 1:] = table.products(asked, different[1:] - 1)
        question = self._shares @ asked
        length = max(float(np.sqrt(question @ question)), float(_TINY))
        weights = _weights().take(different)
        products = weights * (self._shares @ self._likeness) / np.float32(length)
        self._of_words: Floats = np.array([products, weights, np.square(weights)])  # (3, U)
        self._sums: dict[str, Floats] = {}  # (3, n) by place

    def cosine(self, *places: str) -> Floats:
        """Return about the cosine of the question and some places together, 0 if either has no known word: (n,)."""
        product, once, squares = sum(map(self._sum, places), np.zeros((3, 1), np.float32))
        length = np.sqrt(squares + np.float32(ALIKE) * (once * once - squares))
        return np.asarray(product / np.maximum(length, _TINY), np.float32)

    def _sum(self, place: str) -> Floats:
        """Return the sums over the words of a place, each computed once: (3, n)."""
        if place not in self._sums:
            self._sums[place] = self._of_words.take(self._at[place], axis=1).sum(axis=1)
        return self._sums[place]

    def nearest(self, place: str) -> Floats:
        """Return how near the nearest word of a place is to each content term: (C, n), 1 for the term itself."""
        near = self._likeness.take(self._at[place], axis=1).max(axis=1, initial=0)
        return np.maximum(self._held[place][self._content], near)

    def soft_share(self, nearest: Floats) -> Floats:
        """Return the share of the question that is covered, each term by its nearest word: (n,)."""
        return self._shares @ nearest


@cache
def _weights() -> Floats:
    """Return the weight of each row of the table of vectors, counted from 1, and 0 for row 0."""
    rows, tenths = array("rows"), array("tenths")
    known = np.flatnonzero(rows != NONE)
    frequencies = np.zeros(open_word_vectors().size + 1, np.float32)
    np.maximum.at(frequencies, rows[known].astype(np.intp) + 1, 10 ** (tenths[known] / 10 - 9))
    found = np.float32(COMMON) / (np.float32(COMMON) + frequencies)
    found[0] = 0
    return np.asarray(found, np.float32)
