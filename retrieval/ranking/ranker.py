"""Features -> a score: a linear model whose weights are a small readable JSON file.

    score = sum over features of (weight + sum over the question's types of weight by type) * feature

The weights are those of a conditional logit (McFadden 1974): the probability that a candidate answers is the softmax of
the scores over the question's candidates. `retrieval.evaluation.training` learns them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retrieval.index.records import Floats
from retrieval.ranking.feature_table import Features

PACKAGED = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Ranker:
    """The weights of the features."""

    weights: Mapping[str, float]
    by_type: Mapping[str, Mapping[str, float]]  # question type -> feature -> what is added to its weight
    _vectors: dict[tuple[frozenset[str], tuple[str, ...]], Floats] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # cache: question types, names of the features -> their weights

    def score(self, features: Features, types: Collection[str]) -> Floats:
        """Return the scores of candidates: shape (n,)."""
        return self._vector(frozenset(types), features.names) @ features.table

    def _vector(self, types: frozenset[str], names: tuple[str, ...]) -> Floats:
        """Return the weights of features in their order, 0 for a feature without a weight: shape (f,)."""
        found = self._vectors.get((types, names))
        if found is None:
            weights = dict.fromkeys(names, 0.0)
            for name, weight in self.effective(types).items():
                weights[name] += weight
            found = self._vectors[types, names] = np.fromiter(weights.values(), np.float32)
        return found

    def effective(self, types: Collection[str]) -> dict[str, float]:
        """Return the weight of each feature for a question of these types."""
        found = dict(self.weights)
        for name in types:
            for feature, weight in self.by_type.get(name, {}).items():
                found[feature] = found.get(feature, 0.0) + weight
        return found

    def contributions(self, features: Features, types: Collection[str], candidate: int) -> dict[str, float]:
        """Return what each feature adds to a candidate's score; they add up to the score."""
        return {name: weight * float(features[name][candidate]) for name, weight in self.effective(types).items()}
