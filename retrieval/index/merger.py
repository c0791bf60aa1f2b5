"""Parts -> one segment, its bounds and dense columns computed anew: the only way in which a segment is made.

Rows keep their order, part after part. What is large goes from file to file in pieces, so that merging needs little
memory: some tables of the vocabulary, and one piece.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELDS, MAX_TF, Field, Means, bounds, impacts, norms
from retrieval.index.merger_input import MergeInput, MergePart, firsts, pieces
from retrieval.index.segment import WORD, Array, SegmentWriter, new_segment

SENTENCE, *OTHERS = FIELDS
DENSE_SHARE = 16  # a column that more than one unit in 16 holds is kept whole: hardly larger, and looked up at once
LEAST_DENSE = 64  # units: in a small segment everything is common


def merge(parts: Sequence[MergePart], folder: Path, means: Means) -> Path:
    """Write a segment under a folder, its impacts by the means of its generation, and give its place."""
    sources = [MergeInput(part) for part in parts]
    with new_segment(folder) as (writer, place):
        tables = _Tables(sources)
        _write_units(sources, writer)
        _write_words(sources, writer)
        df = _write_sentences(sources, tables, means, writer)
        for field in OTHERS:
            _write_postings(sources, tables, field, means, writer)
        tables.write(df, writer)
        writer.finish(sum((Counter(part.languages) for part in parts), Counter()))
    return place


def own_means(parts: Sequence[MergePart]) -> dict[str, float]:
    """Give the mean lengths of the units of all parts together, 1 for a field without terms."""
    sources = [MergeInput(part) for part in parts]
    return {field.name: _mean([source.lengths(field) for source in sources]) for field in FIELDS}


def _mean(lengths: Sequence[NDArray[np.integer]]) -> float:
    units, terms = sum(map(len, lengths)), sum(int(some.sum(dtype=np.int64)) for some in lengths)
    return terms / units if terms else 1.0


class _Tables:
    """The terms and the words of all sources together."""

    def __init__(self, sources: Sequence[MergeInput]) -> None:
        self.terms: NDArray[np.uint32] = np.unique(
            np.concatenate([source.arrays["terms"][source.held[1]] for source in sources])
        )
        keys = []
        for source in sources:
            words, columns = source.held
            source.columns = np.where(columns, self.terms.searchsorted(source.arrays["terms"]), -1)
            of_words = np.repeat(source.columns, np.diff(source.arrays["words.first"]))
            keys.append((of_words.astype(np.uint64) << np.uint64(32)) | source.arrays["words.number"])
            keys[-1][~words] = np.uint64(0xFFFFFFFFFFFFFFFF)
        self._keys, self._chosen = np.unique(np.concatenate(keys), return_index=True)
        if len(self._keys) and self._keys[-1] == np.uint64(0xFFFFFFFFFFFFFFFF):
            self._keys, self._chosen = self._keys[:-1], self._chosen[:-1]
        for source, own in zip(sources, keys, strict=True):
            source.words = np.where(source.held[0], self._keys.searchsorted(own), -1)
        self._sources = sources

    @cached_property
    def columns_of_words(self) -> NDArray[np.int64]:
        """The column of each word."""
        return (self._keys >> np.uint64(32)).astype(np.int64)

    def write(self, df: NDArray[np.int32], writer: SegmentWriter) -> None:
        """Write the terms, which so many rows hold, and the words."""
        writer.add("terms", self.terms)
        writer.add("df", df)
        writer.add("words.column", self.columns_of_words.astype(np.int32))
        writer.add("words.first", firsts(self.columns_of_words, len(self.terms)).astype(np.uint32))
        writer.add("words.number", (self._keys & np.uint64(0xFFFFFFFF)).astype(np.uint32))
        for name in ("words.cues", "words.prefix", "words.signature"):
            writer.add(name, np.concatenate([source.arrays[name] for source in self._sources])[self._chosen])
        letters = np.concatenate([source.arrays["words.letters"] for source in self._sources])
        sizes = np.concatenate([np.diff(source.arrays["words.at"]) for source in self._sources]).astype(np.int64)
        starts = (np.cumsum(sizes) - sizes)[self._chosen]
        sizes = sizes[self._chosen]
        ends = np.cumsum(sizes)
        writer.add("words.at", np.append(0, ends).astype(np.uint32))
        writer.add("words.letters", letters[np.repeat(starts - ends + sizes, sizes) + np.arange(sizes.sum())])


def _write_units(sources: Sequence[MergeInput], writer: SegmentWriter) -> None:
    """Write what is known of articles, paragraphs and rows."""
    writer.add("version", *(source.arrays["version"][source.articles] for source in sources))
    writer.add("position", *(source.arrays["position"][source.rows] for source in sources))
    sizes = {"article": "article.first", "paragraph": "paragraph.first"}
    for name, first in sizes.items():
        taken = [np.diff(source.arrays[first])[getattr(source, f"{name}s")] for source in sources]
        writer.add(first, np.append(0, np.cumsum(np.concatenate(taken))).astype(np.int32))
        if name == "article":
            of_articles = np.concatenate(taken)
            writer.add("paragraph.article", np.repeat(np.arange(len(of_articles), dtype=np.int32), of_articles))
    lengths = np.concatenate([source.lengths(SENTENCE) for source in sources])
    writer.add("forward.at", np.append(0, np.cumsum(lengths, dtype=np.int64)).astype(np.uint32))


def _write_words(sources: Sequence[MergeInput], writer: SegmentWriter) -> None:
    """Write the running words, by their new numbers."""
    with writer.adding("forward.words", np.empty(0, np.uint32)) as append:
        for source in sources:
            for running, _ in source.running_words():
                append(source.words[running & WORD].astype(np.uint32) | (running & ~WORD))


def _smallest(parts: Sequence[Array]) -> Array:
    """Join numbers in the smallest type that holds them."""
    found = np.concatenate(parts)
    return found.astype(np.uint16 if found.max(initial=0) <= np.iinfo(np.uint16).max else np.uint32)


class _Columns:
    """The columns of a field as they come: what most units hold is kept whole, of the others only the units."""

    def __init__(self, terms: int, units: int) -> None:
        self._units, self._sizes = units, np.zeros(terms, np.int64)
        self._dense: dict[int, Array] = {}

    def sparse(self, columns: Array, units: Array, kept: Array) -> Array:
        """Say which postings are not of columns that are kept whole: those keep a byte of each unit, 0 for none."""
        counts = np.bincount(columns, minlength=len(self._sizes))
        for column in (counts > max(self._units // DENSE_SHARE, LEAST_DENSE)).nonzero()[0].tolist():
            here = slice(*columns.searchsorted([column, column + 1]).tolist())
            self._dense[column] = np.zeros(self._units, np.uint8)
            self._dense[column][units[here]] = kept[here]
            counts[column] = 0
        self._sizes += counts
        return counts[columns] > 0

    def write(self, name: str, writer: SegmentWriter) -> None:
        """Write where the postings of each column begin, and what is kept whole."""
        writer.add(f"{name}.at", np.append(0, np.cumsum(self._sizes)).astype(np.uint32))
        whole = (row[None] for row in self._dense.values())
        writer.add(f"{name}.dense", np.empty((0, self._units), np.uint8), *whole)
        writer.add(f"{name}.dense.columns", np.array(list(self._dense), np.int32))


def _write_sentences(
    sources: Sequence[MergeInput], tables: _Tables, means: Means, writer: SegmentWriter
) -> NDArray[np.int32]:
    """Write the postings of sentences, their impacts as bounds, and give how many rows hold each column."""
    norm = norms(np.concatenate([source.lengths(SENTENCE) for source in sources]), SENTENCE, means[SENTENCE.name])
    found, codes = _Columns(len(tables.terms), len(norm)), [np.empty(0, np.uint8)]
    greatest, df = np.zeros(len(tables.terms), np.uint8), np.zeros(len(tables.terms), np.int32)
    with writer.adding("sentence.units", np.empty(0, np.int32)) as append:
        for columns, rows, tf in _merged(sources, tables, SENTENCE):
            code = bounds(impacts(tf & MAX_TF, norm[rows], SENTENCE), SENTENCE)
            np.maximum.at(greatest, columns, code)
            df += np.bincount(columns, minlength=len(df)).astype(np.int32)
            sparse = found.sparse(columns, rows, code)
            append(rows[sparse])
            codes.append(code[sparse])
    writer.add("sentence.codes", *codes)
    writer.add("sentence.bound", greatest)
    found.write("sentence", writer)
    return df


def _write_postings(
    sources: Sequence[MergeInput], tables: _Tables, field: Field, means: Means, writer: SegmentWriter
) -> None:
    """Write the postings of a field of paragraphs or articles, and their bounds."""
    lengths = _smallest([source.lengths(field) for source in sources])
    norm = norms(lengths, field, means[field.name])
    columns_of, greatest = _Columns(len(tables.terms), len(lengths)), np.zeros(len(tables.terms), np.float32)
    found: list[tuple[Array, Array]] = []  # impacts and what is held; a file is written in one go, and first the units
    with writer.adding(f"{field.name}.units", np.empty(0, np.int32)) as append:
        for columns, units, held in _merged(sources, tables, field):
            impact = impacts(held & MAX_TF, norm[units], field)
            np.maximum.at(greatest, columns, impact)
            sparse = columns_of.sparse(columns, units, held & MAX_TF)
            append(units[sparse])
            found.append((impact[sparse], held[sparse]))
    writer.add(f"{field.name}.impacts", np.empty(0, np.float32), *(impact for impact, _ in found))
    writer.add(f"{field.name}.length", lengths)
    writer.add(f"{field.name}.bound", bounds(greatest, field))
    columns_of.write(field.name, writer)
    if field.unit == "paragraph":
        of = [(held >> np.uint16(8), _in_sentences(held, means)) for _, held in found]
        writer.add("paragraph.shortest", np.empty(0, np.uint8), *(shortest for shortest, _ in of))
        writer.add("paragraph.most", np.empty(0, np.uint8), *(bounds(most, SENTENCE) for _, most in of))


def _in_sentences(held: Array, means: Means) -> NDArray[np.float32]:
    """Give what a paragraph's postings can have for an impact in any of its sentences: as if all stood in the shortest."""
    return impacts(held & MAX_TF, norms(held >> np.uint16(8), SENTENCE, means[SENTENCE.name]), SENTENCE)


def _merged(sources: Sequence[MergeInput], tables: _Tables, field: Field) -> Iterator[tuple[Array, Array, Array]]:
    """Give columns, units and tf of a field, by column, then by unit, in pieces that no column crosses."""
    sizes = np.zeros(len(tables.terms), np.int64)
    for source in sources:
        taken = source.columns >= 0
        sizes[source.columns[taken]] += source.frequencies(field)[taken]
    offsets = np.cumsum([0, *(int(source.units(field).sum()) for source in sources)])
    for low, high in pieces(sizes):
        runs = [
            run
            for source, offset in zip(sources, offsets, strict=False)
            for run in source.postings(field, low, high, int(offset))
        ]
        if runs:
            columns, units, tf = (np.concatenate(some) for some in zip(*runs, strict=True))
            order = np.argsort(columns, kind="stable") if len(runs) > 1 else slice(None)
            yield columns[order], units[order], tf[order]
