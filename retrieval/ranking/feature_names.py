"""The name of a feature -> what it is in plain words, and the family it belongs to.

Families are what a person is shown: the single features of one are near relatives, and only their sum says something.
"""

import re
from enum import StrEnum


class FeatureGroup(StrEnum):
    """A group of features, in the words a person reads."""

    WORDS = "the words of the question, in the sentence and around it"
    CLOSENESS = "how close together it has them"
    NEWS = "what else it tells: names, numbers, dates, reasons"
    SHAPE = "its length and its place in the article"
    OTHER = "other signs"


_AROUND = "the sentence, the title or the sentence before"
_PLACES = {
    "form": "the sentence, in the very form that was typed",
    "sentence": "the sentence, in any form",
    "title": "the sentence or the title",
    "title alone": "the title",
    "previous": _AROUND,
    "next": f"{_AROUND} or after",
    "paragraph": "the paragraph or the title",
    "article": "the article or the title",
}
_FIELDS = {
    "sentence": "the sentence", "paragraph": "the paragraph", "article": "the article", "title": "the title",
    "previous": "the sentence before", "both": "the title and the sentence together",
}  # fmt: skip
_NEWS = {
    "number": "numbers", "year": "years", "month": "months and days", "number_word": "numbers in words",
    "cause": "words for reasons", "copula": "words that explain (is, means)", "time": "words for times",
    "unit": "units", "person": "words for people", "capital": "names", "pair": "names of several words",
    "place": "places", "money": "sums of money", "percent": "shares in per cent", "rare": "rare words",
}  # fmt: skip
_SINGLE = {
    "score": (FeatureGroup.WORDS, "score of the first search"),
    "relative score": (FeatureGroup.WORDS, "score of the first search, beside the best"),
    "rank": (FeatureGroup.WORDS, "rank in the first search"),
    "closeness": (FeatureGroup.CLOSENESS, "how much of the question stands in one spot"),
    "pairs near": (FeatureGroup.CLOSENESS, "words that follow each other in the question, near each other"),
    "pairs": (FeatureGroup.CLOSENESS, "words that follow each other in the question, side by side"),
    "news": (FeatureGroup.NEWS, "words that the question does not have, by rarity"),
    "question among words": (FeatureGroup.NEWS, "how much of the sentence is the question's words"),
    "length": (FeatureGroup.SHAPE, "number of words"),
    "shortness": (FeatureGroup.SHAPE, "too short to say much"),
    "leaning": (FeatureGroup.SHAPE, "begins with he, she, it or the like"),
    "leaning on previous": (FeatureGroup.SHAPE, "begins with he, she or it, and the sentence before has the question's words"),
    "leaning on title": (FeatureGroup.SHAPE, "begins with he, she or it, and the title has the question's words"),
    "place in paragraph": (FeatureGroup.SHAPE, "how far down in its paragraph"),
    "place in article": (FeatureGroup.SHAPE, "how far down in its article"),
    "first of article": (FeatureGroup.SHAPE, "first sentence of its article"),
}  # fmt: skip
_PATTERNS = (
    (r"score of (.+)", FeatureGroup.WORDS, _FIELDS, "score of the question's words in {}"),
    (r"relative score of (.+)", FeatureGroup.WORDS, _FIELDS, "score of the question's words in {}, beside the best"),
    (r"weight of (.+)", FeatureGroup.WORDS, _PLACES, "words of the question in {}, by rarity"),
    (r"share of (.+)", FeatureGroup.WORDS, _PLACES, "share of the question in {}"),
    (r"names in (.+)", FeatureGroup.WORDS, _PLACES, "names and numbers of the question in {}"),
    (r"neighbours in (.+)", FeatureGroup.CLOSENESS, _FIELDS, "words side by side in the question and in {}"),
    (r"(.+) news near", FeatureGroup.NEWS, _NEWS, "{} near the question's words"),
    (r"(.+) news", FeatureGroup.NEWS, _NEWS, "{} that the question does not have"),
)


def in_words(feature: str) -> tuple[FeatureGroup, str]:
    """Give a feature's family and its name in plain words; one that is not listed keeps its own name."""
    if feature in _SINGLE:
        return _SINGLE[feature]
    for pattern, family, names, words in _PATTERNS:
        found = re.fullmatch(pattern, feature)
        if found and found[1] in names:
            return family, words.format(names[found[1]])
    return FeatureGroup.OTHER, feature
