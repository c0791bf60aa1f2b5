"""What the bot keeps of a person: told, sent, and deleted from every byte of its files; over real HTTP."""

import json
import sqlite3
import time
from contextlib import closing

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, buttons

from bot.backup import write_backup
from bot.rendering import messages
from bot.rendering.texts import texts_in
from bot.state import AnswerLog, ChatSets, PersonalData, Role, Roles, Sender, Watch, Watches, key_from_token
from retrieval import open_engine

READER, OTHER, HALVES = 77001234567, 77007654321, 77003333333
SECRET = "How many heated lamps has the Xylander orchard?"
BRIDGE = "Who built the stone bridge of Rivertown?"


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = BotProcess(fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url, CITEBOT_ADMINS="1")
    with ended_well(process, telegram):
        yield process


def ask(telegram, user, question, **more):
    number = len(telegram.conversation(user, "sendMessage"))
    telegram.write(question, user=user, **more)
    return telegram.message(user, telegram.replies(user, number + 1)[-1]["result_id"])


def files_with(folder, text):
    """The files that hold a text in any byte, articles aside."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "articles" and text.encode() in path.read_bytes()
    ]


def gone(folder, *texts):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not any(files_with(folder, text) for text in texts):
            return True
        time.sleep(0.3)
    return False


def test_what_is_kept_is_told_in_the_readers_language_sent_and_deleted_for_good(bot, telegram):
    german = texts_in("de")
    told = ask(telegram, READER, "/privacy", language="de")["text"]
    assert "30 Tage" in told
    assert str(german(messages.PRIVACY_RIGHTS)) in told

    refused = ask(telegram, READER, SECRET)
    telegram.answer_to(telegram.press(messages.TELL_EDITORS, refused, READER))
    answer = ask(telegram, READER, BRIDGE)
    telegram.answer_to(telegram.press("👍", answer, READER))
    ask(telegram, OTHER, BRIDGE)

    telegram.write("/mydata", user=READER)
    (sent,) = telegram.requests("sendDocument", count=1, wait=PATIENCE, chat=READER)
    data = json.loads(sent["files"][0]["text"])
    assert [one["question"] for one in data["questions"]] == [SECRET, BRIDGE]
    assert [one["helpful"] for one in data["votes"]] == [1]
    assert [one["question"] for one in data["waiting_for"]] == [SECRET]
    assert files_with(bot.folder, SECRET)
    assert files_with(bot.folder, str(READER))

    asked = ask(telegram, READER, "/forgetme")
    assert telegram.answer_to(telegram.press(messages.FORGET_ALL, asked, READER)) == messages.ALL_FORGOTTEN
    assert gone(bot.folder, SECRET, str(READER))
    write_backup(bot.folder / "citebot.db", bot.folder / "citebot.state.db", bot.folder / "backup.zip")
    assert not files_with(bot.folder, SECRET)
    with AnswerLog(bot.folder / "citebot.state.db") as log:
        assert [one.question for one in log.asked(10)] == [BRIDGE]


def test_what_telegram_sent_in_halves_of_characters_can_be_sent_back(bot, telegram):
    letter = json.dumps({"update_id": 1, "message": {"from": {"id": HALVES}, "text": "Half \ud83d a face"}})
    with closing(sqlite3.connect(bot.folder / "citebot.state.db")) as connection, connection:
        connection.execute(
            "INSERT INTO inbox (update_id, received, state, at, json) VALUES (1, 0, 'dead', ?, ?)",
            (time.time(), letter),
        )
    telegram.write("/mydata", user=HALVES)
    (sent,) = telegram.requests("sendDocument", count=1, wait=PATIENCE, chat=HALVES)
    (kept,) = json.loads(sent["files"][0]["text"])["not_processed"]
    assert kept["message"]["text"] == "Half ? a face"


def test_nobody_but_the_reader_can_ask_to_forget(bot, telegram):
    asked = ask(telegram, READER, "/forgetme")
    data = buttons(asked)[messages.FORGET_ALL]
    elsewhere = ask(telegram, OTHER, BRIDGE)
    assert telegram.answer_to(telegram.press_data(data, elsewhere, OTHER)) == messages.NOT_YOUR_BUTTON
    with AnswerLog(bot.folder / "citebot.state.db") as log:
        assert {one.question for one in log.asked(10)} == {BRIDGE}


@pytest.fixture
def kept(tmp_path):
    """A file with what two people did, and a letter of each that could not be processed."""
    store = fill_store(tmp_path)
    key, state = key_from_token("1:token"), tmp_path / "citebot.state.db"
    with open_engine(store / "citebot.db") as engine, AnswerLog(state, key) as log, Watches(state) as watches:
        for user in (READER, OTHER):
            answer = log.record(engine.ask(BRIDGE), Sender("telegram", user, -5))
            log.vote(answer, user, up=False)
            log.explain_vote(answer, user, "out of date")
            Roles(state).give(user, Role.READER, 1)
            ChatSets(state).bind(user, ("news",), 1)
            watches.add(Watch(0, user, "en", BRIDGE, None, None, once=True))
    with closing(sqlite3.connect(state)) as connection, connection:
        for number, user in enumerate((READER, OTHER)):
            letter = json.dumps({"update_id": number, "message": {"from": {"id": user}, "text": f"Letter of {user}"}})
            connection.execute(
                "INSERT INTO inbox (update_id, received, state, at, json) VALUES (?, 0, 'dead', 0, ?)", (number, letter)
            )
    return state, PersonalData(state, key)


def test_only_what_is_of_the_person_is_told_and_deleted(kept):
    state, data = kept
    with data:
        assert [len(of) for of in data.of(READER).values()] == [1, 1, 1, 1, 1, 0, 1]
        data.forget(READER)
        assert not any(data.of(READER).values())
        assert [len(of) for of in data.of(OTHER).values()] == [1, 1, 1, 1, 1, 0, 1]
        assert str(READER).encode() not in state.read_bytes()
        assert str(OTHER).encode() in state.read_bytes()


def test_without_a_key_nothing_is_of_anybody(tmp_path):
    with PersonalData(tmp_path / "state.db", None) as data:
        data.forget(READER)
        assert not any(data.of(READER).values())
