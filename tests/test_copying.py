"""A store is copied to a Milvus and back with its history, never over other articles, and both are compared."""

import json
import sqlite3
from contextlib import closing

import pytest
from conftest import ARTICLES, citebot, fill, fill_store, write_texts

from retrieval import StoreError, copy_articles, describe_engine, open_engine

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
QUESTION = "When was the stone bridge of Rivertown built?"
EVERYTHING = ["generation", "articles", "sentences", "texts", "history", "first hits"]


@pytest.fixture
def places(tmp_path):
    """A store, where another can be, and an engine that is empty."""
    fill_store(tmp_path)
    return str(tmp_path / "citebot.db"), str(tmp_path / "copy.db"), f"milvus+file://{tmp_path}/engine.db"


def is_equal(compared):
    assert [one.what for one in compared] == EVERYTHING
    return all(one.is_equal for one in compared)


def rows(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def change(store, tmp_path, *years, address=""):
    with open_engine(store, address=address) as engine:
        for year in years:
            (tmp_path / "articles" / "bridge.txt").write_text(ARTICLES["bridge.txt"].replace("1721", year))
            engine.load([tmp_path / "articles"])
        return engine.ask(QUESTION).hits[0]


def test_a_store_is_the_same_after_it_was_in_an_engine(places, tmp_path):
    store, other, address = places
    with open_engine(store) as engine:
        cited = engine.ask(QUESTION).hits[0]
    change(store, tmp_path, "1722", "1723", "1724", "1725", "1726")
    assert rows(store, "SELECT count(*) FROM earlier") == [(2,)]

    assert is_equal(copy_articles(store, address))
    assert is_equal(copy_articles(address, other))
    for query in (
        "SELECT * FROM earlier ORDER BY version",
        "SELECT * FROM versions ORDER BY row",
        "SELECT * FROM spans ORDER BY version, position",
        "SELECT * FROM generations ORDER BY id",
        "SELECT * FROM readings ORDER BY origin, source",
    ):
        assert rows(other, query) == rows(store, query)
    assert "filled_from" not in str(rows(other, "SELECT name FROM sqlite_master"))

    for path, of in ((other, ""), (tmp_path / "reader.db", address)):
        with open_engine(path, address=of) as engine:
            quoted = engine.quoted(cited.article, cited.version, cited.start, cited.end)
            assert "1721" in quoted.text
            assert engine.rollback_target(3).number == 3


def test_what_is_replaced_later_can_still_be_quoted_from_the_engine(places, tmp_path):
    store, other, address = places
    copy_articles(store, address)
    with open_engine(tmp_path / "reader.db", address=address) as reader:
        cited = reader.ask(QUESTION).hits[0]
        change(store, tmp_path, "1722", "1723", "1724", "1725", "1726", address=address)
        with open_engine(tmp_path / "fresh.db", address=address) as fresh:
            for engine in (reader, fresh):
                assert "1721" in engine.quoted(cited.article, cited.version, cited.start, cited.end).text
            fresh.complete()
    assert rows(tmp_path / "fresh.db", "SELECT count(*) FROM earlier") == [(2,)]
    assert is_equal(copy_articles(address, other))
    (tmp_path / "articles" / "bridge.txt").unlink()
    with open_engine(store, address=address) as engine:
        engine.load([tmp_path / "articles"], prune=True)
        for _ in range(4):
            engine.remove_all(["glaciers"]), engine.load([tmp_path / "articles"], again=True)
    with open_engine(tmp_path / "fresh.db", address=address) as fresh:
        fresh.complete()
    assert is_equal(copy_articles(address, other))
    for path in (other, tmp_path / "fresh.db"):  # what was removed is nowhere any more
        assert rows(path, "SELECT version FROM earlier WHERE id = 'bridge'") == []


def test_a_copy_follows_and_is_never_laid_over_other_articles(places, tmp_path):
    store, other, address = places
    assert is_equal(copy_articles(store, address))
    assert is_equal(copy_articles(address, other))
    change(store, tmp_path, "1722")
    assert is_equal(copy_articles(store, address))  # the engine and the file are brought up to date
    assert is_equal(copy_articles(address, other))

    change(other, tmp_path, "1723")
    change(store, tmp_path, "1724", address=address)
    for source, target in ((other, address), (address, other)):
        with pytest.raises(StoreError, match=r"holds other articles than .*add --replace"):
            copy_articles(source, target)
    with open_engine(tmp_path / "reader.db", address=address) as reader:
        assert "1724" in reader.ask(QUESTION).hits[0].text
    assert is_equal(copy_articles(address, other, replace=True))
    with open_engine(other) as engine:
        assert "1724" in engine.ask(QUESTION).hits[0].text
    change(other, tmp_path, "1725")
    change(store, tmp_path, "1726", address=address)
    assert is_equal(copy_articles(other, address, replace=True))
    with open_engine(tmp_path / "new.db", address=address) as reader:
        assert "1725" in reader.ask(QUESTION).hits[0].text


def test_an_engine_is_copied_to_another(places, tmp_path):
    store, _, address = places
    second = f"milvus+file://{tmp_path}/second.db"
    copy_articles(store, address)
    assert is_equal(copy_articles(address, second))
    assert describe_engine(second).articles == len(ARTICLES)


def test_nothing_is_copied_from_nothing(places, tmp_path):
    _, other, address = places
    with pytest.raises(StoreError, match=r"There are no articles in .*copy\.db"):
        copy_articles(other, address)
    with pytest.raises(StoreError, match=r"engine\.db holds no articles"):
        copy_articles(address, other)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(("copy", ".citebot"))]


def test_a_machine_without_a_copy_loads_what_has_not_changed(places, tmp_path):
    store, other, address = places
    copy_articles(store, address)
    with open_engine(other, address=address) as engine:
        assert len(engine.load([tmp_path / "articles"]).unchanged) == len(ARTICLES)
    assert is_equal(copy_articles(address, str(tmp_path / "third.db")))


def test_the_commands_copy_compare_and_show(tmp_path):
    fill(tmp_path)
    settings = {"CITEBOT_ENGINE": f"milvus+file://{tmp_path}/engine.db"}
    citebot(tmp_path, "load", "articles")
    done = citebot(tmp_path, "engine", "copy", "--from", "citebot.db", **settings)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["FROM", "TO"]
    assert [line[:11].strip() for line in lines[1:]] == EVERYTHING
    assert all(line.endswith(" equal") for line in lines[1:-1])
    assert "3 of 3 the same" in lines[-1]
    shown = json.loads(citebot(tmp_path, "engine", "status", "--json", **settings).stdout)
    assert (shown["generation"], shown["articles"], shown["rows"]["citebot_articles"]) == (1, 3, 3)
    told = citebot(tmp_path, "engine", "status", **settings).stdout
    assert ("citebot_sentences  " in told, "slack" in told) == (True, False)
    back = citebot(tmp_path, "engine", "copy", "--to", "b.db", "--json", **settings)
    assert json.loads(back.stdout)["equal"] is True
    assert "1721" in citebot(tmp_path, "ask", QUESTION, "--db", "b.db", **settings).stdout


def test_first_hits_whose_scores_differ_make_no_copy_wrong(tmp_path):
    for number in range(30):
        text = f"Tower {number}\n\nThe tower of town {number} was built in 17{number}.{' It is high.' * (number % 4)}\n"
        write_texts(tmp_path / "articles", **{f"tower-{number}": text})
    settings = {"CITEBOT_ENGINE": f"milvus+file://{tmp_path}/engine.db"}
    citebot(tmp_path, "load", "articles", **settings)
    citebot(tmp_path, "remove", "--yes", "tower-3", **settings)
    done = citebot(tmp_path, "engine", "copy", "--to", "b.db", **settings)
    assert (done.returncode, "29 of 29 the same" in done.stdout) == (0, True), done


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["copy"], "Name the other side"),
        (["copy", "--from", "a.db", "--to", "b.db"], "One of both is a Milvus"),
        (["copy", "--from", "http://anna:hush@engine"], "The address is malformed."),
    ],
)
def test_what_cannot_be_copied_is_wrong_usage(tmp_path, words, message):
    done = citebot(tmp_path, "engine", *words, CITEBOT_ENGINE="milvus+http://127.0.0.1:1")
    assert (done.returncode, message in done.stderr, "hush" in done.stderr) == (2, True, False)
    alone = citebot(tmp_path, "engine", "status")
    assert (alone.returncode, "CITEBOT_ENGINE is not set" in alone.stderr) == (2, True)
