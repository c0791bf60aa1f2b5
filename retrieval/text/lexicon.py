"""A word in its sentence -> cues: what it could be the answer to.

A word alone can be a number, a year, a month, a word for a cause; in its place it can be capitalised, or after a
preposition of place. Lists of words are data, one file a language in `retrieval/wordlists/`; a
language without a file still has the cues that need none.
"""

import json
import re
from collections.abc import Sequence
from enum import IntFlag
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from retrieval.text.analyzer import Token, normalize

_LISTS = Path(__file__).parent / "wordlists"
_YEAR = re.compile(r"1\d{3}|20\d\d")
_CURRENCY = frozenset("$£€¥₽₹")
PER_CENT = "%٪"
_PER_CENT = re.compile(rf"\s?[{PER_CENT}]")


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
    PERSON = 256  # a word for what people are: king, author
    PRONOUN = 512
    PLACE_BEFORE = 1024  # a preposition of place: what follows may be one
    MONEY = 2048
    PERCENT = 4096


class TokenShape(IntFlag):
    """What a word says by how and where it stands."""

    CAPITAL = 1  # and not the first word
    PAIR = 2  # capitalised like the word before it
    PLACE = 4  # after a preposition of place, capitalised where the script has capitals
    MONEY = 8  # after a currency sign
    PERCENT = 16  # before a per cent sign


# As plain integers: an IntFlag's operators cost a microsecond each, and a load makes millions.
_NUMBER, _PLACE_BEFORE = WordClass.NUMBER.value, WordClass.PLACE_BEFORE.value
_CAPITAL, _PAIR, _PLACE = TokenShape.CAPITAL.value, TokenShape.PAIR.value, TokenShape.PLACE.value
_MONEY, _PERCENT = TokenShape.MONEY.value, TokenShape.PERCENT.value

# A word's standing: the PlaceCue bits that it has if the word before it allows, and above them what it says to the next.
LEADS_TO_PLACE = 32  # it is a preposition of place
EDGE = 64  # it is no word at all: the sentence begins behind it
STANDING_BITS = 7


@cache
def word_list(language: str) -> dict[str, Any]:
    """Read a language's file of words; {} where there is none."""
    path = _LISTS / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8")) if language.isalpha() and path.is_file() else {}


@cache
def _listed(language: str) -> dict[str, int]:
    """Give the cues of the listed words of a language, by normalised word."""
    lists = {"place": WordClass.PLACE_BEFORE} | {
        cue.name.lower(): cue for cue in WordClass if cue.name is not None and cue.name != "PLACE_BEFORE"
    }
    found: dict[str, int] = {}
    for name, words in word_list(language).get("cues", {}).items():
        for word in words.split():
            plain = normalize(word, language)
            found[plain] = found.get(plain, 0) | lists[name].value
    return found


def word_cues(word: str, language: str) -> int:
    """Give the WordCue bits of a normalised word."""
    cues = _listed(language).get(word, 0)
    if word[:1].isdigit():
        cues |= _NUMBER | (WordClass.YEAR.value if _YEAR.fullmatch(word) else 0)
    return cues


def standings(text: str, tokens: Sequence[Token], words: Sequence[int]) -> list[int]:
    """Give the standing of each token of a text; `words` are their WordCue bits."""
    found: list[int] = []
    for token, word in zip(tokens, words, strict=True):
        first = text[token.start]
        stands = _CAPITAL | _PAIR if first.isupper() else 0
        stands |= 0 if first.islower() or first.isdigit() else _PLACE
        if word & _NUMBER:
            stands |= _MONEY * (text[max(token.start - 1, 0)] in _CURRENCY)
            stands |= _PERCENT * (_PER_CENT.match(text, token.end) is not None)
        found.append(stands | LEADS_TO_PLACE * (word & _PLACE_BEFORE > 0))
    return found


def _allowed(before: int) -> int:
    """Give the PlaceCue bits that a word may have behind one of a standing."""
    return (
        (_MONEY | _PERCENT)
        | (0 if before & EDGE else _CAPITAL)
        | (_PAIR if before & _CAPITAL else 0)
        | (_PLACE if before & LEADS_TO_PLACE else 0)
    )


ALLOWED = tuple(map(_allowed, range(1 << STANDING_BITS)))  # by the standing of the word before


def place_cues(text: str, tokens: Sequence[Token], words: Sequence[int]) -> list[int]:
    """Give the PlaceCue bits of a sentence's tokens; `words` are their WordCue bits."""
    found = standings(text, tokens, words)
    return [stands & ALLOWED[before] for before, stands in pairwise([EDGE, *found])]


@cache
def listed_words(language: str, name: str) -> frozenset[str]:
    """Give the normalised words or phrases that a language's file lists under a name, set apart by bars there."""
    return frozenset(
        " ".join(normalize(word, language) for word in phrase.split())
        for phrase in word_list(language).get(name, "").split("|")
        if phrase
    )
