"""The store of a machine that comes from an engine: what it may not do, and what becomes of it when the engine has gone
another way.
"""

import pytest
from conftest import ARTICLES, fill

from retrieval import StoreError, copy_articles, open_engine

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
QUESTION = "When was the stone bridge of Rivertown built?"


@pytest.fixture
def machines(tmp_path):
    """Two machines on an engine that the first has filled, and the articles."""
    fill(tmp_path)
    address = f"milvus+file://{tmp_path}/engine.db"
    with open_engine(tmp_path / "a.db", address=address) as a, open_engine(tmp_path / "b.db", address=address) as b:
        a.load([tmp_path / "articles"])
        assert b.ask(QUESTION).hits
        yield a, b, tmp_path / "articles"


def built_in(folder, year):
    (folder / "bridge.txt").write_text(ARTICLES["bridge.txt"].replace("1721", year), encoding="utf-8")


def test_a_copy_does_not_change_without_its_engine(machines):
    a, b, folder = machines
    with open_engine(b.path) as alone, pytest.raises(StoreError, match=r"b\.db is a copy .* Set CITEBOT_ENGINE"):
        alone.remove("bridge")
    a.load([folder])
    assert b.article("bridge")


def test_a_copy_does_not_fill_an_engine_that_is_empty(machines, tmp_path):
    _, b, folder = machines
    other = f"milvus+file://{tmp_path}/other.db"
    with open_engine(b.path, address=other) as mistaken:
        with pytest.raises(StoreError, match=r"holds nothing, and .* comes from another"):
            mistaken.load([folder])
        assert not mistaken.ask(QUESTION).hits


def test_where_an_article_was_read_is_known_everywhere(machines, tmp_path):
    a, b, folder = machines
    moved = tmp_path / "moved"
    folder.rename(moved)
    report = b.load([moved])
    assert len(report.unchanged) == len(ARTICLES)
    for engine in (a, b):
        assert {article.origin for article in engine.articles()} == {str(moved)}
    b.add_source(moved, set_name="town")
    assert a.within(["other"]).articles() == []
    assert len(a.within(["town"]).articles()) == len(ARTICLES)


def test_a_copy_whose_last_load_never_arrived_is_made_anew_when_another_machine_has_loaded(
    machines, monkeypatch, caplog
):
    a, b, folder = machines
    built_in(folder, "1722")
    monkeypatch.setattr("retrieval.milvus.upload.upload", _never)
    with pytest.raises(ConnectionError):
        a.load([folder])
    assert "1721" in a.ask(QUESTION).hits[0].text  # what the engine holds
    monkeypatch.undo()
    built_in(folder, "1723")
    b.load([folder])
    assert "1723" in a.ask(QUESTION).hits[0].text
    assert a.path.with_name("a.db.overtaken").exists()
    assert "repeat it" in caplog.text
    a.load([folder])
    assert "1723" in b.ask(QUESTION).hits[0].text


def _never(*_):
    raise ConnectionError("the machine stops here")


def test_a_copy_is_made_anew_when_the_engine_was_filled_with_something_else(machines, tmp_path):
    a, b, folder = machines
    kept = a.path.with_name("a.db.overtaken")
    kept.write_text("put aside before")
    for year in ("1722", "1723"):
        built_in(folder, year)
        a.load([folder])
    assert "1723" in b.ask(QUESTION).hits[0].text
    with open_engine(tmp_path / "old.db") as old:
        built_in(folder, "1650")
        old.load([folder])
    copy_articles(str(old.path), f"milvus+file://{tmp_path}/engine.db", replace=True)
    for engine in (a, b):
        assert "1650" in engine.ask(QUESTION).hits[0].text
        assert "1650" in engine.article("bridge").text
        assert engine.generation() == 1
    assert kept.read_text() == "put aside before"
    with open_engine(f"{kept}1") as put_aside:
        assert len(put_aside.history()) == 3


def test_a_text_that_the_engine_has_lost_is_no_missing_answer(machines, tmp_path):
    a, _, _ = machines
    a._remote._connection.delete_blobs([f"text/{a.ask(QUESTION).hits[0].version}"])
    fresh = open_engine(tmp_path / "fresh.db", address=f"milvus+file://{tmp_path}/engine.db")
    with fresh, pytest.raises(StoreError, match="has lost"):
        fresh.ask(QUESTION)
