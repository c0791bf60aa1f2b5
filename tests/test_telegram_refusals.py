"""Commands and buttons that somebody makes up: they find nothing, and change nothing. See test_telegram_access.py too."""

import sqlite3
import time
from contextlib import closing

import pytest
from conftest import BotProcess, fill_store
from fake_bot_api.client import PATIENCE, TOKEN, USERNAME, buttons, group, private_chat

from bot.rendering import messages
from retrieval import open_engine

ADMIN, STRANGER, ANONYMOUS, LINKED = 930, 931, 1087968824, 777000


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    folder = fill_store(tmp_path_factory.mktemp("bot"))
    admins = f"{ADMIN},{ANONYMOUS},{LINKED}"  # whoever puts the last two there lets nobody in
    settings = {"CITEBOT_ADMINS": admins, "CITEBOT_QUESTIONS_PER_MINUTE": "0"}
    process = BotProcess(folder, telegram.api_url, **settings)
    try:
        telegram.write("hello", user=ADMIN)
        telegram.replies(ADMIN)
        (folder / "articles" / "new.txt").write_text("News\n\nA reload would read this.\n")
        yield process
        assert process.stop() == 0
        assert telegram.violations() == []
        assert TOKEN not in process.log
        assert "Traceback" not in process.log
    finally:
        process.stop()


@pytest.fixture(autouse=True)
def nothing_changes(bot, telegram):
    before = state(bot)
    requests = len(telegram.requests())
    yield
    greet(telegram)  # and whatever was asked for before has been met by then
    assert state(bot) == before
    assert not [one for one in telegram.requests("getFile") if one["number"] > requests]


def greet(telegram):
    """Chats are answered in order: what the admin sent before has been met when the greeting arrives."""
    greetings = said(telegram, messages.GREETING)
    telegram.write("hello", user=ADMIN)
    end = time.monotonic() + PATIENCE
    while said(telegram, messages.GREETING) == greetings and time.monotonic() < end:
        time.sleep(0.05)
    assert said(telegram, messages.GREETING) == greetings + 1


def said(telegram, text):
    return sum(one["text"] == text for one in telegram.conversation(ADMIN, "sendMessage"))


def state(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        generation, articles = engine.generation(), [*engine.articles(), *engine.sources()]
    kept = [str(path) for name in ("uploads",) for path in bot.folder.glob(f"citebot.db.{name}/**/*")]
    with closing(sqlite3.connect(bot.folder / "citebot.state.db")) as connection:
        offers = connection.execute("SELECT token FROM offers ORDER BY token").fetchall()
    return generation, articles, kept, offers


def test_an_admins_command_from_a_stranger_reads_as_any_unknown_one(bot, telegram):
    texts = ["/reload", "/reload now", "/add https://example.org/", f"/sources@{USERNAME}", "/nonsense"]
    for text in texts:
        telegram.write(text, user=STRANGER)
    assert {one["text"] for one in telegram.replies(STRANGER, len(texts))} == {messages.UNKNOWN_COMMAND}


def a_message_with_buttons(telegram):
    told = len(telegram.conversation(ADMIN, "sendMessage"))
    telegram.write("/articles glaciers", user=ADMIN)
    page = telegram.message(ADMIN, telegram.replies(ADMIN, told + 1)[-1]["result_id"])
    return page, buttons(page)["1"].partition(":")[2].partition(":")[0]


def all_data(mark, owner):
    rests = ["0:", f"{mark}:0:", mark, "0" * 24, "0" * 24, "0" * 16]
    return [f"{verb}{owner}:{rest}" for verb, rest in zip("pldyns", rests, strict=True)]


def test_buttons_are_pressed_by_nobody_but_their_owner(bot, telegram):
    page, mark = a_message_with_buttons(telegram)
    presses = [
        telegram.press_data(data, page, user)
        for user in (STRANGER, ANONYMOUS, LINKED)
        for data in all_data(mark, f"{ADMIN:x}")
    ]
    assert {telegram.answer_to(press) for press in presses} == {messages.NOT_YOUR_BUTTON}


def test_what_is_for_admins_is_refused_to_a_stranger_who_forges_a_button(bot, telegram):
    _, mark = a_message_with_buttons(telegram)
    told = len(telegram.conversation(STRANGER, "sendMessage"))
    telegram.write("/articles", user=STRANGER)
    own = telegram.message(STRANGER, telegram.replies(STRANGER, told + 1)[-1]["result_id"])
    forged = all_data(mark, f"{STRANGER:x}")[1:]
    odd = [
        "x",
        "",
        ":",
        "p",
        f"p{STRANGER:x}",
        f"p{STRANGER:x}:-1:",
        f"p{STRANGER:x}:x:",
        f"p{STRANGER:x}:٣:",
        f"p0{STRANGER:x}:0:",
        "q" * 64,
    ]
    presses = [telegram.press_data(data, own, STRANGER) for data in [*forged, *odd] if data]
    assert {telegram.answer_to(press) for press in presses} == {messages.NOT_YOUR_BUTTON}


def test_an_admins_button_does_nothing_in_a_group_or_when_its_message_is_gone(bot, telegram):
    page, mark = a_message_with_buttons(telegram)
    in_group = page | {"chat": group(-932)}
    elsewhere = page | {"chat": private_chat(STRANGER)}
    gone = {"chat": page["chat"], "message_id": 99_999, "date": 0}
    data = all_data(mark, f"{ADMIN:x}")
    presses = [telegram.press_data(one, message, ADMIN) for message in (in_group, elsewhere) for one in data]
    sender = {"id": ADMIN, "is_bot": False, "first_name": "A"}
    presses += [
        telegram.push(callback_query={"from": sender, "inline_message_id": "1", "data": one})["callback_query"]
        for one in data
    ]
    assert {telegram.answer_to(press) for press in presses} == {messages.NOT_YOUR_BUTTON}
    presses = [telegram.press_data(one, gone, ADMIN) for one in data]
    assert {telegram.answer_to(press) for press in presses} == {messages.BUTTON_TOO_OLD}


def test_an_admins_forged_yes_finds_nothing(bot, telegram):
    page, _ = a_message_with_buttons(telegram)
    press = telegram.press_data(f"y{ADMIN:x}:{'0' * 24}", page, ADMIN)
    assert telegram.answer_to(press) == messages.BUTTON_TOO_OLD
