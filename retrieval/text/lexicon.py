"""A word in its sentence -> what it could be the answer to: its classes, and its shape.

Its classes are what a word says by itself: a number, a year, a month, a word that gives a reason. Its shape is what it
says by how and where it is written: capitalised, after a preposition of place. The words of the classes are listed by
language in `wordlists/`; a language without a file still has the classes and shapes that need none.
"""

import re
from collections.abc import Sequence
from enum import IntFlag
from functools import cache
from itertools import pairwise

from retrieval.text.analyzer import Token, normalize
from retrieval.text.languages import word_lists

PERCENT_SIGNS = "%٪"
_PERCENT_AFTER = re.compile(rf"\s?[{PERCENT_SIGNS}]")
_YEAR = re.compile(r"1\d{3}|20\d\d")
_CURRENCIES = frozenset("$£€¥₽₹")


class WordClass(IntFlag):
    """What a word says by itself, in any sentence."""

    NUMBER = 1
    YEAR = 2
    MONTH = 4  # or a day of the week
    NUMBER_WORD = 8
    CAUSE = 16
    COPULA = 32  # is, was, means, is called
    TIME = 64
    UNIT = 128
    PERSON = 256  # what people are: king, author
    PRONOUN = 512
    PLACE_BEFORE = 1024  # a preposition of place: what follows may be a place
    MONEY = 2048
    PERCENT = 4096


class TokenShape(IntFlag):
    """What a word says by how and where it is written."""

    CAPITAL = 1  # and not the first word
    PAIR = 2  # capitalised like the word before it
    PLACE = 4  # after a preposition of place, and capitalised if the script has capitals
    MONEY = 8  # after a currency sign
    PERCENT = 16  # before a per cent sign


# As plain integers: an IntFlag's operators cost a microsecond each, and a load makes millions.
_NUMBER, _PLACE_BEFORE = WordClass.NUMBER.value, WordClass.PLACE_BEFORE.value
_CAPITAL, _PAIR, _PLACE = TokenShape.CAPITAL.value, TokenShape.PAIR.value, TokenShape.PLACE.value
_MONEY, _PERCENT = TokenShape.MONEY.value, TokenShape.PERCENT.value

# A word's possible shapes: the TokenShape bits that it has if the word before allows them, and above those two more bits.
LEADS_TO_PLACE = 32  # it is a preposition of place
SENTENCE_START = 64  # it is not a word: the sentence starts after it
SHAPE_BITS = 7


def word_classes(word: str, language: str) -> int:
    """Return the WordClass bits of a normalised word."""
    classes = _listed_classes(language).get(word, 0)
    if word[:1].isdigit():
        classes |= _NUMBER | (WordClass.YEAR.value if _YEAR.fullmatch(word) else 0)
    return classes


@cache
def _listed_classes(language: str) -> dict[str, int]:
    by_name = {one.name.lower(): one.value for one in WordClass if one.name} | {"place": _PLACE_BEFORE}
    found: dict[str, int] = {}
    for name, words in word_lists(language).get("classes", {}).items():
        for word in words.split():
            plain = normalize(word, language)
            found[plain] = found.get(plain, 0) | by_name[name]
    return found


def token_shapes(text: str, tokens: Sequence[Token], classes: Sequence[int]) -> list[int]:
    """Return the TokenShape bits of a sentence's tokens; `classes` are their WordClass bits."""
    possible = possible_shapes(text, tokens, classes)
    return [shapes & ALLOWED_AFTER[before] for before, shapes in pairwise([SENTENCE_START, *possible])]


def possible_shapes(text: str, tokens: Sequence[Token], classes: Sequence[int]) -> list[int]:
    """Return the possible shapes of each token of a text; `classes` are their WordClass bits."""
    found: list[int] = []
    for token, word in zip(tokens, classes, strict=True):
        first = text[token.start]
        shapes = _CAPITAL | _PAIR if first.isupper() else 0
        shapes |= 0 if first.islower() or first.isdigit() else _PLACE
        if word & _NUMBER:
            shapes |= _MONEY * (text[max(token.start - 1, 0)] in _CURRENCIES)
            shapes |= _PERCENT * (_PERCENT_AFTER.match(text, token.end) is not None)
        found.append(shapes | LEADS_TO_PLACE * (word & _PLACE_BEFORE > 0))
    return found


def _allowed_after(before: int) -> int:
    return (
        (_MONEY | _PERCENT)
        | (0 if before & SENTENCE_START else _CAPITAL)
        | (_PAIR if before & _CAPITAL else 0)
        | (_PLACE if before & LEADS_TO_PLACE else 0)
    )


ALLOWED_AFTER = tuple(map(_allowed_after, range(1 << SHAPE_BITS)))  # TokenShape bits, by the word before


@cache
def listed_words(language: str, name: str) -> frozenset[str]:
    """Return the normalised words or phrases that a language lists under a name, separated by bars."""
    return frozenset(
        " ".join(normalize(word, language) for word in phrase.split())
        for phrase in word_lists(language).get(name, "").split("|")
        if phrase
    )
