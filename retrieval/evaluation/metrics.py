"""Outcomes -> figures with intervals: for all questions, by language and by what they ask for.

An interval holds the middle 95 % of what the figure comes to when the same number of questions is drawn anew, with
replacement, from those there are (percentile bootstrap, Efron 1979). The draws are the same each time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.outcomes import Outcome, ask_all
from retrieval.evaluation.questions import RANKS, Question
from retrieval.records import Answer

DRAWS = 1000
BINS = 10
SEED = 0
INTERVAL = (0.025, 0.975)
_MOST_DRAWN = 2_000_000  # numbers held in memory at once

Values = NDArray[np.float64]
Intervals = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over a set of questions, each from 0 to 1; None where no question of the set bears on it."""

    n: int  # questions that have gold
    n_without: int  # questions that have none
    mrr: float | None  # mean of 1 / rank of the first right hit, 0 beyond the tenth
    p1: float | None  # share whose first hit is right
    r5: float | None  # share with a right hit among five
    r10: float | None
    refused_answerable: float | None  # share refused of the questions with gold
    refused_unanswerable: float | None  # share refused of those without
    auroc: float | None  # chance that a question with gold has more confidence than one without
    calibration_error: float | None  # mean distance of confidence and the share of right first hits, see below
    intervals: Intervals = field(default_factory=dict)  # 95 %, of each figure above that has a value but the last


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of all questions, and of their groups; a question may be of several types."""

    overall: Evaluation
    by_language: Mapping[str, Evaluation]
    by_type: Mapping[str, Evaluation]


def evaluate(ask: Callable[[str], Answer], questions: Iterable[Question]) -> Evaluation:
    """Ask every question and sum up the answers."""
    return summarize(list(ask_all(ask, questions)))


def report(outcomes: Sequence[Outcome]) -> Report:
    """Sum up outcomes as a whole and in groups, the largest first."""
    languages, types = [{one.language} for one in outcomes], [one.types for one in outcomes]
    return Report(summarize(outcomes), _grouped(outcomes, languages), _grouped(outcomes, types))


def _grouped(outcomes: Sequence[Outcome], groups: Sequence[Iterable[str]]) -> dict[str, Evaluation]:
    members: dict[str, list[Outcome]] = {}
    for outcome, names in zip(outcomes, groups, strict=True):
        for name in names:
            members.setdefault(name, []).append(outcome)
    return {name: summarize(some) for name, some in sorted(members.items(), key=lambda one: (-len(one[1]), one[0]))}


def summarize(outcomes: Sequence[Outcome]) -> Evaluation:
    """Sum up outcomes."""
    with_gold = [one for one in outcomes if one.question.gold]
    without = [one for one in outcomes if not one.question.gold]
    means = _gains(with_gold) | {"refused_unanswerable": np.array([not one.answered for one in without], np.float64)}
    sure, unsure = (np.array([one.confidence for one in some]) for some in (with_gold, without))
    intervals = {name: _interval_of_mean(values) for name, values in means.items() if len(values)}
    if len(sure) and len(unsure):
        intervals["auroc"] = _interval_of_auroc(sure, unsure)
    return Evaluation(
        n=len(with_gold),
        n_without=len(without),
        **{name: float(values.mean()) if len(values) else None for name, values in means.items()},
        auroc=area_under_roc(sure, unsure),
        calibration_error=calibration_error([one.confidence for one in outcomes], [one.rank == 1 for one in outcomes]),
        intervals=intervals,
    )


def _gains(with_gold: Sequence[Outcome]) -> dict[str, Values]:
    """Give what each question adds to the figures that are means, shape (n,) each."""
    ranks = np.array([one.rank for one in with_gold], np.float64)
    within = {"p1": 1, "r5": 5, "r10": RANKS}
    return {
        "mrr": 1 / ranks,
        **{name: (ranks <= rank).astype(np.float64) for name, rank in within.items()},
        "refused_answerable": np.array([not one.answered for one in with_gold], np.float64),
    }


def _draws(size: int) -> Iterable[NDArray[np.intp]]:
    """Draw DRAWS times as many questions as there are, with replacement: (draws, size) in pieces."""
    generator = np.random.default_rng(SEED)
    piece = max(1, min(DRAWS, _MOST_DRAWN // size))
    for begun in range(0, DRAWS, piece):
        yield generator.integers(0, size, (min(piece, DRAWS - begun), size))


def _interval_of_mean(values: Values) -> tuple[float, float]:
    return interval(np.concatenate([values[drawn].mean(axis=1) for drawn in _draws(len(values))]))


def _interval_of_auroc(positive: Values, negative: Values) -> tuple[float, float]:
    """Give the interval; questions with and without gold are drawn apart, so that there is always some of each."""
    drawn = zip(
        (row for piece in _draws(len(positive)) for row in piece),
        (row for piece in _draws(len(negative)) for row in piece),
        strict=True,
    )
    return interval([area_under_roc(positive[one], negative[other]) or 0.0 for one, other in drawn])


def interval(drawn: Values | Sequence[float]) -> tuple[float, float]:
    """Give the bounds that hold the middle 95 % of what was drawn."""
    low, high = np.quantile(drawn, INTERVAL)
    return float(low), float(high)


def area_under_roc(positive: Sequence[float] | Values, negative: Sequence[float] | Values) -> float | None:
    """Give the chance that a positive exceeds a negative, ties counted half (Mann and Whitney 1947)."""
    if not len(positive) or not len(negative):
        return None
    ordered = np.sort(negative)
    below = ordered.searchsorted(positive, "left") + ordered.searchsorted(positive, "right")
    return float(below.mean() / 2 / len(ordered))


def calibration_error(sure: Sequence[float], right: Sequence[bool]) -> float | None:
    """Give the mean distance between the confidence and the share of right first hits, over bins of equal size.

    It is given without an interval: chance moves the bins of a redrawn set apart, so that a bootstrap exceeds it.
    """
    if not sure:
        return None
    return float(
        sum(len(one.sure) * abs(one.sure.mean() - one.right.mean()) for one in confidence_bins(sure, right)) / len(sure)
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of about the same confidence."""

    sure: Values
    right: Values  # 1 where the first hit is right


def confidence_bins(sure: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Part questions into at most BINS bins of equal size, by confidence."""
    confidence, truth = np.array(sure, np.float64), np.array(right, np.float64)
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(confidence)))
    return [Bin(confidence[part], truth[part]) for part in parts]
