"""The words of the articles -> the table of words: each form once, with its term, its cues and its likeness.

Arrays, W words in ascending order of their numbers: `words.number` (W,) uint32, `words.column` (W,) int32 of its term
in the postings, `words.cues` (W,) uint16 WordCue bits, `words.signature` (W, 2) uint64, `words.prefix` (W,) uint32 the number of its first letters, and their letters:
those of word i are UTF-8 `words.letters[words.at[i]:words.at[i + 1]]`.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from retrieval.analysis import term_number
from retrieval.likeness import PREFIX, signatures

LEAST_LETTERS = 3
Arrays = dict[str, NDArray[np.generic]]


def word_number(word: str, term: int) -> int:
    """Give the 32-bit number of a form of a term: the same letters in two languages are two words."""
    return (term_number(word) * 31 + term) & 0xFFFFFFFF


class WordTable:
    """Numbers words from 0 as they come; `arrays` then orders them."""

    def __init__(self) -> None:
        """Begin with no word."""
        self._numbers: dict[tuple[str, int], int] = {}
        self._cues: list[int] = []

    def add(self, word: str, term: int, cues: int) -> int:
        """Give a word's number, a new one to a new word."""
        number = self._numbers.setdefault((word, term), len(self._numbers))
        if number == len(self._cues):
            self._cues.append(cues)
        return number

    def arrays(self, terms: NDArray[np.uint32]) -> tuple[Arrays, NDArray[np.int32]]:
        """Give the table's arrays, and where in them each word came to stand; `terms` are those of the postings."""
        keys = list(self._numbers)
        numbers = np.array([word_number(*key) for key in keys], np.uint32)
        order = np.argsort(numbers, kind="stable")
        place = np.empty(len(keys), np.int32)
        place[order] = np.arange(len(keys), dtype=np.int32)
        words = [keys[row][0] for row in order]
        columns = terms.searchsorted(np.array([keys[row][1] for row in order], np.uint32))
        return {
            "words.number": numbers[order],
            "words.column": columns.astype(np.int32),
            "words.cues": np.array(self._cues, np.uint16)[order],
            "words.prefix": np.array([term_number(word[:PREFIX]) for word in words], np.uint32),
            # Words of a letter or two would look like many by chance: they look like nothing.
            "words.signature": signatures([word if len(word) >= LEAST_LETTERS else "" for word in words]),
            **_letters(words),
        }, place


def _letters(words: Iterable[str]) -> Arrays:
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    at = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(word) for word in encoded], out=at[1:])
    return {"words.at": at, "words.letters": np.frombuffer(b"".join(encoded), np.uint8)}
