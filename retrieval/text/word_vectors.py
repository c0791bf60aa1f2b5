"""Words -> vectors: words of like meaning, of whatever language, point in like directions.

The table is made by `tests/benchmarks/make_word_tables.py` and mapped into memory when first used. It has a vector for
each stem of the most frequent words, and for the words of a stem that mean something else.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from retrieval.text.word_frequency import array, find, places

SCALE = 160.0  # a number of a unit vector -> an 8-bit integer
NONE = 65535  # the row of a word without a vector


class WordVectors:
    """The table; safe to use from several threads."""

    def __init__(self) -> None:
        """Map the table into memory."""
        self._matrix: NDArray[np.int8] = array("vectors")
        self._rows: NDArray[np.uint16] = array("rows")
        self._stems: NDArray[np.uint32] = array("stems")
        self._stem_rows: NDArray[np.uint16] = array("stem_rows")

    @property
    def dimensions(self) -> int:
        """Return the number of numbers in a vector."""
        return int(self._matrix.shape[1])

    def rows(self, words: Sequence[str], terms: NDArray[np.uint32] | None = None) -> NDArray[np.intp]:
        """Return the rows of normalised words, -1 for unknown ones: shape (n_words,).

        With `terms`, their term ids, an unknown word has the row of its stem's most frequent word.
        """
        at = places(words)
        found = self._rows[at]
        rows = np.where((at < 0) | (found == NONE), np.intp(-1), found)
        return rows if terms is None else np.where(rows < 0, self.rows_of_terms(terms), rows)

    def rows_of_terms(self, terms: NDArray[np.uint32]) -> NDArray[np.intp]:
        """Return the rows of the most frequent words with these term ids, -1 for unknown ones: shape of `terms`."""
        at = find(self._stems, terms)
        return np.where(at < 0, np.intp(-1), self._stem_rows[at])

    def vectors_of_rows(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return unit vectors, zeros where a row is -1: shape (n_rows, dimensions)."""
        found = self._matrix[rows].astype(np.float32)
        found *= np.where(rows < 0, 0, 1 / SCALE).astype(np.float32)[:, None]
        return found

    def vectors(self, words: Sequence[str], terms: NDArray[np.uint32] | None = None) -> NDArray[np.float32]:
        """Return unit vectors of normalised words, zeros for unknown ones: shape (n_words, dimensions)."""
        return self.vectors_of_rows(self.rows(words, terms))


@cache
def open_word_vectors() -> WordVectors:
    """Return the table, the same one throughout a process."""
    return WordVectors()
