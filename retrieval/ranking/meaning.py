"""A question and its candidates -> how near they are in meaning, by word vectors, whatever the words and languages.

A text is the sum of its words' vectors, each weighed by a / (a + frequency) (Arora et al. 2017). Only products with the
question's vectors are computed; the length of a sum follows from the weights, as if any two words of a text had the
same cosine. Shapes: C content terms, n candidates, P places, U different words in all places.
"""

from functools import cache, cached_property

import numpy as np

from retrieval.index.records import VECTOR_PLACES, Floats
from retrieval.ranking.proximity import Proximity
from retrieval.text.word_frequency import array
from retrieval.text.word_vectors import NONE, open_word_vectors

COMMON = 1e-4  # share of running words at which a word weighs half
ALIKE = 0.06  # mean cosine of two words of a text
GRADES = np.array([0.2, 0.4], np.float32)[:, None, None]  # cosines from which two words are somewhat alike, and much
STEP = np.float32(0.2)  # from there to where a grade counts whole
KNOWN = 0.9  # how much a text holds a term that it holds in some form
BESIDE = ("title", "section", "previous")  # places that say what a sentence leaves out
_TINY = np.float32(1e-6)


class Meaning:
    """What the features of one question share."""

    def __init__(self, proximity: Proximity) -> None:
        """Take what is known of a question and its candidates."""
        self._held, self._shares = proximity.candidates.held, proximity.shares[proximity.content]
        self._content, self._n = proximity.content, len(proximity.candidates)
        table, terms = open_word_vectors(), [proximity.query.terms[number] for number in proximity.content.tolist()]
        asked = table.vectors([term.word for term in terms], np.array([term.term for term in terms], np.uint32))
        rows, self._starts = proximity.candidates.vectors.rows, proximity.candidates.vectors.starts
        used = np.zeros(table.size + 1, np.bool_)
        used[rows] = True
        different = np.flatnonzero(used)  # begins with 0, as each stretch does
        number = np.zeros(len(used), np.int32)
        number[different] = np.arange(len(different), dtype=np.int32)
        self._at = number.take(rows)  # (W,)
        self._likeness: Floats = np.zeros((len(terms), len(different)), np.float32)  # (C, U) cosines
        self._likeness[:, 1:] = table.products(asked, different[1:] - 1)
        question = self._shares @ asked
        length = max(float(np.sqrt(question @ question)), float(_TINY))
        weights = _weights().take(different)
        products = weights * (self._shares @ self._likeness) / np.float32(length)
        of_words: Floats = np.array([products, weights, np.square(weights)])  # (3, U)
        sums = np.add.reduceat(of_words.take(self._at, axis=1), self._starts, axis=1)
        self._sums: Floats = sums.reshape(3, len(VECTOR_PLACES), self._n)

    def cosine(self, *places: str) -> Floats:
        """Return about the cosine of the question and some places together, 0 if either has no known word: (n,)."""
        chosen = [VECTOR_PLACES.index(place) for place in places]
        product, once, squares = self._sums[:, chosen].sum(axis=1)
        length = np.sqrt(squares + np.float32(ALIKE) * (once * once - squares))
        return np.asarray(product / np.maximum(length, _TINY), np.float32)

    @cached_property
    def _nearest(self) -> Floats:
        """How near the nearest word of each place is to each content term: (C, P, n)."""
        found = np.maximum.reduceat(self._likeness.take(self._at, axis=1), self._starts, axis=1)
        return found.reshape(len(found), len(VECTOR_PLACES), self._n)

    def nearest(self, place: str) -> Floats:
        """Return how near the nearest word of a place is to each content term: (C, n), 1 for the term itself."""
        return np.maximum(self._held[place][self._content], self._nearest[:, VECTOR_PLACES.index(place)])

    def graded_shares(self) -> Floats:
        """Return the shares of the question to which the sentence has a word somewhat alike, and much: (4, n).

        First of all terms, then of those alone that neither the sentence nor its headings hold. A share of plain
        cosines, as `soft_share` is, is mostly made of words that have little to do with each other.
        """
        grades = np.clip((self._nearest[:, VECTOR_PLACES.index("sentence")] - GRADES) / STEP, 0, 1)
        held = np.maximum.reduce([self._held[place][self._content] for place in ("sentence", "title", "section")])
        return np.concatenate([self._shares @ grades, self._shares @ (grades * (held < KNOWN))])

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
