"""What goes into a segment: a chunk of articles just inverted, or what is still shown of another segment.

In: the arrays of both are the same, but for bounds and dense columns, which a chunk has not. Out: the rows, units and
postings that are taken, with new numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import Field, Means, frequencies, greatest_frequencies, norms
from retrieval.index.records import Floats
from retrieval.index.segment import WORD, Array

PIECE = 4_000_000  # postings, or running words, that are in memory at once
_NONE = np.empty(0, np.int32)
_SHORTEST = np.uint16(1 << 8)  # of a column that is kept whole nothing better is known


@dataclass(frozen=True, slots=True)
class MergePart:
    """Articles that go into a segment: all of a chunk's, or those of another segment that are still shown."""

    arrays: Mapping[str, Array]
    languages: Mapping[str, int]  # of its articles, counted
    means: Means | None = None  # that the impacts are of; a chunk has frequencies instead
    alive: NDArray[np.bool_] | None = None  # (A,) which articles are taken; None for all


class MergeInput:
    """What is taken of a part."""

    def __init__(self, part: MergePart) -> None:
        """Take a part; `columns` and `words` are set when the tables of all parts are known."""
        self.arrays, self._alive, self._means = part.arrays, part.alive, part.means or {}
        self.columns: NDArray[np.int64] = np.empty(0, np.int64)  # (V,) of the segment, -1 for those not taken
        self.words: NDArray[np.int64] = np.empty(0, np.int64)  # (W,) the same

    @cached_property
    def articles(self) -> NDArray[np.bool_]:
        """Which articles are taken."""
        return np.ones(len(self.arrays["version"]), np.bool_) if self._alive is None else self._alive

    @cached_property
    def paragraphs(self) -> NDArray[np.bool_]:
        """Which paragraphs are taken."""
        return self.articles[self.arrays["paragraph.article"]]

    @cached_property
    def rows(self) -> NDArray[np.bool_]:
        """Which rows are taken."""
        return np.repeat(self.paragraphs, np.diff(self.arrays["paragraph.first"]))

    @cached_property
    def _row_lengths(self) -> NDArray[np.uint32]:
        return np.diff(self.arrays["forward.at"])

    def units(self, field: Field) -> NDArray[np.bool_]:
        """Say which units of a field are taken."""
        return {"sentence": self.rows, "paragraph": self.paragraphs, "article": self.articles}[field.unit]

    def lengths(self, field: Field) -> NDArray[np.uint32]:
        """Give the lengths of the units that are taken."""
        return self._lengths(field)[self.units(field)]

    def _lengths(self, field: Field) -> NDArray[np.uint32]:
        return self._row_lengths if field.unit == "sentence" else self.arrays[f"{field.name}.length"]

    def running_words(self) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
        """Give the words of the rows that are taken, as they are stored, and the lengths of the rows, in pieces."""
        at, words = self.arrays["forward.at"], self.arrays["forward.words"]
        for low, high in pieces(np.diff(at)):
            taken, lengths = self.rows[low:high], np.diff(at[low : high + 1])
            yield words[at[low] : at[high]][np.repeat(taken, lengths)], lengths[taken]

    @cached_property
    def held(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which words (W,) and which columns (V,) the articles that are taken hold."""
        first, words = self.arrays["words.first"], np.zeros(len(self.arrays["words.number"]), np.bool_)
        columns = np.zeros(len(self.arrays["terms"]), np.bool_)
        if self._alive is None:
            return ~words, ~columns
        for running, _ in self.running_words():
            words[running & WORD] = True
        columns[np.repeat(np.arange(len(columns)), np.diff(first))[words]] = True
        at, units = self.arrays["title.at"], self.arrays["title.units"]
        columns[np.repeat(np.arange(len(columns)), np.diff(at))[self.articles[units]]] = True
        columns[self.arrays.get("title.dense.columns", _NONE)] = True
        return words, columns

    def frequencies(self, field: Field) -> NDArray[np.int64]:
        """Give how many postings each column has at most: (V,)."""
        found = np.diff(self.arrays[f"{field.name}.at"]).astype(np.int64)
        dense = self.arrays.get(f"{field.name}.dense")
        if dense is not None and len(dense):
            found[self.arrays[f"{field.name}.dense.columns"]] = np.count_nonzero(dense, axis=1)
        return found

    def postings(self, field: Field, low: int, high: int, offset: int) -> Iterator[tuple[Array, Array, Array]]:
        """Give columns, units and `_held` of what is taken of the segment's columns low to high, in runs that are in order.

        `offset` is the number of the first unit in the segment.
        """
        own = np.flatnonzero((self.columns >= low) & (self.columns < high))
        if not len(own):
            return
        start, stop = int(own[0]), int(own[-1]) + 1
        at = self.arrays[f"{field.name}.at"][start : stop + 1]
        here, taken = slice(int(at[0]), int(at[-1])), self.units(field)
        numbers = np.cumsum(taken) - 1 + offset
        units = self.arrays[f"{field.name}.units"][here]
        runs = [(np.repeat(self.columns[start:stop], np.diff(at)), units, self._held(field, units, here))]
        for row, column in enumerate(self.arrays.get(f"{field.name}.dense.columns", ())):
            if start <= column < stop:
                whole = self.arrays[f"{field.name}.dense"][row]
                units = np.flatnonzero(whole)
                tf = whole[units]
                if field.unit == "sentence":
                    tf = greatest_frequencies(tf, self._norms(field, units))
                runs.append((np.full(len(units), self.columns[column]), units, tf | _SHORTEST))
        for columns, units, held in runs:
            kept = taken[units] & (columns >= 0)
            yield columns[kept], numbers[units[kept]], held[kept]

    def _held(self, field: Field, units: Array, here: slice) -> NDArray[np.uint16]:
        """Give of some postings the frequency, and above its 8 bits the length of a paragraph's shortest sentence."""
        if not self._means:
            tf = self.arrays[f"{field.name}.tf"][here]
        elif field.unit == "sentence":
            tf = greatest_frequencies(self.arrays[f"{field.name}.codes"][here], self._norms(field, units))
        else:
            tf = frequencies(self.arrays[f"{field.name}.impacts"][here], self._norms(field, units), field)
        if field.unit != "paragraph":
            return tf.astype(np.uint16)
        return tf | (self.arrays[f"{field.name}.shortest"][here].astype(np.uint16) << np.uint16(8))

    def _norms(self, field: Field, units: Array) -> Floats:
        """Give the norms of some units by the means of the part."""
        return norms(self._lengths(field)[units], field, self._means[field.name])


def pieces(sizes: NDArray[np.integer]) -> Iterator[tuple[int, int]]:
    """Cut numbers 0 to n into ranges, each of at most PIECE in all or of a single one."""
    ends, low = np.cumsum(sizes, dtype=np.int64), 0
    while low < len(sizes):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(ends.searchsorted(before + PIECE, side="right")))
        yield low, high
        low = high


def firsts(group: NDArray[np.integer], groups: int) -> NDArray[np.int64]:
    """Turn ascending group numbers into bounds: the members of group i are first[i]:first[i + 1]."""
    return group.searchsorted(np.arange(groups + 1))
