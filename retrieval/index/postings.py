"""The postings of one field of a segment: which units hold a column, how often, and with what impact.

A column is a term's number in its segment. Most columns have a list of postings. A dense column, which many units hold,
has a row with the term frequency of every unit instead. Shapes: T columns of a query, n units.
"""

from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import (
    BOUND_STEPS,
    MAX_TF,
    PARAGRAPH,
    SENTENCE,
    Field,
    Means,
    bound_impacts,
    impacts,
    norms,
)
from retrieval.index.records import Floats
from retrieval.index.segment import Segment

Units = NDArray[np.integer]
_SENTENCE_STEP = np.float32((SENTENCE.k1 + 1) / BOUND_STEPS)  # impact of one step of a bound


class SegmentQuery(NamedTuple):
    """A query as one segment sees it: the columns of its terms, each once, and their weights."""

    columns: NDArray[np.intp]  # (T,)
    weights: Floats  # (T,), idf included

    def only(self, which: NDArray[np.bool_]) -> Self:
        """Return the query of some of its columns."""
        return type(self)(self.columns[which], self.weights[which])

    def times(self, share: float) -> Self:
        """Return the query with all weights multiplied."""
        return type(self)(self.columns, self.weights * np.float32(share))


class Postings:
    """The postings of a field of paragraphs or articles."""

    def __init__(self, segment: Segment, field: Field, mean: float) -> None:
        """Take a segment, the field, and the mean length of its units."""
        self.field, self._mean = field, mean
        names = "at", "units", "impacts", "tf", "dense", "dense.columns", "length"
        arrays = (segment.arrays[f"{field.name}.{part}"] for part in names)
        self._at, self._units, self._impacts, self._tf, self._dense, self._dense_columns, self._length = arrays

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self._length)

    @cached_property
    def is_empty(self) -> bool:
        """Whether no unit holds any column."""
        return not (len(self._units) or len(self._dense_columns))

    def sizes(self, columns: NDArray[np.integer]) -> NDArray[np.int64]:
        """Count the postings of each column, for a dense one all units: (T,)."""
        sizes = self._at.take(columns + 1).astype(np.int64) - self._at.take(columns)
        return np.where(self.are_dense(columns), len(self), sizes)

    def are_dense(self, columns: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which columns are dense: (T,)."""
        if not len(self._dense_columns):
            return np.zeros(len(columns), np.bool_)
        places = np.minimum(self._dense_columns.searchsorted(columns), len(self._dense_columns) - 1)
        return self._dense_columns[places] == columns

    def add_scores(self, query: SegmentQuery, sums: Floats) -> None:
        """Add the scores of all units to `sums`, (n,)."""
        for column, weight in zip(query.columns.tolist(), query.weights, strict=True):
            row = self._dense_row(column)
            if row is None:
                here = self._run(column)
                np.add.at(sums, self._units[here], self._impacts[here] * weight)
            else:
                sums += impacts(row, self._norms, self.field, weight)

    def units(self, columns: NDArray[np.integer]) -> Units:
        """Return the units that hold the columns, once for each column they hold."""
        rows = ((column, self._dense_row(column)) for column in columns.tolist())
        found = [self._units[self._run(column)] if row is None else row.nonzero()[0] for column, row in rows]
        return np.concatenate([np.empty(0, np.int32), *found])

    def look_up(self, query: SegmentQuery, units: Units) -> Floats:
        """Return what each column scores in some units: (T, n)."""
        if self.is_empty:
            return np.zeros((len(query.columns), len(units)), np.float32)
        return self.scores(self._frequencies(query.columns, units), units, query.weights[:, None])

    def scores(self, tf: NDArray[np.integer], units: Units, weights: Floats | float) -> Floats:
        """Return the weighted impacts of frequencies in some units, of the shape of `tf`: (n,) or (T, n)."""
        return impacts(tf, norms(self._length.take(units), self.field, self._mean), self.field, weights)

    def holds(self, columns: NDArray[np.integer], units: Units) -> NDArray[np.bool_]:
        """Return which columns each unit holds: (T, n)."""
        return self._frequencies(columns, units) > 0

    def _frequencies(self, columns: NDArray[np.integer], units: Units) -> NDArray[np.uint8]:
        """Return how often each unit holds each column: (T, n)."""
        found = np.zeros((len(columns), len(units)), np.uint8)
        if self.is_empty:
            return found
        dense = self.are_dense(columns)
        found[dense] = self._dense[self._dense_columns.searchsorted(columns[dense])[:, None], units]
        for number in (~dense).nonzero()[0].tolist():
            here = self._run(int(columns[number]))
            held = self._units[here]
            if len(held):
                places = held.searchsorted(units)
                found[number] = self._tf[here].take(places, mode="clip") * (held.take(places, mode="clip") == units)
        return found

    def _run(self, column: int) -> slice:
        """Return where the postings of a column are."""
        return slice(int(self._at[column]), int(self._at[column + 1]))

    def _dense_row(self, column: int) -> NDArray[np.uint8] | None:
        row = int(self._dense_columns.searchsorted(column))
        return self._dense[row] if row < len(self._dense_columns) and self._dense_columns[row] == column else None

    @cached_property
    def _norms(self) -> Floats:
        return norms(self._length, self.field, self._mean)


class BoundedPostings(Postings):
    """The postings of a field of paragraphs, which the search can bound."""

    def __init__(self, segment: Segment, field: Field, mean: float) -> None:
        """Take a segment, the field, and the mean length of its units."""
        super().__init__(segment, field, mean)
        self._bound = segment.arrays[f"{field.name}.bound"]

    def bounds(self, query: SegmentQuery) -> Floats:
        """Return the most that each column scores in any unit: (T,)."""
        return query.weights * bound_impacts(self._bound[query.columns], self.field)


class ParagraphPostings(BoundedPostings):
    """The paragraph field, whose postings also bound a column's impact in each of the paragraph's sentences."""

    def __init__(self, segment: Segment, means: Means) -> None:
        """Take a segment and the mean lengths of its generation."""
        super().__init__(segment, PARAGRAPH, means[PARAGRAPH.name])
        self._most, self._sentence_bound = segment.arrays["paragraph.most"], segment.arrays["sentence.bound"]

    def sentence_bounds(self, query: SegmentQuery) -> Floats:
        """Return the most that each column scores in any sentence: (T,)."""
        return query.weights * bound_impacts(self._sentence_bound[query.columns], SENTENCE)

    def add_bounds(self, query: SegmentQuery, sums: Floats, own: float, around: float) -> Units:
        """Add to the sums of paragraphs `own` times the most that columns can score in one of their sentences, and
        `around` times what they score in the paragraph; return the paragraphs, once for each column they hold.
        """
        touched: list[Units] = [np.empty(0, np.int32)]
        step = _SENTENCE_STEP * np.float32(own)
        for column, weight, most in zip(
            query.columns.tolist(), query.weights, self.sentence_bounds(query), strict=True
        ):
            row, here = self._dense_row(column), self._run(column)
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

    def look_up_bounds(self, query: SegmentQuery, units: Units, own: float, around: float) -> Floats:
        """Return the same for some paragraphs: (n,)."""
        tf = self._frequencies(query.columns, units)
        found = (np.float32(own) * self.sentence_bounds(query)) @ (tf > 0).astype(np.float32)
        if around:
            found += self.scores(tf, units, np.float32(around) * query.weights[:, None]).sum(axis=0)
        return found


class TermCounts(NamedTuple):
    """How often units hold columns, by column, then by unit."""

    columns: NDArray[np.integer]
    units: NDArray[np.integer]
    tf: NDArray[np.integer]


def count_terms(columns: NDArray[np.integer], lengths: NDArray[np.integer]) -> TermCounts:
    """Count how often each unit holds each column, up to MAX_TF.

    In: the columns of all running words, and the number of words in each unit.
    """
    units = max(len(lengths), 1)
    keys = columns.astype(np.int64)
    keys *= units
    keys += np.arange(len(lengths)).repeat(lengths)
    keys.sort()
    first = np.diff(keys, prepend=-1).nonzero()[0]
    column, unit = np.divmod(keys.take(first), units)
    return TermCounts(column, unit, np.minimum(np.diff(first, append=len(keys)), MAX_TF))
