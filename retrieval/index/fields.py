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

from dataclasses import dataclass
from typing import Literal

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
NAMES = (*(field.name for field in FIELDS), PREVIOUS)
CHANCE_PAIR_WEIGHT = 0.3  # of two unknown characters that follow each other in an unspaced script: mostly no word
GRAMMAR_WEIGHT = 0.4  # of a function word, +.007 MRR over an encyclopedia; idf alone does not know it in a small store
