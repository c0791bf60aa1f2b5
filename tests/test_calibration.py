"""Thresholds that are chosen by questions: how many are refused, how often a sure answer is right."""

import json
import re
from pathlib import Path

import click
import pytest
from conftest import citebot

from bot.commands.calibrate import calibrate as calibrate_command
from retrieval import open_engine
from retrieval.errors import TooFewQuestions
from retrieval.evaluation import Gold, Outcome, Question, ask_all, read_questions
from retrieval.evaluation.calibration import (
    MIN_QUESTIONS,
    MIN_SURE,
    Counts,
    _answer_threshold,
    _shifted,
    _sure_threshold,
    calibrate,
    write_calibrated,
)
from retrieval.ranking.confidence import Thresholds
from retrieval.ranking.weights import packaged_weights, read_weights, weights_file

HERE = Path(__file__).parent
SEEDS, NOTHING = HERE / "questions" / "seeds.jsonl", HERE / "questions" / "nothing.jsonl"
PACKAGED = packaged_weights().confidence_model.thresholds
HIT = Gold("a", 0, 9)


def outcome(p_in_store, p_right=0.5, *, right=True, gold=True):
    question = Question(None, "q", (HIT,) if gold else ())
    return Outcome(question, "en", frozenset(), 1 if right else 2, "none", p_in_store, p_right, hits=[HIT])


@pytest.mark.parametrize(("share", "refused"), [(0, 0), (0.05, 5), (0.059, 5), (0.5, 50), (0.999, 99)])
def test_no_more_than_the_wished_share_is_refused(share, refused):
    outcomes = [outcome((n + 1) / 101) for n in range(100)] + [outcome(0.001, gold=False)] * 50
    threshold = _answer_threshold(outcomes, share)
    assert sum(one.p_in_store < threshold for one in outcomes if one.question.gold) == refused


def test_equal_probabilities_are_refused_together_or_not_at_all():
    assert _answer_threshold([outcome(0.2)] * 10 + [outcome(0.9)] * 10, 0.25) < 0.2


def test_sure_begins_where_the_wished_share_is_right():
    outcomes = [outcome(0.9, 1 - n / 100, right=n < 18) for n in range(40)]
    assert _sure_threshold(outcomes, 0.5, 0.9) == pytest.approx(0.81, abs=1e-3)  # 18 of 20
    assert _sure_threshold(outcomes, 0.95, 0.9) is None  # all are refused
    unanswerable = [outcome(0.9, 0.995, right=False, gold=False)] * 3
    assert _sure_threshold(outcomes + unanswerable, 0.5, 0.9) is None


def test_a_share_of_few_sure_answers_counts_for_nothing():
    some = [outcome(0.9, 0.9)] * (MIN_SURE - 1)
    assert _sure_threshold(some, 0.5, 0.9) is None
    assert _sure_threshold([*some, outcome(0.9, 0.8)], 0.5, 0.9) == pytest.approx(0.8, abs=1e-3)
    assert (
        _sure_threshold([*some, outcome(0.9, 0.9), *[outcome(0.9, 0.9, right=False)] * 5], 0.5, 0.9) is None
    )  # equals


def test_the_other_cautions_move_with_normal_and_stay_in_order():
    for normal in (Thresholds(0.9, 0.99), Thresholds(0.0, 0.1), Thresholds(1.0, 1.0)):
        moved = _shifted(PACKAGED, normal)
        assert moved["normal"] == pytest.approx(normal)
        for one, other in (("low", "normal"), ("normal", "high")):
            assert all(0 <= a <= b <= 1 for a, b in zip(moved[one], moved[other], strict=True))
    same = _shifted(PACKAGED, PACKAGED["normal"])
    assert all(same[caution] == pytest.approx(PACKAGED[caution]) for caution in PACKAGED)


def test_the_likely_precision_is_that_of_wilson():
    assert Counts(0, 0, 25, 23).likely_precision() == pytest.approx((0.750, 0.978), abs=0.001)
    assert Counts(0, 0, 10, 10).likely_precision() == pytest.approx((0.722, 1.0), abs=0.001)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("store")
    with open_engine(path / "citebot.db") as engine:
        engine.load([HERE.parent / "seeds"])
    return path


def test_too_few_questions_are_refused_with_how_many_there_are(folder):
    asked = list(read_questions(SEEDS))[: MIN_QUESTIONS - 1] + [Question(None, "?", (Gold("not there", 0, 9),))] * 40
    with pytest.raises(TooFewQuestions, match=rf"at least {MIN_QUESTIONS} .* {MIN_QUESTIONS - 1} have an answer"):
        calibrate(folder / "citebot.db", asked, 0.05, 0.9)


def test_a_store_asks_by_the_thresholds_that_were_written(folder):
    store = folder / "citebot.db"
    asked = [*read_questions(SEEDS), *read_questions(NOTHING)][::2]
    found = calibrate(store, [*asked, Question(None, "?", (Gold("not there", 0, 9),))], 0.2, 0.9)
    assert (found.answerable + found.unanswerable, found.left_out) == (len(asked), 1)
    for _ in range(2):  # the second time over the first
        path = write_calibrated(store, found, "q.jsonl")
    with open_engine(store) as engine:
        assert engine.problems() == []
        outcomes = list(ask_all(engine.ask, asked))
    sure = [one.rank == 1 for one in outcomes if one.certainty == "sure"]
    refused = [not one.answered for one in outcomes if one.question.gold]
    assert (sum(refused), len(sure), sum(sure)) == (found.after.refused, found.after.sure, found.after.sure_right)
    assert 0.19 <= sum(refused) / len(refused) <= 0.2
    assert found.precise
    assert sum(sure) >= 0.9 * len(sure) > 0
    written, packaged = read_weights(path), packaged_weights()
    assert written.trained_on == (*packaged.trained_on, f"thresholds: {len(asked)} questions of q.jsonl")
    assert written.confidence_model.thresholds["high"].answer > PACKAGED["high"].answer
    assert written.ranker.weights == pytest.approx(packaged.ranker.weights, rel=1e-4)
    path.unlink()


def test_the_command_tells_what_it_did(folder):
    (folder / "q.jsonl").write_bytes(b"".join(SEEDS.read_bytes().splitlines(keepends=True)[:40]))
    done = citebot(folder, "calibrate", "q.jsonl", "--refused", "10%", "--precision", "99.9")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert re.search(r"Refuses below 0\.\d+ \(before: 0\.\d+\): 4 of 40 with an answer, which is 10 %", done.stderr)
    assert f"Wrote {weights_file(Path('citebot.db'))}" in done.stderr
    assert json.loads((folder / "citebot.db.weights.json").read_text())["confidence"]["thresholds"]["normal"]


def test_a_share_is_typed_as_a_percentage(folder):
    for typed in ("a few", "-1", "100%", "nan"):
        with pytest.raises(click.BadParameter, match="no percentage"):
            calibrate_command.make_context("calibrate", [str(folder / "q.jsonl"), "--refused", typed])
    context = calibrate_command.make_context("calibrate", [str(folder / "q.jsonl"), "--precision", " 7.5 %"])
    assert (context.params["refused"], context.params["precision"]) == pytest.approx((0.05, 0.075))
