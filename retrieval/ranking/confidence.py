"""Ranked candidates -> the probability that the first of them answers.

A logistic regression tells from some figures whether the store holds an answer at all; a second, of one variable, turns
its value into the probability that the first hit is right. The weights stand in `weights.json`; see
`retrieval.evaluation.training`. "Answered" is a probability above a threshold, chosen for the share of answerable questions that
may be refused by mistake.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from retrieval.index.records import Candidates, Floats, Query
from retrieval.ranking.features import Features
from retrieval.ranking.question_types import TYPES

Figures = dict[str, float]

FEW = 3  # terms or candidates
_TOP = {f"top: {name}": name for name in (
    "relative score of paragraph", "relative score of title", "share of form", "share of sentence", "share of title", "share of previous",
    "share of next", "share of paragraph", "share of article", "names in paragraph",
    "names in article", "closeness", "pairs near", "pairs", "neighbours in paragraph", "question among words", "capital news", "number news", "length",
)}  # fmt: skip
_MOST = {f"most: {name}": name for name in ("share of sentence", "share of paragraph", "share of article", "closeness")}
_ASKS = {f"asks {name}": name for name in TYPES}


def figures(query: Query, candidates: Candidates, features: Features, scores: Floats) -> Figures:
    """Give what tells whether the best of the candidates answers; `scores` are the ranker's, shape (n,), n > 0."""
    order = np.argsort(-scores, kind="stable")
    top, ranked = int(order[0]), scores[order]
    chances = np.exp(ranked - ranked[0])
    chances /= chances.sum()
    mass = max(query.total_weight, 1e-6)
    same_article = candidates.article[order] == candidates.article[top]
    content = [term for term in query.terms if not term.grammar]
    of_top = features.of(top)
    found: Figures = {figure: of_top[name] for figure, name in _TOP.items()}
    found |= zip(_MOST, np.max([features[name] for name in _MOST.values()], axis=1).tolist(), strict=True)
    found |= {f"{name} over mass": best / mass for name, best in candidates.best.items()}
    found |= {
        "score over mass": float(candidates.score[top]) / mass,
        "best score over mass": float(candidates.score[0]) / mass,
        "score": min(max(float(ranked[0]), -20.0), 20.0),
        "chance": float(chances[0]),
        "chance of article": float(chances @ same_article),
        "same article": np.count_nonzero(same_article[:5]) / len(same_article[:5]),
        "margin": float(min(ranked[0] - ranked[1], 5)) if len(ranked) > 1 else 5.0,
        "spread": float(-(chances * np.log(chances + 1e-9)).sum()),
        "size": candidates.unknown_idf,
        "terms": math.log1p(len(content)),
        "few terms": float(len(content) < FEW),
        "mass": math.log1p(mass),
        "unknown terms": sum(not term.readings for term in content) / max(len(content), 1),
        "guessed terms": sum(bool(term.readings) and term.readings[0][1] < 1 for term in content)
        / max(len(content), 1),
        "same paragraph": float(len(order) > 1 and candidates.paragraph[order[0]] == candidates.paragraph[order[1]]),
    }
    return found | {figure: float(name in query.types) for figure, name in _ASKS.items()}


class Weight(NamedTuple):
    """What a figure weighs, and the bounds outside of which it counts as the nearer one."""

    slope: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """The weights of the figures, and what follows from their sum."""

    weights: Mapping[str, Weight]
    offset: float
    slope: float  # of the second regression: value -> log odds that the first hit is right
    shift: float
    thresholds: Mapping[str, float]  # by caution: low, normal, high

    def confidence(self, found: Figures) -> float:
        """Give the probability, 0 to 1, that the first hit answers."""
        value = self.offset
        for name, (slope, low, high) in self.weights.items():
            figure = found[name]
            value += slope * (figure if low <= figure <= high else low if figure < low else high)
        return 1 / (1 + math.exp(-min(max(self.slope * value + self.shift, -30.0), 30.0)))
