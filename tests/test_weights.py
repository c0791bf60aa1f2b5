"""The weights that a store has of its own: used when they are there, left aside with a word when they cannot be."""

import json

import pytest

from retrieval import open_engine
from retrieval.evaluation.training import write_weights
from retrieval.ranking.ranker import PACKAGED
from retrieval.ranking.weights import WeightsDamaged, packaged_weights, read_weights, weights_file

QUESTION = "When did the bridge open?"


@pytest.fixture
def engine(tmp_path):
    rows = [
        {"id": "a", "title": "Bridge", "text": "The bridge of the town was opened in 1932."},
        {"id": "b", "title": "Ferries", "text": "The ferries of the town sail in summer."},
    ]
    (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "articles.jsonl"])
        yield engine


def stored():
    return json.loads(PACKAGED.read_text(encoding="utf-8"))


def test_weights_are_read_as_they_were_written(tmp_path):
    known = packaged_weights()
    write_weights(tmp_path / "w.json", known.ranker, known.confidence_model, known.trained_on)
    assert read_weights(tmp_path / "w.json") == known


def test_a_stores_own_weights_are_used_from_the_next_question_on_and_until_they_are_deleted(engine):
    before = engine.ask(QUESTION)
    doubled = stored()
    doubled["weights"] = {name: 2 * weight for name, weight in doubled["weights"].items()}
    doubled["by_type"] = {
        kind: {name: 2 * weight for name, weight in weights.items()} for kind, weights in doubled["by_type"].items()
    }
    file = weights_file(engine.path)
    assert file.name == "citebot.db.weights.json"
    file.write_text(json.dumps(doubled))
    assert engine.ask(QUESTION).hits[0].score == pytest.approx(2 * before.hits[0].score, rel=1e-4)
    assert engine.problems() == []
    file.unlink()
    assert engine.ask(QUESTION) == before


def test_the_caution_chooses_among_the_thresholds_of_the_weights(engine):
    own = stored()
    own["confidence"]["thresholds"] = {
        "low": {"answer": 0.0, "sure": 0.0}, "normal": {"answer": 0.0, "sure": 1.0}, "high": {"answer": 1.0, "sure": 1.0},
    }  # fmt: skip
    weights_file(engine.path).write_text(json.dumps(own))
    for caution, certainty in (("low", "sure"), ("normal", "perhaps"), ("high", "none")):
        with open_engine(engine.path, caution) as cautious:
            assert cautious.ask(QUESTION).certainty == certainty


def with_nothing_but(**changes):
    return json.dumps(stored() | changes)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", "null",
        with_nothing_but(weights={"score": "high"}),
        with_nothing_but(weights={"score": True}),
        with_nothing_but(weights={"score": float("nan")}),
        with_nothing_but(weights=3),
        with_nothing_but(weights={"score": 1e300}),
        with_nothing_but(weights={"score": 10**400}),
        with_nothing_but(weights={}, by_type={}),
        "[" * 200_000,
        with_nothing_but(confidence={}),
        with_nothing_but(confidence=stored()["confidence"] | {"thresholds": {"low": {"answer": 0.1, "sure": 0.1}}}),
    ],
)  # fmt: skip
def test_damaged_weights_are_left_aside_with_a_warning_and_the_doctor_names_them(engine, caplog, text):
    before = engine.ask(QUESTION)
    weights_file(engine.path).write_text(text)
    with pytest.raises(WeightsDamaged):
        read_weights(weights_file(engine.path))
    assert engine.ask(QUESTION) == before
    assert engine.ask(QUESTION) == before
    (warning,) = caplog.messages
    assert "citebot.db.weights.json is not used" in warning
    assert "`citebot train`" in warning
    (problem,) = engine.problems()
    assert problem.startswith("citebot.db.weights.json is not used")


@pytest.mark.parametrize("where", ["weights", "by_type", "confidence"])
def test_weights_of_features_that_are_not_known_are_left_aside_too(engine, caplog, where):
    before = engine.ask(QUESTION)
    other = stored()
    if where == "weights":
        other["weights"]["phase of the moon"] = 1.0
    elif where == "by_type":
        other["by_type"]["when"] = {"phase of the moon": 1.0}
    else:
        other["confidence"]["right"]["weights"]["phase of the moon"] = [1.0, 0.0, 1.0]
    weights_file(engine.path).write_text(json.dumps(other))
    if where != "by_type":  # that weight is only met by a question of that type
        assert "phase of the moon" in engine.problems()[0]
    assert engine.ask(QUESTION) == before
    assert "phase of the moon" in caplog.text
