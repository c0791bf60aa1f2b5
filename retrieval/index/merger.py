"""Merge chunks and segments into one segment, with bounds, impacts and dense columns computed anew.

Every segment is made here. Rows keep their order, input after input. Large arrays are copied in pieces, so that a merge
needs memory only for some tables of the vocabulary and one piece.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELDS, PARAGRAPH, SECTION, SENTENCE, TITLE, Field, Means, impacts, norms, round_up
from retrieval.index.merger_input import MergeInput, Run, firsts, pieces, widths
from retrieval.index.postings import count_terms
from retrieval.index.segment import WORD, Array, ArraysInMemory, ArrayWriter, Segment, new_segment

DENSE_SHARE = 16  # a column in more than one unit in 16 becomes dense: hardly larger, and faster to look up
MIN_DENSE = 64  # units: in a small segment everything is common
_NOT_TAKEN = np.uint64(0xFFFFFFFFFFFFFFFF)


def merge(inputs: Sequence[MergeInput], folder: Path, means: Means) -> Path:
    """Write a segment in a folder, with impacts by the mean lengths of its generation; return the segment's folder."""
    with new_segment(folder) as (writer, place):
        _write(inputs, means, writer)
    return place


def merge_in_memory(inputs: Sequence[MergeInput], means: Means) -> Segment:
    """Return the same segment without a folder."""
    writer = ArraysInMemory()
    _write(inputs, means, writer)
    return writer.segment


def _write(inputs: Sequence[MergeInput], means: Means, writer: ArrayWriter) -> None:
    tables = _Tables(inputs)
    tables.write(writer)
    _write_units(inputs, writer)
    _write_sentences(inputs, tables, means, writer)
    for field in FIELDS[1:]:
        _write_postings(inputs, tables, field, means, writer)
    writer.finish(sum((Counter(one.languages) for one in inputs), Counter()))


def mean_lengths(inputs: Sequence[MergeInput]) -> dict[str, float]:
    """Return the mean length of the units of each field, 1 for a field without terms."""
    return {field.name: _mean([one.lengths(field) for one in inputs]) for field in FIELDS}


def _mean(lengths: Sequence[NDArray[np.integer]]) -> float:
    units, terms = sum(map(len, lengths)), sum(int(some.sum(dtype=np.int64)) for some in lengths)
    return terms / units if terms else 1.0


class _Tables:
    """The terms and words of all inputs; numbers the inputs' columns and words anew."""

    def __init__(self, inputs: Sequence[MergeInput]) -> None:
        self._inputs = inputs
        self.terms: NDArray[np.uint32] = np.unique(np.concatenate([one.arrays["terms"][one.held[1]] for one in inputs]))
        keys = []  # of each word: its column, and below 32 bits its number
        for one in inputs:
            words, columns = one.held
            one.columns = np.where(columns, self.terms.searchsorted(one.arrays["terms"]), -1)
            of_words = np.repeat(one.columns, widths(one.arrays["words.first"]))
            keys.append((of_words.astype(np.uint64) << np.uint64(32)) | one.arrays["words.number"])
            keys[-1][~words] = _NOT_TAKEN
        self._keys, self._chosen = np.unique(np.concatenate(keys), return_index=True)
        if len(self._keys) and self._keys[-1] == _NOT_TAKEN:
            self._keys, self._chosen = self._keys[:-1], self._chosen[:-1]
        for one, own in zip(inputs, keys, strict=True):
            one.words = np.where(one.held[0], self._keys.searchsorted(own), -1)

    @cached_property
    def columns_of_words(self) -> NDArray[np.int64]:
        """The column of each word."""
        return (self._keys >> np.uint64(32)).astype(np.int64)

    def write(self, writer: ArrayWriter) -> None:
        """Write the terms and the words."""
        writer.add("terms", self.terms)
        writer.add("words.column", self.columns_of_words.astype(np.int32))
        writer.add("words.first", firsts(self.columns_of_words, len(self.terms)).astype(np.uint32))
        writer.add("words.number", (self._keys & np.uint64(0xFFFFFFFF)).astype(np.uint32))
        for name in ("words.cues", "words.vector", "words.kinds", "words.prefix", "words.signature"):
            writer.add(name, np.concatenate([one.arrays[name] for one in self._inputs])[self._chosen])
        letters = np.concatenate([one.arrays["words.letters"] for one in self._inputs])
        sizes = np.concatenate([widths(one.arrays["words.at"]) for one in self._inputs]).astype(np.int64)
        starts = (np.cumsum(sizes) - sizes)[self._chosen]
        sizes = sizes[self._chosen]
        ends = np.cumsum(sizes)
        writer.add("words.at", np.append(0, ends).astype(np.uint32))
        writer.add("words.letters", letters[np.repeat(starts - ends + sizes, sizes) + np.arange(sizes.sum())])


def _write_units(inputs: Sequence[MergeInput], writer: ArrayWriter) -> None:
    """Write what is known of articles, paragraphs and rows."""
    writer.add("version", *(one.arrays["version"][one.articles] for one in inputs))
    for name in ("position", "marks"):
        writer.add(name, *(one.arrays[name][one.rows] for one in inputs))
    for field in (SECTION, TITLE):
        rows, lengths = zip(*(one.vectors(field) for one in inputs), strict=True)
        writer.add(f"{field.name}.vectors", *rows)
        ends = np.cumsum(np.concatenate(lengths), dtype=np.int64)
        writer.add(f"{field.name}.vectors.at", np.append(0, ends).astype(np.uint32))
    paragraphs = np.concatenate([widths(one.arrays["article.first"])[one.articles] for one in inputs])
    rows = np.concatenate([widths(one.arrays["paragraph.first"])[one.paragraphs] for one in inputs])
    words = np.concatenate([one.lengths(SENTENCE) for one in inputs])
    writer.add("article.first", np.append(0, np.cumsum(paragraphs)).astype(np.int32))
    writer.add("paragraph.article", np.repeat(np.arange(len(paragraphs), dtype=np.int32), paragraphs))
    writer.add("paragraph.first", np.append(0, np.cumsum(rows)).astype(np.int32))
    writer.add("forward.at", np.append(0, np.cumsum(words, dtype=np.int64)).astype(np.uint32))


def _write_sentences(inputs: Sequence[MergeInput], tables: _Tables, means: Means, writer: ArrayWriter) -> None:
    """Write the running words, by their new numbers, and for each column its number of rows and a bound on its impact."""
    df = np.zeros(len(tables.terms), np.int32)
    bound = np.zeros(len(df), np.uint8)
    with writer.adding("forward.words", np.empty(0, np.uint32)) as append:
        for one in inputs:
            for running, lengths in one.running_words():
                words = one.words[running & WORD]
                append(words.astype(np.uint32) | (running & ~WORD))
                columns, rows, tf = count_terms(tables.columns_of_words[words], lengths)
                impact = impacts(tf, norms(lengths[rows], SENTENCE, means[SENTENCE.name]), SENTENCE)
                np.maximum.at(bound, columns, round_up(impact, SENTENCE))
                df += np.bincount(columns, minlength=len(df)).astype(np.int32)
    writer.add("df", df)
    writer.add("sentence.bound", bound)


def _write_postings(
    inputs: Sequence[MergeInput], tables: _Tables, field: Field, means: Means, writer: ArrayWriter
) -> None:
    """Write the postings of a field of paragraphs or articles, with bounds for paragraphs."""
    lengths = _smallest([one.lengths(field) for one in inputs])
    norm = norms(lengths, field, means[field.name])
    dense, greatest = _DenseColumns(len(tables.terms), len(lengths)), np.zeros(len(tables.terms), np.float32)
    kept = [(np.empty(0, np.float32), np.empty(0, np.uint8), np.empty(0, np.uint8))]  # an array is written in one go
    with writer.adding(f"{field.name}.units", np.empty(0, np.int32)) as append:
        for columns, units, tf, shortest in _merged(inputs, tables, field):
            impact = impacts(tf, norm[units], field)
            np.maximum.at(greatest, columns, impact)
            sparse = dense.take(columns, units, tf)
            append(units[sparse])
            kept.append((impact[sparse], tf[sparse], shortest[sparse]))
    impact_parts, tf_parts, shortest_parts = zip(*kept, strict=True)
    writer.add(f"{field.name}.impacts", *impact_parts)
    writer.add(f"{field.name}.tf", *tf_parts)
    writer.add(f"{field.name}.length", lengths)
    dense.write(field.name, writer)
    if field.unit == "paragraph":
        writer.add(f"{field.name}.bound", round_up(greatest, field))
    if field is PARAGRAPH:
        writer.add("paragraph.shortest", *shortest_parts)
        writer.add("paragraph.most", *map(_bounds_in_sentences, tf_parts, shortest_parts, [means] * len(kept)))


def _bounds_in_sentences(tf: Array, shortest: Array, means: Means) -> Array:
    """Bound the impact in any sentence of a paragraph: as if the shortest sentence held the column every time."""
    return round_up(impacts(tf, norms(shortest, SENTENCE, means[SENTENCE.name]), SENTENCE), SENTENCE)


def _smallest(parts: Sequence[Array]) -> Array:
    """Join numbers in the smallest type that holds them."""
    found = np.concatenate(parts)
    return found.astype(np.uint16 if found.max(initial=0) <= np.iinfo(np.uint16).max else np.uint32)


class _DenseColumns:
    """Takes the postings of a field column by column, and keeps the dense columns as rows."""

    def __init__(self, terms: int, units: int) -> None:
        self._units, self._sizes = units, np.zeros(terms, np.int64)
        self._rows: dict[int, Array] = {}

    def take(self, columns: Array, units: Array, tf: Array) -> Array:
        """Take the dense columns out of whole columns; return which postings are left."""
        counts = np.bincount(columns, minlength=len(self._sizes))
        for column in (counts > max(self._units // DENSE_SHARE, MIN_DENSE)).nonzero()[0].tolist():
            here = slice(*columns.searchsorted([column, column + 1]).tolist())
            self._rows[column] = np.zeros(self._units, np.uint8)
            self._rows[column][units[here]] = tf[here]
            counts[column] = 0
        self._sizes += counts
        return counts[columns] > 0

    def write(self, name: str, writer: ArrayWriter) -> None:
        """Write where the postings of each column start, and the dense columns."""
        writer.add(f"{name}.at", np.append(0, np.cumsum(self._sizes)).astype(np.uint32))
        rows = (row[None] for row in self._rows.values())
        writer.add(f"{name}.dense", np.empty((0, self._units), np.uint8), *rows)
        writer.add(f"{name}.dense.columns", np.array(list(self._rows), np.int32))


def _merged(inputs: Sequence[MergeInput], tables: _Tables, field: Field) -> Iterator[Run]:
    """Yield the postings of a field, by column, then by unit, in pieces that end between columns."""
    sizes = np.zeros(len(tables.terms), np.int64)
    for one in inputs:
        taken = one.columns >= 0
        sizes[one.columns[taken]] += one.count_postings(field)[taken]
    offsets = np.cumsum([0, *(int(one.units(field).sum()) for one in inputs)]).tolist()
    for low, high in pieces(sizes):
        runs = [
            run for one, offset in zip(inputs, offsets, strict=False) for run in one.postings(field, low, high, offset)
        ]
        if runs:
            columns, *others = (np.concatenate(some) for some in zip(*runs, strict=True))
            order = np.argsort(columns, kind="stable") if len(runs) > 1 else slice(None)
            units, tf, shortest = (some[order] for some in others)
            yield columns[order], units, tf, shortest
