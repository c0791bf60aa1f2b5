"""A sentence -> the whole dates, numbers and names in it: "12 May 1997", "about 500 million", "Hassan Rouhani".

Each word becomes a letter for what it could be part of, and each gap between words a sign; dates, numbers and names are
patterns over these. Names are found only in scripts with capital letters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from retrieval.text.analyzer import Token
from retrieval.text.lexicon import WordClass, listed_words, word_classes

_LARGEST_DAY = 31
# As plain integers: an IntFlag's operators cost a microsecond each.
_NUMBER, _YEAR, _MONTH = WordClass.NUMBER.value, WordClass.YEAR.value, WordClass.MONTH.value
_NUMBER_WORD, _TIME = WordClass.NUMBER_WORD.value, WordClass.TIME.value
_UNIT = (WordClass.UNIT | WordClass.MONEY | WordClass.PERCENT).value


class EntityKind(StrEnum):
    """What an entity is."""

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


# Letters of words: M month, Y year, D day of a month, N other number, W number word, A about, S suffix of a number (12th,
# 1930s), E era or century, O first or second, T word of time, U unit, C capitalised, F capitalised first word,
# L lower-case word within a name, X any other. Signs of gaps: _ nothing, - dash, ' apostrophe, comma, . full stop after
# one letter, space, = any other.
_DAY_PATTERN = r"D(?:_S)?(?:-D(?:_S)?)?"
_YEAR_PATTERN = r"Y(?:_S)?(?:-[YD](?:_S)?)?"
_PATTERNS = {
    EntityKind.DATE: re.compile(
        rf"{_DAY_PATTERN}(?: L)?[ ,]M(?:[ ,](?:[LT] )?{_YEAR_PATTERN})?|M[ ,]{_DAY_PATTERN}(?:[ ,]{_YEAR_PATTERN})?|M[ ,](?:[LT] )?{_YEAR_PATTERN}|M"
        rf"|[DNO](?:_S)?[ -]E|{_YEAR_PATTERN}(?: E)?"
    ),
    EntityKind.NUMBER: re.compile(r"(?:A )?[YDNW](?:[ -][YDNW])*(?!_S)(?:[ _][UT])?"),
    EntityKind.NAME: re.compile(r"(?:[FM][ .'-])?C(?:(?: L){0,2}[ .'-](?:M )?C)*|F"),
}
_NUMBER_SUFFIXES = frozenset({"st", "nd", "rd", "th", "s", "er", "e"})
_WITHIN_NAMES = frozenset(
    re.findall(r"\w+", "of the de del della di da do dos du la le van von den der bin ibn al el y")
)
_CAPITAL_NOUNS = frozenset({"de", "lb"})  # where every noun has a capital, so that a capital marks no name
_CAPITALS = frozenset("CF")
_NO_NAMES = str.maketrans("CF", "XX")
_LETTER_OF_LIST = {"about": "A", "era": "E", "ordinal": "O"}
_GAPS = {",": ",", ".": ",", "'": "'", "’": "'", "-": "-", "–": "-", "−": "-"}
_CAPITAL_MONTHS = frozenset({"en", "de"})  # elsewhere months are lower-case; in English "may" is then a verb
_BEFORE_NUMBER = re.compile(r"(?:\b(?:US|A|C))?[$£€¥₽₹]\s?$")
_AFTER_NUMBER = re.compile(r"\s?[%٪]|[年月日万亿](?:\d+[月日])*")


def find_entities(text: str, tokens: Sequence[Token], language: str) -> list[Entity]:
    """Return the dates, numbers and names of a sentence in order; none overlap."""
    letters = "".join(_letters(text, tokens, language))
    if not _CAPITALS.isdisjoint(letters) and (language in _CAPITAL_NOUNS or not _has_capitals(text)):
        letters = letters.translate(_NO_NAMES)
    every = [
        _entity(text, tokens, kind, match.start() // 2, match.end() // 2 + 1)
        for kind, pattern in _PATTERNS.items()
        for match in pattern.finditer(letters)
    ]
    found: list[Entity] = []
    taken = bytearray(len(text))  # characters: a shorter entity that overlaps one found has its first or last in it
    for entity in sorted(every, key=lambda entity: entity.start - entity.end):
        if not taken[entity.start] and not taken[entity.end - 1]:
            taken[entity.start : entity.end] = b"x" * (entity.end - entity.start)
            found.append(entity)
    return sorted(found, key=lambda entity: entity.first)


def _has_capitals(text: str) -> bool:
    """Whether most letters are of a script with capitals."""
    return 2 * sum(map(str.islower, text)) > sum(map(str.isalpha, text))


def _entity(text: str, tokens: Sequence[Token], kind: EntityKind, first: int, last: int) -> Entity:
    start, end = tokens[first].start, tokens[last - 1].end
    if kind is not EntityKind.NAME:
        start -= len(sign[0]) if (sign := _BEFORE_NUMBER.search(text[max(0, start - 4) : start])) else 0
        end += len(sign[0]) if (sign := _AFTER_NUMBER.match(text, end)) else 0
    return Entity(kind, first, last, start, end)


def _letters(text: str, tokens: Sequence[Token], language: str) -> Iterator[str]:
    """Yield a letter for each token, and between them the signs of the gaps."""
    listed = _listed(language)
    for number, token in enumerate(tokens):
        if number:
            yield _gap(text[tokens[number - 1].end : token.start], tokens[number - 1])
        is_suffix = number > 0 and tokens[number - 1].end == token.start and token.word in _NUMBER_SUFFIXES
        letter = "S" if is_suffix else listed.get(token.word) or _letter(text, token, language)
        yield "F" if letter == "C" and not number else letter


@cache
def _listed(language: str) -> dict[str, str]:
    return {word: letter for name, letter in _LETTER_OF_LIST.items() for word in listed_words(language, name)}


def _gap(between: str, before: Token) -> str:
    bare = between.strip()
    if not bare:
        return " " if between else "_"
    if bare == "." and len(before.word) == 1 and before.word.isalpha():
        return "."
    return _GAPS.get(bare, "=")


def _letter(text: str, token: Token, language: str) -> str:
    classes, capital = word_classes(token.word, language), text[token.start].isupper()
    if classes & _NUMBER:
        return _letter_of_number(token, classes)
    kinds = (
        ("M", classes & _MONTH and (capital or language not in _CAPITAL_MONTHS)), ("W", classes & _NUMBER_WORD),
        ("C", capital and not token.grammar), ("U", classes & _UNIT), ("T", classes & _TIME), ("L", token.word in _WITHIN_NAMES),
    )  # fmt: skip
    return next((letter for letter, fits in kinds if fits), "X")


def _letter_of_number(token: Token, classes: int) -> str:
    if classes & _YEAR and token.end - token.start == len(token.word):  # not 1,997
        return "Y"
    short = token.word.isdecimal() and len(token.word) <= len(str(_LARGEST_DAY))  # int() refuses thousands of digits
    return "D" if short and 0 < int(token.word) <= _LARGEST_DAY else "N"
