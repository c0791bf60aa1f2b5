"""What the stages of a question pass on: the candidates with their features, and their ranking."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import Candidates, Query
from retrieval.index.searcher import Searcher
from retrieval.ranking.feature_table import Features
from retrieval.ranking.weights import Scores


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


def with_lag(scores: Scores, lag: float) -> Scores:
    """Return scores whose first hit is so many points behind the one that confidence is in: it is less likely right."""
    found = scores.confidence
    return replace(scores, confidence=found._replace(right=found.right * math.exp(-max(lag, 0.0))))
