"""Whatever is killed while an engine is filled, it shows one generation, whole, and the next load goes on.

CITEBOT_KILLS is how often each is killed, by default 2 times.
"""

import multiprocessing
import os
import random
import threading
import time

import pytest
from editions import EDITIONS, QUESTION, go_on, texts, write
from milvus_server import milvus_server

from retrieval import EngineAway, open_engine

KILLS = int(os.environ.get("CITEBOT_KILLS") or 2)
LONGEST = 12.0  # seconds that a process works before it is killed; a load takes about two


@pytest.fixture
def server(tmp_path):
    (tmp_path / "server").mkdir()
    with milvus_server(tmp_path / "server") as running:
        yield running


@pytest.fixture(scope="module")
def processes():
    return multiprocessing.get_context("forkserver")


def edition_shown(store, server):
    """Return the edition that an engine shows completely, on a machine that knows nothing; fail for anything else."""
    store.unlink(missing_ok=True)
    with open_engine(store, address=f"milvus+{server.address}") as engine:
        shown = {article.id: article.text for article in engine.export()}
        (edition,) = [edition for edition in EDITIONS if texts(edition) == shown]
        answer = engine.ask(QUESTION)
        assert answer.generation == engine.generation()
        assert answer.hits
        for hit in answer.hits:
            assert shown[hit.article][hit.start : hit.end] == hit.text
        return edition, answer.generation


def load(folder, server, edition):
    write(folder, edition)
    with open_engine(folder / "s.db", address=f"milvus+{server.address}") as engine:
        engine.load([folder / "all.jsonl"], prune=True)
        return engine.generation()


def test_whenever_a_load_is_killed_the_engine_shows_one_generation_and_the_next_load_heals_it(
    processes, tmp_path, server
):
    load(tmp_path, server, EDITIONS[0])
    chance, shown = random.Random(18), []
    for number in range(KILLS):
        begun = processes.Event()
        child = processes.Process(target=go_on, args=(tmp_path, number, begun, f"milvus+{server.address}"))
        child.start()
        assert begun.wait(60)
        time.sleep(chance.uniform(0, LONGEST))
        assert child.is_alive(), "it ended by itself"
        child.kill()
        child.join()
        shown.append(edition_shown(tmp_path / "reader.db", server))
    generations = [generation for _, generation in shown]
    assert generations == sorted(generations)
    assert len(set(generations)) > 1  # some published something before they were killed
    generation = load(tmp_path, server, EDITIONS[1])
    assert edition_shown(tmp_path / "reader.db", server) == (EDITIONS[1], generation)


def test_whenever_the_server_is_killed_the_engine_shows_one_generation_and_the_next_load_goes_on(tmp_path, server):
    load(tmp_path, server, EDITIONS[0])
    chance, failed = random.Random(81), 0
    for number in range(KILLS):
        killer = threading.Timer(chance.uniform(0, 2.0), server.kill)
        killer.start()
        try:
            load(tmp_path, server, EDITIONS[number % 3])
        except EngineAway:
            failed += 1
        killer.join()
        server.start()
        edition_shown(tmp_path / "reader.db", server)
    assert failed
    generation = load(tmp_path, server, EDITIONS[1])
    assert edition_shown(tmp_path / "reader.db", server) == (EDITIONS[1], generation)
