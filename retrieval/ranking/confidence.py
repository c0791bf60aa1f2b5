"""Ranked candidates -> two probabilities: that the store answers the question at all, and that the first hit does.

Each is a logistic regression over the same features of the ranking. The first decides about silence, by a threshold
that is chosen by the share of answerable questions that may be refused by mistake. The second says how certain an
answer is. The weights are in `weights.json`, learned by `retrieval.evaluation.training`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import Candidates, Floats, Query
from retrieval.ranking.feature_table import Features
from retrieval.ranking.question_types import TYPES
from retrieval.records import Certainty

ConfidenceFeatures = dict[str, float]

FEW_TERMS = 3
SAME_ARTICLE = 5  # candidates from the top
MOST_MARGIN = 5.0  # points of score
_TOP = {f"top: {name}": name for name in (
    "relative score of paragraph", "relative score of title", "share of form", "share of sentence", "share of title",
    "share of previous", "share of next", "share of paragraph", "share of article", "names in sentence",
    "names in paragraph", "names in article", "closeness", "pairs near", "pairs", "neighbours in paragraph",
    "question among words", "capital news", "number news", "year news", "person news", "place news", "cause news",
    "length", "shortness", "leaning", "first of article", "meaning of sentence", "meaning with headings",
    "meaning of headings", "like words in sentence", "like words around", "subject in sentence", "subject in headings",
    "subject near", "subject in article", "share of section alone", "mark announces", "mark item", "mark row", "mark dateline",
    "missed near", "missed in paragraph", "defines", "asked kind news", "asked kind news near",
)}  # fmt: skip
_MOST = {f"most: {name}": name for name in (
    "share of sentence", "share of paragraph", "share of article", "closeness", "meaning of sentence",
    "meaning with headings", "like words in sentence", "like words around", "subject near", "subject in article",
)}  # fmt: skip
_EXPECTED = {  # question types, with the kinds of news of which an answer has at least one
    "who": ("person", "capital"), "person": ("person", "capital"), "where": ("place", "capital"),
    "when": ("year", "month", "time", "number"), "year": ("year", "number"),
    "how_many": ("number", "number_word"), "amount": ("number", "number_word", "money", "percent"), "why": ("cause",),
}  # fmt: skip
_ASKS = {f"asks {name}": name for name in TYPES}


def confidence_features(query: Query, candidates: Candidates, features: Features, scores: Floats) -> ConfidenceFeatures:
    """Return what predicts whether the best candidate answers; `scores` are the ranker's, shape (n,), n > 0."""
    order = np.argsort(-scores, kind="stable")
    of_top = features.of(int(order[0]))
    found = {name: of_top[feature] for name, feature in _TOP.items()}
    found |= zip(_MOST, np.max([features[feature] for feature in _MOST.values()], axis=1).tolist(), strict=True)
    found |= _field_scores(query, candidates, int(order[0]))
    found |= _score_distribution(candidates, scores, order)
    found |= _query_features(query, candidates)
    found |= _expected_news(query, features, order)
    return found | {name: float(type_ in query.types) for name, type_ in _ASKS.items()}


def _field_scores(query: Query, candidates: Candidates, top: int) -> ConfidenceFeatures:
    mass = max(query.total_weight, 1e-6)
    bests = {name: best for name, best in candidates.best.items() if name != "section"}  # no weight was learned for it
    return {f"{name} over mass": best / mass for name, best in bests.items()} | {
        "score over mass": float(candidates.score[top]) / mass,
        "best score over mass": float(candidates.score[0]) / mass,
        "mass": math.log1p(mass),
    }


def _score_distribution(candidates: Candidates, scores: Floats, order: NDArray[np.intp]) -> ConfidenceFeatures:
    """Return how far the best candidate leads, and whether its followers are of the same article."""
    order = order[~_repeats_first(candidates, order)]
    ranked = scores[order]
    chances = np.exp(ranked - ranked[0])
    chances /= chances.sum()
    same_article = candidates.article[order] == candidates.article[order[0]]
    return {
        "score": min(max(float(ranked[0]), -20.0), 20.0),
        "chance": float(chances[0]),
        "chance of article": float(chances @ same_article),
        "same article": float(same_article[:SAME_ARTICLE].mean()),
        "margin": float(min(ranked[0] - ranked[1], MOST_MARGIN)) if len(ranked) > 1 else MOST_MARGIN,
        "margin to third": float(min(ranked[0] - ranked[2], MOST_MARGIN)) if len(ranked) > 2 else MOST_MARGIN,  # noqa: PLR2004
        "margin to another article": float(min(ranked[0] - ranked[~same_article][0], MOST_MARGIN))
        if not same_article.all()
        else MOST_MARGIN,
        "spread": float(-(chances * np.log(chances + 1e-9)).sum()),
        "same paragraph": float(len(order) > 1 and candidates.paragraph[order[0]] == candidates.paragraph[order[1]]),
    }


def _expected_news(query: Query, features: Features, order: NDArray[np.intp]) -> ConfidenceFeatures:
    """Return whether the first candidate, and any of the first few, lacks what the question asks for: a number, a name."""
    lacks = np.zeros(len(order), np.bool_)
    for kinds in (_EXPECTED[name] for name in query.types if name in _EXPECTED):
        lacks |= np.max([features[f"{kind} news"] for kind in kinds], axis=0) == 0
    ordered = lacks[order[:SAME_ARTICLE]]
    return {"lacks what is asked": float(ordered[0]), "few have what is asked": float(ordered.mean())}


def _repeats_first(candidates: Candidates, order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which candidates say in the same words what the first says: an agency's text in several articles."""
    first = int(order[0])
    idf, vectors = candidates.word_idf, candidates.vectors
    same = (idf == idf[:, first : first + 1]).all(axis=0)
    for other in np.flatnonzero(same).tolist():  # the first itself, and hardly ever another
        same[other] = np.array_equal(vectors.of_sentence(other), vectors.of_sentence(first))
    same[first] = False
    return same[order]


def _query_features(query: Query, candidates: Candidates) -> ConfidenceFeatures:
    content = [term for term in query.terms if not term.grammar]
    count = max(len(content), 1)
    rarest = max(content, key=lambda term: term.idf, default=None)
    return {
        "rarest unknown": float(rarest is not None and not rarest.readings),
        "rarest guessed": float(rarest is not None and bool(rarest.readings) and rarest.readings[0][1] < 1),
        "rarest name": float(rarest is not None and rarest.name),
        "rarity": rarest.idf / candidates.unknown_idf if rarest and candidates.unknown_idf else 0.0,
        "size": candidates.unknown_idf,
        "terms": math.log1p(len(content)),
        "few terms": float(len(content) < FEW_TERMS),
        "unknown terms": sum(not term.readings for term in content) / count,
        "guessed terms": sum(bool(term.readings) and term.readings[0][1] < 1 for term in content) / count,
    }


class Weight(NamedTuple):
    """The weight of a feature, and the bounds to which its values are clipped."""

    slope: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """A logistic regression over confidence features."""

    weights: Mapping[str, Weight]
    offset: float

    def probability(self, found: ConfidenceFeatures) -> float:
        """Return the probability, 0 to 1."""
        value = self.offset
        for name, (slope, low, high) in self.weights.items():
            feature = found[name]
            value += slope * (feature if low <= feature <= high else low if feature < low else high)
        return 1 / (1 + math.exp(-min(max(value, -30.0), 30.0)))


class Thresholds(NamedTuple):
    """What an answer needs at one level of caution, 0 to 1."""

    answer: float  # `in_store`, below which there is no answer
    sure: float  # `right`, from which an answer is certain


class Confidence(NamedTuple):
    """Two probabilities, 0 to 1."""

    in_store: float  # that the articles answer the question at all
    right: float  # that the first hit answers it

    def certainty(self, thresholds: Thresholds) -> Certainty:
        """Return whether there is an answer, and whether it is certain."""
        if self.in_store < thresholds.answer:
            return "none"
        return "sure" if self.right >= thresholds.sure else "perhaps"


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """Both regressions, and the thresholds by caution: low, normal, high."""

    in_store: LogisticModel
    right: LogisticModel
    thresholds: Mapping[str, Thresholds]

    def confidence(self, found: ConfidenceFeatures) -> Confidence:
        """Return both probabilities."""
        return Confidence(self.in_store.probability(found), self.right.probability(found))
