"""Learn the ranker and the confidence model from questions with gold (training_examples.py).

The ranker is a conditional logit: the probability that a candidate answers is the softmax of the scores over its
question's candidates, and the weights maximise that of the correct ones, with an L2 penalty. The confidence model is a
logistic regression; its unanswerable questions are the same questions, asked of a store of the other articles.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from retrieval.evaluation.training_examples import ConfidenceExample, RankingExample
from retrieval.index.records import Floats
from retrieval.ranking.confidence import (
    ConfidenceModel,
    LogisticModel,
    Thresholds,
    Weight,
)
from retrieval.ranking.question_types import TYPES
from retrieval.ranking.ranker import Ranker

CANDIDATES = 20  # of each question; those beyond teach little
PENALTY = 0.03  # on squared weights, chosen on held-out articles
PENALTY_BY_TYPE = 0.3  # on weights by question type, each learned from fewer questions
MIN_WEIGHT = 0.002  # per standard deviation of the feature; smaller weights are left out
INVERSE_PENALTY = 0.01  # of the confidence model; low, so that it generalises to other languages and articles
CLIP = 4.0  # standard deviations from the mean; values beyond are clipped
MAX_ITERATIONS = 80  # of the optimiser; more would overfit
UNANSWERABLE = 0.35  # what an unanswerable question counts when certainty is learned: people ask fewer than sets have
SURE = {"low": 0.5, "normal": 0.7, "high": 0.8}  # probability from which an answer is certain, by caution
REFUSED = {"low": 0.015, "normal": 0.04, "high": 0.12}  # share of answerable questions left unanswered, by caution
WEIGHTED_BY_TYPE = (
    "news",
    "news near",
    "length",
    "place in paragraph",
    "place in article",
    "closeness",
    "question among words",
    "defines",
    "introduces",
    "mark item",
    "mark row",
    "meaning of sentence",
    "meaning of headings",
    "like words in sentence",
)


def learn_ranker(examples: Sequence[RankingExample]) -> Ranker:
    """Learn from the examples whose candidates include a correct one."""
    usable = [example for example in examples if example.right[:CANDIDATES].any()]
    names = list(usable[0].features)
    by_type = [place for place, name in enumerate(names) if name.endswith(WEIGHTED_BY_TYPE)]
    table, right, starts = _stack(usable, names)
    types = np.array([[name in example.types for name in TYPES] for example in usable], np.float32)
    sizes = np.diff(np.append(starts, len(table)))
    crossed = (table[:, by_type, None] * np.repeat(types, sizes, axis=0)[:, None, :]).reshape(len(table), -1)
    whole = np.concatenate([table, crossed], axis=1)
    whole -= np.repeat(np.add.reduceat(whole, starts) / sizes[:, None], sizes, axis=0)  # only differences count
    shares = np.array([example.weight for example in usable], np.float64)
    shares /= shares.sum()
    spread = np.sqrt(np.average(whole**2, axis=0, weights=np.repeat(shares, sizes))) + 1e-4
    penalty = np.repeat([PENALTY, PENALTY_BY_TYPE], [table.shape[1], crossed.shape[1]])
    learned = _conditional_logit((whole / spread).astype(np.float32), right, starts, shares, penalty)
    weights = np.where(np.abs(learned) >= MIN_WEIGHT, learned / spread, 0)
    return Ranker(
        {name: float(weight) for name, weight in zip(names, weights, strict=False) if weight},
        _by_type([names[place] for place in by_type], weights[len(names) :].reshape(len(by_type), len(TYPES))),
    )


def _stack(
    examples: Sequence[RankingExample], names: Sequence[str]
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.intp]]:
    """Concatenate all candidates: features (m, f), correct (m,), and the first row of each question."""
    rows = [np.stack([example.features[name][:CANDIDATES] for name in names], axis=1) for example in examples]
    starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
    return np.concatenate(rows), np.concatenate([example.right[:CANDIDATES] for example in examples]), starts


def _by_type(names: Sequence[str], weights: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    found = {
        kind: {name: float(weight) for name, weight in zip(names, weights[:, column], strict=True) if weight}
        for column, kind in enumerate(TYPES)
    }
    return {kind: learned for kind, learned in found.items() if learned}


def _conditional_logit(
    table: Floats,
    right: NDArray[np.bool_],
    starts: NDArray[np.intp],
    shares: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Maximise the mean log probability of the correct candidates, minus the L2 penalty; return weights, shape (f,).

    `shares` are what each question counts, 1 in all.
    """
    sizes = np.diff(np.append(starts, len(table)))
    single = table.astype(np.float32)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = (single @ weights.astype(np.float32)).astype(np.float64)
        scores = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        chance = scores / np.repeat(np.add.reduceat(scores, starts), sizes)
        of_right = np.add.reduceat(chance * right, starts) + 1e-12
        off = (chance - chance * right / np.repeat(of_right, sizes)) * np.repeat(shares, sizes)
        slope = off.astype(np.float32) @ single
        return float(-(shares @ np.log(of_right)) + (penalty * weights**2).sum()), slope + 2 * penalty * weights

    result = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITERATIONS})
    return np.asarray(result.x, np.float64)


def learn_confidence_model(cases: Sequence[ConfidenceExample]) -> ConfidenceModel:
    """Learn whether there is an answer at all, and whether the first hit is correct; then choose the thresholds."""
    weighed = [case if case.held else replace(case, weight=case.weight * UNANSWERABLE) for case in cases]
    model = ConfidenceModel(
        in_store=learn_logistic_model(cases, [case.held for case in cases]),
        right=learn_logistic_model(weighed, [case.right for case in cases]),
        thresholds={},
    )
    return replace(model, thresholds=choose_thresholds(model, cases))


def learn_logistic_model(cases: Sequence[ConfidenceExample], truth: Sequence[bool]) -> LogisticModel:
    """Learn the probability that something is true of a case."""
    names = list(cases[0].figures)
    table = np.array([[case.figures[name] for name in names] for case in cases])
    weights = np.array([case.weight for case in cases])
    centre = np.average(table, axis=0, weights=weights)
    spread = np.sqrt(np.average((table - centre) ** 2, axis=0, weights=weights)) + 1e-6
    low, high = centre - CLIP * spread, centre + CLIP * spread
    scaled = (np.clip(table, low, high) - centre) / spread
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000).fit(scaled, truth, weights)
    slopes = model.coef_[0] / spread
    clipped = {name: Weight(*map(float, row)) for name, *row in zip(names, slopes, low, high, strict=True)}
    return LogisticModel(clipped, float(model.intercept_[0] - slopes @ centre))


def choose_thresholds(model: ConfidenceModel, cases: Sequence[ConfidenceExample]) -> dict[str, Thresholds]:
    """Return thresholds by caution: the share of answerable questions that are refused, and how often "sure" is right."""
    held = [case for case in cases if case.held]
    found = np.array([model.in_store.probability(case.figures) for case in held])
    weights = np.array([case.weight for case in held])
    order = np.argsort(found)
    below = np.cumsum(weights[order]) / weights.sum()
    return {
        caution: Thresholds(float(found[order][below.searchsorted(share)]), SURE[caution])
        for caution, share in REFUSED.items()
    }


def write_weights(path: Path, ranker: Ranker, model: ConfidenceModel, trained_on: Sequence[str]) -> None:
    """Write weights as readable JSON, 5 significant digits each."""
    stored = {
        "trained_on": list(trained_on),
        "weights": _rounded(ranker.weights),
        "by_type": {kind: _rounded(weights) for kind, weights in ranker.by_type.items()},
        "confidence": {
            "in_store": _stored(model.in_store),
            "right": _stored(model.right),
            "thresholds": {caution: _rounded(one._asdict()) for caution, one in model.thresholds.items()},
        },
    }
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _stored(model: LogisticModel) -> dict[str, object]:
    weights = {name: [float(f"{part:.5g}") for part in weight] for name, weight in model.weights.items()}
    return {"offset": model.offset, "weights": weights}


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{weight:.5g}") for name, weight in weights.items()}
