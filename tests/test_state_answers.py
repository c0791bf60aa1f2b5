"""The log of answers: they are kept as they were given, by many writers at once, and forgotten when they are old."""

import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conftest import ROOT, environment

from bot.state import CONSOLE, AnswerLog, Recorder, Sender, StateError, Statistics, Votes
from bot.state.database import STATE
from bot.state.ids import LETTERS, key_from_token, new_answer_id, read_answer_id
from bot.state.state_checks import find_state_problems
from retrieval.records import Answer, Hit, Intent, Snippet, Span

TOKEN = "123456:AAH-secret_secret"
USER, CHAT = 987654321012, -1009876543210
AMONG_TESTS = environment(PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / "tests")]))
LATER = timedelta(days=1)
LEAD = Span(0, 17, "It was long ago. ")


def a_hit(rank, text="The tower is 96 metres high.", lead=None):
    return Hit(rank, 7.5, "tower", "The tower", None, None, 17, 17 + len(text), 2, 3, text, lead, version=41)


HITS = (a_hit(1, lead=LEAD), a_hit(2))


def an_answer(question="How high is the tower?", hits=HITS, intent=Intent.QUESTION):
    snippets = tuple(Snippet(hit, matched=()) for hit in hits)
    return Answer(
        question=question, language="en", intent=intent, certainty="sure" if hits else "none",
        p_in_store=0.9, p_right=0.75, hits=tuple(hits), snippets=snippets, nearest=(), generation=6,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def log(path):
    with AnswerLog(path, key_from_token(TOKEN)) as log:
        yield log


def test_an_answer_is_given_back_as_it_was_given(log, path):
    answer_id = log.record(an_answer(), Sender("telegram", USER, CHAT))
    with AnswerLog(path) as another:
        given = another.answer(answer_id)
    assert (given.id, given.question, given.channel, given.language) == (
        answer_id,
        "How high is the tower?",
        "telegram",
        "en",
    )
    assert (given.generation, given.answered, given.confidence) == (6, True, 0.75)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(given.at)) < timedelta(minutes=1)
    first, second = given.citations
    assert (first.rank, first.article, first.version, first.start, first.end) == (1, "tower", 41, 17, 45)
    assert (first.text, first.lead) == ("The tower is 96 metres high.", LEAD)
    assert (second.rank, second.lead) == (2, None)


def test_what_was_shown_later_is_added_to_its_answer(log):
    answer_id = log.record(an_answer(hits=(a_hit(1),)), CONSOLE)
    log.add(answer_id, 2, [Snippet(a_hit(5, text="Another."), matched=())])
    assert [(one.rank, one.text) for one in log.answer(answer_id).citations] == [
        (1, "The tower is 96 metres high."),
        (2, "Another."),
    ]


def test_a_person_has_one_vote_on_an_answer_and_may_change_it(log):
    answer_id = log.record(an_answer(), CONSOLE)
    assert log.votes(answer_id) == Votes(0, 0)
    for user, up in ((USER, True), (USER, False), (USER + 1, True), (USER + 1, True), (USER + 2, False)):
        assert log.vote(answer_id, user, up=up) is not up
    assert log.votes(answer_id) == Votes(up=1, down=2)


def reasons(log):
    with Statistics(log.path) as statistics:
        return statistics.figures().reasons


def test_what_was_wrong_is_kept_with_a_vote_against_until_the_vote_changes(log):
    answer_id = log.record(an_answer(), CONSOLE)
    assert not log.explain_vote(answer_id, USER, "other")
    assert [log.vote(answer_id, USER, up=up) for up in (False, False)] == [True, True]
    assert log.explain_vote(answer_id, USER, "out of date")
    assert log.vote(answer_id, USER, up=False) is False
    assert reasons(log) == {"out of date": 1}
    assert log.vote(answer_id, USER, up=True) is False
    assert reasons(log) == {}
    assert not log.explain_vote(answer_id, USER, "other")
    assert log.vote(answer_id, USER, up=False)


def test_an_answer_that_is_forgotten_takes_no_votes_and_takes_its_own_along(log, path):
    answer_id = log.record(an_answer(), CONSOLE)
    log.vote(answer_id, USER, up=True)
    log.forget(datetime.now(UTC) + LATER)
    assert log.votes(answer_id) == Votes(0, 0)
    assert log.vote(answer_id, USER, up=True) is None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM votes").fetchone() == (0,)


def test_a_file_that_is_not_there_is_empty_and_only_a_record_makes_it(log, path):
    assert log.answer("0000000000") is None
    assert log.asked(10) == log.recent_questions(10) == []
    assert log.count() == (0, None)
    assert log.forget(datetime.now(UTC)) == 0
    assert not path.exists()
    log.record(an_answer(), CONSOLE)
    assert path.stat().st_mode & 0o777 == 0o600


def test_recent_questions_are_each_given_once_the_newest_first(log):
    for question in ("Why?", "How  high?", "Who?", "how high?"):
        log.record(an_answer(question), CONSOLE)
    assert log.recent_questions(50) == ["how high?", "Who?", "Why?"]
    assert log.recent_questions(2) == ["how high?", "Who?"]


def test_questions_are_listed_with_what_became_of_them(log):
    silent = log.record(an_answer("What is a gap?", hits=()), CONSOLE)
    answered = log.record(an_answer(), Sender("telegram", USER, CHAT))
    assert [(one.answer, one.answered, one.source, one.channel) for one in log.asked(10)] == [
        (answered, True, "tower", "telegram"),
        (silent, False, None, "console"),
    ]
    assert [one.question for one in log.asked(10, unanswered=True)] == ["What is a gap?"]
    assert len(log.asked(1)) == 1


def test_neither_ids_nor_names_of_people_stand_in_the_file_in_any_form(log, path):
    log.record(an_answer(), Sender("telegram", USER, CHAT))
    log.record(an_answer(), Sender("telegram", USER, CHAT))
    log.record(an_answer(), Sender("telegram", USER + 1, CHAT))
    log.close()
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"How high is the tower?" in kept
    for number in (USER, CHAT, abs(CHAT)):
        forms = [str(number).encode(), *(abs(number).to_bytes(8, order) for order in ("big", "little"))]
        assert not any(form in kept for form in forms)
    assert TOKEN.encode() not in kept
    assert key_from_token(TOKEN) not in kept
    connection = sqlite3.connect(path)
    users = [row[0] for row in connection.execute("SELECT user FROM questions ORDER BY id")]
    connection.close()
    assert users[0] == users[1] != users[2]
    assert [len(user) for user in users] == [16, 16, 16]


def test_without_a_token_nobody_is_recorded_and_another_token_makes_everybody_new(path):
    for token in (None, TOKEN, TOKEN + "2"):
        with AnswerLog(path, key_from_token(token)) as log:
            log.record(an_answer(), Sender("telegram", USER, CHAT))
    connection = sqlite3.connect(path)
    (nobody, *_), one, another = connection.execute("SELECT user, chat FROM questions ORDER BY id").fetchall()
    connection.close()
    assert nobody is None
    assert len({*one, *another}) == 4


def test_what_is_forgotten_is_gone_from_the_file_and_the_rest_stays(log, path):
    secret = "Who is the man from Nowhereville?"
    old = log.record(an_answer(secret, hits=(a_hit(1, text="He is Xaver Nobodius."),)), CONSOLE)
    pause()
    between = datetime.now(UTC)
    pause()
    kept = log.record(an_answer("Why?"), CONSOLE)
    assert log.forget(between) == 1
    assert log.answer(old) is None
    assert log.answer(kept).citations
    bytes_left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"Nowhereville" not in bytes_left
    assert b"Nobodius" not in bytes_left
    assert b"Why?" in bytes_left


def pause():
    """Let the clock move on: the log counts milliseconds."""
    time.sleep(0.005)


def test_many_are_forgotten_in_several_transactions_and_no_more_than_wanted(log, monkeypatch):
    monkeypatch.setattr("bot.state.answers.AT_ONCE", 3)
    for number in range(10):
        log.record(an_answer(str(number)), CONSOLE)
    end = datetime.now(UTC) + LATER
    assert log.forget(end, most=4) == 4
    assert log.recent_questions(10) == ["9", "8", "7", "6", "5", "4"]
    assert log.forget(end) == 6


@pytest.mark.parametrize("question", ["nul \0 in it", "half \udcff a pair", "x" * 100_000, "', ); --", ""])
def test_whatever_is_typed_can_be_kept(log, question):
    (asked,) = [log.record(an_answer(question), CONSOLE)]
    kept = log.answer(asked).question
    assert kept == question.replace("\udcff", "?")[:4096]


def test_threads_and_processes_write_at_once_and_nothing_is_lost(log, path):
    program = f"""
from test_state_answers import *
with AnswerLog({str(path)!r}) as log:
    for number in range(50):
        log.record(an_answer("process"), CONSOLE)
"""
    others = [subprocess.Popen([sys.executable, "-c", program], env=AMONG_TESTS) for _ in range(3)]

    def write():
        for _ in range(50):
            log.record(an_answer("thread"), CONSOLE)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(60) for other in others] == [0, 0, 0]
    assert log.count()[0] == 7 * 50
    assert len({one.answer for one in log.asked(1000)}) == 7 * 50
    assert find_state_problems(path) == []


def test_many_make_the_file_at_once(tmp_path):
    together = threading.Barrier(8)
    failed = []

    def make(path):
        together.wait()
        try:
            with AnswerLog(path) as log:
                log.record(an_answer(), CONSOLE)
        except StateError as error:
            failed.append(error)

    for number in range(10):
        path = tmp_path / f"{number}.db"
        threads = [threading.Thread(target=make, args=(path,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        with AnswerLog(path) as log:
            assert log.count()[0] == 8


def test_an_answer_is_kept_whole_or_not_at_all(log):
    with pytest.raises(StateError):
        log.record(an_answer(hits=(a_hit(1), replace(a_hit(2), text=None))), CONSOLE)
    assert log.count()[0] == 0
    assert log.record(an_answer(), CONSOLE)


def test_a_killed_process_loses_nothing_that_was_recorded(path):
    program = f"""
from test_state_answers import *
log = AnswerLog({str(path)!r})
while True:
    print(log.record(an_answer(), CONSOLE), flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", program], env=AMONG_TESTS, stdout=subprocess.PIPE, text=True)
    told = [process.stdout.readline().strip() for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    told += [line.strip() for line in process.stdout.read().splitlines() if len(line.strip()) == 10]
    process.wait()
    process.stdout.close()
    with AnswerLog(path) as log:
        assert all(len(log.answer(answer_id).citations) == 2 for answer_id in told)
    assert find_state_problems(path) == []


def test_a_file_of_another_program_and_of_a_later_version_are_left_alone(path):
    for statement, reason in (
        ("CREATE TABLE recipes (id)", "of another program"),
        ("PRAGMA application_id = 7", "of another program"),
        (f"PRAGMA user_version = {STATE.schema_version + 1}", "a later version of citebot"),
    ):
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        if "user_version" in statement:
            connection.execute(f"PRAGMA application_id = {STATE.application_id}")
        connection.execute(statement)
        connection.commit()
        connection.close()
        before = path.read_bytes()
        with AnswerLog(path) as log, pytest.raises(StateError, match=reason):
            log.record(an_answer(), CONSOLE)
        assert path.read_bytes() == before
        assert re.search(reason, find_state_problems(path)[0])


def test_what_is_no_database_and_where_nothing_can_be_written_are_errors_in_words(tmp_path):
    (tmp_path / "text.db").write_text("no database at all, but a text that somebody wrote " * 20)
    for name, reason in (
        ("text.db", "is not an SQLite file"),
        (".", "cannot be opened"),
        ("none/state.db", "cannot be opened"),
    ):
        with AnswerLog(tmp_path / name) as log, pytest.raises(StateError, match=reason):
            log.record(an_answer(), CONSOLE)


def test_a_damaged_file_is_named_by_the_doctor(log, path):
    for number in range(300):
        log.record(an_answer(f"{number} " * 30), CONSOLE)
    log.close()
    content = bytearray(path.read_bytes())
    content[8192:20480] = bytes(12288)
    path.write_bytes(content)
    (problem,) = find_state_problems(path)
    assert "is damaged" in problem


def test_the_doctor_says_what_is_kept_and_what_is_wrong_with_the_file(log, path):
    def doctor():
        return subprocess.run(
            [sys.executable, "-m", "bot", "doctor"], capture_output=True, text=True, cwd=path.parent,
            env=environment(CITEBOT_STATE=path.name, CITEBOT_ARTICLES="."), check=False, timeout=60,
        )  # fmt: skip

    assert "kept" not in doctor().stderr
    log.record(an_answer(), CONSOLE)
    well = doctor()
    assert (well.returncode, well.stdout) == (0, "")
    today = datetime.now(UTC).date().isoformat()
    assert f"1 question kept since {today}; each is kept for 30 days." in well.stderr
    log.close()
    path.write_bytes(b"this is no database " * 100)
    ill = doctor()
    assert (ill.returncode, ill.stdout) == (
        1,
        f"- {path.name} is not an SQLite file. Move it away, or choose another file in CITEBOT_STATE.\n",
    )
    assert "Traceback" not in ill.stderr


def test_a_file_that_takes_the_place_of_the_old_one_is_written_from_then_on(log, path, tmp_path):
    log.record(an_answer("before"), CONSOLE)
    with AnswerLog(tmp_path / "backup.db") as backup:
        backup.record(an_answer("restored"), CONSOLE)
    (tmp_path / "backup.db").replace(path)
    for side in ("-wal", "-shm"):
        (tmp_path / f"{path.name}{side}").unlink(missing_ok=True)
    log.record(an_answer("after"), CONSOLE)
    with AnswerLog(path) as fresh:
        assert fresh.recent_questions(10) == ["after", "restored"]


def test_a_ledger_that_is_held_costs_one_short_wait_and_one_line_in_the_log(log, path, caplog, monkeypatch):
    recorder = Recorder(log, keep_days=30)
    assert recorder.record(an_answer(), CONSOLE)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with caplog.at_level(logging.WARNING):
        assert [recorder.record(an_answer(), CONSOLE) for _ in range(100)] == [None] * 100
        assert len(caplog.messages) == 1
        assert "is locked by another program" in caplog.messages[0]
        holder.rollback()
        holder.close()
        assert recorder.record(an_answer(), CONSOLE) is None  # not tried again yet
        monkeypatch.setattr(recorder, "_silent_until", 0.0)
        assert recorder.record(an_answer(), CONSOLE)
    assert [message for message in caplog.messages if "recorded again" in message]


@pytest.mark.parametrize("name", [".", "none/state.db"])
def test_a_ledger_that_cannot_be_made_raises_nothing(tmp_path, name):
    with AnswerLog(tmp_path / name) as log:
        assert Recorder(log, 30).record(an_answer(), CONSOLE) is None


def test_greetings_are_no_questions(log):
    recorder = Recorder(log, 30)
    for intent in set(Intent) - {Intent.QUESTION}:
        assert recorder.record(an_answer(intent=intent, hits=()), CONSOLE) is None
    assert log.count() == (0, None)


def test_with_no_days_to_keep_nothing_is_recorded_and_what_was_there_stays(log):
    log.record(an_answer(), CONSOLE)
    pause()
    recorder = Recorder(log, keep_days=0)
    assert recorder.record(an_answer(), CONSOLE) is None
    assert log.count()[0] == 1


def test_what_is_too_old_is_forgotten_at_the_start_and_once_a_day(log, path, monkeypatch):
    def age():
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE questions SET at = '2020-01-01T00:00:00.000+00:00'")
        connection.close()

    log.record(an_answer("old"), CONSOLE)
    age()
    recorder = Recorder(log, 30)
    assert log.recent_questions(10) == []
    recorder.record(an_answer("older by now"), CONSOLE)
    recorder.record(an_answer("old too"), CONSOLE)
    age()
    recorder.record(an_answer("new"), CONSOLE)
    assert len(log.recent_questions(10)) == 3  # not yet
    monkeypatch.setattr("bot.state.recorder.DAY", 0.0)
    recorder.record(an_answer("newer"), CONSOLE)
    assert log.recent_questions(10) == ["newer", "new"]


def test_answer_ids_are_sayable_and_read_as_people_type_them():
    drawn = {new_answer_id() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(len(one) == 10 and set(one) <= set(LETTERS) for one in drawn)
    assert not set("ILOU") & set(LETTERS)
    assert read_answer_id(" 7k3m9-q2x4t ") == "7K3M9Q2X4T"
    assert read_answer_id("oil0000000") == "0110000000"
    assert read_answer_id(next(iter(drawn))) in drawn


def test_an_id_that_is_taken_is_drawn_again(log, monkeypatch):
    drawn = iter(["A" * 10, "A" * 10, "B" * 10])
    monkeypatch.setattr("bot.state.answers.new_answer_id", lambda: next(drawn))
    assert [log.record(an_answer(question), CONSOLE) for question in ("one", "two")] == ["A" * 10, "B" * 10]
    assert log.answer("A" * 10).question == "one"


def test_the_file_has_a_view_of_what_was_asked_for_people_who_open_it(tmp_path):
    with AnswerLog(tmp_path / "s.db", key_from_token(TOKEN)) as log:
        first = log.record(an_answer(), Sender("telegram", USER, CHAT))
        log.vote(first, USER, up=True)
        log.vote(first, USER + 1, up=False)
        log.undelivered(first, "blocked")
        second = log.record(an_answer("Who?", hits=()), CONSOLE)
    with closing(sqlite3.connect(tmp_path / "s.db")) as file:
        file.row_factory = sqlite3.Row
        later, earlier = map(dict, file.execute("SELECT * FROM asked"))
    assert {name: earlier[name] for name in ("question", "article", "quote", "answer", "helpful", "unhelpful", "undelivered")} == {
        "question": "How high is the tower?", "article": "tower", "quote": HITS[0].text, "answer": first,
        "helpful": 1, "unhelpful": 1, "undelivered": "blocked",
    }  # fmt: skip
    assert (later["question"], later["channel"], later["quote"], later["answer"]) == ("Who?", "console", None, second)
    assert (later["helpful"], later["unhelpful"]) == (0, 0)
    assert not {"user", "chat"} & set(later)
