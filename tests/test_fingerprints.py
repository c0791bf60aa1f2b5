"""A second load reads only what has changed, whatever happened in between."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from retrieval import open_engine
from retrieval.loading.load import load, remove_articles
from retrieval.loading.scan import LoadOptions
from retrieval.sources.fingerprints import fingerprint, is_reliable
from retrieval.store.reader import Reader

SECOND = 1_000_000_000


def write(folder, **texts):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def settled(folder):
    """Wait until a write would change the times of the files."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    while not all(is_reliable(path.stat(), time.time_ns()) for path in paths):
        time.sleep(0.02)
    return folder


@pytest.fixture
def news(tmp_path):
    return settled(write(tmp_path / "news", hills="The hill is high.", lakes="The lake is deep."))


def shown(path):
    with Reader(path) as reader:
        return {article.id: article.text for article in reader.given()}


def lines(path, *articles):
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    return path


def opened(code, *arguments):
    """Run a program; give what it prints, and the names of the files that it opened."""
    hook = (
        "import sys; names = []\n"
        "sys.addaudithook(lambda event, args: names.append(str(args[0])) if event == 'open' else None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{hook}{code}\nprint(*names, sep='\\n', file=sys.stderr)", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr.splitlines()


LOAD = """from retrieval import open_engine
with open_engine(sys.argv[1]) as engine:
    report = engine.load([sys.argv[2]])
    print(len(report.unchanged), report.unread, report.generation)"""


def test_a_second_load_opens_no_file(tmp_path, news):
    load(tmp_path / "s.db", [news])
    told, names = opened(LOAD, tmp_path / "s.db", news)
    assert told.split() == ["2", "2", "1"]
    assert [name for name in names if str(news) in name] == []
    (news / "lakes.txt").write_text("The lake is dry.")
    told, names = opened(LOAD, tmp_path / "s.db", news)
    assert told.split() == ["1", "1", "2"]
    assert [name for name in names if str(news) in name] == [str(news / "lakes.txt")]


def test_what_is_passed_over_counts_as_unchanged_and_as_seen(tmp_path, news):
    load(tmp_path / "s.db", [news])
    report = load(tmp_path / "s.db", [news], LoadOptions(prune=True))
    assert (report.unchanged, report.vanished, report.removed, report.unread) == (("hills", "lakes"), (), (), 2)
    (news / "lakes.txt").unlink()
    report = load(tmp_path / "s.db", [news], LoadOptions(prune=True))
    assert (report.unchanged, report.removed, report.unread) == (("hills",), ("lakes",), 1)


def test_again_reads_in_spite(tmp_path, news):
    load(tmp_path / "s.db", [news])
    report = load(tmp_path / "s.db", [news], LoadOptions(again=True))
    assert (report.unchanged, report.unread) == (("hills", "lakes"), 0)


@pytest.mark.parametrize(
    "version", ["retrieval.loading.changes.SPLITTER_VERSION", "retrieval.loading.changes.READER_VERSION"]
)
def test_a_new_version_of_what_reads_or_splits_reads_everything_again(tmp_path, news, monkeypatch, version):
    load(tmp_path / "s.db", [news])
    monkeypatch.setattr(version, 1_000_000)
    assert load(tmp_path / "s.db", [news]).unread == 0
    assert load(tmp_path / "s.db", [news]).unread == 2


def test_a_file_of_the_same_size_and_time_of_writing_is_read_again(tmp_path, news):
    load(tmp_path / "s.db", [news])
    before = (news / "hills.txt").stat()
    (news / "hills.txt").write_text("The hill is HIGH.")
    os.utime(news / "hills.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert load(tmp_path / "s.db", [news]).changed == ("hills",)


def test_a_file_put_in_the_place_of_another_is_read_again(tmp_path, news):
    load(tmp_path / "s.db", [news])
    (news / "lakes.txt").replace(news / "hills.txt")
    assert load(tmp_path / "s.db", [news]).changed == ("hills",)


def test_a_file_that_was_written_just_before_it_was_read_is_read_again(tmp_path, monkeypatch):
    news = write(tmp_path / "news", hills="The hill is high.")
    monkeypatch.setattr("retrieval.sources.fingerprints._TICK", 10**12)  # however slow this machine is
    load(tmp_path / "s.db", [news])
    monkeypatch.undo()
    assert load(tmp_path / "s.db", [settled(news)]).unread == 0
    assert load(tmp_path / "s.db", [news]).unread == 1


@pytest.mark.parametrize(
    ("changed", "passed", "trusted"),
    [
        (5 * SECOND + 1, 99_999_999, False),
        (5 * SECOND + 1, 100_000_001, True),
        (5 * SECOND, SECOND, False),  # a clock of whole seconds, perhaps of two
        (5 * SECOND, 2 * SECOND + 1, True),
        (5 * SECOND + 1, -SECOND, False),  # the clock was set back
    ],
)
def test_a_stamp_is_trusted_once_the_clock_of_the_files_has_ticked(changed, passed, trusted):
    status = os.stat_result((0, 7, 0, 1, 0, 0, 10, 0, 0, 0), {"st_mtime_ns": changed, "st_ctime_ns": changed})
    assert is_reliable(status, changed + passed) is trusted


def test_a_time_of_writing_in_the_future_hides_nothing(tmp_path, news):
    year = 365 * 86_400 * SECOND
    os.utime(news / "hills.txt", ns=(time.time_ns(), time.time_ns() + year))
    time.sleep(0.15)
    before = fingerprint((news / "hills.txt").stat())
    load(tmp_path / "s.db", [news])
    (news / "hills.txt").write_text("The hill is low!!")
    os.utime(news / "hills.txt", ns=(time.time_ns(), time.time_ns() + year))
    assert fingerprint((news / "hills.txt").stat()) != before
    assert load(tmp_path / "s.db", [news]).changed == ("hills",)


def test_a_file_that_failed_is_read_again(tmp_path, news):
    (news / "bad.txt").write_bytes(b"\x00\x01\x02\xff" * 100)
    settled(news)
    first, second = (load(tmp_path / "s.db", [news]) for _ in range(2))
    assert [failure.name for failure in second.failed] == [failure.name for failure in first.failed] == ["bad.txt"]
    assert second.unread == 2


def test_a_file_with_many_articles_is_passed_over_as_a_whole(tmp_path):
    file = lines(tmp_path / "all.jsonl", *({"id": f"a{n}", "text": f"Hill {n} is high."} for n in range(300)))
    settled(tmp_path)
    load(tmp_path / "s.db", [file])
    report = load(tmp_path / "s.db", [file])
    assert (len(report.unchanged), report.unread) == (300, 1)


def test_an_article_that_left_its_file_stays_vanished_until_it_is_pruned(tmp_path):
    file = lines(tmp_path / "all.jsonl", {"id": "a", "text": "One is a."}, {"id": "b", "text": "Two is b."})
    load(tmp_path / "s.db", [file])
    lines(file, {"id": "a", "text": "One is a."})
    settled(tmp_path)
    for _ in range(3):
        assert load(tmp_path / "s.db", [file]).vanished == ("b",)
    assert load(tmp_path / "s.db", [file], LoadOptions(prune=True)).removed == ("b",)
    report = load(tmp_path / "s.db", [file])
    assert (report.vanished, report.unread) == ((), 1)


def test_an_article_that_was_removed_by_hand_comes_back(tmp_path, news):
    load(tmp_path / "s.db", [news])
    assert remove_articles(tmp_path / "s.db", ["hills"])
    report = load(tmp_path / "s.db", [news])
    assert (report.added, report.unchanged, report.unread) == (("hills",), ("lakes",), 1)


def test_an_id_that_an_earlier_file_takes_is_a_failure_of_the_later_one_though_it_has_not_changed(tmp_path):
    later = lines(tmp_path / "b.jsonl", {"id": "a", "text": "One is a."}, {"id": "c", "text": "Three is c."})
    settled(tmp_path)
    load(tmp_path / "s.db", [later])
    earlier = lines(tmp_path / "a.jsonl", {"id": "a", "text": "Another a."})
    report = load(tmp_path / "s.db", [earlier, later])
    assert (report.changed, report.unchanged, len(report.failed)) == (("a",), ("c",), 1)
    assert shown(tmp_path / "s.db") == {"a": "Another a.", "c": "Three is c."}


def test_an_article_that_two_origins_hold_is_taken_from_whichever_is_read(tmp_path, news):
    other = settled(write(tmp_path / "other", hills="The hill is low."))
    load(tmp_path / "s.db", [news])
    assert load(tmp_path / "s.db", [other]).changed == ("hills",)
    assert load(tmp_path / "s.db", [news]).changed == ("hills",)
    assert shown(tmp_path / "s.db")["hills"] == "The hill is high."


def test_an_earlier_version_put_back_is_not_taken_for_what_the_file_holds(tmp_path, news):
    load(tmp_path / "s.db", [news])
    (news / "hills.txt").write_text("The hill is low.")
    settled(news)
    load(tmp_path / "s.db", [news])
    other = write(tmp_path / "other", hills="The hill is high.")  # as going back to the generation before does
    load(tmp_path / "s.db", [other])
    assert load(tmp_path / "s.db", [news]).changed == ("hills",)


def test_a_load_that_is_interrupted_and_undone_leaves_nothing_to_be_passed_over(tmp_path, news):
    def stop(step):
        if step.total == step.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(tmp_path / "s.db", [news], LoadOptions(progress=stop))
    other = write(tmp_path / "other", rivers="The river is wide.")
    load(tmp_path / "s.db", [other])  # undoes it
    report = load(tmp_path / "s.db", [news])
    assert (report.added, report.unread) == (("hills", "lakes"), 0)


def test_a_load_that_goes_on_passes_over_what_was_read(tmp_path, news):
    def stop(step):
        if step.total == step.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(tmp_path / "s.db", [news], LoadOptions(progress=stop))
    report = load(tmp_path / "s.db", [news])
    assert (report.added, report.resumed, report.unread) == (("hills", "lakes"), 2, 1)  # the last was not noted yet
    assert shown(tmp_path / "s.db") == {"hills": "The hill is high.", "lakes": "The lake is deep."}


@pytest.mark.parametrize("seconds", [0.6, 0.9, 1.2])
def test_a_load_killed_at_any_moment_is_never_taken_for_one_that_was_read(tmp_path, seconds):
    folder = tmp_path / "towns"
    write(folder, **{f"a{n}": f"The tower of town {n} is high." for n in range(1500)})
    settled(folder)
    code = "import sys; from retrieval import open_engine; open_engine(sys.argv[1]).load([sys.argv[2]])"
    child = subprocess.Popen([sys.executable, "-c", code, tmp_path / "s.db", folder], cwd=ROOT)
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    child.wait()
    report = load(tmp_path / "s.db", [folder])
    assert len(report.added) + len(report.unchanged) == 1500
    assert report.sentences == 1500
    with open_engine(tmp_path / "s.db") as engine:
        assert "tower of town 1234" in engine.ask("How high is the tower of town 1234?").hits[0].text


def test_readings_of_files_that_are_gone_are_forgotten(tmp_path, news):
    import sqlite3

    load(tmp_path / "s.db", [news])
    (news / "lakes.txt").unlink()
    load(tmp_path / "s.db", [news])
    store = sqlite3.connect(tmp_path / "s.db")
    assert store.execute("SELECT source, articles, outcome FROM readings").fetchall() == [("hills", 1, "")]
    store.close()
