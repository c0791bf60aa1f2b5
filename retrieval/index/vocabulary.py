"""Terms and words of one segment: where they stand, and which are near a word that the segment does not know."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.analysis import term_number
from retrieval.index.segments import Segment
from retrieval.likeness import PREFIX, dice, has_likes, likeness, prefix_weight, signatures

NEAREST = 12  # words of the vocabulary whose edit distance is looked at
LEAST_DICE = 0.39  # two neighbours swapped in a word of four letters leave .4; below it too much differs
LEAST_LIKENESS = 0.6
MOST_KNOWN = 10_000  # terms whose columns are remembered, about 1 MB


def word_number(word: str, term: int) -> int:
    """Give the 32-bit number of a form of a term: the same letters in two languages are two words."""
    return (term_number(word) * 31 + term) & 0xFFFFFFFF


class Vocabulary:
    """The terms and words of one segment."""

    def __init__(self, segment: Segment) -> None:
        """Take the arrays of an opened segment."""
        arrays = segment.arrays
        self.terms, self.df_of, self._first = arrays["terms"], arrays["df"], arrays["words.first"]
        self._number, self._signature, self._prefix = (
            arrays[f"words.{name}"] for name in ("number", "signature", "prefix")
        )
        self._known: dict[int, int | None] = {}  # columns that were looked up
        self._letters, self._at = arrays["words.letters"], arrays["words.at"]
        self.columns: NDArray[np.int32] = arrays["words.column"]  # of each word
        self.cues: NDArray[np.uint16] = arrays["words.cues"]

    def column_of(self, term: int) -> int | None:
        """Give the column of a term, None where no sentence and no title holds it."""
        if term not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            column = int(self.terms.searchsorted(np.uint32(term)))
            self._known[term] = column if column < len(self.terms) and self.terms[column] == term else None
        return self._known[term]

    def df(self, term: int) -> int:
        """Count the sentences that hold a term."""
        column = self.column_of(term)
        return 0 if column is None else int(self.df_of[column])

    def dfs(self, terms: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Count the sentences that hold each of some terms."""
        columns = np.minimum(self.terms.searchsorted(terms), max(len(self.terms) - 1, 0))
        return (
            np.where(self.terms[columns] == terms, self.df_of[columns], 0)
            if len(self.terms)
            else np.zeros(len(terms), np.int64)
        )

    def word_of(self, word: str, term: int) -> int | None:
        """Give the number of a form in the table of words, None where no sentence holds it."""
        column = self.column_of(term)
        if column is None:
            return None
        first, end = int(self._first[column]), int(self._first[column + 1])
        wanted = np.uint32(word_number(word, term))
        place = first + int(self._number[first:end].searchsorted(wanted))
        return place if place < end and self._number[place] == wanted else None

    def likeness(self, asked: Sequence[str], words: NDArray[np.integer]) -> NDArray[np.float32]:
        """Compare words of a question with words of the table, in letters and in their start: (n_asked, n_words)."""
        alike = likeness(signatures(asked), self._signature.take(words, axis=0))
        starts = np.array([term_number(word[:PREFIX]) if len(word) >= PREFIX else 0 for word in asked], np.uint32)
        weights = np.array([prefix_weight(word) for word in asked], np.float32)
        relatives = np.divmod(np.flatnonzero(starts[:, None] == self._prefix.take(words)), len(words))  # a few
        alike[relatives] = np.maximum(alike[relatives], weights[relatives[0]])
        return alike

    def near(self, word: str) -> dict[int, float]:
        """Find the terms of the words most like an unknown one, with their likeness; {} where none is like it."""
        if not has_likes(word) or not len(self._number):
            return {}
        from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - only where a word is unknown

        alike = dice(signatures([word])[0], self._signature)
        rows = np.flatnonzero(alike >= LEAST_DICE)
        rows = rows[np.lexsort((self._number[rows], -alike[rows]))][:NEAREST]  # the same in whatever segments
        found: dict[int, float] = {}
        for row, term in zip(rows.tolist(), self.terms.take(self.columns.take(rows)).tolist(), strict=True):
            near = DamerauLevenshtein.normalized_similarity(word, self.spelling(row))
            if near >= LEAST_LIKENESS:
                found[term] = max(found.get(term, 0.0), near)
        return found

    def spelling(self, word: int) -> str:
        """Give the letters of a word of the table."""
        return bytes(self._letters[self._at[word] : self._at[word + 1]]).decode("utf-8", "surrogatepass")
