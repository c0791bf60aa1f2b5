"""Features -> a score: a linear model, its weights a small readable JSON file.

    score = sum over features of (weight + sum over the question's types of weight by type) * feature

The weights are those of a conditional logit (McFadden 1974): the chance that a candidate answers is the softmax of the
scores over the question's candidates. They are learned by `retrieval.training`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.evidence import Floats
from retrieval.ranking.features import Features

PACKAGED = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Ranker:
    """The weights of the features."""

    weights: Mapping[str, float]
    by_type: Mapping[str, Mapping[str, float]]  # question type -> feature -> what is added to its weight

    def effective(self, types: Collection[str]) -> dict[str, float]:
        """Give each feature's weight for a question of some types."""
        found = dict(self.weights)
        for name in types:
            for feature, weight in self.by_type.get(name, {}).items():
                found[feature] = found.get(feature, 0.0) + weight
        return found

    def score(self, features: Features, types: Collection[str]) -> Floats:
        """Score candidates: shape (n,)."""
        weights = self.effective(types)
        return _vector(weights.values()) @ np.stack([features[name] for name in weights])

    def contributions(self, features: Features, types: Collection[str], candidate: int) -> dict[str, float]:
        """Give what each feature adds to a candidate's score; their sum is the score."""
        return {name: weight * float(features[name][candidate]) for name, weight in self.effective(types).items()}


def _vector(values: Iterable[float]) -> Floats:
    return np.fromiter(values, np.float32)
