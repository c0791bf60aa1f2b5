"""The legs of a query, one small segment -> the best of its sentences, by adding up what every leg brings to all.

In a small segment to find out what can be passed over costs more than to pass over nothing. The postings of all fields
stand in memory together, those of a column one after the other, so that a query reads one run of them for each leg. The
units of all fields are numbered on: first sentences, then paragraphs, then articles for their text and for their titles.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELDS, MAX_TF, PREVIOUS, Field, Means, impacts, norms
from retrieval.index.postings import ARTICLE_FIELDS, PARAGRAPH, SENTENCE, SegmentQuery
from retrieval.index.records import Floats
from retrieval.index.segment import WORD, Segment
from retrieval.index.top_k import SLACK, TopK

Arrays = Mapping[str, NDArray[Any]]
Postings = tuple[NDArray[np.integer], NDArray[np.integer], Floats]  # columns, units, impacts


class FullSearch:
    """Searches one small segment."""

    def __init__(self, segment: Segment, means: Means, dead: Sequence[int], offset: int) -> None:
        """Take a segment, the mean lengths of its generation, the numbers of the articles that are no longer shown,
        and how many rows the segments before it have.
        """
        arrays = segment.arrays
        first, self._article = arrays["paragraph.first"], arrays["paragraph.article"]
        self._offset, self._begins = offset, first[:-1]
        self._paragraph = np.arange(len(self._article)).repeat(np.diff(first))
        self._alive = np.diff(arrays["article.first"]) > 0  # articles with a sentence that is shown
        self._alive[list(dead)] = False
        sizes = {"sentence": segment.sentences, "paragraph": len(self._article)}
        ends = np.cumsum([0, *(sizes.get(field.unit, len(self._alive)) for field in FIELDS)]).tolist()
        self._places = {field.name: slice(*ends) for field, ends in zip(FIELDS, pairwise(ends), strict=True)}
        self._at, self._units, self._impacts = self._together(arrays, means)

    def _together(self, arrays: Arrays, means: Means) -> tuple[NDArray[np.intp], NDArray[np.int32], Floats]:
        """Give the units and impacts of all postings; those of a column are at[column]:at[column + 1]."""
        columns, units, found = [], [], []
        for field in FIELDS:
            of = _counted if field is SENTENCE else _kept
            column, unit, impact = of(arrays, field, means[field.name])
            columns.append(column)
            units.append(unit + self._places[field.name].start)
            found.append(impact)
        column = np.concatenate(columns)
        order = column.argsort(kind="stable")
        at = column.take(order).searchsorted(np.arange(len(arrays["terms"]) + 1))
        return at, np.concatenate(units, dtype=np.int32).take(order), np.concatenate(found).take(order)

    def search(self, legs: SegmentQuery, best: TopK) -> None:
        """Add the best sentences of the segment to the best of others."""
        fields = self._added_up(legs)
        reach = np.zeros(len(self._alive), np.float32)  # what an article brings
        for name in ARTICLE_FIELDS:
            if name in best.weights:
                reach += np.float32(best.weights[name]) * fields[name]
                best.see(name, float(fields[name][self._alive].max(initial=0)))
        reach[~self._alive] = -np.inf
        around = reach.take(self._article)
        if PARAGRAPH.name in best.weights:
            around += np.float32(best.weights[PARAGRAPH.name]) * fields[PARAGRAPH.name]
        scores = around.take(self._paragraph)
        for name in (SENTENCE.name, PREVIOUS):
            if name in best.weights:
                scores += np.float32(best.weights[name]) * fields[name]
        rows = _greatest(scores, best.k, best.threshold)
        units = dict.fromkeys((SENTENCE.name, PREVIOUS), rows) | {PARAGRAPH.name: self._paragraph.take(rows)}
        units |= dict.fromkeys(ARTICLE_FIELDS, self._article.take(units[PARAGRAPH.name]))
        best.add(rows + self._offset, {name: fields[name].take(units[name]) for name in best.weights})

    def _added_up(self, legs: SegmentQuery) -> dict[str, Floats]:
        """Give the scores of all units by field."""
        runs = list(map(slice, self._at.take(legs.columns).tolist(), self._at.take(legs.columns + 1).tolist()))
        sums = np.zeros(self._places[FIELDS[-1].name].stop, np.float32)
        if runs:
            shares = np.concatenate(
                [self._impacts[run] * weight for run, weight in zip(runs, legs.weights, strict=True)]
            )
            np.add.at(sums, np.concatenate([self._units[run] for run in runs], dtype=np.intp), shares)
        fields = {name: sums[place] for name, place in self._places.items()}
        fields[PREVIOUS] = np.empty_like(fields[SENTENCE.name])
        fields[PREVIOUS][1:] = fields[SENTENCE.name][:-1]
        fields[PREVIOUS][self._begins] = 0
        return fields


def _greatest(scores: Floats, k: int, least: float) -> NDArray[np.intp]:
    """Give the places of the k greatest scores, or of those that reach the least; some more where scores are about equal."""
    if len(scores) > k:
        least = max(least, float(np.partition(scores, -k)[-k]) * SLACK)
    return ((scores > 0) & (scores >= np.float32(least))).nonzero()[0]


def _counted(arrays: Arrays, field: Field, mean: float) -> Postings:
    """Count how often sentences hold words of each column."""
    at = arrays["forward.at"]
    lengths = np.diff(at)
    rows = np.arange(len(lengths)).repeat(lengths)
    columns = arrays["words.column"].take(arrays["forward.words"] & WORD)
    held = np.sort(columns.astype(np.int64) * len(at) + rows)
    first = np.diff(held, prepend=-1).nonzero()[0]
    columns, rows = np.divmod(held.take(first), len(at))
    tf = np.minimum(np.diff(first, append=len(held)), MAX_TF)
    return columns, rows, impacts(tf, norms(lengths.take(rows), field, mean), field)


def _kept(arrays: Arrays, field: Field, mean: float) -> Postings:
    """Give the postings of a field that the segment keeps, columns that are kept whole behind the others."""
    at, units, impact, dense, whole, lengths = (
        arrays[f"{field.name}.{part}"] for part in ("at", "units", "impacts", "dense", "dense.columns", "length")
    )
    columns: NDArray[np.integer] = np.arange(len(at) - 1).repeat(np.diff(at))
    row, unit = np.divmod(np.flatnonzero(dense > 0), max(len(lengths), 1))
    of_whole = impacts(dense[row, unit], norms(lengths.take(unit), field, mean), field)
    columns = np.concatenate([columns, whole.take(row)])
    return columns, np.concatenate([units, unit]), np.concatenate([impact, of_whole])
