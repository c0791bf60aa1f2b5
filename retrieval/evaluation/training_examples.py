"""Questions with gold, asked of a store -> what the ranker and the confidence model learn from."""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.asking.answerer import Answerer
from retrieval.evaluation import Question, is_correct
from retrieval.ranking.confidence import ConfidenceFeatures, confidence_features
from retrieval.ranking.feature_table import Features
from retrieval.ranking.ranker import Ranker

SEED = 1
SMALL_PARTS = (1, 2, 3) * 8  # articles of the small stores


@dataclass(frozen=True, slots=True)
class RankingExample:
    """What the ranker learns from a question."""

    article: str  # that answers; folds are split by article
    types: frozenset[str]
    features: Features  # of its n candidates
    right: NDArray[np.bool_]  # (n,)
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ConfidenceExample:
    """What the confidence model learns from a question."""

    article: str  # that answers
    figures: ConfidenceFeatures
    held: bool  # the store that was asked holds that article
    right: bool  # the first hit is correct
    weight: float = 1.0


def collect_ranking_examples(asker: Answerer, questions: Iterable[Question]) -> list[RankingExample]:
    """Ask the questions that have gold, and return what the ranker learns from."""
    found = []
    for question in questions:
        considered = asker.ranking_input(question.question) if question.gold else None
        if considered is not None:
            right = np.array([is_correct(hit, question.gold) for hit in asker.hits(considered)])
            found.append(RankingExample(_article(question), considered.query.types, considered.features, right))
    return found


def collect_confidence_examples(
    asker: Answerer, questions: Iterable[Question], ranker: Ranker, held: Collection[str]
) -> Iterator[ConfidenceExample]:
    """Ask questions of a store that holds only some of the articles that answer them; without gold, none does."""
    for question in questions:
        considered = asker.ranking_input(question.question)
        if considered is not None:
            scores = ranker.score(considered.features, considered.query.types)
            first = asker.hits(considered)[int(np.argmax(scores))]
            found = confidence_features(considered.query, considered.candidates, considered.features, scores)
            article = _article(question)
            right = article in held and is_correct(first, question.gold)
            yield ConfidenceExample(article, found, article in held, right)


def partition_articles(articles: Sequence[str]) -> list[frozenset[str]]:
    """Split articles, by id, into two halves and into small parts of one, two and three articles.

    A question about an article of one part is unanswerable in the others, and its words are as unknown there as those
    of a question about something else. The same articles are always split the same way.
    """
    shuffled = sorted(articles)
    random.Random(SEED).shuffle(shuffled)  # noqa: S311 - nothing secret
    ends = np.cumsum(SMALL_PARTS)
    small = [
        frozenset(shuffled[end - size : end])
        for size, end in zip(SMALL_PARTS, ends, strict=True)
        if end <= len(shuffled)
    ]
    return [frozenset(shuffled[::2]), frozenset(shuffled[1::2]), *small]


def _article(question: Question) -> str:
    return min((gold.article for gold in question.gold), default="")
