"""Compute metrics with confidence intervals: over all questions and by group.

Intervals are 95 % percentile bootstrap (Efron 1979): the metric is recomputed on as many questions, drawn with
replacement, and the interval holds the middle 95 % of the results. The random seed is fixed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.outcomes import Outcome, ask_all
from retrieval.evaluation.question_sets import RANKS, Question
from retrieval.records import Answer

DRAWS = 1000
BINS = 10
SEED = 0
INTERVAL = (0.025, 0.975)
_MAX_DRAWN = 2_000_000  # indices in memory at once

Values = NDArray[np.float64]
Intervals = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Metrics over a set of questions, each from 0 to 1; None if no question of the set counts for it."""

    n: int  # questions with gold
    n_without: int  # questions without
    mrr: float | None  # mean of 1 / rank of the first correct hit, 0 beyond the tenth
    p1: float | None  # share whose first hit is correct
    r5: float | None  # share with a correct hit among the first five
    r10: float | None
    refused_answerable: float | None  # share of the questions with gold that were not answered
    refused_unanswerable: float | None  # share of those without that were refused, see `Outcome.refused`
    shown: float | None  # share of the questions with gold whose reader sees the answer, first or not
    sure: float | None  # share of the questions with gold that are answered for certain
    precision_sure: float | None  # share of all certain answers whose first hit is correct
    auroc: float | None  # probability that a question with gold has a higher `p_in_store` than one without
    calibration_error: float | None  # mean distance between confidence and the share of correct first hits
    intervals: Intervals = field(default_factory=dict)  # 95 %, of each metric above but the last, unless it is None


@dataclass(frozen=True, slots=True)
class Report:
    """The metrics of all questions and of groups; a question may belong to several types."""

    overall: Evaluation
    by_collection: Mapping[str, Evaluation]
    by_kind: Mapping[str, Evaluation]
    by_language: Mapping[str, Evaluation]
    by_type: Mapping[str, Evaluation]


def evaluate(ask: Callable[[str], Answer], questions: Iterable[Question]) -> Evaluation:
    """Ask all questions and summarize the answers."""
    return summarize(list(ask_all(ask, questions)))


def report(outcomes: Sequence[Outcome]) -> Report:
    """Summarize all outcomes, and those of each group, the largest first."""
    groups: dict[str, list[Iterable[str]]] = {
        "by_collection": [filter(None, [one.question.collection]) for one in outcomes],
        "by_kind": [filter(None, [one.question.kind]) for one in outcomes],
        "by_language": [{one.language} for one in outcomes],
        "by_type": [one.types for one in outcomes],
    }
    return Report(summarize(outcomes), **{name: _grouped(outcomes, names) for name, names in groups.items()})


def _grouped(outcomes: Sequence[Outcome], groups: Sequence[Iterable[str]]) -> dict[str, Evaluation]:
    members: dict[str, list[Outcome]] = {}
    for outcome, names in zip(outcomes, groups, strict=True):
        for name in names:
            members.setdefault(name, []).append(outcome)
    return {name: summarize(some) for name, some in sorted(members.items(), key=lambda one: (-len(one[1]), one[0]))}


def summarize(outcomes: Sequence[Outcome]) -> Evaluation:
    """Compute the metrics of some outcomes."""
    with_gold = [one for one in outcomes if one.question.gold]
    without = [one for one in outcomes if not one.question.gold]
    certain = [one for one in outcomes if one.certainty == "sure"]
    means = _gains(with_gold) | {
        "refused_unanswerable": np.array([one.refused for one in without], np.float64),
        "precision_sure": np.array([one.rank == 1 for one in certain], np.float64),
    }
    sure, unsure = (np.array([one.p_in_store for one in some]) for some in (with_gold, without))
    intervals = {
        name: interval_of_mean(values, np.random.default_rng(SEED)) for name, values in means.items() if len(values)
    }
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
    """Return what each question adds to the metrics that are means, shape (n,) each."""
    ranks = np.array([one.rank for one in with_gold], np.float64)
    within = {"p1": 1, "r5": 5, "r10": RANKS}
    return {
        "mrr": 1 / ranks,
        **{name: (ranks <= rank).astype(np.float64) for name, rank in within.items()},
        "refused_answerable": np.array([not one.answered for one in with_gold], np.float64),
        "shown": np.array([one.shown for one in with_gold], np.float64),
        "sure": np.array([one.certainty == "sure" for one in with_gold], np.float64),
    }


def draws(size: int, generator: np.random.Generator, number: int = DRAWS) -> Iterator[NDArray[np.int64]]:
    """Yield a number of bootstrap samples of `size` questions, as arrays of shape (samples, size)."""
    batch = max(1, min(number, _MAX_DRAWN // size))
    for done in range(0, number, batch):
        yield generator.integers(0, size, (min(batch, number - done), size))


def interval_of_mean(values: Values, generator: np.random.Generator, number: int = DRAWS) -> tuple[float, float]:
    """Return the bounds of the mean."""
    samples = draws(len(values), generator, number)
    return interval(np.concatenate([values[sample].mean(axis=1) for sample in samples]))


def _interval_of_auroc(positive: Values, negative: Values) -> tuple[float, float]:
    """Questions with and without gold are drawn separately, so that every sample has both."""
    drawn = zip(
        (sample for batch in draws(len(positive), np.random.default_rng(SEED)) for sample in batch),
        (sample for batch in draws(len(negative), np.random.default_rng(SEED)) for sample in batch),
        strict=True,
    )
    return interval([area_under_roc(positive[one], negative[other]) or 0.0 for one, other in drawn])


def interval(drawn: Values | Sequence[float]) -> tuple[float, float]:
    """Return the bounds of the middle 95 % of the values."""
    low, high = np.quantile(drawn, INTERVAL)
    return float(low), float(high)


def area_under_roc(positive: Sequence[float] | Values, negative: Sequence[float] | Values) -> float | None:
    """Return the probability that a positive exceeds a negative, ties counted half (Mann and Whitney 1947)."""
    if not len(positive) or not len(negative):
        return None
    ordered = np.sort(negative)
    below = ordered.searchsorted(positive, "left") + ordered.searchsorted(positive, "right")
    return float(below.mean() / 2 / len(ordered))


def calibration_error(sure: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the mean distance between confidence and the share of correct first hits, over bins of equal size.

    It has no interval, since a bootstrap overestimates it: chance moves the bins of a drawn sample apart.
    """
    if not sure:
        return None
    return float(
        sum(len(one.sure) * abs(one.sure.mean() - one.right.mean()) for one in confidence_bins(sure, right)) / len(sure)
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of similar confidence."""

    sure: Values
    right: Values  # 1 if the first hit is correct


def confidence_bins(sure: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Split questions into at most BINS bins of equal size, by confidence."""
    confidence, truth = np.array(sure, np.float64), np.array(right, np.float64)
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(confidence)))
    return [Bin(confidence[part], truth[part]) for part in parts]
