"""Formats that must be parsed: what a hostile file does is its own failure, and the next one is read."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, environment
from made_documents import read_measured

from retrieval import open_engine
from retrieval.readers import read_source, sandbox, stop_readers
from retrieval.readers.limits import WorkBudget
from retrieval.readers.sandbox import read_in_sandbox
from retrieval.records import Article, Failure, Source

GENEROUS = 60  # seconds until which a process must be gone


def read(tmp_path, orders, url=None):
    path = tmp_path / "told.txt"
    path.write_text(orders)
    return list(read_in_sandbox(Source("told", path, "o", url), "sandbox_readers", "told.txt"))


def reader_of(items):
    """The process in which an article was read."""
    return int(next(item.text for item in items if isinstance(item, Article)))


def reasons(items):
    return [item.reason for item in items if isinstance(item, Failure)]


@pytest.fixture(autouse=True)
def _ended():
    stop_readers()
    yield
    stop_readers()


def test_articles_and_failures_come_as_the_reader_gives_them(tmp_path):
    first, second, third = read(tmp_path, "a fail b", "https://example.org/é")
    assert (first.id, first.url, third.id) == ("told-1", "https://example.org/é", "told-3")
    assert second == Failure("told", "told to")


def test_one_process_reads_file_after_file_and_ends_with_the_load(tmp_path):
    pid = reader_of(read(tmp_path, "a"))
    assert pid != os.getpid()
    assert reader_of(read(tmp_path, "a")) == pid
    stop_readers()
    assert not Path(f"/proc/{pid}").exists()
    assert reader_of(read(tmp_path, "a")) != pid


def test_a_process_is_relieved_after_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "FILES_PER_PROCESS", 2)
    first, second, third = (reader_of(read(tmp_path, "a")) for _ in range(3))
    assert first == second != third


def test_a_process_that_reads_hostile_files_knows_no_secret_of_the_bot(tmp_path, monkeypatch):
    monkeypatch.setenv("CITEBOT_TOKEN", "123456:NOT-FOR-FILES")
    known = Path(f"/proc/{reader_of(read(tmp_path, 'a'))}/environ").read_bytes()
    assert b"PATH=" in known
    assert b"NOT-FOR-FILES" not in known


def test_files_that_are_read_at_once_have_a_process_each(tmp_path):
    path = tmp_path / "told.txt"
    path.write_text("a b")
    readings = [read_in_sandbox(Source("told", path, "o"), "sandbox_readers", "told.txt") for _ in range(2)]
    assert len({reader_of([next(reading)]) for reading in readings}) == 2
    assert [len(list(reading)) for reading in readings] == [1, 1]


def test_who_stops_reading_leaves_no_process_in_the_middle_of_a_file(tmp_path):
    path = tmp_path / "told.txt"
    path.write_text("a b c")
    reading = read_in_sandbox(Source("told", path, "o"), "sandbox_readers", "told.txt")
    pid = reader_of([next(reading)])
    reading.close()
    assert not Path(f"/proc/{pid}").exists()
    assert len(read(tmp_path, "a b")) == 2


def test_each_article_has_4_s_of_processor_time_and_300_mb(tmp_path):
    for limits in read(tmp_path, "limits limits"):
        seconds, memory = json.loads(limits.text)
        assert round(seconds) == 4
        assert memory == 300_000_000


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("compute", "takes too long"),
        ("fill", "300 MB"),
        ("crash", "crashed"),
        ("exit", "does not start"),
        ("break", "damaged"),
        ("recurse", "damaged"),
        ("refuse", "It is empty."),
        ("x5000001", "over 10 MB"),
        ("10001", "10,000 articles"),
    ],
)
def test_what_no_file_may_do_is_told_by_name_with_a_remedy_and_the_next_is_read(tmp_path, monkeypatch, order, reason):
    monkeypatch.setattr(sandbox, "STEP_SECONDS", 1.0)
    found = read(tmp_path, f"a {order} b")
    assert isinstance(found[0], Article)
    assert len(reasons(found)) == 1
    assert reason in reasons(found)[0]
    assert all(item.name in {"told.txt", "told-2"} for item in found if isinstance(item, Failure))
    assert str(tmp_path) not in reasons(found)[0]
    assert len(read(tmp_path, "a b")) == 2


def test_an_article_of_10_mb_passes_and_so_do_10000(tmp_path):
    long = read(tmp_path, "x5000000")[0]
    assert long.text == "é" * 5_000_000
    assert len(read(tmp_path, "10000")) == 10_000


def test_a_large_file_has_its_time_for_each_page_and_a_small_one_is_told_how_far_it_came(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "STEP_SECONDS", 0.5)
    pages = "page " * 5
    assert reader_of(read(tmp_path, f"{pages} a {' ' * 100_000}"))
    (told,) = reasons(read(tmp_path, f"{pages} a"))
    assert re.search(r"takes too long for a file of its size\..* [12] of 6 pages were read\.", told)
    assert "of 6 pages" not in reasons(read(tmp_path, f"compute {pages}"))[0]


def test_what_a_file_takes_is_taken_from_the_budget_of_its_archive(tmp_path):
    path, budget = tmp_path / "told.txt", WorkBudget(0.5)
    left = []
    for orders in ("page a", "page page a"):
        path.write_text(orders)
        found = list(read_in_sandbox(Source("told", path, "o"), "sandbox_readers", "told.txt", budget))
        left.append(budget.left)
    assert 0.1 < left[0] < 0.3
    assert left[1] < 0
    assert "takes too long" in reasons(found)[0]


def test_a_reader_that_computes_is_waited_for_however_busy_the_machine_is(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "SILENCE_SECONDS", 0.05)
    monkeypatch.setattr(sandbox, "BUSY", -1.0)
    assert reader_of(read(tmp_path, "page a"))


def test_a_reader_that_does_nothing_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "SILENCE_SECONDS", 0.5)
    assert "takes too long" in reasons(read(tmp_path, "a sleep"))[0]


def test_what_a_library_prints_is_no_article(tmp_path):
    assert [item.id for item in read(tmp_path, "a print b")] == ["told-1", "told-2", "told-3"]


def test_a_child_that_was_killed_meanwhile_is_replaced(tmp_path):
    pid = reader_of(read(tmp_path, "a"))
    os.kill(pid, signal.SIGKILL)
    assert reader_of(read(tmp_path, "a")) != pid


@pytest.mark.parametrize("orders", ["a", "a sleep"], ids=["idle", "reading"])
def test_the_reader_does_not_outlive_a_parent_that_is_killed(tmp_path, orders):
    path = tmp_path / "told.txt"
    path.write_text(orders if orders == "a" else "a compute")
    code = (
        "import sys, pathlib; from retrieval.readers import sandbox; from retrieval.records import Source\n"
        "sandbox.STEP_SECONDS = 1.0\n"
        "reading = sandbox.read_in_sandbox(Source('told', pathlib.Path(sys.argv[1]), 'o'), 'sandbox_readers', 'told')\n"
        "print(next(reading).text, flush=True); list(reading); sys.stdin.read()"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        env=environment() | {"PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + GENEROUS
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


BOMBS = {
    "nested": lambda: "<html><body>" + "<div>" * 1_000_000 + "deep",
    "line": lambda: "<html><body><p>" + "word " * 20_000_000,
    "long-paragraph": lambda: "<html><body><p>" + "word " * 1_900_000,
    "links": lambda: "<html><body>" + "<p><a href='/x'>A link that leads on</a></p>" * 100_000,
    "attributes": lambda: "<html><body><p " + "".join(f"a{n}=1 " for n in range(1_000_000)) + ">Text.",
    "entities": lambda: (
        "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY b{n} '&a;&a;'>" for n in range(50)) + "]>&b9;"
    ),
    "classes": lambda: "<html><body><div class='" + "share-" * 1_500_000 + "'>Text.",
    "table": lambda: "<html><body>" + "<table><tr><td>" * 300_000 + "deep",
}


def test_hostile_pages_are_refused_or_read_within_300_mb_and_the_load_goes_on(tmp_path):
    paths = []
    for name, made in BOMBS.items():
        hostile, after = tmp_path / f"{name}.html", tmp_path / f"{name}-after.html"
        hostile.write_text(made())
        after.write_text("<p>The mill was built in 1764.</p>" * 2)
        paths += [hostile, after]
    found, megabytes = read_measured(paths)
    assert all(len(reasons) == 1 for reasons in found.values())
    assert [reasons for path, reasons in found.items() if path.stem.endswith("-after")] == [[None]] * len(BOMBS)
    assert megabytes < 350  # a little more than 300 MB of data: code is in it


def test_a_plain_load_starts_no_process(tmp_path):
    (tmp_path / "a.txt").write_text("Headline\n\nBody.")
    code = (
        "import sys; from retrieval import open_engine; open_engine(sys.argv[1] + '/x.db').load([sys.argv[1] + '/a.txt'])\n"
        "print(*sorted(sys.modules))"
    )
    run = [sys.executable, "-c", code, str(tmp_path)]
    modules = set(subprocess.run(run, env=environment(), capture_output=True, text=True, check=True).stdout.split())
    assert "retrieval.readers.text" in modules
    assert modules & {"trafilatura", "lxml", "retrieval.readers.sandbox", "retrieval.readers.html"} == set()


def test_a_load_leaves_no_process(tmp_path):
    (tmp_path / "a.md").write_text("The mill was built in 1764.")
    with open_engine(tmp_path / "s.db") as engine:
        assert engine.load([tmp_path / "a.md"]).added == ("a",)
    assert sandbox._idle == []


def test_a_reading_that_ends_leaves_no_process_of_its_own(tmp_path):
    (tmp_path / "a.html").write_text("<p>The mill was built in 1764.</p>")
    assert len(list(read_source(Source("a", tmp_path / "a.html", "o")))) == 1
    assert len(sandbox._idle) == 1
    stop_readers()
    assert sandbox._idle == []
