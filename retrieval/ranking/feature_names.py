"""The name of a feature -> its group, and what it means in plain words.

People see the sum of each group: the features in a group are so closely related that only their sum means something.
"""

import re
from enum import StrEnum


class FeatureGroup(StrEnum):
    """A group of features, as it is shown to people."""

    WORDS = "the words of the question, in the sentence and around it"
    CLOSENESS = "how close together they are"
    MEANING = "how near it is in meaning"
    NEWS = "what else it says: names, numbers, dates, reasons"
    SHAPE = "its length and its place in the article"
    OTHER = "other signs"


_AROUND = "the sentence, the title or the sentence before"
_PLACES = {
    "form": "the sentence, exactly as typed",
    "sentence": "the sentence, in any form",
    "title": "the sentence or the title",
    "title alone": "the title",
    "previous": _AROUND,
    "next": f"{_AROUND} or after",
    "paragraph": "the paragraph or the title",
    "article": "the article or the title",
}
_FIELDS = {
    "sentence": "the sentence", "paragraph": "the paragraph", "section": "the headings and what introduces it", "article": "the article", "title": "the title",
    "previous": "the sentence before", "both": "the title and the sentence together",
}  # fmt: skip
_NEWS = {
    "number": "numbers", "year": "years", "month": "months and days", "number_word": "numbers in words",
    "cause": "words that give reasons", "copula": "words that explain (is, means)", "time": "words for times",
    "unit": "units", "person": "words for people", "capital": "names", "pair": "names of several words",
    "place": "places", "money": "sums of money", "percent": "shares in per cent", "rare": "rare words",
}  # fmt: skip
_SINGLE = {
    "score": (FeatureGroup.WORDS, "score of the first search"),
    "relative score": (FeatureGroup.WORDS, "score of the first search, relative to the best"),
    "rank": (FeatureGroup.WORDS, "rank in the first search"),
    "closeness": (FeatureGroup.CLOSENESS, "how much of the question is in one spot"),
    "pairs near": (FeatureGroup.CLOSENESS, "neighbouring words of the question that are near each other"),
    "pairs": (FeatureGroup.CLOSENESS, "neighbouring words of the question that are side by side"),
    "news": (FeatureGroup.NEWS, "words that are not in the question, by rarity"),
    "question among words": (FeatureGroup.NEWS, "share of the sentence that is words of the question"),
    "length": (FeatureGroup.SHAPE, "number of words"),
    "shortness": (FeatureGroup.SHAPE, "too short to say much"),
    "leaning": (FeatureGroup.SHAPE, "begins with he, she, it or similar"),
    "leaning on previous": (FeatureGroup.SHAPE, "begins with he, she or it, and the sentence before has words of the question"),
    "leaning on title": (FeatureGroup.SHAPE, "begins with he, she or it, and the title has words of the question"),
    "place in paragraph": (FeatureGroup.SHAPE, "how far down in its paragraph"),
    "place in article": (FeatureGroup.SHAPE, "how far down in its article"),
    "meaning of sentence": (FeatureGroup.MEANING, "meaning of the sentence"),
    "meaning with headings": (FeatureGroup.MEANING, "meaning of the sentence with its title and headings"),
    "meaning of headings": (FeatureGroup.MEANING, "meaning of the title and the headings"),
    "meaning of previous": (FeatureGroup.MEANING, "meaning of the sentence before"),
    "meaning of next": (FeatureGroup.MEANING, "meaning of the sentence after"),
    "like words in sentence": (FeatureGroup.MEANING, "words like those of the question in the sentence"),
    "like words around": (FeatureGroup.MEANING, "words like those of the question in the sentence or around it"),
    "words alike": (FeatureGroup.MEANING, "words somewhat like those of the question in the sentence"),
    "words much alike": (FeatureGroup.MEANING, "words much like those of the question in the sentence"),
    "missing words alike": (FeatureGroup.MEANING, "words somewhat like those that the sentence and its headings lack"),
    "missing words much alike": (FeatureGroup.MEANING, "words much like those that the sentence and its headings lack"),
    "mark asks": (FeatureGroup.SHAPE, "is a question itself"),
    "mark announces": (FeatureGroup.SHAPE, "ends in a colon"),
    "mark item": (FeatureGroup.SHAPE, "an item of a list"),
    "mark row": (FeatureGroup.SHAPE, "a row of a table"),
    "mark introduces": (FeatureGroup.SHAPE, "introduces code, a list or a table"),
    "mark dateline": (FeatureGroup.SHAPE, "begins with a place, as news do"),
    "mark exclaims": (FeatureGroup.SHAPE, "ends in an exclamation mark"),
    "defines": (FeatureGroup.NEWS, "says what a word of the question is"),
    "headed defines": (FeatureGroup.NEWS, "says what a word of the question is, in the article about it"),
    "amount news": (FeatureGroup.NEWS, "a number before the first word of the question"),
    "life span news": (FeatureGroup.NEWS, "two years near each other at its start"),
    "asked kind news": (FeatureGroup.NEWS, "names of the kind that is asked for"),
    "asked kind news near": (FeatureGroup.NEWS, "names of the kind that is asked for, near the words of the question"),
    "subject in sentence": (FeatureGroup.WORDS, "the rarest word of the question in the sentence"),
    "subject in headings": (FeatureGroup.WORDS, "the rarest word of the question in the title or the headings"),
    "subject near": (FeatureGroup.WORDS, "the rarest word of the question in or beside the sentence"),
    "subject in article": (FeatureGroup.WORDS, "the rarest word of the question in the article"),
    "missed near": (FeatureGroup.WORDS, "the rarest word of the question that is not in or beside the sentence"),
    "missed in paragraph": (FeatureGroup.WORDS, "the rarest word of the question that is not in the paragraph"),
    "share of section alone": (FeatureGroup.WORDS, "share of the question in the headings"),
    "first of article": (FeatureGroup.SHAPE, "first sentence of its article"),
}  # fmt: skip
_PATTERNS = (
    (r"score of (.+)", FeatureGroup.WORDS, _FIELDS, "score of the words of the question in {}"),
    (
        r"relative score of (.+)",
        FeatureGroup.WORDS,
        _FIELDS,
        "score of the words of the question in {}, relative to the best",
    ),
    (r"weight of (.+)", FeatureGroup.WORDS, _PLACES, "words of the question in {}, by rarity"),
    (r"share of (.+)", FeatureGroup.WORDS, _PLACES, "share of the question in {}"),
    (r"names in (.+)", FeatureGroup.WORDS, _PLACES, "names and numbers of the question in {}"),
    (r"neighbours in (.+)", FeatureGroup.CLOSENESS, _FIELDS, "words side by side both in the question and in {}"),
    (r"(.+) news near", FeatureGroup.NEWS, _NEWS, "{} near the words of the question"),
    (r"(.+) news", FeatureGroup.NEWS, _NEWS, "{} that are not in the question"),
)


def describe(feature: str) -> tuple[FeatureGroup, str]:
    """Return the group and meaning of a feature; an unlisted one keeps its own name."""
    if feature in _SINGLE:
        return _SINGLE[feature]
    for pattern, group, names, words in _PATTERNS:
        found = re.fullmatch(pattern, feature)
        if found and found[1] in names:
            return group, words.format(names[found[1]])
    return FeatureGroup.OTHER, feature
