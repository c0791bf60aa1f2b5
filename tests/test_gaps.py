"""What was asked and left open: grouped, asked again, listed in the terminal; and what people wait for, kept in the file."""

import csv
import json
from dataclasses import replace

import pytest
from conftest import citebot, fill_store

from bot.gaps import find_gaps
from bot.settings import parse_settings
from bot.state import AnswerLog, Sender, Watch, Watches, key_from_token
from bot.state.watches import MOST
from bot.telegram.handlers.gaps import GapHandlers
from bot.telegram.handlers.threads import Threads
from bot.telegram.handlers.uploads import UploadLoader
from bot.telegram.jobs.runner import JobRunner
from retrieval import open_engine
from retrieval.errors import StoreError

ZOO = ["How much is a ticket to the zoo?", "What does a ticket to the zoo cost?", "zoo ticket price"]
EVEREST = ["How tall is Mount Everest?", "How high is Mount Everest?"]
BRIDGE = "When was the stone bridge of Rivertown built?"


@pytest.fixture
def folder(tmp_path):
    return fill_store(tmp_path)


@pytest.fixture
def engine(folder):
    with open_engine(folder / "citebot.db") as engine:
        yield engine


@pytest.fixture
def log(folder):
    with AnswerLog(folder / "citebot.state.db", key_from_token("1:token")) as log:
        yield log


def ask(engine, log, *questions, user=1):
    return [log.record(engine.ask(question), Sender("telegram", user, user)) for question in questions]


def test_questions_that_ask_the_same_are_one_gap_and_the_most_asked_come_first(engine, log):
    ask(engine, log, EVEREST[0], *ZOO, "zoo  TICKET price", BRIDGE)
    ask(engine, log, ZOO[0], user=2)
    zoo, everest = find_gaps(engine, log)
    assert (zoo.times, zoo.people, set(zoo.questions), zoo.answered) == (5, 2, {*ZOO[:2], "zoo  TICKET price"}, False)
    assert (everest.times, everest.people, everest.questions) == (1, 1, (EVEREST[0],))


def test_what_somebody_was_told_without_asking_is_no_gap_unless_they_find_it_wrong(engine, log):
    told = Sender("telegram", 1, 1, is_told=True)
    log.record(engine.ask(EVEREST[0]), told)
    answer = log.record(engine.ask(BRIDGE), told)
    assert find_gaps(engine, log) == []
    log.vote(answer, 1, up=False)
    assert [gap.questions for gap in find_gaps(engine, log)] == [(BRIDGE,)]


@pytest.mark.parametrize(
    ("questions", "groups"),
    [
        ([*ZOO, *EVEREST, "When does the zoo open?"], [[0, 1, 2], [3, 4], [5]]),
        (["Who painted the Mona Lisa?", "When was the Mona Lisa stolen?"], [[0], [1]]),
        (["the of and", "is it?"], [[0], [1]]),
        (["Wann öffnet der Zoo?"], [[0]]),
        ([], []),
    ],
)
def test_likeness_is_that_of_the_words_that_mean_something(engine, questions, groups):
    assert sorted(engine.group_questions(questions)) == groups


def test_what_is_answered_by_now_dismissed_or_found_helpful_is_no_gap(engine, log, folder):
    ask(engine, log, EVEREST[0], ZOO[0], "in:nowhere How much is a ticket?", "before:yesterday How old is it?")
    (wrong,) = ask(engine, log, BRIDGE)
    assert len(find_gaps(engine, log)) == 2
    log.vote(wrong, 1, up=False)
    gaps = find_gaps(engine, log)
    assert [gap.answered for gap in gaps if gap.questions == (BRIDGE,)] == [True]
    log.vote(wrong, 2, up=True)  # as many people found it helpful
    assert len(find_gaps(engine, log)) == 2
    (folder / "articles" / "everest.txt").write_text("Everest\n\nMount Everest is 8,849 metres tall.\n")
    engine.load([folder / "articles"])
    (zoo,) = find_gaps(engine, log)
    log.dismiss(zoo.answers)
    assert find_gaps(engine, log) == []


def test_a_wrong_answer_is_no_gap_once_another_sentence_comes_first(engine, log, folder):
    (wrong,) = ask(engine, log, BRIDGE)
    log.vote(wrong, 1, up=False)
    (folder / "articles" / "bridge.txt").write_text("Bridge\n\nThe stone bridge of Rivertown was built in 1689.\n")
    engine.load([folder / "articles"])
    assert engine.ask(BRIDGE).first.text.endswith("1689.")
    assert find_gaps(engine, log) == []


def test_a_question_that_takes_too_long_by_now_keeps_no_other_off_the_list(engine, log, monkeypatch):
    ask(engine, log, EVEREST[0], ZOO[0])
    monkeypatch.setattr("retrieval.asking.answerer.LONGEST", 0.0)
    assert len(find_gaps(engine, log)) == 2


async def test_gaps_that_cannot_be_read_are_not_taken_for_none(folder, engine):
    state = folder / "damaged.db"
    state.write_text("this is no database " * 100)
    settings = parse_settings({"CITEBOT_DB": str(folder / "citebot.db"), "CITEBOT_STATE": str(state)})
    handlers = GapHandlers(settings, engine, Threads(None, 1), UploadLoader(settings.db, JobRunner()), None)
    with pytest.raises(StoreError, match="What was asked cannot be read now"):
        await handlers.show_list(None)


def test_the_terminal_lists_gaps_for_people_programs_and_spreadsheets(engine, log, folder):
    ask(engine, log, *EVEREST, "=HYPERLINK(1)")
    shown = citebot(folder, "gaps").stdout.splitlines()
    assert shown[0].startswith("2 times by 1 person, last on ")
    assert sorted([shown[0].partition(": ")[2], shown[1].removeprefix("  also: ")]) == sorted(EVEREST)
    first = json.loads(citebot(folder, "gaps", "--json", "--last", "1").stdout)
    assert sorted(first["questions"]) == sorted(EVEREST)
    rows = list(csv.reader(citebot(folder, "gaps", "--csv").stdout.splitlines()))
    assert [row[4] for row in rows[2:]] == ["'=HYPERLINK(1)"]
    assert citebot(folder, "gaps", "--db", folder / "none.db").stderr.startswith(
        "No unanswered questions are on record."
    )


def test_a_watch_is_kept_once_for_a_person_and_question_and_nobody_has_too_many(folder):
    with Watches(folder / "citebot.state.db") as watches:
        for number in range(MOST):
            assert watches.add(Watch(0, 5, "en", f"Question {number}?", None, None, once=True))
        assert not watches.add(Watch(0, 5, "en", "One more?", None, None, once=True))
        assert watches.add(Watch(0, 6, "de", "Question 1?", "bridge", "It is old.", once=True))
        assert watches.add(Watch(0, 6, "de", "Question 1?", "bridge", "It is old.", once=False))
        (watch,) = watches.of(6)
        assert not watch.once
        watches.told(replace(watch, quote="It is new."))
        assert [one.quote for one in watches.of(6)] == ["It is new."]
        assert not watches.remove(watch.id, chat=5)
        assert watches.remove(watch.id, chat=6)
        watches.told(watches.of(5)[0])  # once: it ends
        assert len(watches.all()) == MOST - 1
        watches.remove_all(5)
        assert watches.all() == []
