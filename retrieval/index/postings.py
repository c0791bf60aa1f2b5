"""A field of a segment and the columns a query asks for -> their postings, their impacts, their bounds.

Shapes: T legs of a query, n units.
"""

from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import BOUND_STEPS, FIELDS, Field, bound_of, frequencies, impacts, norms
from retrieval.index.records import Floats
from retrieval.index.segment import Segment

BY_NAME = {field.name: field for field in FIELDS}
SENTENCE, PARAGRAPH = BY_NAME["sentence"], BY_NAME["paragraph"]
ARTICLE_FIELDS = tuple(field.name for field in FIELDS if field.unit == "article")
Units = NDArray[np.integer]
SENTENCE_STEP = np.float32((SENTENCE.k1 + 1) / BOUND_STEPS)  # impact that a code counts


class SegmentQuery(NamedTuple):
    """The columns of a segment that a query asks for, each once."""

    columns: NDArray[np.intp]  # (T,)
    weights: Floats  # (T,), idf included

    def only(self, which: NDArray[np.integer] | NDArray[np.bool_] | slice) -> Self:
        """Give some of them."""
        return type(self)(self.columns[which], self.weights[which])


class Columns:
    """Which units of a field hold which columns, in one segment."""

    def __init__(self, segment: Segment, field: Field) -> None:
        """Take a segment and one of its fields."""
        self.field = field
        names = "at", "units", "bound", "dense", "dense.columns"
        arrays = (segment.arrays[f"{field.name}.{part}"] for part in names)
        self._at, self._units, self._bound, self._dense, self._dense_columns = arrays

    def __len__(self) -> int:
        """Count the units."""
        return int(self._dense.shape[1])

    def bounds(self, legs: SegmentQuery) -> Floats:
        """Give what no impact of each leg exceeds: (T,)."""
        return legs.weights * bound_of(self._bound[legs.columns], self.field)

    def are_dense(self, columns: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Say which columns so many units hold that they are kept whole: (T,)."""
        if not len(self._dense_columns):
            return np.zeros(len(columns), np.bool_)
        places = np.minimum(self._dense_columns.searchsorted(columns), len(self._dense_columns) - 1)
        return self._dense_columns[places] == columns

    def sizes(self, legs: SegmentQuery) -> NDArray[np.int64]:
        """Count the postings of each leg, as many as units for one that is kept whole: (T,)."""
        sizes = self._at.take(legs.columns + 1).astype(np.int64) - self._at.take(legs.columns)
        return np.where(self.are_dense(legs.columns), len(self), sizes)

    def _place(self, column: int) -> slice:
        return slice(int(self._at[column]), int(self._at[column + 1]))

    def _dense_row(self, column: int) -> NDArray[np.uint8] | None:
        row = int(self._dense_columns.searchsorted(column))
        return self._dense[row] if row < len(self._dense_columns) and self._dense_columns[row] == column else None


class SentencePostings(Columns):
    """The sentence field, whose postings bound what a column is worth in a sentence."""

    def __init__(self, segment: Segment) -> None:
        """Take a segment."""
        super().__init__(segment, SENTENCE)
        self._codes = segment.arrays["sentence.codes"]

    def codes(self, column: int) -> tuple[Units | slice, NDArray[np.uint8]]:
        """Give the rows that hold a column, all where it is kept whole, and its code in each: 0 where it is not held."""
        row, here = self._dense_row(column), self._place(column)
        return (self._units[here], self._codes[here]) if row is None else (slice(None), row)

    def look_up(self, column: int, rows: Units) -> NDArray[np.uint8]:
        """Give the code of a column that is not dense in some rows, 0 where it is not held: (n,); soonest where they ascend."""
        here, found = self._place(column), np.zeros(len(rows), np.uint8)
        held = self._units[here]
        places = held.searchsorted(rows)
        these = (held.take(places, mode="clip") == rows).nonzero()[0]
        found[these] = self._codes[here].take(places.take(these))
        return found

    def look_up_dense(self, columns: list[int], rows: Units) -> NDArray[np.uint8]:
        """Give the codes of columns that are dense in some rows: (T, n)."""
        return self._dense[self._dense_columns.searchsorted(columns)[:, None], rows]


class Postings(Columns):
    """One inverted field of one segment, with the impacts of its postings."""

    def __init__(self, segment: Segment, field: Field, mean: float) -> None:
        """Take a segment and the mean length of the field's units."""
        super().__init__(segment, field)
        self._mean = mean
        self._impacts, self._length = (segment.arrays[f"{field.name}.{part}"] for part in ("impacts", "length"))

    def add_up(self, legs: SegmentQuery, sums: Floats) -> None:
        """Add what legs bring to the sums of all units: (n,)."""
        for column, weight in zip(legs.columns.tolist(), legs.weights, strict=True):
            row = self._dense_row(column)
            if row is None:
                here = self._place(column)
                np.add.at(sums, self._units[here], self._impacts[here] * weight)
            else:
                sums += impacts(row, self._norms, self.field, weight)

    @cached_property
    def _norms(self) -> Floats:
        return norms(self._length, self.field, self._mean)

    def hold(self, columns: NDArray[np.integer], units: Units) -> NDArray[np.bool_]:
        """Say which units hold which columns: (T, n)."""
        dense = self.are_dense(columns)
        found = np.zeros((len(columns), len(units)), np.bool_)
        found[dense] = self._dense[self._dense_columns.searchsorted(columns[dense])[:, None], units] > 0
        for number in (~dense).nonzero()[0].tolist():
            held = self._units[self._place(int(columns[number]))]
            if len(held):
                found[number] = held.take(held.searchsorted(units), mode="clip") == units
        return found

    def frequencies(self, columns: NDArray[np.integer], units: Units) -> NDArray[np.uint8]:
        """Give how often some units hold some columns: (T, n)."""
        dense = self.are_dense(columns)
        found = np.zeros((len(columns), len(units)), np.uint8)
        found[dense] = self._dense[self._dense_columns.searchsorted(columns[dense])[:, None], units]
        for number in (~dense).nonzero()[0].tolist():
            here = self._place(int(columns[number]))
            held = self._units[here]
            if len(held):
                places = held.searchsorted(units)
                places[places == len(held)] = 0
                these = (held.take(places) == units).nonzero()[0]
                norm = self._norms.take(units.take(these))
                found[number, these] = frequencies(self._impacts[here].take(places.take(these)), norm, self.field)
        return found

    def weighed(self, tf: NDArray[np.integer], units: Units, weights: Floats | float = 1.0) -> Floats:
        """Give the weighted impacts of frequencies in some units, of the shape of `tf`: (n,) or (T, n)."""
        return impacts(tf, norms(self._length.take(units), self.field, self._mean), self.field, weights)


class ParagraphPostings(Postings):
    """The paragraph field, whose postings also bound what a column is worth in a paragraph's sentences."""

    def __init__(self, segment: Segment, field: Field, mean: float) -> None:
        """Take a segment and the mean length of its paragraphs."""
        super().__init__(segment, field, mean)
        self._most, self._in_sentences = segment.arrays["paragraph.most"], segment.arrays[f"{SENTENCE.name}.bound"]

    def sentence_bounds(self, legs: SegmentQuery) -> Floats:
        """Give what no impact of each leg in a sentence exceeds: (T,)."""
        return legs.weights * bound_of(self._in_sentences[legs.columns], SENTENCE)

    def add_bounds(self, legs: SegmentQuery, sums: Floats, own: float, around: float) -> Units:
        """Add to the sums of paragraphs what legs bring at most to one of their sentences, `own` times, and what they
        bring to the paragraphs, `around` times; give the paragraphs, once for each leg that they hold.
        """
        touched: list[Units] = [np.empty(0, np.int32)]
        step = SENTENCE_STEP * np.float32(own)
        for column, weight, most in zip(legs.columns.tolist(), legs.weights, self.sentence_bounds(legs), strict=True):
            row, here = self._dense_row(column), self._place(column)
            if row is None:
                share = self._most[here] * (weight * step)
                if around:
                    share += self._impacts[here] * (weight * np.float32(around))
                np.add.at(sums, self._units[here], share)
                touched.append(self._units[here])
            else:
                sums += (row > 0) * (most * np.float32(own))
                if around:
                    sums += impacts(row, self._norms, self.field, weight * np.float32(around))
                touched.append(row.nonzero()[0])
        return np.concatenate(touched)

    def look_up_bounds(self, legs: SegmentQuery, units: Units, own: float, around: float) -> Floats:
        """Give the same of some paragraphs: (n,)."""
        tf = self.frequencies(legs.columns, units)
        found = (np.float32(own) * self.sentence_bounds(legs)) @ (tf > 0).astype(np.float32)
        if around:
            found += self.weighed(tf, units, np.float32(around) * legs.weights[:, None]).sum(axis=0)
        return found
