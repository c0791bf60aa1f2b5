"""A paragraph -> the offsets at which its sentences end.

Each stop is looked at once, with the words before and after it, so that the time is linear in any text.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from retrieval.text.abbreviations import Abbreviations, Kind, abbreviations
from retrieval.text.full_stops import (
    Stop,
    is_enumerator,
    is_full_stop,
    is_lower,
    is_opener,
    kind_before,
    next_word,
)

ALWAYS = "。！？｡।॥۔؟։።፧။។៕"  # they end a sentence whatever follows
LANGUAGE_STOPS = {"el": ".;\u037e", "hy": ":"}  # a question mark in Greek; in Armenian, a full stop, which "." is not
TAIL = 80  # characters on either side of a stop in which an address is recognised
LONG_WORD = 8  # letters: more than any part of an abbreviation has
LONGEST_CONSONANTS = 4  # letters of what may be an abbreviation because it has no vowel
YEAR_DIGITS = 4

# Footnote numbers, closing quotation marks and brackets, the end of Markdown emphasis, smileys.
CLOSING = (
    r"(?:(?!\s\w)(?:[\"'”’»›)\]」』）】》*_`]|\s?\[\d{1,3}\]|\[[^\[\]\n]{1,25}\]"
    r"|[“«](?=\s|$)|[ \u00a0\u202f]»(?=[\s.,;:!?]|$)|\s[:;]-?[()DP](?=\s|$)"
    r"|\s?[\U0001F600-\U0001F64F\U0001F910-\U0001F97A\U0001F389\U0001F44D\U0001F44F\u2764\ufe0f])+)?"
)
CLOSED = frozenset(")]}\"'”’»")
CLOSING_QUOTES = frozenset('"”“»」』）')
OPENING_QUOTE = re.compile('["“„«「『]')
OPENING = re.compile(r"(?:[\s\"'“”„‟‘’‚«»‹›「」『』(\[（{*_`—–―>¿¡•-]|,,)*")
GOES_ON = frozenset(",;:&%=+/،؛，、；：·")  # no sentence begins with one of these
ELLIPSIS = re.compile(r"(?:…|\.[.…]|\. \. \.)[.… ]*+(?![?!])")
BRAND = re.compile(r"[a-z][A-Z]")  # iPhone
LIST_ITEM = re.compile(r"\s+(?:[(\[]\d{1,3}[)\]]|\d{1,2}[.)]|[a-z]\))\s+[^\W\d_a-zß-ÿ]")
CONTINUES_QUOTATION = re.compile(  # particles, but no words that begin with them; the first is Burmese
    r"\s?ဟု|と(?!ころ|に|も)|って|は(?!い)|が(?!っ)|を|に|の|も(?!し|う)|で(?!も|は)|など|なんて|や(?!が|は)|へ|から|まで"
    r"|だ(?!が|から)"
)
CONTINUES_EXCLAMATION = re.compile(r"と(?!ころ|に|も)|って")
OPENED = re.compile(r"[\s\"'“„‘«‹(\[*_—–-]{0,5}([^\W\d_])")
LONG_ENOUGH = re.compile(r"[^\W\d_]{3}")
ADDRESS = re.compile(r"://|www\.|@|\w/\w")
LETTERED_STOP = re.compile(r"(?:[^\W\d_]{2}|[\d%)\]])[.!?…]+$")


def sentence_ends(text: str, language: str) -> Iterator[int]:
    """Yield where sentences end, ascending, after the quotation marks and notes that follow their stops."""
    rules, start = abbreviations(language), 0
    for found in _stops(language).finditer(text):
        at, end = found.span()
        if (
            found.lastindex
            or _follows_plain_word(text, at, end, rules)
            or (end < len(text) and _is_end(Stop(text, start, at, end, _after_opening(text, end)), rules))
        ):
            yield end
            start = end


@cache
def _stops(language: str) -> re.Pattern[str]:
    """Return a pattern of stops with their closing marks; its group takes part if a long word is before, a capital after."""
    signs = LANGUAGE_STOPS.get(language, ".") + "!?…" + ALWAYS
    plain = rf"(?<=[^\W\d_]{{{LONG_WORD}}}[.!?])(?= [A-ZÀ-ÞА-Я])()"  # a third of all ends
    spaced = r"(?:(?:[ \u00a0]\.){2,}|(?:[ \u00a0\u202f][!?]+)+)?"  # ". . ." and " ? !"
    all_of_it = rf"[{signs}]*{spaced}(?:ល។|(?<=॥)\s?\d+\s?॥)?{CLOSING}(?:[{signs}]+{CLOSING})?"
    within = rf"(?:(?<=[{ALWAYS}])|(?![0-9a-z,]))"  # not: 3.5, example.com
    return re.compile(rf"[{signs}]{within}(?:{plain}|{all_of_it})")


def _follows_plain_word(text: str, at: int, end: int, rules: Abbreviations) -> bool:
    """Whether a word that belongs to no abbreviation, or a year, is before a stop, and a capital after it."""
    if text[end : end + 1] != " " or not text[end + 1 : end + 2].isupper():
        return False
    word = text[max(at - LONG_WORD, 0) : at].rpartition(" ")[2]
    if word.isalpha():
        return (
            len(word) > LONGEST_CONSONANTS or (len(word) > 1 and word.islower())
        ) and word.lower() not in rules.words
    return len(word) == YEAR_DIGITS and word.isdigit()


def _after_opening(text: str, end: int) -> int:
    found = OPENING.match(text, end)
    return found.end() if found else end


def _is_end(stop: Stop, rules: Abbreviations) -> bool:
    """Whether a sentence ends with a stop, by its sign and what follows it."""
    text, at, end, following = stop.text, stop.at, stop.end, stop.next
    if following == len(text) or text[following] in GOES_ON or _continues_quotation(stop):
        return False
    if text[at] in ALWAYS:
        return True
    if not text[end].isspace():
        return _is_unspaced_end(stop, rules)
    if LIST_ITEM.match(text, end) and not (rules.ordinals and text[at - 1].isdigit()):
        return text[at] != "." or (kind_before(stop, rules) in {None, Kind.END} and not is_enumerator(stop))
    if is_lower(text[following]):
        return _ends_before_small_letter(stop, rules)
    return not (text[following].isdigit() and text[following - 1] == "(") and _is_final(stop, rules)


def _continues_quotation(stop: Stop) -> bool:
    """Whether a sentence runs on after what it quotes, in a script without capitals: 「…。」と言った, «…؟» سأل."""
    text, end = stop.text, stop.end
    if text[end - 1] in "！？":
        return CONTINUES_EXCLAMATION.match(text, end) is not None
    if text[end - 1] not in CLOSING_QUOTES:
        return False
    if CONTINUES_QUOTATION.match(text, end):
        return True
    asked, first = text[end - 2] in "?!؟？！", text[stop.next]
    return asked and first.isalpha() and not first.isupper() and not OPENING_QUOTE.search(text, end, stop.next)


def _is_unspaced_end(stop: Stop, rules: Abbreviations) -> bool:
    """Whether a stop without a space after it ends a sentence ("ended.The"), and is not part of a name or an address."""
    before = stop.text[max(stop.start, stop.at - TAIL) : stop.end]
    after = stop.text[stop.end : stop.end + TAIL]
    if stop.next > stop.end or not LETTERED_STOP.search(before) or before[-1] == "…":
        return False
    if unicodedata.category(after[0]) == "Lo":
        return after[0] not in "ªº" and after[1:2] != "." and (before[-1] != "." or kind_before(stop, rules) is None)
    if not after[0].isupper() or not after[1:2].islower() or ADDRESS.search(before.split()[-1] + after.split()[0]):
        return False
    return before[-1] != "." or is_opener(stop, rules) or rules.kind(next_word(stop), "") is Kind.TITLE


def _ends_before_small_letter(stop: Stop, rules: Abbreviations) -> bool:
    """Whether a sentence ends before a small letter: if it began with one too, as in a chat, or if "iPhone" follows."""
    text, end = stop.text, stop.end
    if BRAND.match(text, stop.next):
        return _is_final(stop, rules)
    if end - stop.at > 1 or not LONG_ENOUGH.match(text, max(stop.at - 3, stop.start)):
        return False
    first = OPENED.match(text, stop.start)
    return first is not None and is_lower(first[1]) and kind_before(stop, rules) is None


def _is_final(stop: Stop, rules: Abbreviations) -> bool:
    """Whether a stop ends a sentence if another may begin after it."""
    text, at = stop.text, stop.at
    if ELLIPSIS.match(text, at):  # without capitals, nothing tells whether a sentence goes on
        return text[at - 1 : at] not in {"[", "("} and text[stop.next].upper() != text[stop.next].lower()
    return text[at] != "." or text[at + 1] in "!?" or text[at - 1] in CLOSED or is_full_stop(stop, rules)
