"""Whenever a process that loads, previews or rolls back is killed, the store is intact and shows one generation.

CITEBOT_KILLS is how often it is killed, by default 10 times.
"""

import multiprocessing
import os
import random
import sqlite3
import time

import pytest
from editions import EDITIONS, QUESTION, go_on, texts, write

from retrieval import open_engine

KILLS = int(os.environ.get("CITEBOT_KILLS") or 10)
LONGEST = 1.5  # seconds that a process works before it is killed; a load takes about a third of a second


@pytest.fixture(scope="module")
def processes():
    return multiprocessing.get_context("forkserver")


def kill_one(processes, folder, seed, after):
    begun = processes.Event()
    child = processes.Process(target=go_on, args=(folder, seed, begun))
    child.start()
    assert begun.wait(60)
    time.sleep(after)
    assert child.is_alive(), "it ended by itself"
    child.kill()
    child.join()


def assert_whole(store):
    db = sqlite3.connect(store)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ((current, state),) = db.execute(
            "SELECT c.generation, g.state FROM current_generation AS c JOIN generations AS g ON g.id = c.generation"
        ).fetchall()
        assert state == "published"
        assert db.execute("SELECT max(id) FROM generations WHERE state = 'published'").fetchone() == (current,)
        stray = "SELECT count(*) FROM spans WHERE version NOT IN (SELECT row FROM versions)"
        assert db.execute(stray).fetchone() == (0,)
        short = (
            "SELECT count(*) FROM versions AS v WHERE sentences != (SELECT count(*) FROM spans WHERE version = v.row)"
        )
        assert db.execute(short).fetchone() == (0,)
    finally:
        db.close()


def edition_shown(store):
    """Return the edition that a store shows completely and answers from; fail for anything else."""
    with open_engine(store) as engine:
        shown = {article.id: article.text for article in engine.export()}
        (edition,) = [edition for edition in EDITIONS if texts(edition) == shown]
        answer = engine.ask(QUESTION)
        assert answer.generation == engine.generation()
        assert answer.hits
        for hit in answer.hits:
            assert shown[hit.article][hit.start : hit.end] == hit.text
        return edition


def test_killed_at_any_moment_a_store_is_whole_and_shows_one_generation(processes, tmp_path):
    write(tmp_path, EDITIONS[0])
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([tmp_path / "all.jsonl"])
    chance, shown, generations = random.Random(20), [], []
    for number in range(KILLS):
        kill_one(processes, tmp_path, number, chance.uniform(0, LONGEST))
        assert_whole(tmp_path / "s.db")
        shown.append(edition_shown(tmp_path / "s.db"))
        with open_engine(tmp_path / "s.db") as engine:
            generations.append(engine.generation())
    assert len(set(shown)) > 1
    assert generations == sorted(generations)
    assert generations[-1] > KILLS / 2  # most did publish something before they were killed
    write(tmp_path, EDITIONS[1])
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([tmp_path / "all.jsonl"], prune=True)
        assert engine.problems() == []
        assert (
            engine.rollback([one.number for one in engine.history() if one.kept][1]).generation == engine.generation()
        )
    edition_shown(tmp_path / "s.db")
    assert len(list((tmp_path / "s.db.index" / "generations").glob("0*.json"))) <= 2
