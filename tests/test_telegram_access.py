"""Who is no listed admin, or does not act in person and now, changes nothing: each of them against each admin action.

Every button that is tried is a live one, and in the end its owner presses it and does change something. All try at
once, each admin in a chat of their own, for the bot says one thing a second in a chat.
"""

import sqlite3
import time
from contextlib import closing
from itertools import count

import pytest
from conftest import BotProcess, fill_store
from fake_bot_api.client import PATIENCE, TOKEN, USERNAME, buttons, entities_of, group, private_chat

from bot.rendering import admin_messages, messages, operator_messages

ADMIN, STRANGER, GROUP_ADMIN, ANONYMOUS, LINKED = 960, 961, 962, 1087968824, 777000
ADMINS = range(970, 990)  # more of them
GROUP = group(-960)
CHANNEL = {"id": -1009, "type": "channel", "title": "Channel", "username": "channel"}
FROM_CHANNEL = {"type": "channel", "chat": CHANNEL, "message_id": 1, "date": 1}
FROM_ADMIN = {"type": "user", "sender_user": {"id": ADMIN, "is_bot": False, "first_name": "A"}, "date": 1}
COMMANDS = ["/reload", "/reload now", "/add http://127.0.0.1:65535/page", "/sources", f"/reload@{USERNAME}"]
PHOTO = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
NUMBERS = count(500_000)

HARMLESS = {messages.UNKNOWN_COMMAND, messages.ONLY_TEXT, messages.GREETING, messages.PERHAPS, messages.ABSTENTION}
OWN_TABLES = {"inbox", "questions", "answers", "citations", "contexts", "sqlite_sequence"}  # of whoever writes


class World:
    """The bot, and an admin's live buttons: a message each, with the data of the button that changes something."""

    def __init__(self, telegram, bot):
        self.telegram, self.bot = telegram, bot
        self.sent = {
            **{text: {"text": text, "entities": entities_of(text)} for text in COMMANDS},
            "document": self.document(b"A note\n\nThe beavers of Orrin built their ninth dam.\n"),
            "post": {"photo": [PHOTO], "caption": "The ferry of Rivertown runs again.", "forward_origin": FROM_CHANNEL},
        }
        self.live = {}
        self.admins = iter(ADMINS)

    def document(self, content):
        """Return a message with a file of this content, which the server holds."""
        file_id = self.telegram._http("/control/files", content, "application/octet-stream")["file_id"]
        return {
            "document": {"file_id": file_id, "file_unique_id": "u", "file_name": "note.txt", "file_size": len(content)}
        }

    def say(self, action, user, chat=None, kind="message", **more):
        """Send what an admin would, as somebody, past what the server knows of the kinds that the bot wants."""
        sender = {} if user is None else {"from": {"id": user, "is_bot": False, "first_name": "U"}}
        message = {"message_id": next(NUMBERS), "date": int(time.time()), **sender, "chat": chat or private_chat(user)}
        update = {kind: message | self.sent[action] | more}
        if kind == "message":
            self.telegram.push(**update)
        else:
            self.telegram.put(update)

    def shown(self, action, beginning, admin):
        self.say(action, admin)
        return self.telegram.shown(admin, beginning)

    def keep(self, name, message, label):
        self.live[name] = (message, buttons(message)[label])

    def settled(self):
        """Wait until what was sent has been met, and what that began has been told and has a process of its own."""
        last = next(NUMBERS)
        self.telegram.write("hello", user=last)
        self.telegram.replies(last)
        end = time.monotonic() + 2 * PATIENCE
        while self.waiting():
            assert time.monotonic() < end
            time.sleep(0.1)
        time.sleep(1.5)

    def waiting(self):
        with closing(sqlite3.connect(f"file:{self.bot.folder / 'citebot.state.db'}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM inbox WHERE state = 'open'").fetchone()[0]

    def state(self):
        """Return every row of both stores and every upload, as text."""
        stores = [self.bot.folder / name for name in ("citebot.db", "citebot.state.db")]
        kept = self.bot.folder.glob("citebot.db.uploads/**/*")
        return {row for store in stores for row in rows(store)} | set(map(str, kept))


def rows(store):
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in tables:
            if name not in OWN_TABLES:
                for row in connection.execute(f"SELECT * FROM [{name}]"):
                    yield f"{store.name} {name} {row!r}"


@pytest.fixture(scope="module")
def world(telegram, tmp_path_factory):
    folder = fill_store(tmp_path_factory.mktemp("bot"))
    listed = ",".join(map(str, [ADMIN, *ADMINS, ANONYMOUS, LINKED]))  # whoever puts these two there lets nobody in
    process = BotProcess(folder, telegram.api_url, CITEBOT_ADMINS=listed, CITEBOT_ALLOW_PRIVATE_URLS="1")
    try:
        telegram.write("hello", user=ADMIN)
        telegram.requests("sendMessage", count=1, wait=3 * PATIENCE)  # it is among the first to start on a busy machine
        telegram.shown(ADMIN, messages.GREETING)
        telegram.write("What does the Blue Glacier lose every summer?")
        telegram.replies(7)
        world = World(telegram, process)
        make_live_buttons(world)
        world.before = world.state()
        world.presses = presses(world)
        everybody_tries(world)
        world.settled()
        world.fetched = telegram.requests("getFile")
        yield world
        assert process.stop() == 0
        assert telegram.violations() == []
        assert TOKEN not in process.log
        assert "Traceback" not in process.log
    finally:
        process.stop()


def make_live_buttons(world):
    """Let admins be asked about everything there is, and one after the other where that takes a process."""
    telegram = world.telegram
    first, second, third, fourth, fifth = (next(world.admins) for _ in range(5))
    world.shown("/add http://127.0.0.1:65535/page", "Failed: ", first)  # the address stays among the sources
    listed = world.shown("/sources", "1 source", first)
    world.keep("ask to remove a source", listed, "1")
    telegram.press("1", listed, first)
    world.keep("remove a source", telegram.shown(first, "Remove "), admin_messages.REMOVE)

    telegram.write("/articles glaciers", user=second)
    telegram.press("1", telegram.shown(second, "1 article with"), second)
    article = telegram.shown(second, "Glaciers\n")
    world.keep("ask to delete an article", article, admin_messages.DELETE)
    telegram.press(admin_messages.DELETE, article, second)
    end = time.monotonic() + PATIENCE
    while admin_messages.REALLY_DELETE not in buttons(telegram.message(second, article["message_id"])):
        assert time.monotonic() < end
    world.keep("delete an article", telegram.message(second, article["message_id"]), admin_messages.REALLY_DELETE)

    world.keep("add a document", world.shown("document", "Add note.txt", third), admin_messages.ADD)
    world.keep("add a post", world.shown("post", "Add the post", fourth), admin_messages.ADD)
    (world.bot.folder / "articles" / "new.txt").write_text("News\n\nA reload reads this.\n")
    world.keep("load", world.shown("/reload", "Would add 1 article", fifth), admin_messages.LOAD)


def everybody_tries(world):
    """Let everybody send what an admin would, and admins send commands that they do not give here and now."""
    for forms in actors().values():
        for form in forms:
            for action in world.sent:
                world.say(action, **form)
    for given, admin in zip(NOT_GIVEN.values(), reversed(ADMINS), strict=False):
        for command in COMMANDS:
            world.say(command, admin, **given)


def actors():
    """Return what each of them adds to a message, by name."""
    of_group = {"user": ANONYMOUS, "chat": GROUP, "sender_chat": GROUP}
    of_channel = {"user": LINKED, "chat": GROUP, "sender_chat": CHANNEL, "is_automatic_forward": True}
    edited = {"edit_date": int(time.time())}
    return {
        "a stranger": [{"user": STRANGER}],
        "an admin of a group": [{"user": GROUP_ADMIN, "chat": GROUP}, {"user": GROUP_ADMIN}],
        "a listed admin in a group": [{"user": ADMIN, "chat": GROUP}],
        "the anonymous admin": [of_group, {"user": ANONYMOUS, "chat": GROUP}, {"user": ANONYMOUS}],
        "777000": [of_channel, {"user": LINKED, "chat": GROUP}, {"user": LINKED}],
        "a listed admin's id in the name of a chat": [{"user": ADMIN, "sender_chat": CHANNEL}],
        "a channel": [
            {"user": None, "chat": CHANNEL, "sender_chat": CHANNEL, "kind": "channel_post"},
            {"user": None, "chat": CHANNEL, "sender_chat": CHANNEL, "kind": "edited_channel_post", **edited},
        ],
        "an admin who edits": [{"user": ADMIN, "kind": "edited_message", **edited}],
    }


NOT_GIVEN = {
    "forwarded": {"forward_origin": FROM_ADMIN},
    "forwarded from a channel": {"forward_origin": FROM_CHANNEL},
    "sent by means of a bot": {"via_bot": {"id": 5, "is_bot": True, "first_name": "B", "username": "other_bot"}},
    "forwarded by Telegram": {"is_automatic_forward": True},
}
PRESSERS = {
    "a stranger": STRANGER,
    "an admin of a group": GROUP_ADMIN,
    "the anonymous admin": ANONYMOUS,
    "777000": LINKED,
}


def presses(world):
    """Let everybody press every live button, where it is and elsewhere, and with their own id in the data."""
    made = {name: [] for name in (*PRESSERS, "the admin, elsewhere")}
    for message, data in world.live.values():
        verb, _, rest = data.partition(":")
        owner = message["chat"]["id"]
        for name, user in PRESSERS.items():
            forged = f"{verb[0]}{user:x}:{rest}"
            for place in (message, message | {"chat": private_chat(user)}, message | {"chat": GROUP}):
                made[name] += [world.telegram.press_data(one, place, user) for one in (data, forged)]
        for place in (GROUP, private_chat(STRANGER), CHANNEL):
            elsewhere = world.telegram.press_data(data, message | {"chat": place}, owner)
            made["the admin, elsewhere"].append(elsewhere)
    return made


def test_nobody_else_changes_anything(world):
    assert world.state() ^ world.before == set()
    assert world.fetched == []


@pytest.mark.parametrize("actor", actors())
def test_nobody_else_is_told_anything_but_what_everybody_is(world, actor):
    chats = {form.get("chat", private_chat(form["user"]))["id"] for form in actors()[actor]}
    sent = [one for chat in chats for one in world.telegram.conversation(chat, "sendMessage")]
    assert {one["text"].partition("\n")[0] for one in sent} <= HARMLESS


@pytest.mark.parametrize(("admin", "given"), list(zip(reversed(ADMINS), NOT_GIVEN, strict=False)))
def test_a_command_that_an_admin_has_not_given_here_and_now_is_unknown(world, admin, given):
    told = world.telegram.conversation(admin, "sendMessage")
    assert [one["text"] for one in told] == [messages.UNKNOWN_COMMAND] * len(COMMANDS), given


@pytest.mark.parametrize("presser", [*PRESSERS, "the admin, elsewhere"])
def test_a_live_button_is_nobody_elses_and_nowhere_elses(world, presser):
    said = {one["parameters"]["callback_query_id"]: one for one in world.telegram.requests("answerCallbackQuery")}
    answers = [said[press["id"]]["parameters"]["text"] for press in world.presses[presser]]
    assert answers == [messages.NOT_YOUR_BUTTON] * len(answers)
    assert len(answers) >= 3 * len(world.live)


def until_idle(world, name):
    """Press a button until nothing is under way any more that refuses it; gives what was there before."""
    message, data = world.live[name]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        before = world.state()
        if (
            world.telegram.answer_to(world.telegram.press_data(data, message, message["chat"]["id"]))
            != operator_messages.LOAD_BUSY
        ):
            return before
        time.sleep(0.2)
    raise AssertionError("something is under way for ever")


def until_changed(world, before, what):
    """Wait until something in the stores or a folder has changed."""
    end = time.monotonic() + PATIENCE
    while not any(what in row for row in world.state() ^ before):
        assert time.monotonic() < end, f"an admin changes no {what} either"
        time.sleep(0.1)


def test_the_admin_in_person_changes_something_by_each_of_them_and_once(world):
    for name in ("ask to remove a source", "ask to delete an article"):
        until_changed(world, until_idle(world, name), "state.db offers ")
    for name in ("load", "remove a source", "delete an article", "add a document", "add a post"):
        until_changed(world, until_idle(world, name), "citebot.db ")
    world.sent["document"] = world.document(b"Another note\n\nThe otters of Orrin are back.\n")
    world.sent["post"] |= {"forward_origin": FROM_CHANNEL | {"message_id": 2}}
    loads = {"/reload now": "Added ", "/add http://127.0.0.1:65535/page": "Failed: "}  # and what tells their end
    for action in (*loads, "document", "post", "/reload"):
        (world.bot.folder / "articles" / f"{action[-3:]}.txt").write_text("News\n\nA second reload reads this.\n")
        before, admin = until_idle(world, "load"), next(world.admins)
        world.say(action, admin)
        until_changed(world, before, "citebot.db " if action in loads else "state.db offers ")
        if action in loads:
            world.telegram.shown(admin, loads[action])
    world.settled()
    replayed_buttons_do_nothing(world)


def replayed_buttons_do_nothing(world):
    before = world.state()
    once = [one for name, one in world.live.items() if not name.startswith("ask")]
    again = [world.telegram.press_data(data, message, message["chat"]["id"]) for message, data in once]
    assert {world.telegram.answer_to(press) for press in again} == {messages.BUTTON_TOO_OLD}
    world.settled()
    assert world.state() ^ before == set()
