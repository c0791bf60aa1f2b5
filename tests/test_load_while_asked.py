"""While a collection is loaded again and again, every question is answered by one generation, and quotes what it holds."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from retrieval import open_engine

BENCHMARKS = Path(__file__).parent / "benchmarks"
sys.path.append(str(BENCHMARKS))
reloading = import_module("reloading")


def test_questions_asked_during_reloads_meet_no_error_and_cite_what_their_generation_holds(tmp_path):
    figures = tmp_path / "figures.json"
    options = ["--articles", "200", "--reloads", "3", "--rate", "20", "--idle", "1", "--json", figures]
    subprocess.run(
        [sys.executable, BENCHMARKS / "reloading.py", *options], check=True, capture_output=True, timeout=240
    )
    measured = json.loads(figures.read_text())
    for asked in measured.values():
        assert (asked["errors"], asked["misquoted"]) == ([], [])
    assert measured["idle"]["generations"] == [1]
    assert measured["idle"]["questions"] >= 10
    assert len(measured["reloading"]["generations"]) > 1
    assert set(measured["reloading"]["generations"]) <= {1, 2, 3, 4}


@pytest.mark.parametrize("reloads", [1, 2])
def test_a_citation_of_another_generation_is_noticed(tmp_path, reloads):
    file = tmp_path / "all.jsonl"
    with open_engine(tmp_path / "s.db") as engine:
        reloading.write(file, 20, 0)
        engine.load([file])
        question = "How many steps are there in town 9?"
        before = engine.ask(question)
        assert before.hits
        assert reloading.misquoted(engine.path, before) == []
        for number in range(reloads):
            reloading.write(file, 20, 10 * (number + 1))
            engine.load([file])
        after = engine.ask(question)
        assert reloading.misquoted(engine.path, before) == reloading.misquoted(engine.path, after) == []
        mixed = type(after)(**{name: getattr(after, name) for name in after.__slots__} | {"hits": before.hits})
        assert reloading.misquoted(engine.path, mixed)
