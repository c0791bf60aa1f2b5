"""Words that no article holds -> what they were read as, where that made the answer.

Only a slip or another spelling is told. A word is often unknown because the articles hold other forms of it
alone, which nobody needs to be told; and one that is merely like some other word is no slip.
"""

from collections.abc import Iterable, Sequence

from retrieval.asking.answer import Ranked
from retrieval.asking.highlight import QueryWord
from retrieval.records import Correction
from retrieval.text.analyzer import Token, analyzer

LEAST_LIKENESS = 0.79  # share of the letters that are the same: one slip in five
LEAST_LIKENESS_OF_NAME = 0.7  # with another ending: Haniya and Haniyeh have .71
LONGEST_ENDING, LONGEST_PREFIX = 3, 2  # letters in which forms of a word differ
_STEM = 4  # letters that two forms share at least

_FIXED_NAMES = frozenset(["en", "es", "fr", "it", "pt", "nl", "ro", "vi"])  # names in them take no endings
_WITH_PREFIXES = frozenset(["ar", "he", "fa"])  # "and", "the", "to" are written as one with the next word


def find_corrections(
    question: str, tokens: Sequence[Token], sought: Iterable[QueryWord], first: Ranked
) -> tuple[Correction, ...]:
    """Give the corrections to which the first hit is owed, in the order of the question, whose tokens are `tokens`.

    The hit, its lead or its title must hold the word that was read.
    """
    guesses = [one for one in sought if one.is_guess]
    if not guesses:
        return ()
    lead = first.lead.text if first.lead else ""
    shown = f"{first.place.sentence.text} {lead} {first.place.article.title}"
    language = first.place.article.language
    held = list(analyzer(language).tokens(shown))
    return tuple(
        Correction(question[typed.start : typed.end], shown[read.start : read.end])
        for one in guesses
        for typed in [token for token in tokens if token.term == one.term.term][:1]
        for read in _nearest(typed.word, [token for token in held if token.term in one.readings])
        if _is_slip(typed.word, read.word, language, capital=shown[read.start].isupper())
    )


def _nearest(typed: str, read: Sequence[Token]) -> Sequence[Token]:
    """Give the word most like the typed one, the first of equals; none where there is none."""
    return sorted(read, key=lambda token: -_likeness(typed, token.word))[:1]


def _is_slip(typed: str, read: str, language: str, *, capital: bool) -> bool:
    """Tell a slip or another spelling from another form of a word, and from another word."""
    by_ending = _shared(typed, read) >= _STEM and _differ(typed, read) <= LONGEST_ENDING
    is_name = capital and language in _FIXED_NAMES
    if by_ending and not is_name and language != "en":  # whose stemmer takes off nearly all endings there are
        return False
    if language in _WITH_PREFIXES and _differ(typed[::-1], read[::-1]) <= LONGEST_PREFIX:
        return False
    return (LEAST_LIKENESS_OF_NAME if by_ending and is_name else LEAST_LIKENESS) <= _likeness(typed, read) < 1


def _likeness(one: str, other: str) -> float:
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - only where a word is unknown

    return DamerauLevenshtein.normalized_similarity(one, other)


def _shared(one: str, other: str) -> int:
    """Count the letters that two words begin with alike."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), min(len(one), len(other))
    )


def _differ(one: str, other: str) -> int:
    """Count the letters after those, in the longer word."""
    return max(len(one), len(other)) - _shared(one, other)
