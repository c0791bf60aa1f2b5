"""The contract of an engine: whatever holds the articles, the answers are the same."""

import pytest
from conftest import ARTICLES, fill

from retrieval import open_engine

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
QUESTIONS = (
    "When was the stone bridge built?",
    "How much ice does the Blue Glacier lose every summer?",
    "What does <script> do?",
    "Who remembers the semicolon?",
    "When did the last dodo die?",
)


@pytest.fixture
def engines(tmp_path):
    """A store, and one that is read through an engine; a change of both at once."""
    fill(tmp_path)
    address = f"milvus+file://{tmp_path}/engine.db"
    with (
        open_engine(tmp_path / "local.db") as local,
        open_engine(tmp_path / "loader.db", address=address) as loader,
        open_engine(tmp_path / "reader.db", address=address) as reader,
    ):
        yield tmp_path / "articles", (local, loader), reader


def told(engine, question):
    answer = engine.ask(question)
    hits = [
        (hit.article, hit.start, hit.end, hit.text, hit.title, pytest.approx(hit.score, abs=1e-4))
        for hit in answer.hits
    ]
    return (
        answer.certainty,
        pytest.approx(answer.p_right, abs=1e-4),
        hits,
        len(answer.snippets),
    )


def assert_same(local, reader):
    assert [one.id for one in reader.articles()] == [one.id for one in local.articles()]
    assert reader.generation() == local.generation()
    for question in QUESTIONS:
        assert told(reader, question) == told(local, question)
    for one in local.articles():
        assert reader.article(one.id) == local.article(one.id)


def test_a_reader_answers_what_another_store_has_loaded(engines):
    folder, loaders, reader = engines
    assert not reader.ask(QUESTIONS[0]).hits
    for engine in loaders:
        engine.load([folder])
    assert_same(loaders[0], reader)
    assert reader.ask(QUESTIONS[0]).certainty == "sure"

    (folder / "glaciers.txt").write_text(ARTICLES["glaciers.txt"].replace("nine", "seven"), encoding="utf-8")
    (folder / "bridge.txt").unlink()
    for engine in loaders:
        engine.load([folder], prune=True)
    assert_same(loaders[0], reader)
    assert "seven metres" in reader.ask(QUESTIONS[1]).hits[0].text

    for engine in loaders:
        engine.rollback()
    assert_same(loaders[0], reader)
    assert "nine metres" in reader.ask(QUESTIONS[1]).hits[0].text


def test_another_machine_goes_on_from_what_the_engine_holds(engines, tmp_path):
    folder, loaders, reader = engines
    for engine in loaders:
        engine.load([folder])
    (folder / "river.txt").write_text("The river\n\nThe river Lume is 90 kilometres long.\n", encoding="utf-8")
    report = reader.load([folder])
    assert report.added == ("river",)
    assert len(report.unchanged) == len(ARTICLES)
    with open_engine(tmp_path / "reader.db") as complete:  # the same store without the engine
        assert_same(complete, reader)
        assert_same(complete, loaders[1])


def test_an_engine_within_another_is_read_through_the_same(engines, tmp_path):
    folder, (_, loader), reader = engines
    loader.add_source(folder, set_name="news")
    loader.load([folder])
    assert loader.within(["news"]).ask(QUESTIONS[0]).certainty == "sure"
    assert reader.within(["news"]).ask(QUESTIONS[0]).certainty == "sure"
    assert [hit.article for hit in reader.best_in(["bridge"], QUESTIONS[0], 9)] == ["bridge"] * 4
    for engine in (loader, reader):
        assert not engine.within(["sport"]).ask(QUESTIONS[0]).hits
