"""The facade: loading, asking, listing and exporting one store, from several threads and processes."""

import gc
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import ROOT, write_texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval import open_engine
from retrieval.errors import StoreError
from retrieval.records import Article

HILL = "The hill\n\nThe hill near Dover is 120 metres high. It is green. Sheep graze there all summer.\n"
LAKE = "The lake\n\nThe lake near Annecy is 80 metres deep. Swans live on it.\n"


def write_jsonl(path, articles):
    fields = ("id", "title", "text", "language", "url", "published", "author")
    lines = ({name: getattr(article, name) for name in fields} for article in articles)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_store_that_is_not_there_is_empty_and_is_not_made_by_asking(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        assert (engine.generation(), engine.articles(), engine.retrieve("hill"), engine.problems()) == (0, [], [], [])
        assert engine.article("hill") is None
        assert engine.context("hill", 1) == ()
        assert list(engine.export()) == []
        assert engine.ask("How high is the hill?").hits == ()
    assert list(tmp_path.iterdir()) == []


def test_what_is_loaded_is_answered_listed_and_shown_in_context(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([write_texts(tmp_path / "news", hill=HILL, lake=LAKE)])
        hit = engine.ask("How high is the hill near Dover?").hits[0]
        assert (hit.article, hit.text) == ("hill", "The hill near Dover is 120 metres high.")
        assert engine.article("hill").text[hit.start : hit.end] == hit.text
        assert [article.id for article in engine.articles()] == ["hill", "lake"]
        context = [sentence.text for sentence in engine.context("hill", hit.position, around=1)]
        assert context == ["The hill", hit.text, "It is green."]
        assert engine.context("hill", 1, around=0)[0].text == "The hill"
        assert engine.context("hill", 0) == engine.context("hill", 5) == engine.context("moon", 1) == ()


@pytest.mark.parametrize("kind", [str, Path])
def test_one_source_may_be_given_alone(tmp_path, kind):
    news = kind(write_texts(tmp_path / "news", hill=HILL, lake=LAKE))
    with open_engine(tmp_path / "s.db") as engine:
        assert engine.preview(news, []).report.added == ("hill", "lake")
        assert engine.load(news).added == ("hill", "lake")
        assert engine.load(iter([news])).unchanged == ("hill", "lake")


def test_a_new_generation_answers_the_next_question(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([write_texts(tmp_path / "news", hill=HILL)])
        assert engine.retrieve("How deep is the lake near Annecy?", fields=["sentence"])[0].article == "hill"
        with open_engine(tmp_path / "s.db") as other:
            other.load([write_texts(tmp_path / "news", lake=LAKE)])
        assert engine.retrieve("How deep is the lake near Annecy?")[0].article == "lake"
        assert engine.remove("lake") is True
        assert {hit.article for hit in engine.retrieve("How deep is the lake near Annecy?")} <= {"hill"}
        assert engine.generation() == 3


def test_removing_every_article_leaves_a_store_that_answers_nothing(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([write_texts(tmp_path / "news", hill=HILL)])
        engine.remove("hill")
        assert engine.retrieve("hill") == []
        assert engine.ask("How high is the hill?").answered is False


@pytest.mark.parametrize("harm", ["missing", "truncated"])
def test_an_index_that_is_lost_is_a_problem_until_a_question_builds_it_again(tmp_path, harm):
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([write_texts(tmp_path / "news", hill=HILL, lake=LAKE)])
        assert engine.problems() == []
    if harm == "missing":
        shutil.rmtree(tmp_path / "s.db.index")
    else:
        next((tmp_path / "s.db.index").rglob("arrays")).write_bytes(b"")
    with open_engine(tmp_path / "s.db") as engine:
        (problem,) = engine.problems()
        assert "index" in problem
        assert engine.retrieve("Which lake is deep?")[0].article == "lake"
        assert engine.problems() == []


def test_a_file_that_is_no_store_is_a_problem_and_an_error(tmp_path):
    (tmp_path / "s.db").write_text("A letter. " * 1000)
    with open_engine(tmp_path / "s.db") as engine:
        assert ["not an SQLite file" in problem for problem in engine.problems()] == [True]
        for refused in (
            engine.articles,
            engine.generation,
            lambda: engine.ask("Hill?"),
            lambda: engine.load([tmp_path]),
        ):
            with pytest.raises(StoreError, match="not an SQLite file"):
                refused()


def test_many_threads_ask_while_one_loads(tmp_path):
    news = write_texts(tmp_path / "news", hill=HILL, lake=LAKE)
    with open_engine(tmp_path / "s.db") as engine, ThreadPoolExecutor(6) as pool:
        engine.load([news])
        stop = threading.Event()

        def ask():
            asked = 0
            while not stop.is_set():
                assert engine.ask("How high is the hill near Dover?").hits[0].article == "hill"
                assert engine.article("hill").text == HILL
                asked += 1
            return asked

        asking = [pool.submit(ask) for _ in range(6)]
        for number in range(5):
            report = engine.load([write_texts(news, pond=f"The pond number {number} is small. Frogs live in it.")])
            assert len(report.added + report.changed) == 1
        stop.set()
        assert all(future.result() > 0 for future in asking)
        assert engine.generation() == 6


def test_closing_closes_the_connections_of_all_threads_and_ends_the_engine(tmp_path):
    engine = open_engine(tmp_path / "s.db")
    engine.load([write_texts(tmp_path / "news", hill=HILL)])
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: engine.ask("How high is the hill?"), range(9)))
        engine.generation()
        engine.close()
        assert open_files(tmp_path / "s.db") == 0
        for refused in (engine.generation, pool.submit(engine.generation).result):
            with pytest.raises(StoreError, match="was closed"):
                refused()


def test_threads_that_have_ended_leave_no_connection_behind(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([write_texts(tmp_path / "news", hill=HILL)])
        for _ in range(20):
            thread = threading.Thread(target=engine.ask, args=["How high is the hill?"])
            thread.start()
            thread.join()
        assert len(engine._connections) == 1


def open_files(path):
    gc.collect()
    return sum(target.name == path.name for target in map(read_link, Path("/proc/self/fd").iterdir()))


def read_link(link):
    return link.readlink() if link.is_symlink() else link


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1, max_size=80)
OPTIONAL = st.none() | st.sampled_from(["https://example.org/a?b=<c>", "2024-05-01", "Ana Šarić"])
ARTICLES = st.lists(
    st.builds(
        Article,
        id=st.text("abcdéж/ -", min_size=1, max_size=6).filter(lambda id_: id_ == id_.strip()),
        title=TEXT.map(lambda text: " ".join(text.split())),
        text=TEXT.map("Words. {}".format),
        language=st.none() | st.sampled_from(["en", "ru"]),
        url=OPTIONAL,
        published=st.none() | st.just("2024-05-01"),
        author=OPTIONAL,
    ),
    unique_by=lambda article: article.id,
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(articles=ARTICLES)
def test_what_is_exported_is_loaded_back_identical(tmp_path_factory, articles):
    folder = tmp_path_factory.mktemp("round")
    with open_engine(folder / "s.db") as engine, open_engine(folder / "t.db") as again:
        report = engine.load([write_jsonl(folder / "given.jsonl", articles)])
        exported = list(engine.export())
        assert (report.failed, len(exported)) == ((), len(articles))
        file = write_jsonl(folder / "exported.jsonl", exported)
        again.load([file])
        assert list(again.export()) == exported
        assert engine.load([file]).unchanged == tuple(article.id for article in exported)


def test_a_text_is_exported_as_it_was_given(tmp_path):
    article = Article(
        "a", "Ünï", "Words 🎻.\n\n\tMore\u2028words.  \n", None, "https://example.org", "2024", "A. Writer"
    )
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([write_jsonl(tmp_path / "a.jsonl", [article])])
        assert list(engine.export()) == [engine.article("a")] == [article]


def test_memory_does_not_grow_with_the_articles_of_a_load(tmp_path):
    """Stopped before the index build, which alone may hold all sentences."""
    text = (
        "These are twenty words that make a sentence of some length, as an article in a newspaper may have them. " * 5
        + "\n\n"
    ) * 100
    with (tmp_path / "all.jsonl").open("w") as file:
        for number in range(400):
            file.write(json.dumps({"id": f"{number}", "title": "", "language": "en", "text": text}) + "\n")
    code = """if 1:
        import re, sys
        from pathlib import Path
        from retrieval import open_engine
        def stop(step):
            if step.done and step.done == step.total:
                print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
                raise KeyboardInterrupt
        open_engine(sys.argv[1]).load([sys.argv[2]], progress=stop)"""
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "s.db", tmp_path / "all.jsonl"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert int(run.stdout) < 75_000  # kilobytes; 200,000 sentences, 21 MB of text


def test_a_store_read_by_another_program_is_loaded_all_the_same(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([write_texts(tmp_path / "news", hill=HILL)])
        other = sqlite3.connect(tmp_path / "s.db")
        reading = other.execute("SELECT * FROM sentences")
        reading.fetchone()
        assert engine.load([write_texts(tmp_path / "news", lake=LAKE)]).added == ("lake",)
        assert {row[0] for row in reading} == {"hill"}
        assert {row[0] for row in other.execute("SELECT article FROM sentences")} == {"hill", "lake"}
        other.close()
