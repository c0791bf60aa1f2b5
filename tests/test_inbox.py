"""The inbox: an update is given once, and is waiting until it is done or put aside, whatever ends the process.

CITEBOT_KILLS says how often a process is killed, 20 times when it says nothing.
"""

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from conftest import ROOT, environment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_state_answers import an_answer

from bot.state import CONSOLE, AnswerLog, BlockedChats, Inbox, StateError
from bot.state import inbox as inbox_module
from bot.state.schema import MIGRATIONS
from bot.state.state_checks import find_dead_letters, find_state_problems

KILLS = int(os.environ.get("CITEBOT_KILLS") or 20)
SECRET = "My secret illness"
SENDER = 987654321012


def an_update(id_, text=SECRET):
    return {"update_id": id_, "message": {"from": {"id": SENDER}, "text": text}}


def ids(letters):
    return [letter.update_id for letter in letters]


def everything(path):
    """All bytes that a file and its side files hold."""
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def inbox(path):
    with Inbox(path) as inbox:
        yield inbox


def test_an_update_is_given_as_it_came_and_waits_until_it_is_done(inbox, path):
    before = time.time()
    (letter,) = inbox.take([an_update(7)])
    assert letter[:2] == (7, an_update(7))
    assert before <= letter.received <= time.time()
    with Inbox(path) as another:
        assert another.waiting() == [letter]
        another.done(7)
    assert inbox.waiting() == []
    assert inbox.dead_letters() == []


def test_a_repeat_is_not_given_again_whatever_became_of_the_first(inbox, path):
    assert ids(inbox.take([an_update(1), an_update(2), an_update(3), an_update(2)])) == [1, 2, 3]
    inbox.done(1)
    inbox.put_aside(3, "It hung.")
    inbox.close()
    with Inbox(path) as again:
        assert ids(again.take([an_update(id_) for id_ in (3, 4, 1, 2)])) == [4]
        assert ids(again.waiting()) == [2, 4]


def test_failed_tries_are_counted_over_a_restart_and_told_with_the_dead_letter(inbox, path):
    inbox.take([an_update(5)])
    assert [inbox.failed(5, f"ValueError {number}") for number in range(2)] == [1, 2]
    with Inbox(path) as again:
        assert again.failed(5, "KeyError") == 3
        assert ids(again.waiting()) == [5]
        again.put_aside(5, "KeyError, three times.")
        assert again.waiting() == []
        (dead,) = again.dead_letters()
    assert (dead.update_id, dead.reason, dead.tries) == (5, "KeyError, three times.", 3)
    assert timedelta(0) <= datetime.now(UTC) - dead.at < timedelta(minutes=1)


def test_what_is_not_open_is_neither_done_nor_failed_nor_put_aside(inbox):
    inbox.take([an_update(1), an_update(2)])
    inbox.done(1)
    inbox.put_aside(2, "first")
    for id_ in (1, 2, 3):
        assert inbox.failed(id_, "later") == 0
        inbox.put_aside(id_, "later")
        inbox.done(id_)
    assert [(dead.update_id, dead.reason) for dead in inbox.dead_letters()] == [(2, "first")]


def test_of_an_update_that_is_done_nothing_is_left_in_the_file_but_its_number(inbox, path):
    inbox.take([an_update(1), an_update(2, "A question that waits")])
    inbox.failed(1, SECRET)
    assert SECRET.encode() in everything(path)
    inbox.done(1)
    inbox.close()  # moves the write-ahead log into the file
    assert SECRET.encode() not in everything(path)
    assert b"A question that waits" in everything(path)


@pytest.mark.parametrize(
    "bad", [None, 7, [], {}, {"update_id": "7"}, {"update_id": True}, {"update_id": 2**63}, {"update_id": 1.0}]
)
def test_what_has_no_number_is_left_out_and_the_rest_is_taken(inbox, caplog, bad):
    assert ids(inbox.take([bad, an_update(1), an_update(-(2**63)), an_update(2**63 - 1)])) == [1, -(2**63), 2**63 - 1]
    assert "1 left out" in caplog.text
    assert ids(inbox.waiting()) == [-(2**63), 1, 2**63 - 1]


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


@pytest.mark.parametrize(
    "text",
    [
        "\x00 in a text",
        "half a pair: \ud83d",
        "\udc00\x00",
        "words " * 200_000,
        {"\ud800": "\x00"},
        10**400,
        nested(200),
    ],
    ids=["nul", "surrogate", "both", "a megabyte", "key", "number", "nested"],
)
def test_hostile_updates_come_back_as_they_were(inbox, path, text):
    (letter,) = inbox.take([an_update(1, text)])
    inbox.failed(1, str(text)[:5000])
    inbox.close()
    with Inbox(path) as again:
        assert again.waiting() == [letter]
        again.put_aside(1, str(text)[:5000])
        assert len(again.dead_letters()[0].reason) <= inbox_module.LONGEST_REASON


def test_what_cannot_be_written_is_a_dead_letter_and_holds_up_nobody(inbox):
    deep = {}
    for _ in range(100_000):
        deep = {"reply_to_message": deep}
    assert ids(inbox.take([an_update(1), an_update(2, deep), an_update(3)])) == [1, 3]
    (dead,) = inbox.dead_letters()
    assert dead.update_id == 2
    assert "cannot be stored" in dead.reason
    assert ids(inbox.waiting()) == [1, 3]
    assert inbox.take([an_update(2, deep)]) == []


def test_what_cannot_be_read_any_more_is_a_dead_letter_and_holds_up_nobody(inbox, path):
    inbox.take([an_update(1), an_update(2), an_update(3)])
    change(path, "UPDATE inbox SET json = '{' WHERE update_id = 2")
    assert ids(inbox.waiting()) == [1, 3]
    assert ids(inbox.dead_letters()) == [2]


def change(path, statement, *values):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()


def test_numbers_are_forgotten_after_a_day_dead_letters_after_thirty_and_what_waits_never(inbox, path, monkeypatch):
    monkeypatch.setattr(inbox_module, "FORGOTTEN", 2)
    inbox.take([an_update(id_) for id_ in range(9)])
    for id_ in range(5):
        inbox.done(id_)
    inbox.put_aside(5, "29 days ago")
    inbox.put_aside(6, "31 days ago")
    change(path, "UPDATE inbox SET received = 0, at = at - 86401 WHERE update_id < 4")
    for id_, days in ((5, 29), (6, 31)):
        change(path, "UPDATE inbox SET at = at - ? WHERE update_id = ?", days * 86400, id_)
    left = []
    for id_ in (100, 101, 102):
        inbox.take([an_update(id_)])
        connection = sqlite3.connect(path)
        left.append([row[0] for row in connection.execute("SELECT update_id FROM inbox WHERE update_id < 100")])
        connection.close()
    assert [len(rows) for rows in left] == [6, 4, 4]  # two and a dead letter, then two
    assert left[-1] == [4, 5, 7, 8]


def test_nothing_is_looked_for_through_the_whole_table(inbox, path):
    inbox.take([an_update(1)])
    connection = sqlite3.connect(path)
    for query, values in (
        (inbox_module._FORGET, ("done", 0, 1)), (inbox_module._DONE, (0, 1)), (inbox_module._DEAD, ()),
        (inbox_module._FAILED, ("", 1)), (inbox_module._PUT_ASIDE, (0, "", 1)),
    ):  # fmt: skip
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values))
        assert "SCAN" not in plan.replace("SCAN inbox USING INDEX inbox_settled", ""), plan
    connection.close()


class Model:
    """What an inbox must be: a table in memory."""

    def __init__(self):
        self.rows = {}

    def take(self, taken):
        new = [id_ for id_ in dict.fromkeys(taken) if id_ not in self.rows]
        self.rows |= {id_: ["open", 0, None] for id_ in new}
        return new

    def done(self, id_):
        self._settle(id_, "done", None)

    def put_aside(self, id_, reason):
        self._settle(id_, "dead", reason)

    def failed(self, id_):
        row = self.rows.get(id_)
        if not row or row[0] != "open":
            return 0
        row[1] += 1
        return row[1]

    def _settle(self, id_, state, reason):
        row = self.rows.get(id_)
        if row and row[0] == "open":
            row[0], row[2] = state, reason

    def waiting(self):
        return sorted(id_ for id_, row in self.rows.items() if row[0] == "open")

    def dead(self):
        return {id_: (row[2], row[1]) for id_, row in self.rows.items() if row[0] == "dead"}


ID = st.integers(0, 6)
ACTS = st.one_of(
    st.tuples(st.just("take"), st.lists(ID, max_size=4)),
    st.tuples(st.sampled_from(["done", "failed", "put_aside"]), ID),
    st.tuples(st.just("reopen"), st.none()),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=25))
def test_any_sequence_of_acts_leaves_what_the_model_says(acts, tmp_path_factory):
    path, model = tmp_path_factory.mktemp("inbox") / "state.db", Model()
    inbox = Inbox(path)
    for number, (act, about) in enumerate(acts):
        if act == "take":
            assert ids(inbox.take([an_update(id_) for id_ in about])) == model.take(about)
        elif act == "failed":
            assert inbox.failed(about, "why") == model.failed(about)
        elif act == "put_aside":
            inbox.put_aside(about, f"act {number}")
            model.put_aside(about, f"act {number}")
        elif act == "done":
            inbox.done(about)
            model.done(about)
        else:
            inbox.close()
            inbox = Inbox(path)
        assert ids(inbox.waiting()) == model.waiting()
        assert {dead.update_id: (dead.reason, dead.tries) for dead in inbox.dead_letters()} == model.dead()
    inbox.close()


def test_many_threads_take_and_finish_at_once_beside_the_questions(inbox, path):
    given_, failed = [], []

    def work(number):
        try:
            for batch in range(20):
                own = range(100 * batch, 100 * batch + 10)  # the same for all: each is given to one
                new = inbox.take([an_update(id_) for id_ in own])
                given_.extend(ids(new))
                for letter in new:
                    inbox.done(letter.update_id)
        except StateError as error:
            failed.append(error)

    def record():
        with AnswerLog(path) as log:
            for _ in range(50):
                log.record(an_answer(), CONSOLE)

    threads = [*(threading.Thread(target=work, args=(number,)) for number in range(4)), threading.Thread(target=record)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Counter(given_) == Counter(100 * batch + number for batch in range(20) for number in range(10))
    assert inbox.waiting() == []
    with AnswerLog(path) as log:
        assert log.count()[0] == 50


def test_what_is_taken_waits_for_the_disk_and_what_is_done_does_not(inbox):
    executed = []
    inbox._file.get().set_trace_callback(executed.append)
    inbox.take([an_update(1)])
    inbox.done(1)
    kinds = [" ".join(statement.split()[:4]) for statement in executed]
    full, commit = kinds.index("PRAGMA synchronous = FULL"), kinds.index("COMMIT")
    normal, done = kinds.index("PRAGMA synchronous = NORMAL"), kinds.index("UPDATE inbox SET state")
    assert full < commit < normal < done


def test_a_file_that_is_held_is_waited_for_and_after_a_while_an_error(inbox, path):
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError, match="locked by another program"):
        inbox.take([an_update(1)])
    with pytest.raises(StateError, match="locked by another program"):
        inbox.done(1)
    release = threading.Timer(0.1, other.close)  # which lets go
    release.start()
    assert ids(inbox.take([an_update(1)])) == [1]
    release.join()


def test_a_file_that_cannot_be_used_is_told_at_once(tmp_path):
    (tmp_path / "text.db").write_text("no database at all, but a text that somebody wrote " * 20)
    for name, reason in (("text.db", "not an SQLite file"), (".", "cannot be opened"), ("no/s.db", "cannot be opened")):
        with pytest.raises(StateError, match=reason):
            Inbox(tmp_path / name)


def test_a_state_file_from_before_the_inbox_gets_one_and_keeps_its_questions(path):
    connection = sqlite3.connect(path)
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    connection.execute(
        "INSERT INTO questions (at, channel, language, question) VALUES ('2026', 'console', 'en', 'Why?')"
    )
    connection.commit()
    connection.close()
    assert find_dead_letters(path) == []
    with Inbox(path) as inbox, AnswerLog(path) as log:
        assert ids(inbox.take([an_update(1)])) == [1]
        assert log.recent_questions(9) == ["Why?"]


def test_a_file_that_takes_the_place_of_the_old_one_is_used_from_then_on(inbox, path, tmp_path):
    inbox.take([an_update(1)])
    for side in ("-wal", "-shm", ""):
        (tmp_path / f"state.db{side}").rename(tmp_path / f"old.db{side}")
    assert inbox.waiting() == []
    assert ids(inbox.take([an_update(2)])) == [2]
    with Inbox(tmp_path / "old.db") as old:
        assert ids(old.waiting()) == [1]


WAITING = """
import sys
from pathlib import Path
from bot.state import Inbox
print([letter.update_id for letter in Inbox(Path(sys.argv[1])).waiting()])
"""


def seen_by_another_process(path):
    """What another process finds waiting, which ends without closing the file first."""
    return subprocess.check_output(
        [sys.executable, "-c", WAITING, path], text=True, env=environment(PYTHONPATH=str(ROOT)), timeout=60
    )


def test_other_processes_that_come_and_go_take_nothing_away(inbox, path):
    inbox.take([an_update(1)])
    BlockedChats(path, b"key").add(1)
    with AnswerLog(path) as log:
        log.record(an_answer(), CONSOLE)
        assert seen_by_another_process(path) == "[1]\n"
    assert doctor(path.parent).returncode == 0
    inbox.take([an_update(2)])
    inbox.done(1)
    assert seen_by_another_process(path) == "[2]\n"
    assert inbox.dead_letters() == []


PROGRAM = """
import sys, random
from pathlib import Path
from bot.state import Inbox
with Inbox(Path(sys.argv[1])) as inbox:
    number = int(sys.argv[2])
    while True:
        taken = inbox.take([{"update_id": number + one} for one in range(random.randrange(1, 6))])
        print("took", *[letter.update_id for letter in taken], flush=True)
        for id_, *_ in random.sample(taken, len(taken) // 2):
            print("doing", id_, flush=True)
            inbox.done(id_)
            print("did", id_, flush=True)
        number += len(taken)
"""


def test_killed_at_any_moment_everything_acknowledged_and_not_done_is_waiting(path):
    chance, taken, doing, did = random.Random(6), set(), set(), set()
    for number in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, path, str(10**6 * (number + 1))], stdout=subprocess.PIPE, text=True,
            env=environment(PYTHONPATH=str(ROOT)),
        )  # fmt: skip
        lines = [process.stdout.readline()]
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        lines += process.stdout.read().splitlines()
        process.wait()
        process.stdout.close()
        for line in lines:
            word, *numbers = line.split() or [""]
            {"took": taken, "doing": doing, "did": did}.get(word, set()).update(map(int, numbers))
        with Inbox(path) as inbox:
            waiting = set(ids(inbox.waiting()))
        assert taken - doing <= waiting
        assert not did & waiting
    assert len(taken) > 10 * KILLS
    assert find_state_problems(path) == []


def doctor(folder):
    return subprocess.run(
        [sys.executable, "-m", "bot", "doctor"], capture_output=True, text=True, cwd=folder, check=False, timeout=60,
        env=environment(CITEBOT_STATE="state.db", CITEBOT_ARTICLES=".", PYTHONPATH=str(ROOT)),
    )  # fmt: skip


def test_the_doctor_names_the_latest_dead_letters_with_time_and_reason(inbox, path):
    assert "could not be processed" not in doctor(path.parent).stderr
    inbox.take([an_update(id_) for id_ in range(1, 8)])
    for id_ in range(1, 8):
        inbox.put_aside(id_, f"ValueError: number {id_}\x1b[31m")
        change(path, "UPDATE inbox SET at = ? WHERE update_id = ?", 1_700_000_000 + 60 * id_, id_)
    told = doctor(path.parent).stderr
    assert "7 updates from Telegram could not be processed:" in told
    assert re.findall(r"2023-11-14 22:(\d\d) UTC, update (\d): ValueError: number (\d)", told) == [
        (str(13 + id_), str(id_), str(id_)) for id_ in (7, 6, 5, 4, 3)
    ]
    assert "and 2 earlier." in told
    assert "\x1b" not in told
    assert SECRET not in told


def test_where_the_file_cannot_be_read_no_dead_letters_are_found(path):
    path.write_bytes(b"this is no database " * 100)
    assert find_dead_letters(path) == []
