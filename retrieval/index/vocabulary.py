"""Words of a question -> terms of the index, and words near them where the index does not know them."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.analysis import term_number
from retrieval.index.segments import Segment
from retrieval.index.words import word_number
from retrieval.likeness import PREFIX, dice, has_likes, likeness, prefix_weight, signatures

NEAREST = 12  # words of the vocabulary whose edit distance is looked at
LEAST_DICE = 0.39  # two neighbours swapped in a word of four letters leave .4; below it too much differs
LEAST_LIKENESS = 0.6
MARGIN = 0.12  # of likeness behind the best, within which a word is taken too
MOST_TERMS = 3


class Vocabulary:
    """The terms and words of one segment."""

    def __init__(self, segment: Segment) -> None:
        """Take the arrays of an opened segment."""
        arrays = segment.arrays
        self._terms: NDArray[np.uint32] = arrays["terms"]  # type: ignore[assignment]
        self._df: NDArray[np.int32] = arrays["df"]  # type: ignore[assignment]
        self._number: NDArray[np.uint32] = arrays["words.number"]  # type: ignore[assignment]
        self._signature: NDArray[np.uint64] = arrays["words.signature"]  # type: ignore[assignment]
        self._prefix: NDArray[np.uint32] = arrays["words.prefix"]  # type: ignore[assignment]
        self._letters: NDArray[np.uint8] = arrays["words.letters"]  # type: ignore[assignment]
        self._at: NDArray[np.int64] = arrays["words.at"]  # type: ignore[assignment]
        self.column: NDArray[np.int32] = arrays["words.column"]  # type: ignore[assignment]
        self.cues: NDArray[np.uint16] = arrays["words.cues"]  # type: ignore[assignment]
        self._sentences = len(segment.arrays["paragraph"])
        self.unknown_idf = inverse_document_frequency(self._sentences, 0)

    def column_of(self, term: int) -> int | None:
        """Give the column of a term in the postings, None where no sentence and no title holds it."""
        column = int(self._terms.searchsorted(np.uint32(term)))
        return column if column < len(self._terms) and self._terms[column] == term else None

    def term_of(self, column: int) -> int:
        """Give the number of the term whose column it is."""
        return int(self._terms[column])

    def idf(self, column: int) -> float:
        """Give the idf of a column."""
        return inverse_document_frequency(self._sentences, int(self._df[column]))

    def idfs(self, words: NDArray[np.intp]) -> NDArray[np.float32]:
        """Give the idf of each word's term."""
        df = self._df[self.column[words]]
        return np.log(1 + (self._sentences - df + 0.5) / (df + 0.5)).astype(np.float32)

    def word_of(self, word: str, term: int) -> int | None:
        """Give the number of a form in the table of words, None where no sentence holds it."""
        wanted = word_number(word, term)
        place = int(self._number.searchsorted(np.uint32(wanted)))
        return place if place < len(self._number) and self._number[place] == wanted else None

    def spelling(self, word: int) -> str:
        """Give the letters of a word of the table."""
        return bytes(self._letters[self._at[word] : self._at[word + 1]]).decode("utf-8", "surrogatepass")

    def likeness(self, asked: Sequence[str], words: NDArray[np.intp]) -> NDArray[np.float32]:
        """Compare words of a question with words of the table, in letters and in their start: (n_asked, n_words)."""
        alike = likeness(signatures(asked), self._signature[words])
        starts = np.array([term_number(word[:PREFIX]) if len(word) >= PREFIX else 0 for word in asked], np.uint32)
        weights = np.array([prefix_weight(word) for word in asked], np.float32)
        return np.maximum(alike, (starts[:, None] == self._prefix[words]) * weights[:, None])

    def near(self, word: str) -> list[tuple[int, float]]:
        """Find the columns of the words most like an unknown one, with weights up to 1; [] where none is like it."""
        if not has_likes(word) or not len(self._number):
            return []
        alike = dice(signatures([word])[0], self._signature)
        rows = np.flatnonzero(alike >= LEAST_DICE)
        rows = rows[np.argsort(-alike[rows], kind="stable")][:NEAREST]
        found: dict[int, float] = {}
        for column, near in self._compared(word, rows):
            found[column] = max(found.get(column, 0.0), near)
        best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST_TERMS]
        return [(column, near**2) for column, near in best if near >= best[0][1] - MARGIN]

    def _compared(self, word: str, rows: NDArray[np.intp]) -> Iterator[tuple[int, float]]:
        from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - only where a word is unknown

        for row in rows:
            near = DamerauLevenshtein.normalized_similarity(word, self.spelling(int(row)))
            if near >= LEAST_LIKENESS:
                yield int(self.column[row]), near


def inverse_document_frequency(sentences: int, df: int) -> float:
    """Give ln(1 + (N - df + .5) / (df + .5)), never negative (Robertson and Zaragoza 2009, made positive by Lucene)."""
    return math.log(1 + (sentences - df + 0.5) / (df + 0.5))
