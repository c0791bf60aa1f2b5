"""Files that version 0.1.0 wrote can be opened, asked and changed: a store, its index, and what the bot remembers."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.state import CONSOLE, AnswerLog, BlockedChats, Inbox, Offers, key_from_token
from bot.state.schema import MIGRATIONS
from bot.state.state_checks import find_dead_letters, find_state_problems
from bot.state.verify import CitationStatus, verify
from retrieval import open_engine

OLD_FILES = Path(__file__).parent / "data" / "version-0.1"
KEY = key_from_token("1:made-up")
TRAM_ANSWER, LIGHTHOUSE_ANSWER = "77JY4FQYKG", "878VKEP5CR"
TICKET = "How much does a ticket for the tram cost?"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(OLD_FILES, tmp_path / "old"))


@pytest.fixture
def engine(folder):
    with open_engine(folder / "citebot.sqlite") as engine:
        yield engine


@pytest.fixture
def state(folder):
    return folder / "citebot-state.sqlite"


def first_sentence(engine, question):
    answer = engine.ask(question)
    assert answer.answered
    return answer.hits[0].text


def test_an_old_store_answers_and_is_sound_once_its_index_is_rebuilt(engine):
    (problem,) = engine.problems()
    assert "The next question rebuilds it" in problem
    assert first_sentence(engine, TICKET) == "A single ticket for the tram costs three euros."
    assert engine.problems() == []
    assert [article.id for article in engine.articles()] == ["glacier", "harbour", "observatory", "tram"]


def test_an_old_store_answers_without_its_index(engine, folder):
    shutil.rmtree(folder / "citebot.sqlite.index")
    assert first_sentence(engine, TICKET) == "A single ticket for the tram costs three euros."


def test_an_old_store_is_asked_with_operators(engine):
    assert engine.ask(f"{TICKET} in:tram").scope.articles == 1
    dated = engine.ask(f"{TICKET} in:tram before:2100").scope
    assert dated.articles + dated.undated == 1


def test_an_old_store_is_exported(engine):
    assert [(article.id, article.original, article.unbroken) for article in engine.export()] == [
        (id_, None, ()) for id_ in ("glacier", "harbour", "observatory", "tram")
    ]


def test_an_old_store_lists_its_history_and_rolls_back(engine):
    generations = engine.history()
    assert [(each.number, each.note) for each in generations] == [
        (5, "1 added, 0 changed, 0 removed"),
        (4, "0 added, 1 changed, 0 removed"),
        (3, "removed fair"),
        (2, "0 added, 1 changed, 0 removed"),
        (1, "4 added, 0 changed, 0 removed"),
    ]
    report = engine.rollback(2)
    assert (report.added, report.changed, report.removed) == (("fair",), ("glacier",), ("observatory",))
    assert first_sentence(engine, "How much ice does the Blue Glacier lose?") == (
        "The Blue Glacier loses nine metres of ice every summer."
    )


def test_new_articles_are_loaded_on_top_of_an_old_store(engine, tmp_path):
    (tmp_path / "ferry.txt").write_text("The ferry\n\nThe ferry to Gull Island takes forty minutes.\n")
    report = engine.load([tmp_path / "ferry.txt"])
    assert (report.generation, report.added, report.failed) == (6, ("ferry",), ())
    assert first_sentence(engine, "How long does the ferry to Gull Island take?") == (
        "The ferry to Gull Island takes forty minutes."
    )
    assert first_sentence(engine, TICKET) == "A single ticket for the tram costs three euros."
    assert engine.problems() == []


def test_old_answers_are_verified_against_the_old_store(engine, state):
    with AnswerLog(state, KEY) as log:
        tram, lighthouse = log.answer(TRAM_ANSWER), log.answer(LIGHTHOUSE_ANSWER)
    assert [one.status for one in verify(engine, tram)] == [CitationStatus.CHANGED]
    assert [one.status for one in verify(engine, lighthouse)] == [CitationStatus.CURRENT]
    assert tram.citations[0].text == "A single ticket for the tram costs two euros."


def test_old_questions_are_listed_and_new_answers_recorded(engine, state):
    old = ["What is the capital of Mongolia?", "Who built the lighthouse of Saltmere?", TICKET]
    assert find_state_problems(state) == []
    with AnswerLog(state, KEY) as log:
        assert log.recent_questions(10) == old
        assert [each.question for each in log.asked(10, unanswered=True)] == old[:1]
        new = log.record(engine.ask("When did the observatory open?"), CONSOLE)
        assert log.answer(new).citations[0].text == "The observatory on Mount Kestrel opened in 1932."
        assert log.recent_questions(10) == ["When did the observatory open?", *old]
    assert find_state_problems(state) == []


def test_an_old_inbox_goes_on_where_it_ended(state):
    assert [(each.update_id, each.reason, each.tries) for each in find_dead_letters(state)] == [
        (73, "ValueError: it failed twice", 1)
    ]
    with Inbox(state) as inbox:
        (waiting,) = inbox.waiting()
        assert (waiting.update_id, waiting.update["message"]["text"]) == (72, "When did the observatory open?")
        assert inbox.take([{"update_id": 71}, {"update_id": 72}, {"update_id": 74}])[-1].update_id == 74
        inbox.done(72)
        assert [each.update_id for each in inbox.waiting()] == [74]


def test_old_blocked_chats_are_still_blocked(state):
    blocked = BlockedChats(state, KEY)
    assert 3003 in blocked
    assert 1001 not in blocked


def schema_version(path):
    connection = sqlite3.connect(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return version


def test_an_old_state_file_gets_the_table_of_offers(state):
    assert schema_version(state) == 2
    token = Offers(state).make("delete", 5, article="harbour")
    assert schema_version(state) == len(MIGRATIONS)
    assert Offers(state).take(token, 5).details == {"article": "harbour"}
    with AnswerLog(state, KEY) as log:
        assert log.count()[0] == 3
