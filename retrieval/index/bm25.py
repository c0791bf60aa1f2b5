"""The table of fields: where a question's words are looked for, and how much each place counts.

Every weight of the first retrieval stage stands here. A field's impact of a term in a unit is the saturating,
length-normalised term frequency of BM25 (Robertson and Zaragoza 2009, eq. 3.15)

    tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean_length))

(of a tf above 255 that of 255), and its share of a score is `weight * idf * impact`, idf = ln(1 + (N - df + .5) / (df + .5)) counted over SENTENCES
for every field, so that a word is equally telling wherever it is found.

Pairs of words, five-letter prefixes and character n-grams as fields of their own were measured and left out: the best
50 hold the answer as often without them (98.2 against 98.3 % on an encyclopedia), and they double the index. The
re-ranker sees pairs, and words of other spelling are found through the vocabulary.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import Floats

Unit = Literal["sentence", "paragraph", "article"]


@dataclass(frozen=True, slots=True)
class Field:
    """One place to look for a term."""

    name: str
    unit: Unit
    k1: float  # how slowly repeats of a term saturate; sentences are short, so small
    b: float  # how much a long unit is held against it, 0 to 1
    weight: float  # share in the score
    reason: str


FIELDS = (
    Field("sentence", "sentence", 0.6, 0.4, 1.0, "the sentence itself; small k1: a repeat within one says little"),
    Field("paragraph", "paragraph", 1.0, 0.6, 0.7, "an answer often leaves out what its paragraph is about"),
    Field("article", "article", 1.2, 0.75, 0.2, "the right article, among several with the same words"),
    Field("title", "article", 1.2, 0.3, 0.4, "a question names the subject, its sentences only refer to it"),
)
PREVIOUS = "previous"  # the sentence field of the sentence before, in the same paragraph
PREVIOUS_WEIGHT = 0.1  # "He ..." after the sentence that names him
FIELD_NAMES = (*(field.name for field in FIELDS), PREVIOUS)
CHANCE_PAIR_WEIGHT = 0.3  # of two unknown characters that follow each other in an unspaced script: mostly no word
GRAMMAR_WEIGHT = 0.4  # of a function word, +.007 MRR over an encyclopedia; idf alone does not know it in a small store


Means = Mapping[str, float]  # by field: length of its units, in terms
BOUND_STEPS = 255
MAX_TF = 255  # a frequency is kept in a byte
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
    return np.minimum(_ODDS.astype(np.float32).take(codes) * norm, MAX_TF).astype(np.uint8)


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
