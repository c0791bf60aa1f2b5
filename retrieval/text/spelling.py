"""How similar two spellings are, to find misspelt words and other spellings: Teheran and Tehran.

The signature of a word is the set of its letter bigrams, its ends included, hashed into 128 bits. The similarity of two
signatures is their Dice coefficient 2 |A and B| / (|A| + |B|): two population counts a word of the vocabulary, a
thousandth of what an edit distance takes.
"""

import zlib
from collections.abc import Sequence
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

MIN_LETTERS = 4  # shorter words are too often similar by chance
SHARED = 4  # one in this many bits of both words together must be shared
MIN_SIMILARITY = 2 / SHARED  # Dice coefficient below which two words have nothing in common
SIMILARITY_WEIGHT = 0.9  # of a similar spelling, where a match is 1
_MAX_BIGRAMS = 1 << 16  # that are cached, about 12 MB
PREFIX = 5  # letters that two words must have in common at their start to count as related
Signatures = NDArray[np.uint64]  # (n, 2)


def can_be_misspelt(word: str) -> bool:
    """Whether a word is long enough to be recognised when misspelt, and not a number."""
    return len(word) >= MIN_LETTERS and not word[0].isdigit()


def prefix_weight(word: str) -> float:
    """Return the weight of a shared prefix: the longer the rest of the word asked for, the less."""
    return 0.55 + 0.3 * min(1.0, PREFIX / len(word))


def signatures(words: Sequence[str]) -> Signatures:
    """Return the signatures of words: shape (n_words, 2)."""
    whole = [reduce(or_, map(_bits.__getitem__, zip(f"^{word}", f"{word}$", strict=True))) for word in words]
    halves = b"".join([bits.to_bytes(16, "little") for bits in whole])
    return np.frombuffer(halves, "<u8").reshape(-1, 2)


class _Bits(dict[tuple[str, str], int]):
    """A cache: letter bigram -> the signature of that bigram alone."""

    def __missing__(self, pair: tuple[str, str]) -> int:
        if len(self) >= _MAX_BIGRAMS:
            self.clear()
        bit = self[pair] = 1 << (zlib.crc32("".join(pair).encode("utf-8", "surrogatepass")) & 127)
        return bit


_bits = _Bits()


def dice(one: Signatures, others: Signatures) -> NDArray[np.float32]:
    """Return the Dice coefficients, 0 to 1, of signatures (2,) or (m, 1, 2) with others (n, 2): shape (n,) or (m, n)."""
    (low, high), (lows, highs) = np.moveaxis(one, -1, 0), others.T.copy()
    return _dice(_count(low & lows, high & highs), _count(low, high) + _count(lows, highs))


def similarity(asked: Signatures, words: Signatures) -> NDArray[np.float32]:
    """Return the weights of similar spellings, where a match is 1 and little similarity 0: shape (n_asked, n_words)."""
    (low, high), (lows, highs) = asked.T[..., None], words.T.copy()
    shared, sizes = _count(low & lows, high & highs), _count(low, high) + _count(lows, highs)
    alike = np.flatnonzero(SHARED * shared >= sizes)  # only a few
    found = np.zeros(shared.shape, np.float32)
    found.reshape(-1)[alike] = SIMILARITY_WEIGHT * _dice(shared.reshape(-1)[alike], sizes.reshape(-1)[alike])
    return found


def _count(low: NDArray[np.uint64], high: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Return the number of bits in both halves of signatures."""
    return np.add(np.bitwise_count(low), np.bitwise_count(high), dtype=np.uint16)


def _dice(shared: NDArray[np.uint16], sizes: NDArray[np.uint16]) -> NDArray[np.float32]:
    return np.divide(2 * shared, np.maximum(sizes, 1), dtype=np.float32)
