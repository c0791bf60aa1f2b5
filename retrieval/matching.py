"""Words of a question, words of a sentence -> which of them match: as the same term, as a reading of it, or by likeness.

Shapes: T words of the question, L words of the sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.analysis import Token, analyzer
from retrieval.evidence import SAME_TERM, Floats, QueryTerm
from retrieval.likeness import ALIKE_WEIGHT, dice, has_likes, signatures

LEAST_ALIKE = 0.7  # Dice coefficient: "Teheran" and "Tehran" have .86, "president" and "precedent" .67


@dataclass(frozen=True, slots=True)
class Sought:
    """A word of a question as it is looked for in sentences; function words are not."""

    term: QueryTerm
    readings: Mapping[int, float]  # term numbers it is read as, with weights up to 1; empty where nothing is like it

    @property
    def is_guess(self) -> bool:
        """Tell whether no article holds the word, so that it is read as words like it."""
        return bool(self.readings) and max(self.readings.values()) < 1


@dataclass(frozen=True, slots=True)
class Matched:
    """A sentence with what of a question it holds."""

    text: str
    language: str
    tokens: tuple[Token, ...]
    matches: Floats  # (T, L), from 1 the same term to 0: how much each of its words is each word of the question
    shares: Floats  # (T,) of the words of the question in its weight

    @property
    def held(self) -> NDArray[np.bool_]:
        """Where the sentence has a word of the question: (L,)."""
        return np.asarray((self.matches > 0).any(axis=0))


def match(text: str, language: str, sought: Sequence[Sought]) -> Matched:
    """Find the words of a question in a sentence of some language."""
    tokens = tuple(analyzer(language).tokens(text))
    weights = np.array([one.term.weight for one in sought], np.float32)
    return Matched(text, language, tokens, _matches(tokens, sought), weights / max(float(weights.sum()), 1e-6))


def matched_spans(matched: Matched) -> tuple[tuple[int, int], ...]:
    """Give the half-open offsets of the words that match, those that touch joined."""
    spans: list[tuple[int, int]] = []
    for number in np.flatnonzero(matched.held):
        token = matched.tokens[number]
        begins = spans.pop()[0] if spans and token.start <= spans[-1][1] else token.start
        spans.append((begins, token.end))
    return tuple(spans)


def _matches(tokens: Sequence[Token], sought: Sequence[Sought]) -> Floats:
    """Compare all words; likeness in letters counts only for one that the sentence holds in no better way."""
    found = np.zeros((len(sought), len(tokens)), np.float32)
    for row, one in enumerate(sought):
        readings = {term: SAME_TERM * weight for term, weight in one.readings.items()} | {one.term.term: 1.0}
        found[row] = [readings.get(token.term, 0.0) for token in tokens]
    missing = [row for row in np.flatnonzero(~found.any(axis=1)).tolist() if has_likes(sought[row].term.word)]
    news = [column for column in np.flatnonzero(~found.any(axis=0)).tolist() if has_likes(tokens[column].word)]
    if missing and news:
        asked = signatures([sought[row].term.word for row in missing])
        alike = dice(asked[:, None, :], signatures([tokens[column].word for column in news]))
        found[np.ix_(missing, news)] = np.where(alike >= LEAST_ALIKE, ALIKE_WEIGHT * alike, 0)
    return found
