"""A sentence -> the numbers, times of day and dates in it as values that can be compared: "five thousand", "6 pm"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from retrieval.asking.entities import Entity, EntityKind, find_entities
from retrieval.text.analyzer import Token, normalize
from retrieval.text.languages import word_lists
from retrieval.text.lexicon import PERCENT_SIGNS, WordClass, listed_words, word_classes

NOON = 12
ROUND = 0.1  # "about 500" is 450 to 550
BOUNDS = ("at_least", "at_most")
_MULTIPLIERS = 100  # number words from here on multiply what stands before them

_TIME = re.compile(
    r"(?<![\d.,:])([01]?\d|2[0-4])(?:[:.]([0-5]\d))?\s?(?:([ap])(?:m\b|\.\s?m\.?)|Uhr\b)|(?<![\d.,:])([01]?\d|2[0-4])[:h]([0-5]\d)(?![\d:])",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_SIGNS = re.compile(r"[$£€¥₽₹]")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3}){1,4}")
_DECIMAL = re.compile(r"(\d{1,15}|\d{1,3}(?:[.,]\d{3}){1,4})(?:[.,](\d{1,15}))?")
_YEAR, _NUMBER, _MONTH = WordClass.YEAR.value, WordClass.NUMBER.value, WordClass.MONTH.value
_PERCENT, _TIME_WORD, _NUMBER_WORD = WordClass.PERCENT.value, WordClass.TIME.value, WordClass.NUMBER_WORD.value

_Date = tuple[int | None, frozenset[int], int | None]  # year, terms of months and days of the week, day


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, time of day or date that a sentence states, in the characters `text[start:end]`."""

    kind: Literal["number", "time", "date", "label"]
    value: float  # of a time: minutes after midnight
    unit: str  # "%", a currency sign or the word after it; of a label ("line 5") the word before it
    bound: frozenset[str]  # "at_least", "at_most", or both
    about: bool
    start: int
    end: int
    date: _Date | None = None

    def agrees(self, other: "Quantity") -> bool:
        """Whether both can be true of one thing."""
        if self.date and other.date:
            return all(
                not one or not another or one == another for one, another in zip(self.date, other.date, strict=True)
            )
        tolerance = ROUND if self.about or other.about else 0.0
        if abs(self.value - other.value) <= tolerance * max(self.value, other.value):
            return True
        return self.bound != other.bound and all(_within(*pair) for pair in ((self, other), (other, self)))


def _within(bound: Quantity, value: Quantity) -> bool:
    """Whether a value is on the right side of a bound; an exact one bounds nothing."""
    if bound.bound == {"at_least"}:
        return value.value >= bound.value
    return bound.bound != {"at_most"} or value.value <= bound.value


def find_quantities(text: str, tokens: Sequence[Token], language: str) -> list[Quantity]:
    """Return the quantities of a sentence in order; none overlap."""
    times = [*_iso_dates(text), *_times(text)]
    taken = {at for time in times for at in range(time.start, time.end)}
    entities = [
        entity
        for entity in find_entities(text, tokens, language)
        if entity.kind is not EntityKind.NAME and taken.isdisjoint(range(*entity.span))
    ]
    bounds = _bounds(tokens, language) if entities else {}
    found = [quantity for entity in entities if (quantity := _quantity(text, tokens, entity, language, bounds))]
    return sorted([*found, *times], key=lambda quantity: quantity.start)


def _iso_dates(text: str) -> Iterator[Quantity]:
    for found in _ISO_DATE.finditer(text):
        year, month, day = map(int, found.groups())
        yield _dated((year, frozenset({-month}), day), found.span())


def _times(text: str) -> Iterator[Quantity]:
    for found in _TIME.finditer(text):
        hour, minute = int(found[1] or found[4]), int(found[2] or found[5] or 0)
        if found[3]:
            hour = hour % NOON + NOON * (found[3].lower() == "p")
        yield Quantity("time", float(60 * hour + minute), "", frozenset(), False, *found.span())


def _dated(date: _Date, span: tuple[int, int]) -> Quantity:
    return Quantity("date", 0.0, "", frozenset(), False, *span, date)


def _bounds(tokens: Sequence[Token], language: str) -> dict[str, int]:
    """Return after how many words each bound that is stated is stated first."""
    said = f" {' '.join(token.word for token in tokens)} "
    ends = {
        name: [
            said.count(" ", 0, at) + len(phrase.split())
            for phrase in listed_words(language, name)
            if (at := said.find(f" {phrase} ")) >= 0
        ]
        for name in BOUNDS
    }
    return {name: min(after) for name, after in ends.items() if after}


def _quantity(
    text: str, tokens: Sequence[Token], entity: Entity, language: str, bounds: Mapping[str, int]
) -> Quantity | None:
    words = tokens[entity.first : entity.last]
    if entity.kind is EntityKind.DATE or _is_year(words, language):
        date = _date(words, language)
        return _dated(date, entity.span) if date else None
    value = _number(text, words, language)
    if value is None:
        return None
    bound = frozenset(name for name, after in bounds.items() if after <= entity.first)
    about = any(
        token.word in listed_words(language, "about")
        for token in (*tokens[max(0, entity.first - 2) : entity.first], *words)
    )
    unit = _unit(text, tokens, entity, language)
    label = "" if unit else _label(text, tokens, entity)
    return Quantity("label" if label else "number", value, unit or label, bound, about, *entity.span)


def _is_year(words: Sequence[Token], language: str) -> bool:
    """Whether a number is a year with a word for it, as in many languages: "1931 yılında"."""
    first, *others = (word_classes(token.word, language) for token in words)
    return bool(first & _YEAR and others and others[0] & _TIME_WORD)


def _date(words: Sequence[Token], language: str) -> _Date | None:
    """Return the parts of a date; None for a century and the like."""
    year = day = None
    names = set()
    for token in words:
        classes = word_classes(token.word, language)
        if classes & _YEAR:
            year = int(token.word)
        elif classes & _NUMBER:
            day = int(token.word) if token.word.isdecimal() else None
        elif classes & _MONTH:
            names.add(token.term)
    return (year, frozenset(names), day) if year or names else None


def _number(text: str, words: Sequence[Token], language: str) -> float | None:
    """Return the value of "5,000", "five thousand", "2.5 million"; None if a word of it is not known."""
    values = _values(language)
    total, before = 0.0, ""
    for token in words:
        raw = text[token.start : token.end]
        value = _digits(raw) if token.word[:1].isdigit() else values.get(token.word)
        if value is None:
            if word_classes(token.word, language) & (_NUMBER | _NUMBER_WORD):
                return None
        elif before and raw.isdigit() and len(raw) == len("000"):  # 18 000
            total = 1000 * total + value
        elif not raw[:1].isdigit() and value >= _MULTIPLIERS:
            total = (total or 1) * value
        else:
            total += value
        before = raw if raw.isdigit() else ""
    return total or None


def _digits(raw: str) -> float | None:
    """Return the value of digits; a point or comma before three digits parts thousands, else decimals."""
    if _THOUSANDS.fullmatch(raw):
        return float(re.sub(r"\D", "", raw))
    found = _DECIMAL.fullmatch(raw)
    return float(f"{re.sub('[.,]', '', found[1])}.{found[2] or 0}") if found else None


@cache
def _values(language: str) -> dict[str, float]:
    listed = word_lists(language).get("number_values", {})
    return {normalize(word, language): float(value) for value, words in listed.items() for word in words.split()}


def _unit(text: str, tokens: Sequence[Token], entity: Entity, language: str) -> str:
    """Return what is counted: a sign at the number, else the word within or right after it."""
    around = text[max(0, entity.start - 1) : entity.end + 2]
    if sign := _SIGNS.search(around):
        return sign[0]
    if any(sign in around for sign in PERCENT_SIGNS):
        return "%"
    last = tokens[entity.last - 1]
    if not last.word[:1].isdigit() and last.word not in _values(language):
        return _unit_of(last, language)
    if entity.last < len(tokens):
        following = tokens[entity.last]
        if not text[last.end : following.start].strip(" \u00a0-") and not following.grammar:
            return _unit_of(following, language)
    return ""


def _unit_of(token: Token, language: str) -> str:
    return "%" if word_classes(token.word, language) & _PERCENT else str(token.term)


def _label(text: str, tokens: Sequence[Token], entity: Entity) -> str:
    """Return the word that a number names one of, as in "line 5" and "version 2"."""
    if not entity.first:
        return ""
    before = tokens[entity.first - 1]
    return "" if before.grammar or text[before.end : tokens[entity.first].start].strip() else str(before.term)
