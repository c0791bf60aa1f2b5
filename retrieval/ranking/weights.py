"""The weights that rank a store's candidates: those trained on its own articles, or those that come with the package.

`citebot train` writes `<store>.weights.json` beside the store. A file that cannot be used must not silence a bot that
ran before an upgrade: it is ignored with a warning, and `citebot doctor` reports it.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from retrieval.index.records import Candidates, Floats, Query
from retrieval.ranking.confidence import (
    Confidence,
    ConfidenceModel,
    LogisticModel,
    Thresholds,
    Weight,
    confidence_features,
)
from retrieval.ranking.feature_names import FeatureGroup, describe
from retrieval.ranking.feature_table import Features
from retrieval.ranking.ranker import PACKAGED, Ranker
from retrieval.records import CAUTIONS

REMEDY = "run `citebot train` to make it again; until then the weights that come with citebot are used"
MAX_WEIGHT = 1e6  # far above anything that training learns

_log = logging.getLogger(__name__)


class WeightsDamaged(Exception):
    """A weights file cannot be read, or names features that do not exist here."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a question's candidates, and the models that made them."""

    scores: Floats  # (n,)
    confidence: Confidence  # in the best of them
    ranker: Ranker
    confidence_model: ConfidenceModel


@dataclass(frozen=True, slots=True)
class Weights:
    """What training learns: the ranker and the confidence model."""

    ranker: Ranker
    confidence_model: ConfidenceModel
    trained_on: tuple[str, ...]

    def score(self, query: Query, candidates: Candidates, features: Features) -> Scores:
        """Score candidates, n > 0. Raise WeightsDamaged if a weight is of an unknown feature."""
        try:
            scores = self.ranker.score(features, query.types)
            confidence = self.confidence_model.confidence(confidence_features(query, candidates, features, scores))
        except KeyError as error:
            raise WeightsDamaged(f"it has a weight for {error}, which this version of citebot does not know") from error
        return Scores(scores, confidence, self.ranker, self.confidence_model)


class StoreWeights:
    """The weights of one store; a rewritten file is used from the next question on."""

    def __init__(self, store: Path) -> None:
        """Use the weights file of the store at this path."""
        self._path = weights_file(store)
        self._stamp: tuple[int, int] | None = None
        self._weights = packaged_weights()

    def score(self, query: Query, candidates: Candidates, features: Features) -> Scores:
        """Score candidates, n > 0."""
        weights = self._current()
        try:
            return weights.score(query, candidates, features)
        except WeightsDamaged as damage:
            if weights is packaged_weights():
                raise
            self._ignore(damage)
            return packaged_weights().score(query, candidates, features)

    def confidence_model(self) -> ConfidenceModel:
        """Return the confidence model that the next question is scored with."""
        return self._current().confidence_model

    def _current(self) -> Weights:
        stamp = self._stamp_of_file()
        if stamp != self._stamp:
            self._stamp, self._weights = stamp, packaged_weights()
            try:
                self._weights = read_weights(self._path) if stamp else self._weights
            except WeightsDamaged as damage:
                self._ignore(damage)
        return self._weights

    def _stamp_of_file(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _ignore(self, damage: WeightsDamaged) -> None:
        _log.warning("%s is not used: %s; %s", self._path.name, damage, REMEDY)
        self._weights = packaged_weights()


def weights_file(store: Path) -> Path:
    """Return the path of a store's own weights file."""
    return Path(f"{store}.weights.json")


@cache
def packaged_weights() -> Weights:
    """Read the weights that come with the package."""
    return read_weights(PACKAGED)


def read_weights(path: Path) -> Weights:
    """Read a weights file. Raise WeightsDamaged if it does not have the form that training writes."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        by_type = {str(name): _numbers(weights) for name, weights in stored["by_type"].items()}
        ranker = Ranker(_numbers(stored["weights"]), by_type)
        confidence_model = _confidence_model(stored["confidence"])
        if not ranker.weights or not confidence_model.in_store.weights or not confidence_model.right.weights:
            raise ValueError("it has no weights")  # noqa: TRY301 - reported like all other damage
        return Weights(ranker, confidence_model, tuple(map(str, stored["trained_on"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise WeightsDamaged(f"it cannot be read ({type(error).__name__}: {error})") from error


def _confidence_model(stored: Mapping[str, Any]) -> ConfidenceModel:
    return ConfidenceModel(
        in_store=_logistic_model(stored["in_store"]),
        right=_logistic_model(stored["right"]),
        thresholds={caution: Thresholds(**_numbers(stored["thresholds"][caution])) for caution in CAUTIONS},
    )


def _logistic_model(stored: Mapping[str, Any]) -> LogisticModel:
    weights = {name: Weight(*map(_number, weight)) for name, weight in stored["weights"].items()}
    return LogisticModel(weights, _number(stored["offset"]))


def _numbers(weights: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): _number(weight) for name, weight in weights.items()}


def _number(value: float | str) -> float:
    if isinstance(value, bool | str) or not abs(value) < MAX_WEIGHT:  # false for NaN too
        raise ValueError(f"{value!r} is not a valid weight")
    return float(value)


def find_weights_problems(store: Path) -> list[str]:
    """Return why the weights that a store has of its own are not used; [] if they are, or if it has none."""
    path = weights_file(store)
    try:
        if path.exists():
            _check_names(read_weights(path))
    except WeightsDamaged as damage:
        return [f"{path.name} is not used: {damage}; {REMEDY}."]
    return []


def _check_names(weights: Weights) -> None:
    """Raise WeightsDamaged if there is a weight for something that this version does not compute."""
    for name in chain(weights.ranker.weights, *weights.ranker.by_type.values()):
        if describe(name)[0] is FeatureGroup.OTHER:
            raise WeightsDamaged(f"it has a weight for {name!r}, which this version of citebot does not know")
    own, known = weights.confidence_model, packaged_weights().confidence_model
    for name in (own.in_store.weights.keys() | own.right.weights.keys()) - known.in_store.weights.keys():
        raise WeightsDamaged(f"it has a weight for {name!r}, which this version of citebot does not know")
