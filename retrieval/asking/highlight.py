"""Words of a question, words of a sentence -> which of them match: as the same term, as a reading of it, or by spelling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.index.records import SAME_TERM, Query, QueryTerm
from retrieval.text.analyzer import Token
from retrieval.text.spelling import SIMILARITY_WEIGHT, can_be_misspelt, signatures

Matches = Mapping[tuple[int, int], float]
"""(number of a word of the question, number of a word of the sentence) -> how well they match: 1 for the same term."""
MIN_DICE = 0.7  # "Teheran" and "Tehran" have .86, "president" and "precedent" .67


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A content word of a question, as it is looked for in sentences."""

    term: QueryTerm
    readings: Mapping[int, float]  # terms it is read as, with weights up to 1; empty if no word is similar

    @property
    def is_guess(self) -> bool:
        """Whether no article has the word, so that words spelt like it are looked for instead."""
        return bool(self.readings) and max(self.readings.values()) < 1 and not self.term.foreign


def query_words(query: Query) -> list[QueryWord]:
    """Return the content words of a question."""
    return [QueryWord(term, dict(term.readings)) for term in query.terms if not term.grammar]


@dataclass(frozen=True, slots=True)
class MatchedSentence:
    """A sentence with its matches."""

    text: str
    language: str
    tokens: Sequence[Token]
    matches: Matches
    shares: tuple[float, ...]  # of each word of the question in its weight

    @property
    def matched(self) -> frozenset[int]:
        """The numbers of its words that match."""
        return frozenset(number for _, number in self.matches)


def match_words(text: str, language: str, tokens: Sequence[Token], words: Sequence[QueryWord]) -> MatchedSentence:
    """Find the words of a question in a sentence, whose tokens are given."""
    weight = max(sum(word.term.weight for word in words), 1e-6)
    shares = tuple(word.term.weight / weight for word in words)
    return MatchedSentence(text, language, tokens, _matches(tokens, words), shares)


def matched_spans(sentence: MatchedSentence) -> tuple[tuple[int, int], ...]:
    """Return the half-open offsets of the words that match; those that touch are joined."""
    spans: list[tuple[int, int]] = []
    for number in sorted(sentence.matched):
        token = sentence.tokens[number]
        begins = spans.pop()[0] if spans and token.start <= spans[-1][1] else token.start
        spans.append((begins, token.end))
    return tuple(spans)


def _matches(tokens: Sequence[Token], words: Sequence[QueryWord]) -> Matches:
    """Compare all words; spelling decides only for words that match in no better way."""
    places: dict[int, list[int]] = {}  # term -> numbers of the sentence's words
    for number, token in enumerate(tokens):
        places.setdefault(token.term, []).append(number)
    found = {
        (row, number): weight
        for row, word in enumerate(words)
        for term, weight in _readings(word).items()
        for number in places.get(term, ())
    }
    rows, numbers = {row for row, _ in found}, {number for _, number in found}
    unmatched = {row: word.term.word for row, word in enumerate(words) if row not in rows}
    others = {number: token.word for number, token in enumerate(tokens) if number not in numbers}
    return found | _similar(unmatched, others)


def _readings(word: QueryWord) -> Mapping[int, float]:
    return {term: SAME_TERM * weight for term, weight in word.readings.items()} | {word.term.term: 1.0}


def _similar(asked: Mapping[int, str], words: Mapping[int, str]) -> dict[tuple[int, int], float]:
    """Compare spellings as `spelling.dice` does, but on plain integers: a sentence is too short for arrays."""
    found = {}
    rows = _signatures(asked)
    others = _signatures(words) if rows else []
    for row, signature in rows:
        for number, other in others:
            dice = 2 * (signature & other).bit_count() / (signature.bit_count() + other.bit_count())
            if dice >= MIN_DICE:
                found[row, number] = SIMILARITY_WEIGHT * dice
    return found


def _signatures(words: Mapping[int, str]) -> list[tuple[int, int]]:
    return [(number, _signature(word)) for number, word in words.items() if can_be_misspelt(word)]


@lru_cache(maxsize=10_000)
def _signature(word: str) -> int:
    low, high = signatures([word])[0].tolist()
    return int(high << 64 | low)
