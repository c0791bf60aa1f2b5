"""Search a small segment: a query's columns -> the best sentences, by adding up all postings.

In a small segment, finding out what can be skipped takes longer than skipping nothing. The postings of all fields are
held in memory together, sorted by column, so that a query reads one run for each of its columns. Units are numbered
across fields: sentences first, then paragraphs, once by their text and once by what surrounds them, then articles by text and title.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import (
    ARTICLE_FIELDS,
    FIELDS,
    PARAGRAPH_FIELDS,
    PREVIOUS,
    SENTENCE,
    Field,
    Means,
    impacts,
    norms,
)
from retrieval.index.postings import SegmentQuery, count_terms
from retrieval.index.records import Floats
from retrieval.index.scorer import previous
from retrieval.index.segment import WORD, Segment
from retrieval.index.top_k import SLACK, TopK

Arrays = Mapping[str, NDArray[Any]]
FieldPostings = tuple[NDArray[np.integer], NDArray[np.integer], Floats]  # columns, units, impacts


class FullSearch:
    """Searches one small segment."""

    def __init__(self, segment: Segment, means: Means, dead: Sequence[int], offset: int) -> None:
        """Take a segment, the mean lengths of its generation, the numbers of its deleted articles, and the number of rows
        in the segments before it.
        """
        arrays = segment.arrays
        first, self._article = arrays["paragraph.first"], arrays["paragraph.article"]
        self._offset, self._starts = offset, first[:-1]
        self._paragraph = np.arange(len(self._article)).repeat(np.diff(first))
        self._alive = np.diff(arrays["article.first"]) > 0  # articles with a sentence to find
        self._alive[list(dead)] = False
        sizes = {"sentence": segment.sentences, "paragraph": len(self._article), "article": len(self._alive)}
        ends = np.cumsum([0, *(sizes[field.unit] for field in FIELDS)]).tolist()
        self._units_of = {field.name: slice(*ends) for field, ends in zip(FIELDS, pairwise(ends), strict=True)}
        self._at, self._units, self._impacts = self._all_postings(arrays, means)

    def _all_postings(self, arrays: Arrays, means: Means) -> tuple[NDArray[np.intp], NDArray[np.integer], Floats]:
        """Return the units and impacts of all postings; those of a column are at[column]:at[column + 1]."""
        parts = []
        for field in FIELDS:
            read = _sentence_postings if field is SENTENCE else _stored_postings
            columns, units, impact = read(arrays, field, means[field.name])
            units = (units + self._units_of[field.name].start).astype(np.int32)
            parts.append((columns, units, impact))
        columns, units, impact = map(np.concatenate, zip(*parts, strict=True))
        order = columns.argsort(kind="stable")
        at = columns.take(order).searchsorted(np.arange(len(arrays["terms"]) + 1))
        return at, units.take(order), impact.take(order)

    def search(self, query: SegmentQuery, best: TopK) -> None:
        """Add the best sentences of the segment to those of others."""
        fields = self._scores(query)
        of_articles = np.zeros(len(self._alive), np.float32)
        for name in ARTICLE_FIELDS:
            if name in best.weights:
                of_articles += np.float32(best.weights[name]) * fields[name]
                best.note(name, float(fields[name][self._alive].max(initial=0)))
        of_articles[~self._alive] = -np.inf
        of_paragraphs = of_articles.take(self._article)
        for name in PARAGRAPH_FIELDS:
            if name in best.weights:
                of_paragraphs += np.float32(best.weights[name]) * fields[name]
        scores = of_paragraphs.take(self._paragraph)
        for name in (SENTENCE.name, PREVIOUS):
            if name in best.weights:
                scores += np.float32(best.weights[name]) * fields[name]
        rows = _greatest(scores, best.k, best.threshold)
        paragraphs = self._paragraph.take(rows)
        units = dict.fromkeys((SENTENCE.name, PREVIOUS), rows) | dict.fromkeys(PARAGRAPH_FIELDS, paragraphs)
        units |= dict.fromkeys(ARTICLE_FIELDS, self._article.take(paragraphs))
        best.add(rows + self._offset, {name: fields[name].take(units[name]) for name in best.weights})

    def _scores(self, query: SegmentQuery) -> dict[str, Floats]:
        """Return the scores of all units by field."""
        runs = list(map(slice, self._at.take(query.columns).tolist(), self._at.take(query.columns + 1).tolist()))
        sums = np.zeros(self._units_of[FIELDS[-1].name].stop, np.float32)
        if runs:
            shares = [self._impacts[run] * weight for run, weight in zip(runs, query.weights, strict=True)]
            units = np.concatenate([self._units[run] for run in runs], dtype=np.intp)
            np.add.at(sums, units, np.concatenate(shares))
        fields = {name: sums[units] for name, units in self._units_of.items()}
        return fields | {PREVIOUS: previous(fields[SENTENCE.name], self._starts)}


def _greatest(scores: Floats, k: int, least: float) -> NDArray[np.intp]:
    """Return the places of the k greatest scores that reach `least`, and of any others about equal to them."""
    if len(scores) > k:
        least = max(least, float(np.partition(scores, -k)[-k]) * SLACK)
    return ((scores > 0) & (scores >= np.float32(least))).nonzero()[0]


def _sentence_postings(arrays: Arrays, field: Field, mean: float) -> FieldPostings:
    """Count the terms of all sentences: a segment keeps no postings of them."""
    lengths = np.diff(arrays["forward.at"])
    columns, rows, tf = count_terms(arrays["words.column"].take(arrays["forward.words"] & WORD), lengths)
    return columns, rows, impacts(tf, norms(lengths.take(rows), field, mean), field)


def _stored_postings(arrays: Arrays, field: Field, mean: float) -> FieldPostings:
    """Read the postings that the segment keeps of a field, those of dense columns behind the others."""
    at, units, impact, dense, dense_columns, lengths = (
        arrays[f"{field.name}.{part}"] for part in ("at", "units", "impacts", "dense", "dense.columns", "length")
    )
    columns: NDArray[np.integer] = np.arange(len(at) - 1).repeat(np.diff(at))
    row, unit = np.divmod(np.flatnonzero(dense > 0), max(len(lengths), 1))
    of_dense = impacts(dense[row, unit], norms(lengths.take(unit), field, mean), field)
    columns = np.concatenate([columns, dense_columns.take(row)])
    return columns, np.concatenate([units, unit]), np.concatenate([impact, of_dense])
