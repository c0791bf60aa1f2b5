"""A question ends when its time is over, whatever it is doing, and the next one is answered."""

import json
import sqlite3
import threading
from contextlib import closing

import pytest

from retrieval import QuestionTooSlow, open_engine
from retrieval.asking.answerer import Answerer
from retrieval.records import Filter
from retrieval.store.reader import Reader
from retrieval.store.time_limit import TimeLimit

ARTICLES = 1_000
QUESTION = "Where did the ferry of Lakeside sink?"


class Clock:
    """Says that no time passes until it has been looked at often enough, and then that an hour has."""

    def __init__(self, looks):
        self.looks, self.passes_at = 0, looks

    def __call__(self):
        self.looks += 1
        return 3600.0 if self.looks >= self.passes_at else 0.0


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    rows = [{"id": f"a{n}", "title": "", "text": f"The ferry of Lakeside sank in storm {n}."} for n in range(ARTICLES)]
    (folder / "all.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with open_engine(folder / "citebot.db") as engine:
        engine.load([folder / "all.jsonl"])
        assert engine.ask(QUESTION).hits
    return folder / "citebot.db"


def test_a_query_is_ended_within_and_the_next_one_runs(store):
    clock = Clock(looks=3)
    with Reader(store, TimeLimit(clock)) as reader:
        with reader.limit.within(1.0), pytest.raises(QuestionTooSlow, match="takes too long"):
            reader.matching(1, Filter(sources=("x", "y", "z")))
        assert clock.looks == 4  # once more for the reason
        rows, _ = reader.matching(1, Filter(sources=("a",)))
    assert len(rows) == ARTICLES


def test_what_is_asked_is_ended_from_another_thread_and_nothing_is_answered_from_then_on(store):
    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000000) SELECT sum(i) FROM n"
    limit = TimeLimit()
    ending = threading.Timer(0.2, limit.end)
    ending.start()
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        limit.within(3600.0),
        pytest.raises(QuestionTooSlow),
        limit.ending(connection),
    ):
        connection.execute(long).fetchall()
    with open_engine(store) as engine:
        assert engine.ask(QUESTION).hits
        engine.end_questions()
        with pytest.raises(QuestionTooSlow):
            engine.ask(QUESTION)


@pytest.mark.parametrize("looks", [2, 3, 4])
def test_a_question_is_ended_between_its_stages_and_the_next_one_is_answered(store, looks):
    clock = Clock(looks)
    with Answerer(store, reader=Reader(store, TimeLimit(clock))) as answerer:
        with pytest.raises(QuestionTooSlow):
            answerer.ask(QUESTION)
        assert clock.looks == looks
        assert answerer.ask(QUESTION).hits
