"""The fields that a question's words are looked up in, what each counts for, and the BM25 formula.

Every weight of the first retrieval stage is in this file. A term's impact in a unit (a sentence, paragraph, article or
title) is its BM25 term frequency, saturated and normalised by length (Robertson and Zaragoza 2009, eq. 3.15):

    tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean_length))

It adds `weight * idf * impact` to the score, with idf = ln(1 + (N - df + .5) / (df + .5)). N and df count SENTENCES in
every field, so that a word weighs the same in every field. A tf above 255 counts as 255.

Fields for word pairs, five-letter prefixes and character n-grams were measured and left out: without them the best 50
hold the answer as often (98.2 against 98.3 % on an encyclopedia), and the index is half the size. The ranker sees word
pairs, and the vocabulary finds misspelt words.
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
    k1: float  # how slowly repeats of a term saturate; small for sentences, which are short
    b: float  # how much a long unit is penalised, 0 to 1
    weight: float  # in the score
    reason: str


FIELDS = (
    Field("sentence", "sentence", 0.6, 0.4, 1.0, "the sentence itself; small k1: a repeat within one says little"),
    Field("paragraph", "paragraph", 1.0, 0.6, 0.7, "an answer often leaves out what its paragraph is about"),
    Field("section", "paragraph", 1.2, 0.0, 0.5, "an answer seldom repeats the headings or the table header above it"),
    Field("article", "article", 1.2, 0.75, 0.2, "the right article, among several with the same words"),
    Field("title", "article", 1.2, 0.3, 0.4, "a question names the subject, its sentences only refer to it"),
)
SENTENCE, PARAGRAPH, SECTION, ARTICLE, TITLE = FIELDS
PARAGRAPH_FIELDS = (PARAGRAPH.name, SECTION.name)
ARTICLE_FIELDS = (ARTICLE.name, TITLE.name)
PREVIOUS = "previous"  # the sentence field of the sentence before, in the same paragraph
PREVIOUS_WEIGHT = 0.1  # "He ..." after the sentence that names him
WEIGHTS = {field.name: field.weight for field in FIELDS} | {PREVIOUS: PREVIOUS_WEIGHT}
FIELD_NAMES = tuple(WEIGHTS)
CHANCE_PAIR_WEIGHT = 0.3  # of two unknown characters side by side in an unspaced script: mostly not a word
GRAMMAR_WEIGHT = 0.4  # of a function word, +.007 MRR on an encyclopedia; in a small store its idf alone is too high

Means = Mapping[str, float]  # by field: mean length of its units, in terms
MAX_TF = 255  # the index keeps a frequency in a byte
BOUND_STEPS = 255
_MARGIN = 1e-6  # added to impacts before they are rounded up, since they are 32-bit numbers


def norms(lengths: NDArray[np.integer], field: Field, mean: float) -> Floats:
    """Return k1 * (1 - b + b * length / mean) for units of these lengths."""
    found = np.multiply(lengths, np.float32(field.k1 * field.b / mean), dtype=np.float32)
    found += np.float32(field.k1 * (1 - field.b))
    return found


def impacts(tf: NDArray[np.integer], norm: Floats, field: Field, weights: Floats | float = 1.0) -> Floats:
    """Return weight * (k1 + 1) * tf / (tf + norm), of the shape of `tf`; the other arrays are broadcast to it.

    Rounded to 32 bits before it is weighted, as the impacts in the index are, so that both ways give the same.
    """
    found = np.divide(tf, norm + tf, dtype=np.float32)
    found *= np.float32(field.k1 + 1)
    found *= weights
    return found


def round_up(impact: Floats, field: Field) -> NDArray[np.uint8]:
    """Round impacts up to bounds: whole steps, of which k1 + 1, the limit of any impact, has 255."""
    steps = np.ceil(impact * (BOUND_STEPS / (field.k1 + 1)) * (1 + _MARGIN))
    return np.minimum(steps, BOUND_STEPS).astype(np.uint8)


def bound_impacts(bounds: NDArray[np.uint8], field: Field) -> Floats:
    """Return the impacts that bounds stand for: at least those that were rounded up."""
    return bounds * np.float32((field.k1 + 1) / BOUND_STEPS)


def idf(sentences: int, df: int) -> float:
    """Return ln(1 + (N - df + .5) / (df + .5)), never negative (Robertson and Zaragoza 2009, made positive by Lucene)."""
    return math.log(1 + (sentences - df + 0.5) / (df + 0.5))


def idf_array(sentences: int, df: NDArray[np.integer]) -> Floats:
    """Return the idf of many terms, rounded to 32 bits."""
    return np.log(1 + (sentences - df + 0.5) / (df + 0.5)).astype(np.float32)
