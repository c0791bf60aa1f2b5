"""The terms of two articles, in order -> whether they tell the same story: a mirror, an update, an agency's text.

Their shingles are compared: all runs of SHINGLE_WIDTH terms, each counted once (Broder 1997, On the resemblance and
containment of documents). Containment is the share of the shorter article's shingles that the other has too, so that a
newspaper that adds to an agency's text is found. In `tests/made_stories.py`, it is .67 for an agency's text and a
newspaper that doubled its length, and .09 for two authors on the same event with the same quotation.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SHINGLE_WIDTH = 4  # terms in a shingle
MIN_CONTAINMENT = 0.4  # of two articles that tell the same story
MIN_SHINGLES = 30  # in a shorter article, of two sentences or so, a single shared sentence would decide
MAX_TERMS = 1000  # of an article, compared when a question is answered: five articles take .2 ms

Shingles = NDArray[np.uint64]
# Powers of an odd number (Knuth 1973, multiplicative hashing): all different, so that the order of the terms counts.
_FACTORS = np.uint64(0x9E3779B97F4A7C15) ** np.arange(1, SHINGLE_WIDTH + 1, dtype=np.uint64)


def hash_shingles(terms: NDArray[np.uint32]) -> Shingles:
    """Return a hash of each run of SHINGLE_WIDTH terms, in order: (max(n - SHINGLE_WIDTH + 1, 0),)."""
    size = max(len(terms) - SHINGLE_WIDTH + 1, 0)
    found = np.zeros(size, np.uint64)
    for place, factor in enumerate(_FACTORS):
        found += terms[place : place + size] * factor
    return found


def sorted_unique(numbers: Shingles) -> Shingles:
    """Return each number once, ascending; many times as fast as `np.unique`."""
    numbers = np.sort(numbers)
    new = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    return numbers[new]


def containment(first: Shingles, second: Shingles) -> float:
    """Return the share of the smaller of two sorted sets that the other has too, 0 to 1."""
    small, large = sorted((first, second), key=len)
    if not len(small):
        return 0.0
    return int(np.count_nonzero(large.take(large.searchsorted(small), mode="clip") == small)) / len(small)


class NearDuplicates:
    """Compares articles by their shingles, which are computed once, when first needed."""

    def __init__(self, terms_of: Callable[[int, int], NDArray[np.uint32]], most: int = MAX_TERMS) -> None:
        """`terms_of(version, most)` returns the first terms of a version, by its row in the store."""
        self._terms_of, self._most = terms_of, most
        self._known: dict[int, Shingles] = {}

    def are_alike(self, first: int, second: int) -> bool:
        """Whether two versions, by their rows in the store, are of different articles that tell the same story."""
        one, other = self._shingles(first), self._shingles(second)
        return (
            first != second and min(len(one), len(other)) >= MIN_SHINGLES and containment(one, other) >= MIN_CONTAINMENT
        )

    def _shingles(self, version: int) -> Shingles:
        if version not in self._known:
            self._known[version] = sorted_unique(hash_shingles(self._terms_of(version, self._most)))
        return self._known[version]
