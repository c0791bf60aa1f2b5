"""Loading: folders and files become generations, whatever is in them and whenever the load dies."""

import gc
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from types import SimpleNamespace

import pytest
from conftest import ROOT, environment, write_texts

from bot.rendering import load_messages
from retrieval import open_engine
from retrieval.errors import StoreBusy, StoreError
from retrieval.index.manifest import manifest_of
from retrieval.loading.changes import digest_article
from retrieval.loading.load import load, remove_articles
from retrieval.loading.progress import ProgressReporter
from retrieval.loading.scan import LoadOptions
from retrieval.records import Article, Progress
from retrieval.store.reader import Reader
from retrieval.store.store_checks import find_store_problems

HILLS = "The hill is high.\n\nIt is green in summer. Sheep graze there.\n"


def write_jsonl(path, *articles):
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    return path


def shown(path):
    with Reader(path) as reader:
        return {article.id: article.text for article in reader.given()}


def generation(path):
    with Reader(path) as reader:
        return reader.generation()


def integrity(path):
    store = sqlite3.connect(path)
    try:
        return store.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        store.close()


def test_a_new_store_and_its_index_are_its_owners_alone(tmp_path):
    write_texts(tmp_path, hills=HILLS)
    load(tmp_path / "s.db", [tmp_path / "hills.txt"])
    with Reader(tmp_path / "s.db") as reader:
        assert reader.generation()
        rights = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("s.db*")}
    del rights["s.db.lock"]  # it holds nothing
    assert rights.pop("s.db.index") == "0o700"
    assert rights
    assert set(rights.values()) == {"0o600"}


def test_a_load_makes_no_more_garbage_in_cycles_of_more_articles(tmp_path):
    def made(articles):
        lines = [
            {"id": f"a{n}", "text": f"Hill {n} is high.\n\nIt is “green”." if n % 3 else ""} for n in range(articles)
        ]
        source = write_jsonl(tmp_path / f"{articles}.jsonl", *lines)
        gc.collect()
        load(tmp_path / f"{articles}.db", [source])
        return gc.collect()

    gc.disable()
    try:
        made(2)  # what is imported or filled but once
        assert made(300) <= made(10)
        assert not gc.isenabled()
    finally:
        gc.enable()
    made(2)
    assert gc.isenabled()


def test_a_folder_is_loaded_and_reported(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.\n\nIt is cold all year.\n")
    report = load(tmp_path / "s.db", [news])
    assert (report.generation, report.added, report.changed, report.failed) == (1, ("hills", "lakes"), (), ())
    with Reader(tmp_path / "s.db") as reader:
        assert reader.article("hills").text == HILLS
        assert report.sentences == sum(len(reader.sentences(id_)) for id_ in ("hills", "lakes")) >= 5
        assert [article.language for article in reader.articles()] == ["en", "en"]
        assert reader.article("hills").language is None


def test_loading_the_same_folder_twice_changes_nothing(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS)
    time.sleep(0.2)  # a file changed just before it was read is read again, and that is noted
    load(tmp_path / "s.db", [news])
    before = (tmp_path / "s.db").read_bytes()
    report = load(tmp_path / "s.db", [news])
    assert (report.generation, report.unchanged, report.added, report.changed) == (1, ("hills",), (), ())
    assert (tmp_path / "s.db").read_bytes() == before


def test_a_changed_file_replaces_its_article(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.")
    load(tmp_path / "s.db", [news])
    write_texts(news, hills=HILLS + "Goats too.\n")
    report = load(tmp_path / "s.db", [news])
    assert (report.generation, report.changed, report.unchanged) == (2, ("hills",), ("lakes",))
    assert shown(tmp_path / "s.db")["hills"].endswith("Goats too.\n")


@pytest.mark.parametrize("field", ["id", "title", "text", "language", "url", "published", "author"])
def test_every_field_of_an_article_counts_for_its_digest(field):
    fields = dict.fromkeys(("id", "title", "text", "language", "url", "published", "author"), "same")
    assert digest_article(Article(**fields)) != digest_article(Article(**fields | {field: "other"}))


def test_an_improved_splitter_splits_again(tmp_path, monkeypatch):
    news = write_texts(tmp_path / "news", hills=HILLS)
    load(tmp_path / "s.db", [news])
    monkeypatch.setattr("retrieval.loading.changes.SPLITTER_VERSION", 1_000_000)
    assert load(tmp_path / "s.db", [news]).changed == ("hills",)


def test_a_vanished_file_is_reported_and_kept_until_it_is_pruned(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.")
    load(tmp_path / "s.db", [news])
    (news / "lakes.txt").unlink()
    report = load(tmp_path / "s.db", [news])
    assert (report.generation, report.vanished, report.removed) == (1, ("lakes",), ())
    assert set(shown(tmp_path / "s.db")) == {"hills", "lakes"}
    report = load(tmp_path / "s.db", [news], LoadOptions(prune=True))
    assert (report.generation, report.vanished, report.removed) == (2, (), ("lakes",))
    assert set(shown(tmp_path / "s.db")) == {"hills"}


def test_only_an_origin_that_was_read_can_lose_articles(tmp_path):
    news, old = write_texts(tmp_path / "news", hills=HILLS), write_texts(tmp_path / "old", lakes="The lake is deep.")
    load(tmp_path / "s.db", [news, old])
    shutil.rmtree(old)
    report = load(tmp_path / "s.db", [news, old], LoadOptions(prune=True))
    assert (report.vanished, report.removed) == ((), ())
    assert [failure.name for failure in report.failed] == [str(old)]
    assert set(shown(tmp_path / "s.db")) == {"hills", "lakes"}


def test_a_folder_is_the_same_origin_however_it_is_spelled(tmp_path, monkeypatch):
    news = write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.")
    load(tmp_path / "s.db", [news])
    (news / "lakes.txt").unlink()
    monkeypatch.chdir(tmp_path)
    assert load(tmp_path / "s.db", ["./news/"]).vanished == ("lakes",)


def test_an_article_that_moved_to_another_origin_is_missed_there_and_not_here(tmp_path):
    news, old = write_texts(tmp_path / "news"), write_texts(tmp_path / "old", hills=HILLS)
    load(tmp_path / "s.db", [old])
    (old / "hills.txt").rename(news / "hills.txt")
    assert load(tmp_path / "s.db", [news, old]).unchanged == ("hills",)
    assert load(tmp_path / "s.db", [old]).vanished == ()
    (news / "hills.txt").unlink()
    assert load(tmp_path / "s.db", [news]).vanished == ("hills",)


def test_a_file_that_fails_keeps_its_earlier_article(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.")
    load(tmp_path / "s.db", [news])
    (news / "hills.txt").write_bytes(b"\x00\x01\x02\xff" * 1000)
    report = load(tmp_path / "s.db", [news], LoadOptions(prune=True))
    assert len(report.failed) == 1
    assert (report.generation, report.vanished, report.removed) == (1, (), ())
    assert shown(tmp_path / "s.db")["hills"] == HILLS


def test_an_article_of_a_jsonl_file_with_a_broken_line_is_not_vanished(tmp_path):
    file = write_jsonl(
        tmp_path / "all.jsonl", {"id": "a", "title": "A", "text": "One."}, {"id": "b", "title": "", "text": "Two."}
    )
    load(tmp_path / "s.db", [file])
    file.write_text('{"id": "a", "title": "A", "text": "One."}\n{"id": "b", "title"\n')
    report = load(tmp_path / "s.db", [file], LoadOptions(prune=True))
    assert (report.unchanged, report.removed, len(report.failed)) == (("a",), (), 1)
    assert set(shown(tmp_path / "s.db")) == {"a", "b"}


def test_the_second_of_two_articles_with_one_id_fails_by_name(tmp_path):
    first = write_jsonl(tmp_path / "first.jsonl", {"id": "a", "title": "", "text": "One."})
    second = write_jsonl(tmp_path / "second.jsonl", {"id": "a", "title": "", "text": "Two."})
    report = load(tmp_path / "s.db", [first, second])
    assert report.added == ("a",)
    (failure,) = report.failed
    assert failure.name == "a"
    assert "first.jsonl" in failure.reason
    assert "second.jsonl" in failure.reason
    assert shown(tmp_path / "s.db") == {"a": "One."}


def test_an_article_that_takes_the_place_of_another_sources_is_named(tmp_path):
    boats, trains = (
        write_texts(tmp_path / "boats", index="Boats sail."),
        write_texts(tmp_path / "trains", index="Trains run."),
    )
    load(tmp_path / "s.db", [boats])
    write_texts(boats, index="Boats row.")
    assert load(tmp_path / "s.db", [boats / "index.txt"]).replaced == ()  # the same file
    report = load(tmp_path / "s.db", [trains])
    assert (report.changed, report.replaced) == (("index",), ("index",))
    told = load_messages.load_report(report)[1]
    assert told.startswith("Of these, 1 article (index) had the ID of an article of another source, and replaced it.")
    assert load(tmp_path / "s.db", [trains]).replaced == ()
    assert load(tmp_path / "t.db", [boats.parent]).added == ("boats/index", "trains/index")


def test_two_files_of_one_name_that_claim_an_id_are_told_by_their_paths(tmp_path):
    one, two = (write_texts(tmp_path / name, bus="The bus\n\nThe bus stops here.\n") for name in ("one", "two"))
    with open_engine(tmp_path / "citebot.db") as engine:
        (failed,) = engine.load([one, two]).failed
    assert f"The id is used twice: in {one / 'bus.txt'} and in {two / 'bus.txt'}. " in failed.reason


def test_a_file_named_twice_is_read_once(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS)
    report = load(tmp_path / "s.db", [news, news, news / "hills.txt"])
    assert (report.added, report.failed) == (("hills",), ())


def test_half_a_character_is_a_failure_of_that_article_alone(tmp_path):
    file = tmp_path / "all.jsonl"
    file.write_text('{"id": "a", "title": "", "text": "\\ud800 One."}\n{"id": "b", "title": "", "text": "Two."}\n')
    report = load(tmp_path / "s.db", [file])
    assert (report.added, len(report.failed)) == (("b",), 1)


def test_a_load_in_which_everything_fails_publishes_nothing(tmp_path):
    report = load(tmp_path / "s.db", [tmp_path / "nowhere"])
    assert (report.generation, report.added, report.sentences, len(report.failed)) == (0, (), 0, 1)
    assert generation(tmp_path / "s.db") == 0


def test_removing_an_article_publishes_a_generation_even_if_it_was_the_last(tmp_path):
    load(tmp_path / "s.db", [write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.")])
    assert remove_articles(tmp_path / "s.db", ["hills", "hills", "none"]) == ["hills"]
    assert (generation(tmp_path / "s.db"), set(shown(tmp_path / "s.db"))) == (2, {"lakes"})
    assert remove_articles(tmp_path / "s.db", ["hills"]) == []
    assert generation(tmp_path / "s.db") == 2
    assert remove_articles(tmp_path / "s.db", ["lakes"]) == ["lakes"]
    assert (generation(tmp_path / "s.db"), shown(tmp_path / "s.db")) == (3, {})
    assert load(tmp_path / "s.db", [tmp_path / "news"]).added == ("hills", "lakes")


def test_removing_from_a_store_that_is_not_there_makes_none(tmp_path):
    assert remove_articles(tmp_path / "s.db", ["hills"]) == []
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_its_total_and_never_goes_back(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.")
    articles = [{"id": f"a{n}", "title": "", "text": "Ünïcode. " * n} for n in range(1, 50)]
    write_jsonl(news / "many.jsonl", *articles)
    steps: list[Progress] = []
    report = load(tmp_path / "s.db", [news], LoadOptions(progress=steps.append))
    assert steps[0].total is None
    known = [step for step in steps if step.total is not None and step.phase == "reading"]
    assert {step.total for step in known} == {sum(path.stat().st_size for path in news.iterdir())}
    assert known[-1].done == known[-1].total
    assert [step.done for step in known] == sorted(step.done for step in known)
    assert known[-1].sentences == report.sentences
    indexing = next(step for step in steps if step.phase == "indexing")
    assert (indexing.done, indexing.total) == (0, report.sentences)


def test_each_phase_of_a_load_has_its_own_clock(monkeypatch):
    clock = iter([0.0, 5.0, 6.0, 9.0, 20.0, 20.5, 23.0])
    monkeypatch.setattr("retrieval.loading.progress.time", SimpleNamespace(monotonic=clock.__next__))
    steps: list[Progress] = []
    meter = ProgressReporter(steps.append)
    meter.finding("news")
    meter.reading("a", 10, 100, 3)
    meter.reading("a", 100, 100, 30)
    meter.indexing(0, 30)
    meter.indexing(30, 30)
    assert [(step.phase, step.done, step.total, step.sentences) for step in steps] == [
        ("reading", 0, None, 0),
        ("reading", 10, 100, 3),
        ("reading", 100, 100, 30),
        ("indexing", 0, 30, 0),
        ("indexing", 30, 30, 30),
    ]
    assert [step.seconds for step in steps] == [0, 1, 4, 0.5, 3]
    monkeypatch.undo()
    ProgressReporter(None).indexing(1, 2)  # nobody need listen


def test_an_index_that_cannot_be_written_leaves_the_old_content(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS)
    load(tmp_path / "s.db", [news])
    shutil.rmtree(tmp_path / "s.db.index")
    (tmp_path / "s.db.index").write_text("in the way")
    write_texts(news, lakes="The lake is deep.")
    with pytest.raises(StoreError, match="is not a folder"):
        load(tmp_path / "s.db", [news])
    assert (generation(tmp_path / "s.db"), set(shown(tmp_path / "s.db"))) == (1, {"hills"})
    assert find_store_problems(tmp_path / "s.db") == []
    (tmp_path / "s.db.index").unlink()
    assert load(tmp_path / "s.db", [news]).added == ("lakes",)


def interrupt_at_end(step):
    if step.total == step.done:
        raise KeyboardInterrupt


def interrupt(store, sources, **options):
    with pytest.raises(KeyboardInterrupt):
        load(store, sources, LoadOptions(progress=interrupt_at_end, **options))


def test_an_interrupted_load_leaves_the_old_content_and_the_next_one_goes_on(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS)
    load(tmp_path / "s.db", [news])
    write_texts(news, hills="The hill has changed a good deal.", lakes="The lake is deep.")
    interrupt(tmp_path / "s.db", [news])
    assert shown(tmp_path / "s.db") == {"hills": HILLS}
    assert "Run it again to continue" in find_store_problems(tmp_path / "s.db")[0]
    report = load(tmp_path / "s.db", [news])
    assert (report.generation, report.resumed, report.changed, report.added) == (2, 2, ("hills",), ("lakes",))
    assert shown(tmp_path / "s.db") == {"hills": "The hill has changed a good deal.", "lakes": "The lake is deep."}
    assert find_store_problems(tmp_path / "s.db") == []
    assert load(tmp_path / "s.db", [news]).resumed == 0


def test_what_has_changed_or_gone_since_the_interruption_is_read_as_it_is_now(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS, lakes="The lake is deep.")
    load(tmp_path / "s.db", [news])
    write_texts(
        news,
        hills="The hill has changed a good deal.",
        lakes="The lake is dry.",
        rivers="The river is wide.",
        seas="The sea is salt.",
    )
    interrupt(tmp_path / "s.db", [news])
    write_texts(news, hills="The hill has changed again since then.")
    for gone in ("lakes", "rivers"):
        (news / f"{gone}.txt").unlink()
    report = load(tmp_path / "s.db", [news])
    assert (report.resumed, report.changed, report.added, report.vanished) == (1, ("hills",), ("seas",), ("lakes",))
    kept = {"hills": "The hill has changed again since then.", "lakes": "The lake is deep.", "seas": "The sea is salt."}
    assert shown(tmp_path / "s.db") == kept


@pytest.mark.parametrize("other", [{"sources": ["old"]}, {"prune": True}, {"remove_article": True}])
def test_a_load_of_anything_else_undoes_the_interrupted_one(tmp_path, other):
    news, old = write_texts(tmp_path / "news", lakes="The lake is deep."), write_texts(tmp_path / "old", hills=HILLS)
    load(tmp_path / "s.db", [old])
    interrupt(tmp_path / "s.db", [news])
    if "remove_article" in other:
        assert remove_articles(tmp_path / "s.db", ["hills"])
    else:
        write_texts(old, hills="The hill has changed a good deal.")
        sources = [tmp_path / name for name in other.get("sources", ["news"])]
        assert load(tmp_path / "s.db", sources, LoadOptions(prune=other.get("prune", False))).resumed == 0
    assert generation(tmp_path / "s.db") == 3
    assert load(tmp_path / "s.db", [news]).resumed == 0
    assert find_store_problems(tmp_path / "s.db") == []


def test_a_load_that_fails_is_undone_and_not_gone_on_with(tmp_path):
    news = write_texts(tmp_path / "news", hills=HILLS)

    def fail(step):
        if step.total == step.done:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        load(tmp_path / "s.db", [news], LoadOptions(progress=fail))
    assert find_store_problems(tmp_path / "s.db") == []
    assert load(tmp_path / "s.db", [news]).resumed == 0


def test_the_index_folder_keeps_two_generations_at_most(tmp_path):
    for number in range(4):
        load(tmp_path / "s.db", [write_texts(tmp_path / "news", hills=f"Hill number {number} is high.")])
    assert len(list((tmp_path / "s.db.index" / "generations").iterdir())) == 2


# A load in a process of its own, killed or stopped from outside.

OLD, NEW, BOTH = range(1_000), range(1_000, 2_500), range(2_500)
FIRST_BATCH = 1_000  # articles: each closes one and adds one, and 2,000 changes are a batch


def corpus(path, numbers, word):
    lines = (
        {"id": f"a{n:05}", "title": f"Article {n}", "language": "en", "text": f"The {word} of town {n} is high. " * 5}
        for n in numbers
    )
    return write_jsonl(path, *lines)


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    """A folder with a store of generation 1, and a file that changes all its articles and adds more."""
    folder = tmp_path_factory.mktemp("towns")
    load(folder / "s.db", [corpus(folder / "all.jsonl", OLD, "tower")])
    corpus(folder / "all.jsonl", BOTH, "bridge")
    return folder


@pytest.fixture
def town(towns, tmp_path):
    shutil.copytree(towns, tmp_path / "town")
    return tmp_path / "town"


def start(town):
    code = "import sys, retrieval.index.builder; from retrieval import open_engine; open_engine(sys.argv[1]).load([sys.argv[2]])"
    return subprocess.Popen([sys.executable, "-c", code, town / "s.db", town / "all.jsonl"], cwd=ROOT)


def wait_until(condition, child):
    deadline = time.monotonic() + 60
    while not condition():
        assert child.poll() is None, "the load ended before the moment came"
        assert time.monotonic() < deadline
        time.sleep(0.002)


def written(town):
    store = sqlite3.connect(f"file:{town}/s.db?mode=ro", uri=True)
    try:
        return store.execute("SELECT count(*) FROM versions WHERE since = 2").fetchone()[0]
    finally:
        store.close()


def kill(child):
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL


def kill_between_batches(town, child):
    wait_until(lambda: written(town) >= FIRST_BATCH, child)
    kill(child)
    assert written(town) < len(BOTH)


def kill_while_indexing(town, child):
    wait_until(lambda: written(town) == len(BOTH), child)
    time.sleep(0.02)
    kill(child)
    assert not manifest_of(town / "s.db.index", 2).exists()


def kill_before_publishing(town, child):
    """Hold SQLite's own lock, so that the load cannot publish, until the index is in place."""
    wait_until(lambda: written(town) == len(BOTH), child)
    other = sqlite3.connect(town / "s.db")
    other.execute("BEGIN IMMEDIATE")
    wait_until(manifest_of(town / "s.db.index", 2).exists, child)
    time.sleep(0.1)
    kill(child)
    other.close()


def content(store):
    """Return all that a store shows, without the numbers and times that differ from load to load."""
    db = sqlite3.connect(store)
    try:
        articles = db.execute("SELECT * FROM articles").fetchall()
        return [article[:-2] for article in articles], db.execute("SELECT * FROM sentences").fetchall()
    finally:
        db.close()


def rows_written(town):
    db = sqlite3.connect(town / "s.db")
    try:
        return dict(db.execute("SELECT id, row FROM versions WHERE since = 2"))
    finally:
        db.close()


@pytest.mark.parametrize("kill_at", [kill_between_batches, kill_while_indexing, kill_before_publishing])
def test_a_load_killed_at_any_moment_leaves_the_old_content_and_the_next_one_goes_on(town, kill_at):
    before = shown(town / "s.db")
    kill_at(town, start(town))
    there = rows_written(town)
    assert (generation(town / "s.db"), shown(town / "s.db")) == (1, before)
    assert integrity(town / "s.db") == "ok"
    assert "was interrupted" in find_store_problems(town / "s.db")[0]
    report = load(town / "s.db", [town / "all.jsonl"])
    assert (report.generation, len(report.changed), len(report.added)) == (2, len(OLD), len(NEW))
    assert report.resumed == len(there) >= FIRST_BATCH
    assert there.items() <= rows_written(town).items()
    assert len(rows_written(town)) == len(BOTH)
    assert integrity(town / "s.db") == "ok"
    assert find_store_problems(town / "s.db") == []
    assert [place.name for place in sorted((town / "s.db.index" / "generations").iterdir())] == [
        "00000001.json",
        "00000002.json",
    ]
    load(town / "whole.db", [town / "all.jsonl"])
    assert content(town / "s.db") == content(town / "whole.db")


@pytest.mark.parametrize("later", [0.0, 0.02])
def test_a_load_killed_once_it_has_published_shows_what_it_has_read(town, later):
    child = start(town)
    wait_until(lambda: generation(town / "s.db") == 2, child)
    time.sleep(later)  # into the merging of segments
    child.kill()
    child.wait()
    with open_engine(town / "s.db") as engine:
        assert engine.problems() == []
        assert "bridge of town 2400" in engine.ask("How high is the bridge of town 2400?").hits[0].text
    assert load(town / "s.db", [town / "all.jsonl"]).generation == 2
    load(town / "s.db", [corpus(town / "more.jsonl", [9_000], "harbour")])
    with open_engine(town / "s.db") as engine:
        assert "harbour" in engine.ask("Which harbour is high?").hits[0].text


def test_ctrl_c_keeps_what_was_read_says_so_and_exits_130(town):
    before = shown(town / "s.db")
    command = [sys.executable, "-m", "bot", "load", town / "all.jsonl", "--db", town / "s.db"]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: written(town) >= FIRST_BATCH, child)
    child.send_signal(signal.SIGINT)
    said = child.communicate()[1]
    assert child.returncode == 130
    assert "run the same command to continue" in said
    assert "Traceback" not in said
    assert (generation(town / "s.db"), shown(town / "s.db"), integrity(town / "s.db")) == (1, before, "ok")
    there = written(town)
    report = load(town / "s.db", [town / "all.jsonl"])
    assert (report.generation, report.resumed) == (2, there)
    assert len(report.changed) + len(report.added) == len(BOTH)


def test_ctrl_c_in_the_load_that_a_first_question_begins_says_how_to_continue(tmp_path):
    corpus(tmp_path / "all.jsonl", BOTH, "bridge")
    settings = {"CITEBOT_ARTICLES": str(tmp_path / "all.jsonl"), "CITEBOT_DB": str(tmp_path / "s.db")}
    child = subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "Which bridge is high?"],
        cwd=ROOT, env=environment(**settings), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_until((tmp_path / "s.db-wal").exists, child)
    child.send_signal(signal.SIGINT)
    assert "run the same command to continue" in child.communicate()[1]
    assert child.returncode == 130


def test_another_process_sees_the_old_content_during_a_load_and_the_new_one_after(town):
    with Reader(town / "s.db") as reader:
        before, child = list(reader.given()), start(town)
        wait_until(lambda: written(town) >= FIRST_BATCH, child)
        os.kill(child.pid, signal.SIGSTOP)
        try:
            assert reader.generation() == 1
            assert list(reader.given()) == before
            with pytest.raises(StoreBusy, match="Another load"):
                load(town / "s.db", [town / "all.jsonl"])
            with pytest.raises(StoreBusy):
                remove_articles(town / "s.db", ["a00001"])
            assert find_store_problems(town / "s.db") == []
        finally:
            os.kill(child.pid, signal.SIGCONT)
        assert child.wait(60) == 0
        assert reader.generation() == 2
        assert sum("bridge" in article.text for article in reader.given()) == len(BOTH)


def test_a_folder_for_temporary_files_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(StoreError) as failed:
        load(tmp_path / "s.db", ["https://news.example.org/"])
    remedy = "No such file or directory. Set TMPDIR to a folder that can be written."
    assert str(failed.value) == f"{tmp_path / 'nowhere'} cannot be written: {remedy}"
