"""The k best sentences so far, and the score that the next ones must reach."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import Floats

SLACK = 1 - 1e-5  # of a threshold: bounds and scores are added up in different orders


@dataclass(frozen=True, slots=True)
class TopHits:
    """Sentences with their scores."""

    rows: NDArray[np.intp]  # (n,) over all segments
    score: Floats  # (n,) of all fields together
    fields: Mapping[str, Floats]  # (n,) by field
    best: Mapping[str, float]  # by field: the best score of any article in the store, or of the sentences found


class TopK:
    """Collects sentences from paragraphs and segments."""

    def __init__(self, k: int, weights: Mapping[str, float]) -> None:
        """Take the number of sentences wanted, and the weights of the fields that count, each above 0."""
        self.k, self.weights, self.threshold = k, weights, 0.0
        self._rows, self._score = np.empty(0, np.intp), np.empty(0, np.float32)
        self._fields = np.empty((len(weights), 0), np.float32)
        self._best = dict.fromkeys(weights, 0.0)

    def note(self, name: str, score: float) -> None:
        """Note a score in a field, whether or not it belongs to one of the best sentences."""
        self._best[name] = max(self._best[name], score)

    def add(self, rows: NDArray[np.intp], fields: Mapping[str, Floats]) -> None:
        """Add sentences with their scores by field; those that score nothing are left out."""
        values = np.array([fields[name] for name in self.weights])
        score = np.zeros(len(rows), np.float32)
        for weight, value in zip(self.weights.values(), values, strict=True):
            score += np.float32(weight) * value
        kept = ((score > 0) & (score >= self.threshold)).nonzero()[0]
        self._rows = np.concatenate([self._rows, rows[kept]])
        self._score = np.concatenate([self._score, score[kept]])
        self._fields = np.concatenate([self._fields, values.take(kept, axis=1)], axis=1)
        if len(self._score) >= self.k:
            self.threshold = float(np.partition(self._score, -self.k)[-self.k]) * SLACK

    def hits(self) -> TopHits:
        """Return the k best, the highest score first, equal scores by row."""
        order = np.lexsort((self._rows, -self._score))[: self.k]
        fields = self._fields.take(order, axis=1)
        most = zip(self._best.items(), fields.max(axis=1, initial=0).tolist(), strict=True)
        best = {name: max(noted, here) for (name, noted), here in most}
        return TopHits(self._rows[order], self._score[order], dict(zip(self.weights, fields, strict=True)), best)


def greatest(values: NDArray[np.generic], k: int) -> NDArray[np.intp]:
    """Return the places of the k greatest values above 0, or of all; a few passes are faster than one partition."""
    for share in (0.75, 0.5, 0.25, 0):
        places = (values > share * values.max(initial=0)).nonzero()[0]
        if len(places) >= k:
            return places[np.argpartition(values.take(places), -k)[-k:]]
    return places
