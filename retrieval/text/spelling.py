"""How alike two words look, for misspelt words and other spellings: Teheran and Tehran.

A word's signature is the set of its pairs of neighbouring letters, ends included, hashed into 128 bits; the likeness of
two signatures is the Dice coefficient 2 |A and B| / (|A| + |B|). It costs two population counts a word of the
vocabulary, where an edit distance costs a thousand times as much; the few words that come near are compared exactly.
"""

import zlib
from collections.abc import Sequence
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

SHORTEST = 4  # letters; shorter words are too often alike by chance
SHARED = 4  # of so many bits of both words together one must be shared
LEAST_ALIKE = 2 / SHARED  # Dice coefficient below which two words have nothing to do with each other
ALIKE_WEIGHT = 0.9  # of a likeness in letters beside a match
_MOST_PAIRS = 1 << 16  # that are remembered, about 12 MB
PREFIX = 5  # letters that two words must share at their start to be taken for relatives
Signatures = NDArray[np.uint64]  # (n, 2)


def has_likes(word: str) -> bool:
    """Say whether a word can be misspelt: it is long enough, and no number."""
    return len(word) >= SHORTEST and not word[0].isdigit()


def prefix_weight(word: str) -> float:
    """Give what a shared start is worth: the less the longer the rest of the word that was asked for."""
    return 0.55 + 0.3 * min(1.0, PREFIX / len(word))


def signatures(words: Sequence[str]) -> Signatures:
    """Give the signatures of words, shape (n_words, 2)."""
    whole = [reduce(or_, map(_bits.__getitem__, zip(f"^{word}", f"{word}$", strict=True))) for word in words]
    halves = b"".join([bits.to_bytes(16, "little") for bits in whole])
    return np.frombuffer(halves, "<u8").reshape(-1, 2)


class _Bits(dict[tuple[str, str], int]):
    """Pairs of letters -> the signature that holds the pair alone; those met before are remembered."""

    def __missing__(self, pair: tuple[str, str]) -> int:
        if len(self) >= _MOST_PAIRS:
            self.clear()
        bit = self[pair] = 1 << (zlib.crc32("".join(pair).encode("utf-8", "surrogatepass")) & 127)
        return bit


_bits = _Bits()


def dice(one: Signatures, others: Signatures) -> NDArray[np.float32]:
    """Compare signatures of shape (2,) or (m, 1, 2) with others of shape (n, 2): from 0 to 1, shape (n,) or (m, n)."""
    (low, high), (lows, highs) = np.moveaxis(one, -1, 0), others.T.copy()
    return _dice(_count(low & lows, high & highs), _count(low, high) + _count(lows, highs))


def likeness(asked: Signatures, words: Signatures) -> NDArray[np.float32]:
    """Weigh how alike words look beside a match, which is 1: shape (n_asked, n_words), 0 for little likeness."""
    (low, high), (lows, highs) = asked.T[..., None], words.T.copy()
    shared, sizes = _count(low & lows, high & highs), _count(low, high) + _count(lows, highs)
    alike = np.flatnonzero(SHARED * shared >= sizes)  # a few
    found = np.zeros(shared.shape, np.float32)
    found.reshape(-1)[alike] = ALIKE_WEIGHT * _dice(shared.reshape(-1)[alike], sizes.reshape(-1)[alike])
    return found


def _count(low: NDArray[np.uint64], high: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Count the bits of both halves of signatures."""
    return np.add(np.bitwise_count(low), np.bitwise_count(high), dtype=np.uint16)


def _dice(shared: NDArray[np.uint16], sizes: NDArray[np.uint16]) -> NDArray[np.float32]:
    return np.divide(2 * shared, np.maximum(sizes, 1), dtype=np.float32)
