"""One load at a time fills an engine, and questions during loads cite one generation and meet no error."""

import json
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress

import pytest
from milvus_server import milvus_server

from retrieval import StoreBusy, open_engine
from retrieval.milvus import claim
from retrieval.milvus.address import parse_address
from retrieval.milvus.claim import claimed
from retrieval.milvus.client import SENTENCES
from retrieval.milvus.connection import Connection


@pytest.fixture
def server(tmp_path):
    (tmp_path / "server").mkdir()
    with milvus_server(tmp_path / "server") as running:
        yield running


@contextmanager
def connected(server):
    with closing(Connection(parse_address(f"milvus+{server.address}"))) as connection:
        yield connection


def load_own(folder, server, version):
    """Load a version of the articles that are this machine's."""
    folder.mkdir(exist_ok=True)
    lines = [
        {"id": f"{folder.name}{n}", "title": f"Town {n}", "text": f"{folder.name} {n} is in edition {version}.\n"}
        for n in range(30)
    ]
    (folder / "all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with open_engine(folder / "s.db", address=f"milvus+{server.address}") as engine:
        assert not engine.load([folder / "all.jsonl"]).failed


def load_often(folder, server):
    """Load again and again; return the versions that were loaded."""
    loaded = []
    for version in range(1, 6):
        with suppress(StoreBusy):
            load_own(folder, server, version)
            loaded.append(version)
    return loaded


def test_of_two_machines_that_load_one_waits_or_is_refused_and_no_generation_is_mixed(tmp_path, server):
    folders = [tmp_path / name for name in ("one", "other")]
    with connected(server) as connection:
        assert connection.count(SENTENCES) == 0
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(load_often, folders, [server, server]))
    with open_engine(tmp_path / "reader.db", address=f"milvus+{server.address}") as engine:
        shown = Counter(article.text.replace(article.id, "").split(".")[0].split()[0] for article in engine.export())
        editions = {(article.id[:3], article.text.split()[-1]) for article in engine.export()}
    published = [max(each, default=0) for each in outcomes]
    assert any(published)
    assert editions == {(f.name[:3], f"{n}.") for f, n in zip(folders, published, strict=True) if n}
    assert set(shown.values()) == {30}
    for folder in folders:  # nothing of either is in the way afterwards
        load_own(folder, server, 9)


def test_a_load_that_lives_keeps_others_away(server, monkeypatch):
    monkeypatch.setattr(claim, "RENEWED", 0.1)
    with connected(server) as connection, connected(server) as other:
        with claimed(connection) as first:
            with pytest.raises(StoreBusy, match="just now"), claimed(other):
                pass
            first.check()
        with claimed(other):
            pass


def test_a_load_of_another_machine_that_is_not_renewed_is_taken_for_dead_and_publishes_nothing(server, monkeypatch):
    monkeypatch.setattr(claim, "DEAD", 2.0)
    with connected(server) as connection, connected(server) as other, claimed(connection) as first:
        with claimed(other) as second:
            second.check()
        with pytest.raises(StoreBusy, match="Another load has begun"):
            first.check()


def test_questions_during_loads_cite_one_generation_and_meet_no_error(tmp_path, server):
    """Twenty generations, of which each changes, adds and removes articles; the engine keeps the last three."""
    generations = {}
    chance = random.Random(3)

    def story(number, version):
        return f"The tower of town {number} is high. It has {version} steps in edition {version} of its guide.\n"

    def publish(engine, version, versions):
        versions = {number: chance.choice([old, version]) for number, old in versions.items() if chance.random() > 0.1}
        versions |= {number: version for number in range(40) if number not in versions and chance.random() > 0.5}
        lines = [{"id": f"t{n}", "title": f"Town {n}", "text": story(n, v)} for n, v in sorted(versions.items())]
        (tmp_path / "all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        generations[version] = {line["id"]: line["text"] for line in lines}
        engine.load([tmp_path / "all.jsonl"], prune=True)
        assert engine.generation() == version
        return versions

    done, asked = threading.Event(), Counter()

    def ask(name):
        with open_engine(tmp_path / name, address=f"milvus+{server.address}") as engine:
            number = 0
            while not done.is_set():
                number += 1
                answer = engine.ask(f"How many steps has the tower of town {number % 40}?")
                held = generations[answer.generation]
                assert answer.hits
                for hit in answer.hits:
                    assert held[hit.article][hit.start : hit.end] == hit.text
                asked[answer.generation] += 1

    with (
        open_engine(tmp_path / "loader.db", address=f"milvus+{server.address}") as engine,
        ThreadPoolExecutor(3) as pool,
    ):
        versions = publish(engine, 1, dict.fromkeys(range(40), 1))
        readers = [pool.submit(ask, name) for name in ("a.db", "b.db", "b.db")]
        try:
            for version in range(2, 21):
                versions = publish(engine, version, versions)
        finally:
            done.set()
        for one in readers:
            one.result(60)
    assert len(asked) > 10, asked
