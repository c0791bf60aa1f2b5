"""`citebot sources`, and a load that names nothing."""

import json

import pytest
from conftest import citebot

from retrieval import open_engine

BRIDGE = "The bridge\n\nThe bridge of Rivertown was built in 1721.\n"


@pytest.fixture
def folder(tmp_path):
    for name in ("news/2024/bridge.txt", "news/2024/draft.md", "old/lake.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(BRIDGE.replace("bridge", name.split("/")[-1].split(".")[0]))
    return tmp_path


def listed(folder):
    done = citebot(folder, "sources", "list", "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_sources_are_added_listed_loaded_and_removed(folder):
    done = citebot(folder, "sources", "add", "news/**/*.txt", "old", "old")
    assert done.returncode == 0
    assert [(row["kind"], row["read"], row["articles"]) for row in listed(folder)] == [
        ("glob", None, 0),
        ("path", None, 0),
    ]
    assert "already" in citebot(folder, "sources", "add", "./old/").stderr
    done = citebot(folder, "load")
    assert "Added 2 articles (2024/bridge, lake)." in done.stderr  # and none of the samples
    rows = listed(folder)
    assert [(row["spec"], row["articles"], row["outcome"]) for row in rows] == [
        (str(folder / "news/**/*.txt"), 1, ""),
        (str(folder / "old"), 1, ""),
    ]
    assert all(row["read"] for row in rows)
    table = citebot(folder, "sources", "list").stdout
    assert rows[0]["read"][:16].replace("T", " ") in table
    done = citebot(folder, "sources", "remove", "old", "nowhere")
    assert (done.returncode, "Removed old; its articles stay." in done.stderr, "nowhere is not" in done.stderr) == (
        1,
        True,
        True,
    )
    assert "lake" in citebot(folder, "articles").stdout
    assert citebot(folder, "sources", "remove", "--articles", str(folder / "news/**/*.txt")).returncode == 0
    assert listed(folder) == []
    assert "bridge" not in citebot(folder, "articles").stdout


def test_what_is_configured_is_read_besides_what_was_added(folder):
    citebot(folder, "sources", "add", "old")
    done = citebot(folder, "load", CITEBOT_ARTICLES="news")
    assert "(2024/bridge, 2024/draft, lake)" in done.stderr


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("nowhere", "no file or folder"),
        ("news/*.pdf", "No file of a known format"),
        ("nowhere/*.md", "no folder"),
        ("ftp://news.example.org/", "Only http"),
        ("http://127.0.0.1:8000/", "Only public addresses"),
        ("http://[::1]/", "Only public addresses"),
        ("http://169.254.169.254/latest/meta-data/", "Only public addresses"),
        ("http://me:secret@news.example.org/", "name or password"),
    ],
)
def test_what_cannot_be_read_is_refused_when_it_is_added(folder, spec, reason):
    done = citebot(folder, "sources", "add", spec)
    assert (done.returncode, reason in done.stderr) == (1, True), done.stderr
    assert listed(folder) == []


def test_an_address_of_a_private_network_can_be_added_where_that_is_allowed(folder):
    done = citebot(folder, "sources", "add", "http://10.0.0.7/wiki", CITEBOT_ALLOW_PRIVATE_URLS="yes")
    assert done.returncode == 0
    assert [row["kind"] for row in listed(folder)] == ["page"]
    done = citebot(folder, "sources", "add", "http://169.254.169.254/", CITEBOT_ALLOW_PRIVATE_URLS="yes")
    assert done.returncode == 1


def test_again_reads_what_has_not_changed(folder):
    assert citebot(folder, "load", "old", "--again").returncode == 0
    assert "Unchanged: 1 article." in citebot(folder, "load", "old", "--again").stderr


def test_a_store_of_an_earlier_version_lists_no_sources_and_takes_some(folder):
    import sqlite3

    from sqlite_utils import Database

    from retrieval.store.schema import migrations

    db = Database(folder / "citebot.db")
    migrations.apply(db, stop_before="remember_sources")
    db.close()
    assert citebot(folder, "sources", "list").returncode == 0
    assert citebot(folder, "sources", "add", "old").returncode == 0
    assert len(listed(folder)) == 1
    store = sqlite3.connect(folder / "citebot.db")
    assert store.execute("PRAGMA user_version").fetchone()[0] >= 3
    store.close()


@pytest.mark.parametrize("words", [("load", ""), ("load", "articles", " "), ("sources", "add", ""), ("load", "\t")])
def test_an_empty_source_is_wrong_usage_and_not_the_current_folder(folder, words):
    done = citebot(folder, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "an unset variable may be the reason" in done.stderr
    assert not (folder / "citebot.db").exists()


def test_samples_join_no_articles_and_fill_no_store_that_was_named(folder):
    (folder / "seeds").mkdir()
    (folder / "seeds" / "sample.txt").write_text("Sample\n\nThis is a sample.\n")
    mistyped = citebot(folder, "ask", "--db", "citebto.db", "What is this?")
    assert (mistyped.returncode, mistyped.stdout) == (1, "")
    assert mistyped.stderr.startswith("There is no store at citebto.db.")
    assert not (folder / "citebto.db").exists()
    assert citebot(folder, "load", "old/lake.txt").returncode == 0
    assert citebot(folder, "load").returncode == 2
    assert citebot(folder, "articles").stdout.count("\n") == 2


def test_one_path_is_one_path(folder):
    with open_engine(folder / "citebot.db") as engine:
        assert len(engine.load(str(folder / "old" / "lake.txt")).added) == 1
