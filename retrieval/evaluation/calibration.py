"""Set the thresholds of a store by questions about its articles.

The weights, and so the probabilities, stay as they are: what moves is how likely an answer must be to be given, so that
few questions are refused, and to be called sure, so that sure answers are right. The wishes hold at normal caution; the
thresholds of low and high move as far as those of normal, in log odds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.asking.answerer import Answerer
from retrieval.errors import TooFewQuestions
from retrieval.evaluation.outcomes import Outcome, ask_all
from retrieval.evaluation.question_sets import Question, locate
from retrieval.evaluation.training import write_weights
from retrieval.evaluation.wilson import wilson_interval
from retrieval.ranking.confidence import Confidence, Thresholds
from retrieval.ranking.weights import Weights, WeightsDamaged, packaged_weights, read_weights, weights_file
from retrieval.store.reader import Reader

MIN_QUESTIONS = 30  # that the articles answer
MIN_SURE = 10  # sure answers, of which a share says something
CAUTION = "normal"
_ROUNDING = 1e-4  # more than what a threshold may gain when it is written with five digits
_EDGE = 1e-13  # nearest that a threshold comes to 0 or 1, as probabilities do
_NOTE = "thresholds: "

ByCaution = Mapping[str, Thresholds]


@dataclass(frozen=True, slots=True)
class Counts:
    """What thresholds do with some questions."""

    refused: int  # that the articles answer
    refused_rightly: int  # that they do not answer
    sure: int  # of all
    sure_right: int  # whose first hit is correct

    def likely_precision(self) -> tuple[float, float]:
        """Return what share of sure answers may be right on other questions: 95 %."""
        return wilson_interval(self.sure_right, self.sure)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds chosen by questions, and what they do with these, at normal caution."""

    known: Thresholds  # until now
    chosen: ByCaution
    before: Counts
    after: Counts
    answerable: int
    unanswerable: int
    left_out: int  # their gold is not in the store
    precise: bool  # as many sure answers are right as was wished; if not, that threshold stays


def calibrate(store: Path, questions: Sequence[Question], refused: float, precision: float) -> Calibration:
    """Choose thresholds at which at most `refused` of the answerable questions are, and `precision` of the sure are right.

    Both are shares, 0 to 1. Raise TooFewQuestions.
    """
    with Reader(store) as reader:
        articles = {article.id for article in reader.articles()}
    located = [(one, locate(one, articles)) for one in questions]
    usable = [found for one, found in located if bool(found.gold) == bool(one.gold)]
    answerable = sum(bool(one.gold) for one in usable)
    if answerable < MIN_QUESTIONS:
        raise TooFewQuestions(
            f"Calibration needs at least {MIN_QUESTIONS} questions that the articles answer. Of {len(questions)} questions,"
            f" {answerable} have an answer in the articles of this store. Add more questions."
        )
    known = current_weights(store).confidence_model.thresholds
    with Answerer(store) as asker:
        outcomes = list(ask_all(asker.ask, usable))
    answer = _answer_threshold(outcomes, refused)
    sure = _sure_threshold(outcomes, answer, precision)
    chosen = _shifted(known, Thresholds(answer, known[CAUTION].sure if sure is None else sure))
    return Calibration(
        known=known[CAUTION],
        chosen=chosen,
        before=_count(outcomes, known[CAUTION]),
        after=_count(outcomes, chosen[CAUTION]),
        answerable=answerable,
        unanswerable=len(usable) - answerable,
        left_out=len(questions) - len(usable),
        precise=sure is not None,
    )


def write_calibrated(store: Path, calibration: Calibration, questions: str) -> Path:
    """Write the store's weights with these thresholds, all at once, and return the path; `questions` names the file."""
    weights, path = current_weights(store), weights_file(store)
    partial = path.with_name(f"{path.name}.part")
    trained_on = [one for one in weights.trained_on if not one.startswith(_NOTE)]
    note = f"{_NOTE}{calibration.answerable + calibration.unanswerable} questions of {questions}"
    model = replace(weights.confidence_model, thresholds=calibration.chosen)
    write_weights(partial, weights.ranker, model, [*trained_on, note])
    partial.replace(path)
    return path


def current_weights(store: Path) -> Weights:
    """Return the weights that questions to the store are answered with."""
    path = weights_file(store)
    try:
        return read_weights(path) if path.exists() else packaged_weights()
    except WeightsDamaged:  # and so not used
        return packaged_weights()


def _answer_threshold(outcomes: Sequence[Outcome], refused: float) -> float:
    """Return the highest threshold that refuses at most this share of the answerable questions."""
    held = sorted(one.p_in_store for one in outcomes if one.question.gold)
    return held[min(int(refused * len(held) + 1e-9), len(held) - 1)] * (1 - _ROUNDING)


def _sure_threshold(outcomes: Sequence[Outcome], answer: float, precision: float) -> float | None:
    """Return the lowest threshold above which this share of first hits is correct; None if there is none."""
    answered = [one for one in outcomes if one.hits and one.p_in_store >= answer]
    answered.sort(key=lambda one: -one.confidence)
    right, found = 0, None
    for number, one in enumerate(answered, 1):
        right += one.rank == 1
        is_last_of_equals = number == len(answered) or answered[number].confidence < one.confidence
        if number >= MIN_SURE and is_last_of_equals and right >= precision * number - 1e-9:
            found = one.confidence * (1 - _ROUNDING)
    return found


def _shifted(known: ByCaution, normal: Thresholds) -> dict[str, Thresholds]:
    """Move the thresholds of each caution as far as those of normal move."""
    normal = Thresholds(*map(_inside, normal))
    return {
        caution: Thresholds(*map(_move, one, known[CAUTION], normal)) if caution != CAUTION else normal
        for caution, one in known.items()
    }


def _move(threshold: float, old: float, new: float) -> float:
    return 1 / (1 + math.exp(-(_log_odds(threshold) + _log_odds(new) - _log_odds(old))))


def _log_odds(threshold: float) -> float:
    return math.log(_inside(threshold) / (1 - _inside(threshold)))


def _inside(threshold: float) -> float:
    return min(max(threshold, _EDGE), 1 - _EDGE)


def _count(outcomes: Sequence[Outcome], thresholds: Thresholds) -> Counts:
    certainty = [
        Confidence(one.p_in_store, one.confidence).certainty(thresholds) if one.hits else "none" for one in outcomes
    ]
    decided = list(zip(outcomes, certainty, strict=True))
    return Counts(
        refused=sum(bool(one.question.gold) for one, how in decided if how == "none"),
        refused_rightly=sum(not one.question.gold for one, how in decided if how == "none"),
        sure=certainty.count("sure"),
        sure_right=sum(one.rank == 1 for one, how in decided if how == "sure"),
    )
