"""Words of seventeen languages -> how frequent they are: whether a spelling is a word, and how rare it is.

The table is made by `tests/benchmarks/make_word_tables.py`, a folder of arrays that are mapped into memory
when first used. Its keys are the CRC-32 of normalised words, in ascending order: one
unknown word in 20,000 is taken for another.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "el", "zh", "hi", "ro", "vi")
FOLDER = Path(__file__).parent / "wordlists" / "words"


def zipf(word: str, language: str = "") -> float:
    """Return the frequency of a normalised word as log10 of its occurrences in a billion words, to a tenth.

    "the" has 7.7, "bridge" 4.6, "aqueduct" 3.1; 0.0 for a word that is not among the 60,000 most frequent of English or
    15,000 of another language. The most frequent language counts; with `language`, a word that this one does not know
    has 0.0.
    """
    (place,) = places([word])
    if place < 0 or (language and not _knows(int(array("languages")[place]), language)):
        return 0.0
    return float(array("tenths")[place]) / 10


def places(words: Sequence[str]) -> NDArray[np.intp]:
    """Return the places of normalised words in the table, -1 for unknown ones: shape (n_words,)."""
    return find(array("keys"), np.array([crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint32))


def find(keys: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return the places of some keys among ascending ones, -1 for those that are missing: shape of `wanted`."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


@cache
def array(name: str) -> NDArray[Any]:
    """Map an array of the table into memory."""
    return np.asarray(np.load(FOLDER / f"{name}.npy", mmap_mode="r"))


def _knows(languages: int, language: str) -> bool:
    return language in LANGUAGES and bool(languages >> LANGUAGES.index(language) & 1)
