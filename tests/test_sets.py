"""Sets of articles: each source belongs to one or to none, and who opens a store with sets sees no other articles."""

from contextlib import closing

import pytest
from conftest import BotProcess, citebot, ended_well, write_texts
from fake_bot_api.client import FakeTelegram

from bot.overview import make_overview
from bot.state import AnswerLog, Sender
from retrieval import SetsNotAsked, StoreError, open_engine

NEWS = "Ferry\n\nThe ferry to Orrin was damaged in the storm of March."
DOCS = "Widget\n\nThe widget of Vale is started with the green button.\n\nThe widget of Vale has seven green buttons."
COMMON = "Office\n\nThe office of Marl opens at nine o'clock.\n\nThe widget of Vale has five green buttons."
FERRY, WIDGET, OFFICE = (
    "What damaged the ferry to Orrin?",
    "How is the widget of Vale started?",
    "When does the office of Marl open?",
)


@pytest.fixture
def db(tmp_path):
    """A store of three sources, of which one belongs to no set."""
    for name, text in {"news": NEWS, "docs": DOCS, "common": COMMON}.items():
        write_texts(tmp_path / name, **{f"{name}-1": text})
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.add_source(tmp_path / "news", set_name="news")
        engine.add_source(tmp_path / "docs", set_name="docs")
        engine.add_source(tmp_path / "common")
        engine.load([tmp_path / name for name in ("news", "docs", "common")])
    return tmp_path / "citebot.db"


def answered(db, *sets):
    """The questions that are answered from the article that they are about."""
    about = {FERRY: "news-1", WIDGET: "docs-1", OFFICE: "common-1"}
    with open_engine(db, sets=sets) as engine:
        return [
            question for question, id_ in about.items() if (hit := engine.ask(question).first) and hit.article == id_
        ]


def test_only_the_articles_of_the_sets_and_of_no_set_answer(db):
    assert answered(db) == [FERRY, WIDGET, OFFICE]
    assert answered(db, "news") == [FERRY, OFFICE]
    assert answered(db, "docs", "news") == [FERRY, WIDGET, OFFICE]
    assert answered(db, "sport") == [OFFICE]


def test_the_articles_of_other_sets_are_found_in_no_way(db):
    with open_engine(db, sets=["news"]) as engine:
        assert [article.id for article in engine.articles()] == ["common-1", "news-1"]
        assert [article.id for article in engine.export()] == ["common-1", "news-1"]
        assert engine.article("docs-1") is None
        assert engine.context("docs-1", 1) == ()
        for question in (WIDGET, f"{WIDGET} in:docs", f"{WIDGET} in:docs-1", f"{WIDGET} after:1990"):
            answer = engine.ask(question, 50)
            assert not [hit for hit in answer.hits if hit.article == "docs-1"]
            assert "Widget" not in answer.nearest
        assert engine.ask(f"{WIDGET} in:docs-1").scope.articles == 0
        assert not [hit for hit in engine.retrieve("widget green button", 50) if hit.article == "docs-1"]
        assert [one for one in engine.lint() if "docs-1" in one.articles] == []
        assert list(engine.contradictions()) == []
        context = engine.ask(OFFICE).context
        assert not [one for one in engine.more(context).snippets if one.hit.article == "docs-1"]


def test_a_source_changes_its_set_and_what_is_loaded_later_follows(db, tmp_path):
    with open_engine(db) as engine:
        assert not engine.add_source(tmp_path / "docs", set_name="docs")
        assert not engine.add_source(tmp_path / "docs")
        assert engine.add_source(tmp_path / "docs", set_name="news")
        assert engine.add_source(tmp_path / "news", set_name="")
        assert {source.spec.rpartition("/")[2]: source.set_name for source in engine.sources()} == {
            "common": "", "docs": "news", "news": "",
        }  # fmt: skip
    assert answered(db, "news") == [FERRY, WIDGET, OFFICE]
    assert answered(db, "docs") == [FERRY, OFFICE]
    with open_engine(db, sets=["news"]) as reader, open_engine(db) as writer:
        assert reader.article("mill") is None
        write_texts(tmp_path / "docs", mill="Mill\n\nThe mill of Tarn was painted by Ida Berg.")
        writer.load([tmp_path / "docs"])
        assert reader.ask("Who painted the mill of Tarn?").first.article == "mill"


def test_an_engine_within_another_shows_what_both_show_and_nothing_rather_than_everything(db):
    with open_engine(db) as everything, open_engine(db, sets=["news", "sport"]) as some:
        about = {FERRY: "news-1", WIDGET: "docs-1", OFFICE: "common-1"}
        for engine, sets, known in (
            (everything, ["news"], [FERRY, OFFICE]),
            (everything, ["sport"], [OFFICE]),
            (everything, [], [FERRY, WIDGET, OFFICE]),
            (some, ["news", "docs"], [FERRY, OFFICE]),
            (some, [], [FERRY, OFFICE]),
        ):
            narrow = engine.within(sets)
            assert narrow is engine.within(list(reversed(sets)))
            found = {question: narrow.ask(question).first for question in about}
            assert [question for question, hit in found.items() if hit and hit.article == about[question]] == known
        with pytest.raises(SetsNotAsked):
            some.within(["docs"])
        with pytest.raises(SetsNotAsked):
            everything.within(["news"]).within(["docs"])
        with pytest.raises(ValueError, match="a set is named by"):
            everything.within(["a'b"])
        narrow = everything.within(["docs"])
        assert narrow.ask(WIDGET).first
    with pytest.raises(StoreError, match="was closed"):
        narrow.ask(WIDGET)


def test_articles_of_other_sets_are_not_said_to_be_never_cited(db, tmp_path):
    state = tmp_path / "state.db"
    with open_engine(db, sets=["news"]) as engine, AnswerLog(state) as log:
        log.record(engine.ask(FERRY), Sender("console"))
        overview = make_overview(engine, state)
    assert (overview.articles, overview.never_cited) == (2, ("common-1",))


def test_names_of_sets_are_checked_at_every_door(db, tmp_path):
    for name in ("a'b", " ", "x" * 41, "ä"):
        with pytest.raises(ValueError, match="a set is named by"):
            open_engine(db, sets=[name])
    assert citebot(tmp_path, "sources", "add", "news", "--set", "a b").returncode == 2
    refused = citebot(tmp_path, "ask", WIDGET, CITEBOT_SETS="news, a b")
    assert refused.returncode == 2
    assert "CITEBOT_SETS must be names of sets" in refused.stderr
    assert citebot(tmp_path, "sources", "add", "news", "--set", "docs").returncode == 0
    assert answered(db, "docs") == [FERRY, WIDGET, OFFICE]
    assert "the green button" in citebot(tmp_path, "ask", WIDGET).stdout
    assert "the green button" not in citebot(tmp_path, "ask", WIDGET, CITEBOT_SETS="news").stdout


def test_three_bots_share_a_store_each_with_its_sets_while_it_is_loaded(db, tmp_path):
    with closing(FakeTelegram()) as one, closing(FakeTelegram()) as two, closing(FakeTelegram()) as three:
        folders = [tmp_path / name for name in ("bot-1", "bot-2", "bot-3")]
        for folder in folders:
            folder.mkdir()
        bots = [
            BotProcess(
                folder, telegram.api_url, CITEBOT_DB=str(db), CITEBOT_STATE=str(folder / "state.db"), CITEBOT_SETS=sets
            )
            for folder, telegram, sets in zip(folders, (one, two, three), ("news", "docs", "news,docs"), strict=True)
        ]
        with ended_well(bots[0], one), ended_well(bots[1], two), ended_well(bots[2], three):
            for number in range(3):
                write_texts(tmp_path / "news", **{f"more-{number}": f"More\n\nNews number {number} is short."})
                with open_engine(db) as engine:
                    engine.load([tmp_path / "news"])
                for telegram, knows in ((one, True), (two, False), (three, True)):
                    telegram.write(FERRY, user=7 + number)
                    shown = telegram.replies(7 + number)[0]
                    assert ("storm of March" in shown["parameters"]["text"]) == knows
