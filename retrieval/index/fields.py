"""The table of fields: where a question's words are looked for, and how much each place counts.

Every weight of the first retrieval stage stands here. A field's impact of a term in a unit is the saturating,
length-normalised term frequency of BM25 (Robertson and Zaragoza 2009, eq. 3.15)

    tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean_length))

and its share of a score is `weight * idf**1 * impact`, idf = ln(1 + (N - df + .5) / (df + .5)) counted over SENTENCES
for every field, so that a word is equally telling wherever it is found.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["sentence", "paragraph", "article"]


@dataclass(frozen=True, slots=True)
class Field:
    """One place to look for a term."""

    name: str
    unit: Unit
    grams: int  # 1: terms, 2: pairs of neighbouring terms
    k1: float  # how slowly repeats of a term saturate; sentences are short, so small
    b: float  # how much a long unit is held against it, 0 to 1
    weight: float  # share in the score
    reason: str


FIELDS = (
    Field("sentence", "sentence", 1, 0.6, 0.4, 1.0, "the sentence itself; small k1: a repeat within a sentence says little"),
    Field("paragraph", "paragraph", 1, 1.0, 0.6, 0.7, "an answer often leaves out what its paragraph is about"),
    Field("article", "article", 1, 1.2, 0.75, 0.2, "the right article, among several with the same words"),
    Field("title", "article", 1, 1.2, 0.3, 0.4, "a question names the subject, its sentences only refer to it"),
    Field("sentence_pairs", "sentence", 2, 0.6, 0.4, 0.05, "names and phrases of two words"),
    Field("paragraph_pairs", "paragraph", 2, 1.0, 0.6, 0.12, "the same, a sentence or two away"),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
PREVIOUS = "previous"  # the sentence field of the sentence before, in the same paragraph
PREVIOUS_WEIGHT = 0.1  # "He ..." after the sentence that names him
GRAMMAR_WEIGHT = 0.3  # of a function word: in a store of few sentences idf does not yet know that it says nothing
