"""The running terms of articles -> whether two of them tell the same story: a mirror, an update, an agency's text.

Their shingles are compared: all runs of WIDTH terms, each counted once (Broder 1997, On the resemblance and containment
of documents). Containment is the share of the shorter article's shingles that the other one holds too, so that a paper
that adds to an agency's text is found. Of the texts of `tests/made_stories.py`, an agency's text in a paper that wrote as
much again contains .67 of the other, and what another author wrote of the same event, with the same quotation, .09.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

WIDTH = 4  # terms in a shingle
ALIKE = 0.4  # containment of twins
FEW = 30  # shingles; in an article of fewer, two sentences or so, one sentence would tell
LONGEST = 1000  # terms of an article that are looked at when a question is answered: of five twins in .2 ms

Shingles = NDArray[np.uint64]
# Odd, each unlike the others, so that the order of the terms counts: powers of one (Knuth 1973, multiplicative hashing).
_FACTORS = np.uint64(0x9E3779B97F4A7C15) ** np.arange(1, WIDTH + 1, dtype=np.uint64)


def shingle_numbers(terms: NDArray[np.uint32]) -> Shingles:
    """Give a number for each run of WIDTH terms, in order: (n - WIDTH + 1,), or none."""
    size = max(len(terms) - WIDTH + 1, 0)
    found = np.zeros(size, np.uint64)
    for place, factor in enumerate(_FACTORS):
        found += terms[place : place + size] * factor
    return found


def distinct(numbers: Shingles) -> Shingles:
    """Give each number once, ascending; in a fraction of the time of NumPy's own `unique`."""
    numbers = np.sort(numbers)
    new = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    return numbers[new]


def containment(first: Shingles, second: Shingles) -> float:
    """Give the share of the smaller of two sets that the other holds, 0 to 1; both ascend and hold nothing twice."""
    small, large = sorted((first, second), key=len)
    if not len(small):
        return 0.0
    return int(np.count_nonzero(large.take(large.searchsorted(small), mode="clip") == small)) / len(small)


class NearDuplicates:
    """Tells the twins among the articles of an answer, and looks at none that it is not asked about."""

    def __init__(self, terms_of: Callable[[int, int], NDArray[np.uint32]], longest: int = LONGEST) -> None:
        """Take what gives the running terms of a version, by its row in the store, at most so many."""
        self._terms_of, self._longest = terms_of, longest
        self._known: dict[int, Shingles] = {}

    def are(self, first: int, second: int) -> bool:
        """Say whether two versions, by their rows in the store, are of two articles that tell the same story."""
        one, other = self._shingles(first), self._shingles(second)
        return first != second and min(len(one), len(other)) >= FEW and containment(one, other) >= ALIKE

    def _shingles(self, version: int) -> Shingles:
        if version not in self._known:
            self._known[version] = distinct(shingle_numbers(self._terms_of(version, self._longest)))
        return self._known[version]
