"""The legs of a query, one segment -> the best of its sentences by the sentence field alone, exactly, from few postings.

The bound of a row is what its score does not exceed: of each leg it holds, the impact as its posting has it, rounded up.
The search

1. adds up the bounds of the legs that bring most. The others, mostly of common words, are deferred; if possible all
   whose columns are dense,
2. scores the rows with the greatest sums, which gives a threshold: the k-th best score so far. Where the deferred legs
   alone could reach it, the heaviest of them is added up too,
3. looks the deferred legs up, one after the other, in the rows that could reach the threshold, which become fewer,
4. scores those that are left, the most promising first, until no bound reaches the threshold.

Rows are scored from their running words, as `pruning` does. The idea is that of MaxScore (Turtle and Flood 1995).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import SENTENCE, SENTENCE_STEP, SegmentQuery, SentencePostings, Units
from retrieval.index.records import Floats
from retrieval.index.scorer import Scorer, distinct
from retrieval.index.segment import Segment
from retrieval.index.top_k import TopK, greatest

MOST_UNITS = 255  # bounds are counted in bytes, which stay in the cache
MOST_LEGS = 64  # so that rounding up costs no more than a quarter of the units
DEFERRED = 0.15  # share of all bounds that the legs have together that are deferred at first
FIRST = 64  # rows that are scored for the first threshold, or four times as many as are wanted
AMONG = 16  # rows that hold the heaviest legs for each of those: enough to choose from
SPARSE = 64  # where one row in 64 holds a leg, a look at all sums costs less than one at theirs
PIECE = 256  # rows that are scored before the threshold is looked at again, then twice as many, and so on


class SentencePruner:
    """Searches one segment; not to be shared between threads, since its sums are kept from search to search."""

    def __init__(self, segment: Segment, scorer: Scorer, dead: NDArray[np.bool_], offset: int) -> None:
        """Take a segment, what scores its rows, which articles are no longer shown, and how many rows are before it."""
        arrays = segment.arrays
        self.postings, self.scorer, self.offset = SentencePostings(segment), scorer, offset
        self.sums = np.zeros(len(self.postings), np.uint8)  # of rows; between searches all 0
        self.reach = np.zeros(len(self.sums), np.bool_)  # which rows' sums reach a threshold; kept to save time
        self._dead, self._any_dead = dead, bool((dead & (np.diff(arrays["article.first"]) > 0)).any())
        self._first, self._article = arrays["paragraph.first"], arrays["paragraph.article"]

    def search(self, legs: SegmentQuery, best: TopK) -> None:
        """Add the best rows of the segment to the best of others; the query has at most MOST_LEGS."""
        legs = legs.only(self.postings.bounds(legs) > 0)  # without what titles alone hold
        try:
            if len(legs.columns):
                _Search(self, legs, best).run()
        except BaseException:
            self.sums[:] = 0
            raise

    def living(self, rows: Units) -> Units:
        """Give the rows of articles that are shown."""
        if not self._any_dead:
            return rows
        paragraphs = self._first.searchsorted(rows.astype(self._first.dtype), side="right") - 1
        return rows[~self._dead.take(self._article.take(paragraphs))]


class _Leg(NamedTuple):
    column: int
    factor: np.float32  # units that a code counts
    most: int  # units that the leg brings at most
    dense: bool


class _Search:
    """One search of a segment; its legs are ordered by what they bring at most, the greatest first.

    Bounds are whole numbers of units, of which all legs together bring no more than a byte holds.
    """

    def __init__(self, on: SentencePruner, legs: SegmentQuery, best: TopK) -> None:
        self._on, self._best = on, best
        bounds, share = on.postings.bounds(legs).tolist(), best.weights[SENTENCE.name]
        self._unit = share * sum(bounds) / (MOST_UNITS - len(bounds))  # each leg is rounded up by one at most
        dense, scale = on.postings.are_dense(legs.columns).tolist(), share / self._unit
        self._legs = [
            _Leg(column, np.float32(weight * scale * SENTENCE_STEP), math.ceil(bound * scale), whole)
            for column, weight, bound, whole in zip(
                legs.columns.tolist(), legs.weights.tolist(), bounds, dense, strict=True
            )
        ]
        self._legs.sort(key=lambda leg: -leg.most)
        self._rest = sum(leg.most for leg in self._legs)  # units that the deferred legs bring together
        self._held: list[Units | slice] = []  # the rows that hold each leg that is added up, all of one that is dense

    def run(self) -> None:
        """Search."""
        enough = DEFERRED * self._rest
        while self._rest > enough and not (self._held and self._legs[0].dense):
            self._add_up()
        first = self._first()
        self._score(first)
        while self._rest >= self._least():
            self._add_up()
        self._on.sums[first] = 0  # they are not to come again
        rows, bounds = self._looked_up(self._reaching())
        order = np.argsort(-bounds, kind="stable")
        rows, bounds = rows.take(order), bounds.take(order)
        low, piece = 0, PIECE
        while low < len(rows) and bounds[low] >= self._least():
            here = slice(low, low + piece)
            self._score(rows[here][bounds[here] >= self._least()])
            low, piece = low + piece, 2 * piece

    def _least(self) -> int:
        """Give the units that the bound of a row must have."""
        return max(1, math.ceil(self._best.threshold / self._unit))

    def _add_up(self) -> None:
        """Add up what the heaviest deferred leg brings at most, and defer it no longer."""
        leg = self._legs.pop(0)
        rows, codes = self._on.postings.codes(leg.column)
        if isinstance(rows, slice):
            self._on.sums += _units(codes, leg.factor)
        else:
            np.add.at(self._on.sums, rows, _units(codes, leg.factor))
        self._held.append(rows)
        self._rest -= leg.most

    def _first(self) -> Units:
        """Give the most promising rows among those that hold the heaviest legs."""
        wanted, rows = max(FIRST, 4 * self._best.k), np.empty(0, np.int32)
        for held in self._held:
            if len(rows) < AMONG * wanted:
                rows = np.concatenate([rows, np.arange(len(self._on.sums)) if isinstance(held, slice) else held])
        return distinct(rows.take(greatest(self._on.sums.take(rows), wanted)))

    def _reaching(self) -> Units:
        """Give the rows whose sums could reach the threshold, each once, ascending."""
        least = self._least() - self._rest
        if self._many():
            return _places(np.greater_equal(self._on.sums, least, out=self._on.reach))
        rows = np.concatenate([held for held in self._held if not isinstance(held, slice)])
        return distinct(rows[self._on.sums.take(rows) >= least])

    def _many(self) -> bool:
        """Say whether so many rows hold a leg that all are looked at instead."""
        sizes = [SPARSE * len(held) if not isinstance(held, slice) else np.inf for held in self._held]
        return sum(sizes) > len(self._on.sums)

    def _looked_up(self, rows: Units) -> tuple[Units, NDArray[np.intp]]:
        """Look up the deferred legs in rows, and give those that could still reach the threshold, with their bounds; forget
        all sums.
        """
        bounds = self._on.sums.take(rows).astype(np.intp)
        for held in [slice(None)] if self._many() else self._held:
            self._on.sums[held] = 0
        for leg in self._legs:
            if not leg.dense:
                rows, bounds = self._near(rows, bounds)
                bounds += _units(self._on.postings.look_up(leg.column, rows), leg.factor)
                self._rest -= leg.most
        dense = [leg for leg in self._legs if leg.dense]
        if dense:
            rows, bounds = self._near(rows, bounds)
            codes = self._on.postings.look_up_dense([leg.column for leg in dense], rows)
            bounds += _units(codes, np.array([[leg.factor] for leg in dense])).sum(axis=0, dtype=np.intp)
        return rows, bounds

    def _near(self, rows: Units, bounds: NDArray[np.intp]) -> tuple[Units, NDArray[np.intp]]:
        """Give the rows that could reach the threshold by what is still to be looked up."""
        near = (bounds >= self._least() - self._rest).nonzero()[0]
        return rows.take(near), bounds.take(near)

    def _score(self, rows: Units) -> None:
        """Score some rows."""
        alive = self._on.living(rows).astype(np.intp)
        if len(alive):
            self._best.add(alive + self._on.offset, {SENTENCE.name: self._on.scorer.score_alone(alive)})


def _units(codes: NDArray[np.uint8], factor: np.float32 | Floats) -> NDArray[np.uint8]:
    return np.ceil(codes * factor).astype(np.uint8)


def _places(of: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give the places of the few that are true: eight are passed over at once."""
    whole = len(of) & -8
    eights = (of[:whole].view(np.uint64) != 0).nonzero()[0]
    eight, place = of[:whole].reshape(-1, 8)[eights].nonzero()
    return np.concatenate([8 * eights.take(eight) + place, whole + of[whole:].nonzero()[0]])
