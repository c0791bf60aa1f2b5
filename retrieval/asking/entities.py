"""A sentence -> the dates, numbers and names in it, each whole: "12 May 1997", "about 500 million", "Hassan Rouhani".

Each word becomes a letter for what it could be a part of, each gap between two words a sign; dates, numbers and names
are then patterns over those letters. There are names only where the script has capital letters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from retrieval.text.analyzer import Token
from retrieval.text.lexicon import WordClass, listed_words, word_cues

_LARGEST_DAY = 31
# As plain integers: an IntFlag's operators cost a microsecond each.
_NUMBER_CUE, _YEAR_CUE, _MONTH_CUE = WordClass.NUMBER.value, WordClass.YEAR.value, WordClass.MONTH.value
_NUMBER_WORD_CUE, _TIME_CUE = WordClass.NUMBER_WORD.value, WordClass.TIME.value
_UNIT_CUE = (WordClass.UNIT | WordClass.MONEY | WordClass.PERCENT).value


class EntityKind(StrEnum):
    """What is mentioned."""

    DATE = "date"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Entity:
    """A date, number or name: the tokens from `first` up to `last`, the characters `text[start:end]`."""

    kind: EntityKind
    first: int
    last: int
    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        """Its characters in the sentence."""
        return self.start, self.end


# Letters of words: M month, Y year, D small number, N number, W number word, A about, S what hangs on a number (12th,
# 1930s), E era or century, O first or second, T word of time, U unit, C capital, L small word within a name, X any other.
# Signs of gaps: _ nothing, - dash, ' apostrophe, comma, . full stop after one letter, = any other, and the space.
_DAY = r"D(?:_S)?(?:-D(?:_S)?)?"
_YEAR = r"Y(?:_S)?(?:-[YD](?:_S)?)?"
_PATTERNS = {
    EntityKind.DATE: re.compile(
        rf"{_DAY}(?: L)?[ ,]M(?:[ ,](?:[LT] )?{_YEAR})?|M[ ,]{_DAY}(?:[ ,]{_YEAR})?|M[ ,](?:[LT] )?{_YEAR}|M"
        rf"|[DNO](?:_S)?[ -]E|{_YEAR}(?: E)?"
    ),
    EntityKind.NUMBER: re.compile(r"(?:A )?[YDNW](?:[ -][YDNW])*(?!_S)(?:[ _][UT])?"),
    EntityKind.NAME: re.compile(r"(?:[FM][ .'-])?C(?:(?: L){0,2}[ .'-](?:M )?C)*|F"),
}
_HANGING = frozenset({"st", "nd", "rd", "th", "s", "er", "e"})
_SMALL = frozenset(re.findall(r"\w+", "of the de del della di da do dos du la le van von den der bin ibn al el y"))
_CAPITAL_NOUNS = frozenset({"de", "lb"})  # where every noun has a capital, it tells no names
_CAPITALS = frozenset("CF")
_NO_NAMES = str.maketrans("CF", "XX")
_LISTED = {"about": "A", "era": "E", "ordinal": "O"}
_GAPS = {",": ",", ".": ",", "'": "'", "’": "'", "-": "-", "–": "-", "−": "-"}
_CAPITAL_MONTHS = frozenset({"en", "de"})  # elsewhere they are written small; "may" in English is a verb then
_BEFORE_NUMBER = re.compile(r"(?:\b(?:US|A|C))?[$£€¥₽₹]\s?$")
_AFTER_NUMBER = re.compile(r"\s?[%٪]|[年月日万亿](?:\d+[月日])*")


def find_mentions(text: str, tokens: Sequence[Token], language: str) -> list[Entity]:
    """Find the dates, numbers and names of a sentence in their order; none overlap."""
    letters = "".join(_letters(text, tokens, language))
    if not _CAPITALS.isdisjoint(letters) and (language in _CAPITAL_NOUNS or not _has_capitals(text)):
        letters = letters.translate(_NO_NAMES)
    every = [
        _mention(text, tokens, kind, match.start() // 2, match.end() // 2 + 1)
        for kind, pattern in _PATTERNS.items()
        for match in pattern.finditer(letters)
    ]
    found: list[Entity] = []
    for mention in sorted(every, key=lambda mention: mention.start - mention.end):
        if all(mention.end <= other.start or mention.start >= other.end for other in found):
            found.append(mention)
    return sorted(found, key=lambda mention: mention.first)


def _has_capitals(text: str) -> bool:
    """Tell whether most letters are of a script that tells names by a capital."""
    return 2 * sum(map(str.islower, text)) > sum(map(str.isalpha, text))


def _mention(text: str, tokens: Sequence[Token], kind: EntityKind, first: int, last: int) -> Entity:
    start, end = tokens[first].start, tokens[last - 1].end
    if kind is not EntityKind.NAME:
        start -= len(sign[0]) if (sign := _BEFORE_NUMBER.search(text[max(0, start - 4) : start])) else 0
        end += len(sign[0]) if (sign := _AFTER_NUMBER.match(text, end)) else 0
    return Entity(kind, first, last, start, end)


def _letters(text: str, tokens: Sequence[Token], language: str) -> Iterator[str]:
    """Give a letter for each token, and after each but the last the sign of the gap that follows it."""
    listed = _listed(language)
    for number, token in enumerate(tokens):
        if number:
            yield _gap(text[tokens[number - 1].end : token.start], tokens[number - 1])
        hangs = number > 0 and tokens[number - 1].end == token.start and token.word in _HANGING
        letter = "S" if hangs else listed.get(token.word) or _letter(text, token, language)
        yield "F" if letter == "C" and not number else letter


@cache
def _listed(language: str) -> dict[str, str]:
    return {word: letter for name, letter in _LISTED.items() for word in listed_words(language, name)}


def _gap(between: str, before: Token) -> str:
    bare = between.strip()
    if not bare:
        return " " if between else "_"
    if bare == "." and len(before.word) == 1 and before.word.isalpha():
        return "."
    return _GAPS.get(bare, "=")


def _letter(text: str, token: Token, language: str) -> str:
    cues, capital = word_cues(token.word, language), text[token.start].isupper()
    if cues & _NUMBER_CUE:
        return _letter_of_number(token, cues)
    kinds = (
        ("M", cues & _MONTH_CUE and (capital or language not in _CAPITAL_MONTHS)), ("W", cues & _NUMBER_WORD_CUE),
        ("C", capital and not token.grammar), ("U", cues & _UNIT_CUE), ("T", cues & _TIME_CUE), ("L", token.word in _SMALL),
    )  # fmt: skip
    return next((letter for letter, fits in kinds if fits), "X")


def _letter_of_number(token: Token, cues: int) -> str:
    if cues & _YEAR_CUE and token.end - token.start == len(token.word):  # not 1,997
        return "Y"
    return "D" if token.word.isdecimal() and 0 < int(token.word) <= _LARGEST_DAY else "N"
