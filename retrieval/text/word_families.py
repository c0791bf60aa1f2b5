"""An English term -> the terms of its irregular and derived forms: "die" and "death", "go" and "went".

The table is made from WordNet by `tests/benchmarks/make_word_kinds.py` and read when first used.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from retrieval.text.word_kinds import FOLDER


def related_terms(term: int) -> tuple[int, ...]:
    """Return the other terms of a term's family, ascending; () for most terms, whose forms share one stem."""
    terms, others = _pairs()
    start, end = (int(terms.searchsorted(np.uint32(term), side)) for side in ("left", "right"))
    return tuple(others[start:end].tolist())


@cache
def _pairs() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return each term with each other one of its family: (n,) ascending, and (n,)."""
    terms, others = np.asarray(np.load(FOLDER / "families.npy", mmap_mode="r")).T
    return np.ascontiguousarray(terms), np.ascontiguousarray(others)
