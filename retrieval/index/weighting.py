"""Frequencies -> impacts: what a term's frequency in a unit is worth, apart from its idf.

The formula is in `retrieval.index.fields`; the mean length of a field's units is frozen until segments are merged anew.
A segment also keeps each term's greatest impact, its bound, rounded up to 1/255 of the greatest that the formula can give,
so that a search can pass over what cannot reach the best.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from retrieval.evidence import Floats
from retrieval.index.fields import Field

Means = Mapping[str, float]  # by field: length of its units, in terms
BOUND_STEPS = 255
MOST_TF = 255  # a frequency is kept in a byte
_UP = 1e-6  # by which impacts are taken for greater before they are rounded up: they are 32-bit numbers
_ODDS = np.arange(BOUND_STEPS + 1) / (BOUND_STEPS * (1 + _UP / 2) - np.arange(BOUND_STEPS + 1))  # of bounds: tf / norm


def norms(lengths: NDArray[np.integer], field: Field, mean: float) -> Floats:
    """Give k1 * (1 - b + b * length / mean) for units of some lengths."""
    found = np.multiply(lengths, np.float32(field.k1 * field.b / mean), dtype=np.float32)
    found += np.float32(field.k1 * (1 - field.b))
    return found


def impacts(tf: NDArray[np.integer], norm: Floats, field: Field, weights: Floats | float = 1.0) -> Floats:
    """Give weight * (k1 + 1) * tf / (tf + norm), of the shape of `tf`; the others are of that shape or stretch to it.

    It is rounded before it is weighed, as that of a posting is, so that whichever way gives the same.
    """
    found = np.divide(tf, norm + tf, dtype=np.float32)
    found *= np.float32(field.k1 + 1)
    found *= weights
    return found


def frequencies(impact: Floats, norm: Floats, field: Field) -> NDArray[np.uint8]:
    """Give the frequencies that have some impacts."""
    return np.rint(impact * norm / (np.float32(field.k1 + 1) - impact)).astype(np.uint8)


def greatest_frequencies(codes: NDArray[np.uint8], norm: Floats) -> NDArray[np.uint8]:
    """Give the greatest frequencies whose impacts have some bounds: up to 8 the very ones, above that a little more."""
    return np.minimum(_ODDS.astype(np.float32).take(codes) * norm, MOST_TF).astype(np.uint8)


def bounds(impact: Floats, field: Field) -> NDArray[np.uint8]:
    """Round impacts up to bounds, each above 0 as they are."""
    steps = np.ceil(impact * (BOUND_STEPS / (field.k1 + 1)) * (1 + _UP))
    return np.minimum(steps, BOUND_STEPS).astype(np.uint8)


def bound_of(codes: NDArray[np.uint8], field: Field) -> Floats:
    """Give the impacts that bounds stand for: no impact of the term is greater."""
    return codes * np.float32((field.k1 + 1) / BOUND_STEPS)


def inverse_document_frequency(sentences: int, df: int) -> float:
    """Give ln(1 + (N - df + .5) / (df + .5)), never negative (Robertson and Zaragoza 2009, made positive by Lucene)."""
    return math.log(1 + (sentences - df + 0.5) / (df + 0.5))


def inverse_document_frequencies(sentences: int, df: NDArray[np.integer]) -> Floats:
    """Give the same for many terms."""
    return np.log(1 + (sentences - df + 0.5) / (df + 0.5)).astype(np.float32)
