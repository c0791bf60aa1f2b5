"""Words of a question, words of a sentence -> which of them match: as the same term, as a reading of it, or by likeness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.index.records import SAME_TERM, QueryTerm
from retrieval.text.analyzer import Token, analyzer
from retrieval.text.spelling import ALIKE_WEIGHT, has_likes, signatures

Matches = Mapping[tuple[int, int], float]
"""How much a word of a question, by its number, is a word of a sentence, by its: from 1 the same term down, not 0."""
LEAST_ALIKE = 0.7  # Dice coefficient: "Teheran" and "Tehran" have .86, "president" and "precedent" .67


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a question as it is looked for in sentences; function words are not."""

    term: QueryTerm
    readings: Mapping[int, float]  # term numbers it is read as, with weights up to 1; empty where nothing is like it

    @property
    def is_guess(self) -> bool:
        """Tell whether no article holds the word, so that it is read as words like it."""
        return bool(self.readings) and max(self.readings.values()) < 1


@dataclass(frozen=True, slots=True)
class HighlightedWord:
    """A sentence with what of a question it holds."""

    text: str
    language: str
    tokens: tuple[Token, ...]
    matches: Matches
    shares: tuple[float, ...]  # of the words of the question in its weight

    @property
    def held(self) -> frozenset[int]:
        """The numbers of its words that are words of the question."""
        return frozenset(number for _, number in self.matches)


def match(text: str, language: str, sought: Sequence[QueryWord]) -> HighlightedWord:
    """Find the words of a question in a sentence of some language."""
    tokens = tuple(analyzer(language).tokens(text))
    whole = max(sum(one.term.weight for one in sought), 1e-6)
    return HighlightedWord(
        text, language, tokens, _matches(tokens, sought), tuple(one.term.weight / whole for one in sought)
    )


def matched_spans(matched: HighlightedWord) -> tuple[tuple[int, int], ...]:
    """Give the half-open offsets of the words that match, those that touch joined."""
    spans: list[tuple[int, int]] = []
    for number in sorted(matched.held):
        token = matched.tokens[number]
        begins = spans.pop()[0] if spans and token.start <= spans[-1][1] else token.start
        spans.append((begins, token.end))
    return tuple(spans)


def _matches(tokens: Sequence[Token], sought: Sequence[QueryWord]) -> Matches:
    """Compare all words; likeness in letters counts only for one that the sentence holds in no better way."""
    places: dict[int, list[int]] = {}  # numbers of the sentence's words, by term
    for number, token in enumerate(tokens):
        places.setdefault(token.term, []).append(number)
    found = {
        (row, number): weight
        for row, one in enumerate(sought)
        for term, weight in _readings(one).items()
        for number in places.get(term, ())
    }
    held, seen = {row for row, _ in found}, {number for _, number in found}
    missing = {row: one.term.word for row, one in enumerate(sought) if row not in held}
    news = {number: token.word for number, token in enumerate(tokens) if number not in seen}
    return found | _alike(missing, news)


def _readings(sought: QueryWord) -> Mapping[int, float]:
    return {term: SAME_TERM * weight for term, weight in sought.readings.items()} | {sought.term.term: 1.0}


def _alike(asked: Mapping[int, str], news: Mapping[int, str]) -> dict[tuple[int, int], float]:
    """Weigh words that look alike, by `likeness.dice`: on plain integers, a sentence being too short for arrays."""
    found = {}
    lacking = [(row, _signature(word)) for row, word in asked.items() if has_likes(word)]
    likely = [(number, _signature(word)) for number, word in news.items() if has_likes(word)] if lacking else ()
    for row, signature in lacking:
        for number, other in likely:
            alike = 2 * (signature & other).bit_count() / (signature.bit_count() + other.bit_count())
            if alike >= LEAST_ALIKE:
                found[row, number] = ALIKE_WEIGHT * alike
    return found


@lru_cache(maxsize=10_000)
def _signature(word: str) -> int:
    low, high = signatures([word])[0].tolist()
    return int(high << 64 | low)
