"""Documents that admins correct, send as an album, or add while something else is under way; each over real HTTP."""

import json
import time
from contextlib import contextmanager

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, FakeTelegram, buttons, quotations

from bot.rendering import admin_messages, messages, operator_messages
from retrieval import open_engine
from retrieval.store.lock import load_lock

ADMIN = 980
THREE = [admin_messages.REPLACE, admin_messages.ADD_BESIDE, admin_messages.CANCEL]


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = BotProcess(fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url, CITEBOT_ADMINS=str(ADMIN))
    with ended_well(process, telegram):
        yield process


def uploads(bot):
    return {path.name: path.read_bytes() for path in bot.folder.glob("citebot.db.uploads/telegram/*")}


def stored(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        return {article.id: article.text for article in engine.export() if article.id.startswith(("telegram/", "js-"))}


def generation(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        return engine.generation()


def added(telegram, name, content, user=ADMIN):
    telegram.send_document(name, content, user=user)
    asked = telegram.shown(user, f"Add {name} ")
    telegram.press(admin_messages.ADD, asked, user)
    return ended(telegram, asked, "Added ")


def ended(telegram, message, beginning):
    """Wait until a message begins like this; return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        now = telegram.message(message["chat"]["id"], message["message_id"])
        if now["text"].startswith(beginning):
            return now
        time.sleep(0.1)
    raise AssertionError(now)


def mooring(hour):
    return f"The mooring\n\nThe boat to Zembla is moored at {hour} sharp.\n".encode()


def test_a_corrected_document_takes_the_place_of_the_one_sent_before(bot, telegram):
    added(telegram, "mooring.txt", mooring(9))
    telegram.send_document("mooring.txt", mooring(9), user=ADMIN)
    told = telegram.shown(ADMIN, "mooring.txt is there already")
    assert buttons(told) == {}

    telegram.send_document("mooring.txt", mooring(10), user=ADMIN)
    asked = telegram.shown(ADMIN, "Replace mooring.txt or add it beside?")
    assert list(buttons(asked)) == THREE
    assert f" has {len(mooring(9))} bytes; this one has {len(mooring(10))} bytes." in asked["text"]
    telegram.press(admin_messages.CANCEL, asked, ADMIN)
    telegram.shown(ADMIN, admin_messages.NOTHING_ADDED)
    replaced = buttons(asked)[admin_messages.REPLACE]
    assert telegram.answer_to(telegram.press_data(replaced, asked, ADMIN)) == messages.BUTTON_TOO_OLD
    assert stored(bot) == {"telegram/mooring": mooring(9).decode()}

    telegram.send_document("Mooring.TXT", mooring(11), user=ADMIN)
    asked = telegram.shown(ADMIN, "Replace mooring.txt with Mooring.TXT or add it beside?")
    telegram.press(admin_messages.REPLACE, asked, ADMIN)
    assert ended(telegram, asked, "Changed")["text"] == "Changed 1 article (telegram/mooring)."
    assert stored(bot) == {"telegram/mooring": mooring(11).decode()}
    assert uploads(bot) == {"mooring.txt": mooring(11)}
    telegram.write("When is the boat to Zembla moored?", user=ADMIN + 1)
    assert quotations(telegram.replies(ADMIN + 1)[0]) == ["The boat to Zembla is moored at 11 sharp."]


def test_a_corrected_document_can_be_added_beside_and_equal_titles_are_told_apart(bot, telegram):
    added(telegram, "pier.txt", b"The pier\n\nThe pier of Zembla is 90 metres long.\n")
    telegram.send_document("pier.txt", b"The pier\n\nThe pier of Zembla is 95 metres long.\n", user=ADMIN)
    asked = telegram.shown(ADMIN, "Replace pier.txt or add it beside?")
    telegram.press(admin_messages.ADD_BESIDE, asked, ADMIN)
    assert ended(telegram, asked, "Added")["text"] == "Added 1 article (telegram/pier-2)."
    telegram.write("/articles pier", user=ADMIN)
    listed = telegram.shown(ADMIN, "2 articles with “pier”")["text"]
    assert listed.splitlines()[2:] == ["1. The pier (telegram/pier)", "2. The pier (telegram/pier-2)"]


@pytest.mark.parametrize("name", ["sluice.txt", "sluice.pdf"])
def test_a_corrected_document_that_cannot_be_read_leaves_the_old_one(bot, telegram, name):
    text = b"The sluice\n\nThe sluice opens at noon.\n"
    if "sluice.txt" not in uploads(bot):
        added(telegram, "sluice.txt", text)
    telegram.send_document(name, b"", user=ADMIN)
    asked = telegram.shown(ADMIN, f"Replace sluice.txt {'or' if name.endswith('.txt') else f'with {name} or'}")
    telegram.press(admin_messages.REPLACE, asked, ADMIN)
    told = ended(telegram, asked, f"{name} was not replaced:\nFailed: telegram/{name}: ")
    assert "mooring" not in told["text"]
    assert uploads(bot)["sluice.txt"] == text
    assert "sluice.pdf" not in uploads(bot)
    assert stored(bot)["telegram/sluice"] == text.decode()


def lines(**texts):
    return "".join(f"{json.dumps({'id': f'js-{id_}', 'text': text})}\n" for id_, text in texts.items()).encode()


def test_a_corrected_file_of_several_articles_takes_away_those_that_it_no_longer_holds(bot, telegram):
    added(telegram, "news.jsonl", lines(a="The old news.", b="Other news."))
    telegram.send_document("news.jsonl", lines(a="The new news."), user=ADMIN)
    asked = telegram.shown(ADMIN, "Replace news.jsonl")
    telegram.press(admin_messages.REPLACE, asked, ADMIN)
    told = ended(telegram, asked, "Changed")["text"]
    assert told == "Changed 1 article (js-a).\nRemoved 1 article (js-b)."
    assert "js-b" not in stored(bot)
    telegram.send_document("more.jsonl", lines(a="Quite other news."), user=ADMIN)
    asked = telegram.shown(ADMIN, "Add more.jsonl")
    telegram.press(admin_messages.ADD, asked, ADMIN)
    told = ended(telegram, asked, admin_messages.NOTHING_ADDED_BECAUSE)["text"]
    assert "used twice: in telegram/news and in more.jsonl" in told
    assert stored(bot)["js-a"] == "The new news."
    assert "more.jsonl" not in uploads(bot)


def test_an_album_is_asked_about_once_and_added_in_one_go(bot, telegram):
    files = {name: f"{name}\n\nThe quay {name} is long.\n".encode() for name in ("qa.txt", "qb.txt", "qc.txt")}
    before = generation(bot)
    telegram.send_album({**files, "qd.md": b"", "q.exe": b"MZ"}, user=ADMIN)
    asked = telegram.shown(ADMIN, "Add these 4 documents to the articles?")
    telegram.shown(ADMIN, "I can't read q.exe.")
    assert asked["text"].splitlines()[1:] == [f"• {name} (1 KB)" for name in (*files, "qd.md")]
    assert list(buttons(asked)) == [admin_messages.ADD_ALL, admin_messages.DO_NOT_ADD]
    telegram.press(admin_messages.ADD_ALL, asked, ADMIN)
    told = ended(telegram, asked, "Added 3 articles (telegram/qa, telegram/qb, telegram/qc).\nFailed: ")
    assert told["text"].splitlines()[1] == "Failed: telegram/qd.md: It is empty."
    assert generation(bot) == before + 1
    assert files.items() <= uploads(bot).items()
    assert "qd.md" not in uploads(bot)


@pytest.mark.parametrize("beside", [False, True])
def test_an_album_can_replace_what_was_sent_before_or_leave_it(bot, telegram, beside):
    stem = "beside" if beside else "instead"
    added(telegram, f"{stem}.txt", b"One\n\nThe first text.\n")
    second = {name: f"{name}\n\nThe second text.\n".encode() for name in (f"{stem}.txt", f"{stem}x.txt")}
    telegram.send_album(second, user=ADMIN)
    asked = telegram.shown(ADMIN, "Add these 2 documents to the articles? 1 of them has a name that is there already.")
    assert asked["text"].splitlines()[1:] == [f"• {stem}.txt (1 KB), replaces {stem}.txt", f"• {stem}x.txt (1 KB)"]
    yes = admin_messages.replace_some(1)
    assert list(buttons(asked)) == [yes, admin_messages.ADD_ALL_BESIDE, admin_messages.CANCEL]
    telegram.press(admin_messages.ADD_ALL_BESIDE if beside else yes, asked, ADMIN)
    ended(telegram, asked, "Added 2 articles" if beside else f"Added 1 article (telegram/{stem}x).\nChanged 1 article")
    assert ("first" in stored(bot)[f"telegram/{stem}"]) is beside


def test_what_comes_of_an_album_after_its_question_was_answered_is_asked_about_anew(bot, telegram):
    def send(name):
        telegram.send_document(name, f"{name}\n\nText of {name}.\n".encode(), user=ADMIN, media_group_id="late")

    send("la.txt")
    send("lb.txt")
    asked = telegram.shown(ADMIN, "Add these 2 documents")
    telegram.press(admin_messages.ADD_ALL, asked, ADMIN)
    ended(telegram, asked, "Added 2 articles")
    send("lc.txt")
    assert list(buttons(telegram.shown(ADMIN, "Add lc.txt"))) == [admin_messages.ADD, admin_messages.DO_NOT_ADD]


@contextmanager
def another_load(bot):
    """Be another process that loads, so that whatever the bot begins waits."""
    with load_lock(bot.folder / "citebot.db"):
        yield


def offered(telegram, name, content=None):
    telegram.send_document(name, content or f"{name}\n\nThe text of {name}.\n".encode(), user=ADMIN)
    return telegram.shown(ADMIN, f"Add {name} ")


def test_several_that_are_added_at_once_wait_for_their_turn(bot, telegram):
    first, second, third = (offered(telegram, f"w{number}.txt") for number in range(3))
    with another_load(bot):
        assert telegram.answer_to(telegram.press(admin_messages.ADD, first, ADMIN)) == ""
        ended(telegram, first, operator_messages.WAITING_FOR_LOAD)
        for asked in (second, third):
            press = telegram.press(admin_messages.ADD, asked, ADMIN)
            assert telegram.answer_to(press) == admin_messages.WAITS
            waiting = ended(telegram, asked, f"{asked['text']}\n\n{admin_messages.WAITS}")
            assert buttons(waiting) == buttons(asked)
        again = telegram.press(admin_messages.ADD, second, ADMIN)
        assert telegram.answer_to(again) == admin_messages.WAITS_ALREADY
        telegram.press(admin_messages.DO_NOT_ADD, third, ADMIN)
        ended(telegram, third, admin_messages.NOTHING_ADDED)
        telegram.write("/reload now", user=ADMIN)
        reload = telegram.shown(ADMIN, admin_messages.WAITS)
        telegram.write("/add http://192.0.2.1:99/x", user=ADMIN)
        time.sleep(1.5)
    ended(telegram, first, "Added 1 article (telegram/w0).")
    ended(telegram, second, "Added 1 article (telegram/w1).")
    ended(telegram, reload, "Unchanged: ")
    telegram.shown(ADMIN, "http://192.0.2.1:99/x was not added: ")
    assert "telegram/w2" not in stored(bot)
    edits = [
        one for one in telegram.conversation(ADMIN, "editMessageText") if one["text"].startswith("Added 1 article")
    ]
    assert [one["result_id"] for one in edits[-2:]] == [first["message_id"], second["message_id"]]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_waits_when_the_bot_ends_can_be_accepted_after_the_next_start(tmp_path, end):
    server = FakeTelegram()
    first = BotProcess(fill_store(tmp_path), server.api_url, CITEBOT_ADMINS=str(ADMIN))
    try:
        running, waiting = offered(server, "running.txt"), offered(server, "waiting.txt")
        with another_load(first):
            server.press(admin_messages.ADD, running, ADMIN)
            ended(server, running, operator_messages.WAITING_FOR_LOAD)
            server.press(admin_messages.ADD, waiting, ADMIN)
            ended(server, waiting, f"{waiting['text']}\n\n{admin_messages.WAITS}")
            if end == "stop":
                assert first.stop() == 0
                ended(server, running, f"{operator_messages.LOAD_STOPPED} {admin_messages.NOT_LOADED_YET}")
            else:
                first.process.kill()
                first.process.wait()
        now = server.message(ADMIN, waiting["message_id"])
        assert buttons(now) == buttons(waiting)
        assert end == "kill" or now["text"] == waiting["text"]
        second = BotProcess(tmp_path, server.api_url, CITEBOT_ADMINS=str(ADMIN))
        try:
            server.press(admin_messages.ADD, now, ADMIN)
            ended(server, waiting, "Added 1 article (telegram/waiting).")
        finally:
            assert second.stop() == 0
        answered = "the callback query was answered before"  # by the bot that was killed before it could note that
        assert [one for one in server.violations() if end == "stop" or answered not in one] == []
        assert "Traceback" not in first.log
    finally:
        first.stop()
        server.close()
