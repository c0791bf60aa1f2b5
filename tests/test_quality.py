import json
import math

import pytest
import quality
from quality import AT_LEAST, AT_MOST, figures, measure, moved, refused_at, shortfalls

from retrieval.evaluation import Gold, Outcome, Question

STORED = json.loads(quality.FLOORS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", STORED["floors"])
def test_no_figure_falls_through_its_floor(name):
    if name != "seeds" and not quality.SETS:
        pytest.skip("CITEBOT_QUESTION_SETS is not set")
    measured = figures(measure(name))
    assert shortfalls(name, STORED["floors"], measured) == []


def test_every_set_of_the_gate_is_held_by_all_its_figures_and_says_what_it_is():
    assert set(STORED["sets"]) == set(STORED["floors"])
    for name, sides in STORED["floors"].items():
        held = {figure: side for side, floors in sides.items() for figure in floors}
        assert held == quality.bounds(name)


def test_each_floor_that_was_lowered_says_why():
    assert all(one["reason"].strip() and one["set"] in STORED["floors"] for one in STORED["lowered"])


def outcome(rank, confidence, *, answered=True):
    question = Question(None, "?", () if rank is None else (Gold("a", 0, 9),))
    return Outcome(
        question, "en", frozenset(), rank or math.inf, "sure" if answered else "none", confidence, confidence
    )


def test_the_figures_of_a_small_set_are_those_worked_out_by_hand():
    own = [outcome(1, 0.9), outcome(2, 0.6), outcome(math.inf, 0.3, answered=False), outcome(1, 0.8)]
    assert figures(own) == pytest.approx({"mrr": 2.5 / 4, "p1": 0.5})
    alien = [outcome(None, 0.1, answered=False), outcome(None, 0.7)]
    assert figures(own + alien) == pytest.approx(
        {
            "mrr": 2.5 / 4, "p1": 0.5, "auroc": 6 / 8, "refused_at_5": 0.5, "refused_unanswerable": 0.5,
            "refused_answerable": 0.25,
        }
    )  # fmt: skip


def test_what_has_no_answer_is_refused_at_the_confidence_of_the_least_sure_of_the_answerable():
    own = [outcome(1, sure / 100) for sure in range(40)]
    alien = [outcome(None, sure / 100) for sure in (0, 1, 2, 90)]
    assert refused_at(0.05, own + alien) == 0.5  # two of forty lie below .02, which itself is not refused
    assert refused_at(0.0, own + alien) == 0


OLD = {"xquad-dev-en": {AT_LEAST: {"mrr": 0.8, "p1": 0.7}}}
SILENCE = {"auroc": 0.9, "refused_at_5": 0.5, "refused_unanswerable": 0.5}


def test_a_figure_on_the_wrong_side_of_its_floor_is_named_with_both():
    assert shortfalls("xquad-dev-en", OLD, {"mrr": 0.8, "p1": 0.7}) == []
    assert shortfalls("xquad-dev-en", OLD, {"mrr": 0.79, "p1": 0.71}) == [
        "xquad-dev-en: mrr is 0.7900, should be at least 0.8"
    ]
    refusing = {"seeds": {AT_MOST: {"refused_answerable": 0.1}}}
    assert len(shortfalls("seeds", refusing, {"refused_answerable": 0.11})) == 1
    assert not shortfalls("seeds", refusing, {"refused_answerable": 0.09})


def test_raising_lifts_floors_and_never_lets_one_down():
    measured = {"mrr": 0.9, "p1": 0.6}
    new, eased = moved("xquad-dev-en", OLD, measured, up=True, down=False)
    assert new == {"xquad-dev-en": {AT_LEAST: {"mrr": 0.89, "p1": 0.7}}}
    assert eased == []
    assert shortfalls("xquad-dev-en", new, measured)


def test_lowering_lets_down_only_what_was_fallen_through_and_tells_by_how_much():
    new, eased = moved("xquad-dev-en", OLD, {"mrr": 0.9, "p1": 0.6}, up=False, down=True)
    assert new == {"xquad-dev-en": {AT_LEAST: {"mrr": 0.8, "p1": 0.59}}}
    assert eased == [{"set": "xquad-dev-en", "figure": "p1", "from": 0.7, "to": 0.59}]


def test_of_what_should_be_small_a_smaller_bound_is_the_higher_floor():
    measured = {"mrr": 0.9, "p1": 0.6, **SILENCE, "refused_answerable": 0.05}
    old = {"seeds": {AT_MOST: {"refused_answerable": 0.1}}}
    new, _ = moved("seeds", old, measured, up=True, down=False)
    assert new["seeds"][AT_MOST] == {"refused_answerable": 0.06}
    new, eased = moved("seeds", new, measured | {"refused_answerable": 0.2}, up=True, down=False)
    assert (new["seeds"][AT_MOST], eased) == ({"refused_answerable": 0.06}, [])
    new, eased = moved("seeds", new, measured | {"refused_answerable": 0.2}, up=True, down=True)
    assert (new["seeds"][AT_MOST], len(eased)) == ({"refused_answerable": 0.21}, 1)


def test_lowering_without_a_reason_is_refused(monkeypatch, capsys):
    for arguments in (["--lower"], ["--lower", " "]):
        monkeypatch.setattr(quality.sys, "argv", ["quality.py", *arguments])
        with pytest.raises(SystemExit) as stop:
            quality.main()
        assert stop.value.code == 2
    assert "reason" in capsys.readouterr().err
