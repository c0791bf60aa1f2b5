"""`citebot show` and `remove`, in this process: the articles of a small store."""

import json
import sqlite3
from datetime import date

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.console import Console
from bot.rendering.terminal.answer_lines import Layout
from bot.rendering.terminal.article_lines import whole_lines
from retrieval import open_engine

ARTICLES = {
    "news/2019/tower.md": (
        "---\ntitle: The tower\nurl: https://example.org/tower\npublished: 2019-05-24\nauthor: Ann Bell\n---\n"
        "The tower is 96 metres high.\n\n```\nheight = 96  # \x1b[31mmetres\n```\n"
    ),
    "news/2019/bread.txt": "Bread\n\nRye bread keeps for a week.\n",
    "news/2020/lake.txt": "The lake\n\nThe lake is 12 metres deep.\n",
    "old/hill.txt": "The hill\n\nThe hill is green.\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in ARTICLES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([tmp_path / "news", tmp_path / "old"])
    return tmp_path


def run(*words):
    return CliRunner().invoke(cli, [*words, "--db", "s.db"], env={"CITEBOT_DB": "s.db"})


def left(folder):
    with open_engine(folder / "s.db") as engine:
        return [article.id for article in engine.articles()], engine.generation()


def test_an_article_is_shown_as_its_readers_see_it(folder):
    done = run("show", "2019/tower")
    title, facts, empty, *text = done.stdout.splitlines()
    assert (done.exit_code, done.stderr, title, empty) == (0, "", "The tower", "")
    assert facts.startswith("2019/tower · https://example.org/tower · 2019-05-24, ")
    assert facts.endswith(" years old · Ann Bell · en · 4 sentences")
    assert text == ["The tower is 96 metres high.", "", "```", "height = 96  # \ufffd[31mmetres", "```"]
    facts = run("show", "2019/bread").stdout.splitlines()[1]
    assert facts == f"2019/bread · {folder / 'news'} · en · 2 sentences"


def test_an_article_is_shown_as_json_byte_for_byte(folder):
    shown = json.loads(run("show", "2019/tower", "--json").stdout)
    with open_engine(folder / "s.db") as engine:
        assert shown["text"] == engine.article("2019/tower").text
    assert shown["text"].rstrip() == "The tower is 96 metres high.\n\n```\nheight = 96  # \x1b[31mmetres\n```"
    assert (shown["id"], shown["sentences"], shown["origin"]) == ("2019/tower", 4, str(folder / "news"))


def test_of_an_article_that_is_not_there_the_nearest_are_named(folder):
    done = run("show", "hil")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "There is no article 'hil'. Did you mean hill?\n"


def test_sources_that_were_read_long_ago_are_told_of_where_articles_are_listed(folder):
    assert run("articles").stderr == ""
    with sqlite3.connect(folder / "s.db") as store:
        store.execute("UPDATE sources SET read = '2020-01-01T00:00:00+00:00'")
    days = (date.today() - date(2020, 1, 1)).days  # noqa: DTZ011 - as the reader counts
    told = f"The sources were last read {days:,} days ago. `citebot load` reads what has changed since."
    assert run("articles").stderr == f"{told}\n"
    assert run("articles", "--json").stderr == ""
    greeted = []
    with open_engine(folder / "s.db") as engine:
        Console(engine, greeted.append).greet()
    assert greeted[2] == told
    run("load", "news")
    assert run("articles").stderr == ""


def test_figures_and_weights_of_a_training_cannot_both_go_to_standard_output(folder):
    done = run("train", "news/2019/bread.txt", "--json", "--out", "-")
    assert (done.exit_code, done.stdout, "Leave out one" in done.stderr) == (2, "", True)


def test_code_and_tables_are_not_wrapped():
    code = "x = " + "long " * 9
    text = f"Some words that are too many for a line.\n\n~~~\n{code}end\n~~~\n| a table | {'wide ' * 9}|\nMore of these words here."
    assert list(whole_lines(text, Layout(width=24))) == [
        "Some words that are too", "many for a line.", "", "~~~", f"{code}end", "~~~", f"| a table | {'wide ' * 9}|",
        "More of these words", "here.",
    ]  # fmt: skip


def test_articles_are_removed_by_id_without_a_question_and_in_one_generation(folder):
    done = run("remove", "hill", "2019/bread", "towr", "hill")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "Removed hill.", "Removed 2019/bread.", "There is no article 'towr'. `citebot articles` lists the IDs.",
    ]  # fmt: skip
    assert left(folder) == (["2019/tower", "2020/lake"], 2)


@pytest.mark.parametrize("words", [("2019/*", "hill"), ("--source", "news"), ("--source", "./news/", "20*")])
def test_what_matches_is_shown_and_removed_only_when_somebody_says_so(folder, words):
    refused = run("remove", *words)
    assert (refused.exit_code, left(folder)[1]) == (2, 1)
    assert "- 2019/bread\n- 2019/tower\n" in refused.stderr
    assert "Add --yes to go ahead." in refused.stderr
    done = run("remove", *words, "--yes")
    assert (done.exit_code, done.stderr.startswith("Removed 3 articles (")) == (0, True)
    assert left(folder) == ((["2020/lake"] if "hill" in words else ["hill"]), 2)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "Name the articles"),
        (("nothing*", "--yes"), 1, "No ID matches 'nothing*'."),
        (("--source", "elsewhere", "--yes"), 1, "No article is from elsewhere."),
        (("--source", " ", "--yes"), 2, "A source is empty."),
    ],
)
def test_where_nothing_matches_nothing_is_removed(folder, words, code, told):
    done = run("remove", *words)
    assert (done.exit_code, told in done.stderr) == (code, True)
    assert left(folder) == (["2019/bread", "2019/tower", "2020/lake", "hill"], 1)
