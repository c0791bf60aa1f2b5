"""Answers as JSON: why nothing came, in one word."""

import json

import pytest

from bot.rendering.as_json import answer_json, explained_json
from retrieval import open_engine

HIGH = "How high is the harbour tower?"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tower")
    (folder / "tower.txt").write_text("The tower\n\nThe harbour tower is 96 metres high. Nobody minds.\n")
    with open_engine(folder / "s.db") as engine:
        engine.load(folder / "tower.txt")
        yield engine


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (HIGH, None),
        ("qwzx", "abstained"),
        (f"in:nowhere {HIGH}", "nothing_matches_filter"),
        (f"sort:oldest {HIGH}", "no_such_filter"),
        (HIGH + " in:a" * 9, "too_many_filters"),
        ("hello", "small_talk"),
        ("Who are you?", "small_talk"),
        ("?!", "empty"),
        ("and when?", "follow_up"),
    ],
)
def test_json_says_why_nothing_came(engine, question, reason):
    for line in (answer_json(engine.ask(question)), explained_json(engine.explain(question))):
        found = json.loads(line)
        assert (found["reason"], found["answered"]) == (reason, reason is None)


def test_json_says_that_there_are_no_articles(engine, tmp_path):
    with open_engine(tmp_path / "none.db") as none:
        assert json.loads(answer_json(none.ask(HIGH), store_is_empty=True))["reason"] == "no_articles"
        assert json.loads(answer_json(none.ask("hello"), store_is_empty=True))["reason"] == "small_talk"
