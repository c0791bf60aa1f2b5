"""A store -> the weights its questions are ranked and judged with: those learned on its own articles, or the packaged.

`citebot train` writes `<store>.weights.json` beside the store. A file that cannot be used must not silence a bot that
ran before an upgrade: it is left aside with a warning, and the doctor names it.
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
from retrieval.ranking.confidence import ConfidenceModel, Weight, figures
from retrieval.ranking.feature_names import FeatureGroup, in_words
from retrieval.ranking.features import Features
from retrieval.ranking.ranker import PACKAGED, Ranker
from retrieval.records import CAUTIONS

REMEDY = "`citebot train` makes it anew; without the file the weights that come with citebot are used"

ABSURD = 1e6  # no weight that training learns comes near it

_log = logging.getLogger(__name__)


class WeightsDamaged(Exception):
    """A file of weights cannot be read, or is of other features than these."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What weights say about a question's candidates."""

    scores: Floats  # (n,)
    confidence: float  # that the best of them answers, 0 to 1
    ranker: Ranker
    judge: ConfidenceModel


@dataclass(frozen=True, slots=True)
class Weights:
    """What is learned: how candidates are ranked, and how sure the first of them is."""

    ranker: Ranker
    judge: ConfidenceModel
    trained_on: tuple[str, ...]

    def verdict(self, query: Query, candidates: Candidates, features: Features) -> Scores:
        """Score candidates, n > 0; raises WeightsDamaged where the weights are of other features."""
        try:
            scores = self.ranker.score(features, query.types)
            sure = self.judge.confidence(figures(query, candidates, features, scores))
        except KeyError as error:
            raise WeightsDamaged(f"it weighs {error}, which is not known here") from error
        return Scores(scores, sure, self.ranker, self.judge)


def weights_file(store: Path) -> Path:
    """Name the file of a store's own weights."""
    return Path(f"{store}.weights.json")


def read_weights(path: Path) -> Weights:
    """Read a file of weights; raises WeightsDamaged where it is not in the form that training writes."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        sure = stored["confidence"]
        thresholds = _numbers(sure["thresholds"])
        judge = ConfidenceModel(
            weights={name: Weight(*map(_number, weight)) for name, weight in sure["weights"].items()},
            offset=_number(sure["offset"]),
            slope=_number(sure["slope"]),
            shift=_number(sure["shift"]),
            thresholds={caution: thresholds[caution] for caution in CAUTIONS},
        )
        by_type = {str(name): _numbers(weights) for name, weights in stored["by_type"].items()}
        ranker = Ranker(_numbers(stored["weights"]), by_type)
        if not ranker.weights or not judge.weights:
            raise ValueError("it weighs nothing")  # noqa: TRY301 - told as all other damage
        return Weights(ranker, judge, tuple(map(str, stored["trained_on"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise WeightsDamaged(f"it cannot be read ({type(error).__name__}: {error})") from error


def _numbers(weights: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): _number(weight) for name, weight in weights.items()}


def _number(value: float | str) -> float:
    if isinstance(value, bool | str) or not abs(value) < ABSURD:  # false for NaN too
        raise ValueError(f"{value!r} is no number")
    return float(value)


@cache
def packaged_weights() -> Weights:
    """Read the weights that come with the package."""
    return read_weights(PACKAGED)


class StoreWeights:
    """The weights of one store; a file that is written anew is used from the next question on."""

    def __init__(self, store: Path) -> None:
        """Take the path of the store."""
        self._path = weights_file(store)
        self._stamp: tuple[int, int] | None = None
        self._weights = packaged_weights()

    def verdict(self, query: Query, candidates: Candidates, features: Features) -> Scores:
        """Score candidates, n > 0."""
        weights = self._current()
        try:
            return weights.verdict(query, candidates, features)
        except WeightsDamaged as damage:
            if weights is packaged_weights():
                raise
            self._leave_aside(damage)
            return packaged_weights().verdict(query, candidates, features)

    def judge(self) -> ConfidenceModel:
        """Give the judge that the next verdict would be from."""
        return self._current().judge

    def _current(self) -> Weights:
        stamp = self._stamp_of_file()
        if stamp != self._stamp:
            self._stamp, self._weights = stamp, packaged_weights()
            try:
                self._weights = read_weights(self._path) if stamp else self._weights
            except WeightsDamaged as damage:
                self._leave_aside(damage)
        return self._weights

    def _stamp_of_file(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _leave_aside(self, damage: WeightsDamaged) -> None:
        _log.warning("%s is not used: %s; %s", self._path.name, damage, REMEDY)
        self._weights = packaged_weights()


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
        if in_words(name)[0] is FeatureGroup.OTHER:
            raise WeightsDamaged(f"it weighs {name!r}, which is not known here")
    for name in weights.judge.weights.keys() - packaged_weights().judge.weights.keys():
        raise WeightsDamaged(f"it weighs {name!r}, which is not known here")
