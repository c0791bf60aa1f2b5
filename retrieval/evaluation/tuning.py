"""Learn weights for one store from questions about its articles, cross-validated.

A few hundred questions alone teach less than the packaged weights know already: learned from 280 questions about 13
German articles and tested on others, MRR@10 is .836 alone, .863 packaged, .867 mixed. So the learned weights are mixed
into the packaged ones, with a share that grows with the number of questions. Ranker and confidence model are each kept
only if they do better on held-out questions than the packaged one.
"""

import json
import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from retrieval.asking.answerer import Answerer
from retrieval.errors import TooFewQuestions
from retrieval.evaluation import RANKS, Question, locate
from retrieval.evaluation.training import learn_confidence_model, learn_ranker, write_weights
from retrieval.evaluation.training_examples import (
    ConfidenceExample,
    RankingExample,
    collect_confidence_examples,
    collect_ranking_examples,
    partition_articles,
)
from retrieval.loading.load import load
from retrieval.ranking.confidence import ConfidenceModel
from retrieval.ranking.ranker import Ranker
from retrieval.ranking.weights import packaged_weights
from retrieval.records import Article
from retrieval.store.reader import Reader

MIN_QUESTIONS = 50  # whose sentence is among the candidates
FOLDS = 5
HALF_OWN = 800  # questions at which learned and packaged weights count equally
MAX_CONFIDENCE_QUESTIONS = 1500  # that the confidence model learns from
_TINY = 1e-9

_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class TuningResult:
    """Weights for one store, and how they do on held-out questions."""

    ranker: Ranker
    confidence_model: ConfidenceModel
    questions: int  # learned from
    left_out: int  # without gold, or about articles that are not in the store
    mrr_before: float  # MRR@10 with the packaged weights
    mrr_after: float
    loss_before: float  # mean log loss (nats) of the packaged confidence; less is better
    loss_after: float

    @property
    def ranker_improved(self) -> bool:
        """Whether held-out questions are ranked better; if not, the packaged ranker is kept."""
        return self.mrr_after > self.mrr_before

    @property
    def confidence_improved(self) -> bool:
        """Whether confidence is better on held-out questions; if not, the packaged model is kept."""
        return self.loss_after < self.loss_before

    def figures(self) -> dict[str, float]:
        """Return all that is no model, by name."""
        return {
            name: getattr(self, name)
            for name in ("questions", "left_out", "mrr_before", "mrr_after", "loss_before", "loss_after",
                         "ranker_improved", "confidence_improved")
        }  # fmt: skip


def tune(store: Path, questions: Sequence[Question]) -> TuningResult:
    """Learn from the questions whose gold is in the store; raise TooFewQuestions.

    For the confidence model the articles are loaded again, into two temporary stores of one half each.
    """
    with Reader(store) as reader:
        articles = {article.id: article for article in reader.given()}
    usable = [located for one in questions if (located := locate(one, articles)).gold]
    groups = _deal(usable)
    with Answerer(store) as asker:
        examples = [collect_ranking_examples(asker, some) for some in groups]
    found = sum(bool(example.right.any()) for some in examples for example in some)
    if found < MIN_QUESTIONS:
        raise TooFewQuestions(
            f"Training needs at least {MIN_QUESTIONS} questions whose answer is found in the store. Of {len(questions)} questions,"
            f" {len(usable)} have gold in its articles, and the right sentence is found for {found}. Add more questions."
        )
    packaged = packaged_weights().ranker
    rankers = [learn_mixed(others(examples, fold), packaged) for fold in range(FOLDS)]
    known = [packaged] * FOLDS
    mrr = _gains(examples, known) / len(usable), _gains(examples, rankers) / len(usable)
    confidence_model, before, after = _learn_confidence_model(articles, groups, rankers if mrr[1] > mrr[0] else known)
    return TuningResult(
        ranker=learn_mixed(others(examples), packaged) if mrr[1] > mrr[0] else packaged,
        confidence_model=confidence_model,
        questions=len(usable),
        left_out=len(questions) - len(usable),
        mrr_before=mrr[0],
        mrr_after=mrr[1],
        loss_before=before,
        loss_after=after,
    )


def write_tuned(path: Path, tuned: TuningResult, questions: str) -> None:
    """Write tuned weights, all at once; `questions` names what they were learned from."""
    partial = path.with_name(f"{path.name}.part")
    learned_from = [*packaged_weights().trained_on, f"{tuned.questions} questions of {questions}"]
    write_weights(partial, tuned.ranker, tuned.confidence_model, learned_from)
    partial.replace(path)


def _deal(questions: Sequence[Question]) -> list[list[Question]]:
    """Split questions into folds by article, unless one fold would hold more than half of them."""
    articles = {article: at for at, article in enumerate(sorted({_article(one) for one in questions}))}
    groups: list[list[Question]] = [[] for _ in range(FOLDS)]
    for question in questions:
        groups[articles[_article(question)] % FOLDS].append(question)
    if max(map(len, groups)) > len(questions) / 2:
        return [list(questions[fold::FOLDS]) for fold in range(FOLDS)]
    return groups


def _article(question: Question) -> str:
    return min(gold.article for gold in question.gold)


def others(folds: Sequence[Sequence[_One]], without: int | None = None) -> list[_One]:
    """Return what is in all folds, or in all but one."""
    return [one for number, some in enumerate(folds) if number != without for one in some]


def learn_mixed(examples: Sequence[RankingExample], known: Ranker) -> Ranker:
    """Learn a ranker and mix it into a known one with the share n / (n + HALF_OWN)."""
    share = len(examples) / (len(examples) + HALF_OWN)
    own = learn_ranker(examples)
    types = known.by_type.keys() | own.by_type.keys()
    return Ranker(
        _mix(known.weights, own.weights, share),
        {kind: _mix(known.by_type.get(kind, {}), own.by_type.get(kind, {}), share) for kind in sorted(types)},
    )


def _mix(known: Mapping[str, float], own: Mapping[str, float], share: float) -> dict[str, float]:
    names = dict.fromkeys([*known, *own])
    return {name: (1 - share) * known.get(name, 0.0) + share * own.get(name, 0.0) for name in names}


def _gains(examples: Sequence[Sequence[RankingExample]], rankers: Sequence[Ranker]) -> float:
    """Return the sum of the gains of all folds, each ranked by its own ranker."""
    return sum(gain(one, ranker) for ranker, some in zip(rankers, examples, strict=True) for one in some)


def gain(example: RankingExample, ranker: Ranker) -> float:
    """Return 1 / rank of the first correct candidate, 0 beyond the tenth."""
    order = np.argsort(-ranker.score(example.features, example.types), kind="stable")
    places = np.flatnonzero(example.right[order][:RANKS])
    return 1 / (int(places[0]) + 1) if len(places) else 0.0


def _learn_confidence_model(
    articles: Mapping[str, Article], groups: Sequence[Sequence[Question]], rankers: Sequence[Ranker]
) -> tuple[ConfidenceModel, float, float]:
    """Return the better model, learned or packaged, and the losses of the packaged and of the learned one."""
    cases = _collect_cases(articles, groups, rankers)
    known, everything = packaged_weights().confidence_model, others(cases)
    before = _loss((known, one) for one in everything)
    if not all(_has_both_outcomes(others(cases, fold)) for fold in range(FOLDS)):
        return known, before, before
    models = [learn_confidence_model(others(cases, fold)) for fold in range(FOLDS)]
    after = _loss((model, one) for model, some in zip(models, cases, strict=True) for one in some)
    return (learn_confidence_model(everything) if after < before else known), before, after


def _collect_cases(
    articles: Mapping[str, Article], groups: Sequence[Sequence[Question]], rankers: Sequence[Ranker]
) -> list[list[ConfidenceExample]]:
    """Ask each half of the articles all questions, by fold, each ranked by a ranker that did not learn from it."""
    cases: list[list[ConfidenceExample]] = [[] for _ in groups]
    step = 1 + sum(map(len, groups)) // MAX_CONFIDENCE_QUESTIONS
    with tempfile.TemporaryDirectory() as folder:
        for number, held in enumerate(partition_articles(list(articles))[:2]):
            store = _store(Path(folder) / f"{number}.db", [articles[name] for name in sorted(held)])
            with Answerer(store) as asker:
                for found, some, ranker in zip(cases, groups, rankers, strict=True):
                    found.extend(collect_confidence_examples(asker, some[::step], ranker, held))
    return cases


def _store(path: Path, articles: Iterable[Article]) -> Path:
    lines = path.with_suffix(".jsonl")
    with lines.open("w", encoding="utf-8") as file:
        for article in articles:
            row = {name: value for name, value in asdict(article).items() if value is not None}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    load(path, [lines])
    return path


def _has_both_outcomes(cases: Sequence[ConfidenceExample]) -> bool:
    return len({case.held for case in cases}) == len({case.right for case in cases}) == 2  # noqa: PLR2004 - yes and no


def _loss(scored: Iterable[tuple[ConfidenceModel, ConfidenceExample]]) -> float:
    """Return the mean log loss of the confidence that the first hit is correct."""
    losses = [log_loss(model, case) for model, case in scored]
    return sum(losses) / max(len(losses), 1)


def log_loss(model: ConfidenceModel, case: ConfidenceExample) -> float:
    """Return the log loss (nats) of the confidence that the first hit is correct."""
    sure = model.right.probability(case.figures)
    return -math.log(max(sure if case.right else 1 - sure, _TINY))
