import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_index import candidates, searcher

from retrieval import open_engine
from retrieval.asking.answerer import Answerer
from retrieval.ranking.confidence import Confidence, LogisticModel, Thresholds, Weight, confidence_features
from retrieval.ranking.features import compute_features
from retrieval.ranking.weights import packaged_weights

JUDGE = LogisticModel({"fit": Weight(2.0, -1.0, 1.0), "doubt": Weight(-1.0, 0.0, 3.0)}, 0.5)


def judged(folder, question):
    """Return the figures of a question, with the ranker's scores."""
    asked, found = candidates(searcher(folder), question)
    given = compute_features(asked, found)
    scores = packaged_weights().ranker.score(given, asked.types)
    return confidence_features(asked, found, given, scores), scores, found


def test_a_probability_is_the_logistic_of_the_weighted_figures():
    # log odds = .5 + 2 * .75 - 1 * .5 = 1.5
    assert JUDGE.probability({"fit": 0.75, "doubt": 0.5}) == pytest.approx(1 / (1 + math.exp(-1.5)))


def test_the_first_probability_decides_about_silence_and_the_second_how_certain_an_answer_is():
    thresholds = Thresholds(answer=0.3, sure=0.7)
    assert Confidence(0.29, 0.99).certainty(thresholds) == "none"
    assert Confidence(0.3, 0.69).certainty(thresholds) == "perhaps"
    assert Confidence(0.3, 0.7).certainty(thresholds) == "sure"


def test_figures_beyond_their_bounds_count_as_the_bounds():
    at_bounds = JUDGE.probability({"fit": 1.0, "doubt": 3.0})
    assert JUDGE.probability({"fit": 1e9, "doubt": 1e9}) == at_bounds
    assert JUDGE.probability({"fit": 1.0, "doubt": 2.9}) > at_bounds


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 3))
def test_confidence_rises_with_what_speaks_for_an_answer(one, other, doubt):
    low, high = sorted([one, other])
    assert JUDGE.probability({"fit": low, "doubt": doubt}) <= JUDGE.probability({"fit": high, "doubt": doubt})
    assert JUDGE.probability({"fit": one, "doubt": doubt}) <= JUDGE.probability({"fit": one, "doubt": 0.0})


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1000), st.sampled_from([-1e3, 0.0, 1e3]))
def test_confidence_is_a_probability_whatever_the_figures(fit, doubt, offset):
    extreme = LogisticModel({"fit": Weight(1e3, -1e300, 1e300), "doubt": Weight(-1e3, 0, 1e300)}, offset)
    assert 0 <= extreme.probability({"fit": fit, "doubt": doubt}) <= 1


def test_the_packaged_thresholds_refuse_more_the_more_caution_is_asked_for():
    thresholds = packaged_weights().confidence_model.thresholds
    assert list(thresholds) == ["low", "normal", "high"]
    low, normal, high = thresholds.values()
    assert 0 < low.answer < normal.answer < high.answer < 1
    assert 0 < low.sure < normal.sure < high.sure < 1


@pytest.mark.parametrize("question", ["When did the canal open?", "canal", "the", "Urugauy", "Who won in 1930 qwzx?"])
def test_a_question_has_every_figure_that_is_weighed_and_each_is_finite(tmp_path, question):
    found, _, _ = judged(tmp_path, question)
    model = packaged_weights().confidence_model
    assert set(model.in_store.weights) | set(model.right.weights) <= set(found)
    assert all(math.isfinite(value) for value in found.values())
    assert all(0 <= probability <= 1 for probability in model.confidence(found))


def test_the_figures_of_the_ranking_are_those_worked_out_by_hand(tmp_path):
    asked, found = candidates(searcher(tmp_path), "canal opened")
    given = compute_features(asked, found)
    scores = np.full(len(found), -50, np.float32)
    scores[1], scores[2] = 3, 2
    one = confidence_features(asked, found, given, scores)
    assert one["chance"] == pytest.approx(1 / (1 + math.exp(-1)), abs=1e-5)
    assert one["margin"] == pytest.approx(1)
    assert one["terms"] == pytest.approx(math.log(3))
    assert one["few terms"] == 1
    assert one["unknown terms"] == 0
    assert one["top: share of sentence"] == pytest.approx(float(given["share of sentence"][1]))
    assert one["most: share of sentence"] == pytest.approx(float(given["share of sentence"].max()))
    assert one["score over mass"] == pytest.approx(float(found.score[1]) / asked.total_weight)


def test_unknown_and_guessed_words_and_the_type_of_the_question_are_counted(tmp_path):
    found, _, _ = judged(tmp_path, "When did Urugauy meet qwzx in the canal?")
    assert found["unknown terms"] == pytest.approx(2 / 4)  # meet, qwzx
    assert found["guessed terms"] == pytest.approx(1 / 4)
    assert found["asks when"] == 1
    assert found["asks who"] == 0


def test_one_candidate_alone_has_a_margin_and_its_own_paragraph(tmp_path):
    found, scores, _ = judged(tmp_path, "Uruguay")
    assert len(scores) == 1
    assert (found["margin"], found["chance"], found["same paragraph"]) == (5, 1, 0)
    assert found["spread"] == pytest.approx(0, abs=1e-6)


def test_a_first_hit_that_lacks_what_is_asked_for_is_known(tmp_path):
    _, scores, found = judged(tmp_path, "When did the canal open?")
    other, _, _ = judged(tmp_path, "Did the canal open?")
    assert other["lacks what is asked"] == other["few have what is asked"] == 0
    asked, _ = candidates(searcher(tmp_path), "When did the canal open?")
    given = compute_features(asked, found)
    dated = np.max([given[f"{kind} news"] for kind in ("year", "month", "time", "number")], axis=0) > 0
    assert dated.any()
    assert not dated.all()
    for first in (int(dated.argmax()), int(dated.argmin())):
        one = confidence_features(asked, found, given, np.where(np.arange(len(found)) == first, 99, scores))
        assert one["lacks what is asked"] == (not dated[first])


def test_a_copy_of_the_first_sentence_in_another_article_is_no_rival(tmp_path):
    said = "The ferry to Orrin leaves at nine in the morning."
    with open_engine(tmp_path / "s.db") as engine, Answerer(tmp_path / "s.db") as answerer:
        for name, rest in (("a", "Bring a coat."), ("b", "It is often late.")):
            (tmp_path / f"{name}.txt").write_text(f"News {name}\n\n{said} {rest}")
            engine.load([tmp_path / f"{name}.txt"])
        found = answerer.ranking_input("When does the ferry to Orrin leave?")
        texts = [hit.text for hit in answerer.hits(found)]
    assert texts.count(said) == 2
    scores = np.array([3.0 if text == said else 0.0 for text in texts], np.float32)
    figures = confidence_features(found.query, found.candidates, found.features, scores)
    assert figures["margin"] == figures["margin to another article"] == 3
