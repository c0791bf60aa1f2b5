"""A full stop that no small letter follows -> whether it ends its sentence, by the words on both sides.

The words that decide are in the lists of each language; the shapes of words that decide in all languages are here.
"""

import re
import unicodedata
from typing import NamedTuple

from retrieval.text.abbreviations import Abbreviations, Kind

TAIL = 30  # characters before a stop that hold an abbreviation and the word before it
LONGEST_PHRASE = 60  # characters of a phrase of time: "К концу XIX в."
PHRASE_WORDS = 7  # in it
DATE_WORDS = 4  # in a date: "9 września 2009 r."
DAY_DIGITS = 2

OPENING_SIGNS = "\"'“„‘‚«‹「『([（{*_`—–―->¿¡"
NEXT_WORD = re.compile(r"[^\s\d.,;:!?…()\[\]\"'“”’«»*_`।॥۔؟-]+")
GLUED = re.compile(r"[—'’]")  # dell'art.
NUMBER_WITH_UNIT = re.compile(r"(\d[\d.,–-]*)([^\W\d_]+)")  # 1931г.
ROMAN = re.compile(r"[IVXLC]+")
ORDINAL = re.compile(r"\d{1,3}|[IVXL]{2,}")
ENUMERATOR = re.compile(
    r"[\s\"'“„‘«‹(\[（「『*_—–•⁃-]{0,5}(?:\d{1,3}(?:\.\d{1,2}){0,5}|[^\W\d_]|[ivxIVX]{1,4})[.)]{1,2}"
)
LETTERED = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+[^\W\d_]{1,2}")  # U.S, p.m, Ph.D, J.-P
CONSONANTS = re.compile(r"[B-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]{1,3}")  # Mgr, Dhr: hardly ever a word
INITIAL = re.compile(r"[^\W\d_]\.")
THAI_CONSONANTS = re.compile(r"(?:.*[^\u0e00-\u0eff])?[ก-ฮກ-ຮ]{1,4}")
HANGUL = "\u1100"  # and the scripts after it, in which one sign may be a word


class Stop(NamedTuple):
    """A stop in its text, and what stands around it."""

    text: str
    start: int  # of the sentence that it may end
    at: int
    end: int  # after the closing marks
    next: int  # the first character of what follows, opening marks aside


def is_full_stop(stop: Stop, rules: Abbreviations) -> bool:
    """Whether a full stop ends its sentence, if no small letter follows."""
    before, word = _words_before(stop)
    if is_enumerator(stop) or rules.goes_on(before, word, next_word(stop)):
        return False
    if ORDINAL.fullmatch(word):
        return _ends_after_number(stop, before, word, rules)
    kind = rules.kind(word, before) or _kind_by_shape(word, before, rules)
    if kind is Kind.TITLE and stop.text[stop.end - 1] in ")]":
        kind = Kind.NAME
    if stop.text[stop.next].isdigit():
        return kind in {None, Kind.END} and (len(word) != 1 or not _is_cased(word) or word.lower() in rules.openers)
    return _ends_before_word(stop, before, kind, rules)


def is_enumerator(stop: Stop) -> bool:
    """Whether all before the stop is the number or letter of a list item: "1. The Moon"."""
    return ENUMERATOR.fullmatch(stop.text, stop.start, stop.at + 1) is not None


def kind_before(stop: Stop, rules: Abbreviations) -> Kind | None:
    """Return the kind of the abbreviation before a stop, if the word is one."""
    before, word = _words_before(stop)
    return rules.kind(word, before) or _kind_by_shape(word, before, rules)


def _words_before(stop: Stop) -> tuple[str, str]:
    """Return the last two words before a stop, without opening signs; "" for none."""
    words = stop.text[max(stop.start, stop.at - TAIL) : stop.at].split()
    if not words or stop.text[stop.at - 1].isspace():
        return "", ""
    before = words[-2].lstrip(OPENING_SIGNS) if len(words) > 1 else ""
    word = GLUED.split(words[-1])[-1].lstrip(OPENING_SIGNS)
    number = NUMBER_WITH_UNIT.fullmatch(word)
    return (number[1], number[2]) if number else (before, word)


def next_word(stop: Stop) -> str:
    """Return the word after a stop; "" for none."""
    found = NEXT_WORD.match(stop.text, stop.next)
    return found[0] if found else ""


def is_opener(stop: Stop, rules: Abbreviations) -> bool:
    """Whether the next word commonly begins a sentence, and is not an initial."""
    return next_word(stop).lower() in rules.openers and not _is_initial(stop)


def is_lower(letter: str) -> bool:
    """Whether a letter is a small one of a script with capitals."""
    return letter.islower() and not "\u10d0" <= letter <= "\u10ff"  # Georgian is written without capitals


def _is_initial(stop: Stop) -> bool:
    return stop.text[stop.next].isalpha() and stop.text[stop.next + 1 : stop.next + 2] == "."


def _is_cased(word: str) -> bool:
    return word.lower() != word.upper() or word.isdigit()


def _kind_by_shape(word: str, before: str, rules: Abbreviations) -> Kind | None:
    """Return the kind of an abbreviation that is not listed, by its letters alone."""
    bare = word if word.isascii() else "".join(letter for letter in word if unicodedata.category(letter)[0] != "M")
    if LETTERED.fullmatch(bare) or CONSONANTS.fullmatch(word):
        return Kind.NAME
    if THAI_CONSONANTS.fullmatch(word):
        return Kind.TITLE
    if len(bare) != 1 or not bare.isalpha() or is_lower(bare) or bare > HANGUL:
        return None
    is_word = word in rules.openers and not INITIAL.fullmatch(before)
    return Kind.NAME if bare.isupper() or not is_word else None


def _ends_after_number(stop: Stop, before: str, number: str, rules: Abbreviations) -> bool:
    """Whether a sentence ends after a number of few digits, or a Roman one: it may be an ordinal, or begin an item."""
    if stop.text[stop.next].isdigit():
        return len(number) > DAY_DIGITS or not (rules.ordinals or rules.before_ordinal)  # "25. 12. 2020"
    following = next_word(stop).lower()
    if before[-1:] in {":", ";"} or following in rules.after_ordinal:
        return False
    if following in rules.openers or rules.kind(before.rstrip("."), "") in {Kind.NUMBER, Kind.DIGIT}:
        return True  # "fig. 3" is no ordinal
    written = "digits" if number.isdigit() else "roman"
    return written not in rules.ordinals and before.lower() not in rules.before_ordinal


def _ends_before_word(stop: Stop, before: str, kind: Kind | None, rules: Abbreviations) -> bool:
    """Whether a sentence ends between an abbreviation and a word."""
    if kind is Kind.NAME or (kind and _is_initial(stop)):
        return is_opener(stop, rules)
    if kind is Kind.NUMBER:
        return ROMAN.fullmatch(next_word(stop)) is None
    if kind in {Kind.UNIT, Kind.END}:
        measured = _has_number(before) and next_word(stop).lower() not in rules.after_unit
        return (kind is Kind.END or measured) and not _is_phrase_of_time(stop, rules)
    return kind is not Kind.TITLE


def _has_number(word: str) -> bool:
    return any(map(str.isdigit, word)) or ROMAN.fullmatch(word) is not None


def _is_phrase_of_time(stop: Stop, rules: Abbreviations) -> bool:
    """Whether a sentence has only begun with its date: "В 1931 г. Иван Зорин построил завод."."""
    words = stop.text[stop.start : min(stop.at, stop.start + LONGEST_PHRASE)].split()
    if len(words) > PHRASE_WORDS or stop.at - stop.start > LONGEST_PHRASE or is_opener(stop, rules):
        return False
    return words[0].lower() in rules.before_date or (words[0].isdigit() and len(words) <= DATE_WORDS)
