"""The terms and words of one segment, and the words that resemble one that the segment does not know."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import Floats
from retrieval.index.segment import Segment
from retrieval.text.analyzer import term_id
from retrieval.text.spelling import PREFIX, can_be_misspelt, dice, prefix_weight, signatures, similarity
from retrieval.text.word_forms import is_word, may_mean

NEAREST = 12  # words of the vocabulary whose edit distance is computed
MIN_DICE = 0.39  # swapping two neighbours in a word of four letters leaves .4; below, too much differs
MIN_LIKENESS = 0.6
CACHE_SIZE = 10_000  # terms whose columns are remembered, and words whose features are; about 1 MB each


def word_number(word: str, term: int) -> int:
    """Return the 32-bit number of a form of a term: the same letters in two languages are two words."""
    return (term_id(word) * 31 + term) & 0xFFFFFFFF


class Vocabulary:
    """The terms and words of one segment."""

    def __init__(self, segment: Segment) -> None:
        """Take an opened segment."""
        arrays = segment.arrays
        self.terms, self.df_of = arrays["terms"], arrays["df"]
        self.columns: NDArray[np.int32] = arrays["words.column"]  # of each word
        self.cues: NDArray[np.uint16] = arrays["words.cues"]
        self.vectors: NDArray[np.uint16] = arrays["words.vector"]
        self.kinds: NDArray[np.uint64] = arrays["words.kinds"]
        names = "number", "signature", "prefix", "letters", "at"
        words = (arrays[f"words.{name}"] for name in names)
        self.numbers, self._signature, self._prefix, self.letters, self.at = words
        self._known: dict[int, int | None] = {}  # columns that were looked up

    def column_of(self, term: int) -> int | None:
        """Return the column of a term, None if no sentence and no title holds it."""
        if term not in self._known:
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            column = int(self.terms.searchsorted(np.uint32(term)))
            self._known[term] = column if column < len(self.terms) and self.terms[column] == term else None
        return self._known[term]

    def df(self, term: int) -> int:
        """Count the sentences that hold a term."""
        column = self.column_of(term)
        return 0 if column is None else int(self.df_of[column])

    def dfs(self, terms: NDArray[np.uint32]) -> NDArray[np.integer]:
        """Count the sentences that hold each term."""
        if not len(self.terms):
            return np.zeros(len(terms), np.int64)
        columns = np.minimum(self.terms.searchsorted(terms), len(self.terms) - 1)
        return np.where(self.terms[columns] == terms, self.df_of[columns], 0)

    def likeness(self, asked: Sequence[str], words: NDArray[np.integer]) -> Floats:
        """Compare words of a question with words of the table, by letters and by start: (n_asked, n_words)."""
        features, starts, weights = zip(*map(_features, asked), strict=True)
        alike = similarity(np.array(features), self._signature.take(words, axis=0))
        relatives = np.flatnonzero(np.array(starts, np.uint32)[:, None] == self._prefix.take(words))  # a few
        worth = np.array(weights, np.float32).take(relatives // len(words))
        alike.reshape(-1)[relatives] = np.maximum(alike.reshape(-1)[relatives], worth)
        return alike

    def near(self, word: str, language: str) -> dict[int, float]:
        """Find the terms of the words most like an unknown one, with their likeness; {} if none is like it.

        Of a word that the language has, only words that may mean the same are found.
        """
        if not can_be_misspelt(word) or not len(self.numbers):
            return {}
        from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - only needed for an unknown word

        alike = dice(signatures([word])[0], self._signature)
        rows = np.flatnonzero(alike >= MIN_DICE)
        rows = rows[np.lexsort((self.numbers[rows], -alike[rows]))][:NEAREST]  # the same however segments are cut
        known, found = is_word(word, language), dict[int, float]()
        for row, term in zip(rows.tolist(), self.terms.take(self.columns.take(rows)).tolist(), strict=True):
            other = self.spelling(row)
            near = DamerauLevenshtein.normalized_similarity(word, other)
            if near >= MIN_LIKENESS and (not known or may_mean(word, other, language, near)):
                found[term] = max(found.get(term, 0.0), near)
        return found

    def spelling(self, word: int) -> str:
        """Return the letters of a word of the table."""
        return bytes(self.letters[self.at[word] : self.at[word + 1]]).decode("utf-8", "surrogatepass")


@lru_cache(maxsize=CACHE_SIZE)
def _features(word: str) -> tuple[NDArray[np.uint64], int, float]:
    """Return a word's signature, the number of its start, 0 if that is too short, and the weight of a shared start."""
    return signatures([word])[0], term_id(word[:PREFIX]) if len(word) >= PREFIX else 0, prefix_weight(word)
