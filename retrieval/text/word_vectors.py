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
MIN_COMPOUND = 7  # letters of a word that may consist of two
_MIN_FIRST, _MIN_LAST = 3, 4  # letters of its parts
_LINKS = ("", "s", "es", "n", "en")  # between them, as in German: Arbeit-s-markt
_CACHED = 1 << 16  # words
_MOST_AT_ONCE = 1 << 18  # multiplications: beyond, OpenBLAS starts threads, whose waiting takes ten times as long


class WordVectors:
    """The table; safe to use from several threads."""

    def __init__(self) -> None:
        """Map the table into memory."""
        self._matrix: NDArray[np.int8] = array("vectors")
        self._rows: NDArray[np.uint16] = array("rows")
        self._stems: NDArray[np.uint32] = array("stems")
        self._stem_rows: NDArray[np.uint16] = array("stem_rows")
        self._parts: dict[str, tuple[int, int] | tuple[()]] = {}  # a cache

    @property
    def dimensions(self) -> int:
        """Return the number of numbers in a vector."""
        return int(self._matrix.shape[1])

    @property
    def size(self) -> int:
        """Return the number of rows."""
        return len(self._matrix)

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

    def products(self, vectors: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the products of some vectors with those of rows: shape (n_vectors, n_rows)."""
        scaled, found = vectors / np.float32(SCALE), np.empty((len(vectors), len(rows)), np.float32)
        step = max(_MOST_AT_ONCE // max(vectors.size, 1), 1)
        for start in range(0, len(rows), step):
            here = slice(start, start + step)
            np.matmul(scaled, self._matrix.take(rows[here], axis=0).astype(np.float32).T, out=found[:, here])
        return found

    def vectors(self, words: Sequence[str], terms: NDArray[np.uint32] | None = None) -> NDArray[np.float32]:
        """Return unit vectors of normalised words, zeros for unknown ones: shape (n_words, dimensions).

        With `terms`, their term ids, an unknown word has the vector of its stem; a long one that has none, such as
        "webhook", has the mean of its two parts.
        """
        rows = self.rows(words, terms)
        found = self.vectors_of_rows(rows)
        for at in np.flatnonzero(rows < 0).tolist():
            if parts := self.parts(words[at]):
                both = self.vectors_of_rows(np.array(parts)).sum(axis=0)
                found[at] = both / np.linalg.norm(both)
        return found

    def parts(self, word: str) -> tuple[int, int] | tuple[()]:
        """Return the rows of the two words that a long word consists of, with the longest second one; () if of none."""
        if word not in self._parts:
            if len(self._parts) >= _CACHED:
                self._parts.clear()
            self._parts[word] = self._split(word) if len(word) >= MIN_COMPOUND and word.isalpha() else ()
        return self._parts[word]

    def _split(self, word: str) -> tuple[int, int] | tuple[()]:
        cuts = range(_MIN_FIRST, len(word) - _MIN_LAST + 1)
        for cut, last in zip(cuts, self.rows([word[cut:] for cut in cuts]).tolist(), strict=True):
            if last >= 0:
                firsts = [word[: cut - len(link)] for link in _LINKS if word[:cut].endswith(link)]
                known = [
                    row for row in self.rows([one for one in firsts if len(one) >= _MIN_FIRST]).tolist() if row >= 0
                ]
                if known:
                    return known[0], last
        return ()


@cache
def open_word_vectors() -> WordVectors:
    """Return the table, the same one throughout a process."""
    return WordVectors()
