"""What goes into a merge: a chunk of articles that was just inverted, or the living articles of a segment.

In: arrays as `segment.ARRAYS` lists them; a chunk has no bounds, impacts or dense columns yet. Out: the rows, units and
postings that are taken, renumbered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import PARAGRAPH, SECTION, TITLE, Field
from retrieval.index.segment import WORD, Array

PIECE = 4_000_000  # postings, or running words, held in memory at once
Run = tuple[Array, Array, Array, Array]  # of each posting: column, unit, tf, terms of the shortest sentence


@dataclass(eq=False)
class MergeInput:
    """Articles that go into a segment: all of a chunk, or those of another segment that are alive."""

    arrays: Mapping[str, Array]
    languages: Mapping[str, int]  # articles of each
    alive: NDArray[np.bool_] | None = None  # (A,) which articles are taken; None for all
    columns: NDArray[np.int64] = field(init=False)  # (V,) in the new segment, -1 if not taken; set by the merger
    words: NDArray[np.int64] = field(init=False)  # (W,) the same of words

    @cached_property
    def articles(self) -> NDArray[np.bool_]:
        """Which articles are taken."""
        return np.ones(len(self.arrays["version"]), np.bool_) if self.alive is None else self.alive

    @cached_property
    def paragraphs(self) -> NDArray[np.bool_]:
        """Which paragraphs are taken."""
        return self.articles[self.arrays["paragraph.article"]]

    @cached_property
    def rows(self) -> NDArray[np.bool_]:
        """Which rows are taken."""
        return np.repeat(self.paragraphs, widths(self.arrays["paragraph.first"]))

    def units(self, of: Field) -> NDArray[np.bool_]:
        """Return which units of a field are taken."""
        return {"sentence": self.rows, "paragraph": self.paragraphs, "article": self.articles}[of.unit]

    def lengths(self, of: Field) -> NDArray[np.integer]:
        """Return the lengths of the units that are taken, in terms."""
        sentences = of.unit == "sentence"
        lengths = widths(self.arrays["forward.at"]) if sentences else self.arrays[f"{of.name}.length"]
        return lengths[self.units(of)]

    def vectors(self, of: Field) -> tuple[NDArray[np.uint16], NDArray[np.integer]]:
        """Return the rows of word vectors of the units that are taken, unit after unit, and how many each has."""
        lengths, taken = widths(self.arrays[f"{of.name}.vectors.at"]), self.units(of)
        return self.arrays[f"{of.name}.vectors"][np.repeat(taken, lengths)], lengths[taken]

    def running_words(self) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
        """Yield the words of the rows that are taken, as they are stored, and the lengths of these rows, in pieces."""
        at, words = self.arrays["forward.at"], self.arrays["forward.words"]
        for low, high in pieces(widths(at)):
            taken, lengths = self.rows[low:high], widths(at[low : high + 1])
            yield words[at[low] : at[high]][np.repeat(taken, lengths)], lengths[taken]

    @cached_property
    def held(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which words, (W,), and which columns, (V,), are in the articles that are taken."""
        first, words = self.arrays["words.first"], np.zeros(len(self.arrays["words.number"]), np.bool_)
        columns = np.zeros(len(self.arrays["terms"]), np.bool_)
        if self.alive is None:
            return ~words, ~columns
        for running, _ in self.running_words():
            words[running & WORD] = True
        columns[np.repeat(np.arange(len(columns)), widths(first))[words]] = True
        for of in (SECTION, TITLE):  # whose words need not be in a sentence
            at, units = self.arrays[f"{of.name}.at"], self.arrays[f"{of.name}.units"]
            columns[np.repeat(np.arange(len(columns)), widths(at))[self.units(of)[units]]] = True
            columns[self.arrays[f"{of.name}.dense.columns"]] = True
        return words, columns

    def count_postings(self, of: Field) -> NDArray[np.int64]:
        """Return how many postings each column has, those of articles that are not taken included: (V,)."""
        found = widths(self.arrays[f"{of.name}.at"]).astype(np.int64)
        for column, row in self._dense(of):
            found[column] = np.count_nonzero(row)
        return found

    def _dense(self, of: Field) -> Iterator[tuple[int, Array]]:
        """Yield the dense columns with their rows; a chunk has none."""
        columns = self.arrays.get(f"{of.name}.dense.columns", np.empty(0, np.int32)).tolist()
        return zip(columns, self.arrays.get(f"{of.name}.dense", ()), strict=True)

    def postings(self, of: Field, low: int, high: int, offset: int) -> Iterator[Run]:
        """Yield what is taken of the postings of columns low to high of the new segment, in runs that are in order.

        `offset` is the number of the first unit in the new segment.
        """
        own = np.flatnonzero((self.columns >= low) & (self.columns < high))
        if not len(own):
            return
        start, stop = int(own[0]), int(own[-1]) + 1
        if self.alive is None:  # then all columns are taken too
            for columns, units, tf, shortest in self._runs(of, start, stop):
                yield columns, units + offset, tf, shortest
            return
        taken = self.units(of)
        numbers = np.cumsum(taken) - 1 + offset
        for columns, units, tf, shortest in self._runs(of, start, stop):
            kept = taken[units] & (columns >= 0)
            yield columns[kept], numbers[units[kept]], tf[kept], shortest[kept]

    def _runs(self, of: Field, start: int, stop: int) -> Iterator[Run]:
        """Yield the postings of columns start to stop of this part, first the sparse columns, then each dense one."""
        at = self.arrays[f"{of.name}.at"][start : stop + 1]
        here = slice(int(at[0]), int(at[-1]))
        units, tf = (self.arrays[f"{of.name}.{part}"][here] for part in ("units", "tf"))
        shortest = self.arrays["paragraph.shortest"][here] if of is PARAGRAPH else np.ones_like(tf)
        yield np.repeat(self.columns[start:stop], widths(at)), units, tf, shortest
        for column, row in self._dense(of):
            if start <= column < stop:
                units = np.flatnonzero(row)
                tf = row[units]
                # 1: a dense column does not know its shortest sentences
                yield np.full(len(units), self.columns[column]), units, tf, np.ones_like(tf)


def widths(at: Array) -> Array:
    """Return the sizes of groups from their bounds; `np.diff` takes ten times as long for a few."""
    found: Array = at[1:] - at[:-1]
    return found


def pieces(sizes: NDArray[np.integer]) -> Iterator[tuple[int, int]]:
    """Cut the numbers 0 to n into ranges of at most PIECE in all, or of one number if that alone has more."""
    ends, low = np.cumsum(sizes, dtype=np.int64), 0
    while low < len(sizes):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(ends.searchsorted(before + PIECE, side="right")))
        yield low, high
        low = high


def firsts(groups: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Turn ascending group numbers into bounds: the members of group i are first[i]:first[i + 1]."""
    return groups.searchsorted(np.arange(count + 1))
