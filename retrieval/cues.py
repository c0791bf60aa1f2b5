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
from pathlib import Path
from typing import Any

from retrieval.analysis import Token, normalize

_LISTS = Path(__file__).parent / "wordlists"
_YEAR = re.compile(r"1\d{3}|20\d\d")
_CURRENCY = frozenset("$£€¥₽₹")
_PER_CENT = frozenset("%٪")


class WordCue(IntFlag):
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


class PlaceCue(IntFlag):
    """What a word says by how and where it stands."""

    CAPITAL = 1  # and not the first word
    PAIR = 2  # capitalised like the word before it
    PLACE = 4  # after a preposition of place, capitalised where the script has capitals
    MONEY = 8  # after a currency sign
    PERCENT = 16  # before a per cent sign


# As plain integers: an IntFlag's operators cost a microsecond each, and a load makes millions.
_NUMBER, _PLACE_BEFORE = WordCue.NUMBER.value, WordCue.PLACE_BEFORE.value
_CAPITAL, _PAIR, _PLACE = PlaceCue.CAPITAL.value, PlaceCue.PAIR.value, PlaceCue.PLACE.value
_MONEY, _PERCENT = PlaceCue.MONEY.value, PlaceCue.PERCENT.value


@cache
def word_list(language: str) -> dict[str, Any]:
    """Read a language's file of words; {} where there is none."""
    path = _LISTS / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8")) if language.isalpha() and path.is_file() else {}


@cache
def _listed(language: str) -> dict[str, int]:
    """Give the cues of the listed words of a language, by normalised word."""
    lists = {"place": WordCue.PLACE_BEFORE} | {
        cue.name.lower(): cue for cue in WordCue if cue.name is not None and cue.name != "PLACE_BEFORE"
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
        cues |= _NUMBER | (WordCue.YEAR.value if _YEAR.fullmatch(word) else 0)
    return cues


def place_cues(text: str, tokens: Sequence[Token], words: Sequence[int]) -> list[int]:
    """Give the PlaceCue bits of a sentence's tokens; `words` are their WordCue bits."""
    found: list[int] = []
    previous_capital, after_place = False, 0
    for number, (token, word) in enumerate(zip(tokens, words, strict=True)):
        first = text[token.start]
        capital = first.isupper()
        cues = (_CAPITAL if number else 0) | (_PAIR if previous_capital else 0) if capital else 0
        if after_place and not first.islower() and not first.isdigit():
            cues |= _PLACE
        if word & _NUMBER:
            cues |= _MONEY * (text[max(token.start - 1, 0)] in _CURRENCY)
            cues |= _PERCENT * (not _PER_CENT.isdisjoint(text[token.end : token.end + 2]))
        found.append(cues)
        previous_capital, after_place = capital, word & _PLACE_BEFORE
    return found


@cache
def listed_words(language: str, name: str) -> frozenset[str]:
    """Give the normalised words or phrases that a language's file lists under a name, set apart by bars there."""
    return frozenset(
        " ".join(normalize(word, language) for word in phrase.split())
        for phrase in word_list(language).get(name, "").split("|")
        if phrase
    )
