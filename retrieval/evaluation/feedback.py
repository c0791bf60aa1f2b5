"""Learn weights for one store from what was judged of its answers; nothing that is not better beyond chance is kept.

A right sentence is correct. Of a wrong one it is known only that it is not, so the others are taken as correct together.
What nothing answers teaches the confidence alone. Each judgement is ranked by weights that were not learned from it
(cross-validation), beside those that the store has now, and a paired test says whether the gain could be chance. A
ranking must not lower the right sentences in sum either: where a wrong one no longer comes first, the next may be as wrong. The
probability that the articles answer at all, by which questions are refused, stays: what was refused is rarely judged.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retrieval.asking.answerer import Answerer
from retrieval.asking.records import RankingInput
from retrieval.errors import TooFewQuestions
from retrieval.evaluation.calibration import current_weights
from retrieval.evaluation.gold import Quote
from retrieval.evaluation.significance import Difference, difference
from retrieval.evaluation.training import learn_logistic_model, write_weights
from retrieval.evaluation.training_examples import ConfidenceExample, RankingExample
from retrieval.evaluation.tuning import FOLDS, MIN_QUESTIONS, gain, learn_mixed, log_loss, others
from retrieval.ranking.confidence import ConfidenceModel, confidence_features
from retrieval.ranking.ranker import Ranker
from retrieval.ranking.weights import Weights, weights_file

_BEFORE = "before"  # in a weights file: the one that it took the place of, or null


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of the first sentence of an answer."""

    question: str
    verdict: Literal["right", "wrong", "nothing"]  # nothing = no article answers the question
    sentence: Quote | None  # None if the question was refused


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was learned from judgements, and how it does on those that it was not learned from."""

    weights: Weights  # the store's, with what is better
    judgements: int  # learned from
    left_out: int  # their sentence is not found any more
    ranking: Difference  # of the reciprocal ranks
    of_right: Difference  # of those of right sentences alone
    confidence: Difference | None  # of the log loss (nats), negative; None if all or none were right
    ranker_improved: bool
    confidence_improved: bool

    def figures(self) -> dict[str, Any]:
        """Return all that is no model, by name."""
        kept = {
            name: getattr(self, name) for name in ("judgements", "left_out", "ranker_improved", "confidence_improved")
        }
        changes = {"ranking": self.ranking, "ranking_of_right": self.of_right, "confidence": self.confidence}
        return kept | {name: change and asdict(change) for name, change in changes.items()}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A judgement with the candidates of its question now."""

    judgement: Judgement
    found: RankingInput
    judged: NDArray[np.bool_]  # (n,), candidates that are the judged sentence

    @property
    def example(self) -> RankingExample:
        """What the ranker learns from it."""
        right = self.judged if self.judgement.verdict == "right" else ~self.judged
        return RankingExample("", self.found.query.types, self.found.features, right)

    def case(self, ranker: Ranker) -> ConfidenceExample | None:
        """Return what the confidence learns from it; None if it is not known whether the first sentence is right now."""
        scores = ranker.score(self.found.features, self.found.query.types)
        is_judged = bool(self.judged[int(np.argmax(scores))])
        if self.judgement.verdict == "wrong" and not is_judged:
            return None
        figures = confidence_features(self.found.query, self.found.candidates, self.found.features, scores)
        return ConfidenceExample("", figures, held=True, right=self.judgement.verdict == "right" and is_judged)


def learn_from_feedback(store: Path, judgements: Sequence[Judgement]) -> Feedback:
    """Learn from judgements of a store's answers; raise TooFewQuestions."""
    known = current_weights(store)
    with Answerer(store) as asker:
        seen = [one for judgement in judgements if (one := _see(asker, judgement))]
    folds = _deal(seen)
    ranked = [[one for one in some if one.judgement.verdict != "nothing"] for some in folds]
    if len(others(ranked)) < MIN_QUESTIONS:
        raise TooFewQuestions(
            f"Learning needs at least {MIN_QUESTIONS} judgements of sentences that are still found, right or wrong. There are"
            f" {len(others(ranked))}. Judge more with `citebot judge`."
        )
    examples = [[one.example for one in some] for some in ranked]
    rankers = [learn_mixed(others(examples, fold), known.ranker) for fold in range(FOLDS)]
    ranking = _compare("mrr", examples, lambda one: gain(one, known.ranker), rankers, gain)
    right = [[one.example for one in some if one.judgement.verdict == "right"] for some in ranked]
    of_right = _compare("mrr", right, lambda one: gain(one, known.ranker), rankers, gain) if any(right) else ranking
    ranker_improved = _is_better(ranking) and of_right.b >= of_right.a
    model, confidence = _learn_confidence(folds, rankers if ranker_improved else [known.ranker] * FOLDS, known)
    return Feedback(
        weights=Weights(
            learn_mixed(others(examples), known.ranker) if ranker_improved else known.ranker, model, known.trained_on
        ),
        judgements=len(seen),
        left_out=len(judgements) - len(seen),
        ranking=ranking,
        of_right=of_right,
        confidence=confidence,
        ranker_improved=ranker_improved,
        confidence_improved=model is not known.confidence_model,
    )


def _see(asker: Answerer, judgement: Judgement) -> _Seen | None:
    """Look a judgement's question up; None if its sentence is not among the candidates any more."""
    found = asker.ranking_input(judgement.question)
    if found is None:
        return None
    sentence = judgement.sentence
    judged = np.array([sentence is not None and sentence.matches(hit) for hit in asker.hits(found)])
    return _Seen(judgement, found, judged) if judgement.verdict == "nothing" or judged.any() else None


def _deal(seen: Sequence[_Seen]) -> list[list[_Seen]]:
    """Split judgements into folds; those of one question stay together."""
    questions = sorted({one.judgement.question.casefold() for one in seen})
    places = {question: place for place, question in enumerate(questions)}
    folds: list[list[_Seen]] = [[] for _ in range(FOLDS)]
    for one in seen:
        folds[places[one.judgement.question.casefold()] % FOLDS].append(one)
    return folds


def _compare(
    figure: str,
    folds: Sequence[Sequence[Any]],
    before: Callable[[Any], float],
    models: Sequence[Any],
    after: Callable[[Any, Any], float],
) -> Difference:
    """Compare what is known with the model of each fold, learned from the others."""
    gains = [[before(one), after(one, model)] for some, model in zip(folds, models, strict=True) for one in some]
    return difference(figure, np.array(gains, np.float64))


def _is_better(change: Difference) -> bool:
    return change.significant and change.b > change.a


def _learn_confidence(
    folds: Sequence[Sequence[_Seen]], rankers: Sequence[Ranker], known: Weights
) -> tuple[ConfidenceModel, Difference | None]:
    """Return the better model of whether the first sentence is right, and what it changes."""
    cases = [[case for one in some if (case := one.case(ranker))] for some, ranker in zip(folds, rankers, strict=True)]
    if not all(len({case.right for case in others(cases, fold)}) == 2 for fold in range(FOLDS)):  # noqa: PLR2004 - yes and no
        return known.confidence_model, None
    models = [_learned(others(cases, fold), known) for fold in range(FOLDS)]
    change = _compare(
        "loss",
        cases,
        lambda case: -log_loss(known.confidence_model, case),
        models,
        lambda case, own: -log_loss(own, case),
    )
    return (_learned(others(cases), known) if _is_better(change) else known.confidence_model), change


def _learned(cases: Sequence[ConfidenceExample], known: Weights) -> ConfidenceModel:
    return replace(known.confidence_model, right=learn_logistic_model(cases, [case.right for case in cases]))


def write_feedback(store: Path, learned: Feedback) -> Path:
    """Write the store's weights, all at once, with those that they replace; return the path."""
    path = weights_file(store)
    partial = path.with_name(f"{path.name}.part")
    weights = learned.weights
    trained_on = [*weights.trained_on, f"{learned.judgements} judgements of its answers"]
    write_weights(partial, weights.ranker, weights.confidence_model, trained_on)
    _write(path, json.loads(partial.read_text(encoding="utf-8")) | {_BEFORE: _read(path)})
    return path


def undo_feedback(store: Path) -> bool:
    """Go back to the weights before `write_feedback`; return False if the store's were not written by it."""
    path = weights_file(store)
    stored = _read(path)
    if stored is None or _BEFORE not in stored:
        return False
    if stored[_BEFORE] is None:
        path.unlink()
    else:
        _write(path, stored[_BEFORE])
    return True


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a weights file holds; None if there is none, or nothing that was ever used."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return stored if isinstance(stored, dict) else None


def _write(path: Path, stored: dict[str, Any]) -> None:
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
