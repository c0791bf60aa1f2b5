"""Two words -> whether one may be meant by the other: another form or spelling of it, or a word of like meaning.

A word that a language has is no misspelling of another, however alike they look: "Canada" is not "canal". It may be
another form or spelling: "sang" of "sung", "colour" of "color", "Tehran" of "Teheran".
"""

from itertools import takewhile

from retrieval.text.word_frequency import zipf
from retrieval.text.word_vectors import open_word_vectors

KNOWN = 3.2  # Zipf frequency from which a spelling is a word; frequent misspellings have up to 3.0
MIN_COSINE = 0.47  # of words of like meaning: "sang" and "sung" have .88, "painted" and "printed" .45
MIN_OTHER_SPELLING = 0.85  # share of equal letters; "Tehran" and "Teheran" have .857
MIN_STEM = 5  # letters that two forms of a word have in common
MAX_ENDING, MAX_PREFIX = 3, 2  # letters in which forms of a word differ

_WITH_PREFIXES = frozenset(["ar", "he", "fa"])  # where "and", "the" and "to" are written together with the next word


def is_word(word: str, language: str) -> bool:
    """Whether a language has a normalised word; false for all words of a language without a table of frequencies."""
    return zipf(word, language) >= KNOWN


def may_mean(word: str, other: str, language: str, similarity: float) -> bool:
    """Whether a word of a language can be read as another one; `similarity` is the share of their letters that are equal.

    Both are normalised.
    """
    if similarity >= MIN_OTHER_SPELLING and not zipf(other, language):
        return True
    one, two = open_word_vectors().vectors([word, other])
    if float(one @ two) >= MIN_COSINE:
        return True
    if language == "en" and one.any() and two.any():  # its stemmer removes nearly all endings there are
        return False
    return differ_by_ending(word, other, MIN_STEM) or differ_by_prefix(word, other, language)


def differ_by_ending(one: str, other: str, stem: int) -> bool:
    """Whether two words begin with the same letters, `stem` of them at least, and differ in a short ending."""
    same = _common_prefix(one, other)
    return same >= stem and max(len(one), len(other)) - same <= MAX_ENDING


def differ_by_prefix(one: str, other: str, language: str) -> bool:
    """Whether two words differ in no more than what is written together with the next word in their language."""
    if language not in _WITH_PREFIXES:
        return False
    short, long = sorted((one, other), key=len)
    return len(long) - _common_prefix(one[::-1], other[::-1]) <= MAX_PREFIX or (
        short in long and len(long) - len(short) <= MAX_ENDING
    )


def _common_prefix(one: str, other: str) -> int:
    """Return the number of letters with which both words begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
