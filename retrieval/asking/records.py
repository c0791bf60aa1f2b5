"""What the stages of a question pass on: the candidates with their features, and their ranking."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import Candidates, Query
from retrieval.index.searcher import Searcher
from retrieval.ranking.feature_table import Features
from retrieval.ranking.weights import Scores

TRANSLATED = 0.7  # log odds; the regressions take a translation for a guess, as at a misspelt word


@dataclass(frozen=True, slots=True)
class RankingInput:
    """A question with all that its ranking is made from."""

    query: Query
    candidates: Candidates
    features: Features
    searcher: Searcher


@dataclass(frozen=True, slots=True)
class Ranking:
    """A question with its candidates ranked."""

    input: RankingInput
    scores: Scores
    best: NDArray[np.intp]  # numbers of the candidates that become the hits, best first
    newest: bool  # whether the newest of those that are about as good were to come first


def with_translations(scores: Scores, query: Query, languages: Collection[str]) -> Scores:
    """Return scores that give more credit to words of other languages, if no article is in that of the question.

    On questions about articles in another language, of thirteen whole subjects half of which were left out, this made
    no more than 5 % of those left out seem to be in the articles.
    """
    if query.language in languages or not any(term.foreign for term in query.terms):
        return scores
    found = scores.confidence
    in_store = found.in_store / (found.in_store + (1 - found.in_store) * math.exp(-TRANSLATED))
    return replace(scores, confidence=found._replace(in_store=in_store))


def with_lag(scores: Scores, lag: float) -> Scores:
    """Return scores whose first hit is so many points behind the one that confidence is in: it is less likely right."""
    found = scores.confidence
    return replace(scores, confidence=found._replace(right=found.right * math.exp(-max(lag, 0.0))))
