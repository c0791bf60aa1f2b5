"""Who is no listed admin, or does not act in person and now, changes nothing: each of them against each admin action.

Every button that is tried is a live one, and in the end its owner presses it and does change something.
"""

import sqlite3
import time
from contextlib import closing
from itertools import count

import pytest
from conftest import BotProcess, fill
from fake_bot_api.client import PATIENCE, TOKEN, buttons, entities_of, group, private_chat

from bot.rendering import admin_words, words

ADMIN, STRANGER, GROUP_ADMIN, ANONYMOUS, LINKED = 960, 961, 962, 1087968824, 777000
GROUP = group(-960)
CHANNEL = {"id": -1009, "type": "channel", "title": "Channel", "username": "channel"}
FROM_CHANNEL = {"type": "channel", "chat": CHANNEL, "message_id": 1, "date": 1}
FROM_ADMIN = {"type": "user", "sender_user": {"id": ADMIN, "is_bot": False, "first_name": "A"}, "date": 1}
COMMANDS = ["/reload", "/reload now", "/add http://127.0.0.1:65535/page", "/sources"]
PHOTO = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
NUMBERS = count(500_000)

HARMLESS = {words.UNKNOWN_COMMAND, words.ONLY_TEXT, words.GREETING}
OWN_TABLES = {"inbox"}  # every update passes through it


class World:
    """The bot, and an admin's live buttons: a message each, with the data of the button that changes something."""

    def __init__(self, telegram, bot):
        self.telegram, self.bot = telegram, bot
        content = b"A note\n\nThe beavers of Orrin built their ninth dam.\n"
        file_id = telegram._http("/control/files", content, "application/octet-stream")["file_id"]
        document = {"file_id": file_id, "file_unique_id": "u", "file_name": "note.txt", "file_size": len(content)}
        self.sent = {
            **{text: {"text": text, "entities": entities_of(text)} for text in COMMANDS},
            "document": {"document": document},
            "post": {"photo": [PHOTO], "caption": "The ferry of Rivertown runs again.", "forward_origin": FROM_CHANNEL},
        }
        self.live = {}

    def say(self, action, user, chat=None, kind="message", **more):
        """Send what an admin would, as somebody, past what the server knows of the kinds that the bot wants."""
        sender = {} if user is None else {"from": {"id": user, "is_bot": False, "first_name": "U"}}
        message = {"message_id": next(NUMBERS), "date": int(time.time()), **sender, "chat": chat or private_chat(user)}
        update = {kind: message | self.sent[action] | more}
        if kind == "message":
            self.telegram.push(**update)
        else:
            self.telegram.put(update)

    def shown(self, action, beginning):
        self.say(action, ADMIN)
        return self.telegram.shown(ADMIN, beginning)

    def keep(self, name, message, label):
        self.live[name] = (message, buttons(message)[label])

    def settled(self):
        """Wait until what was sent has been met."""
        told = len(self.telegram.conversation(ADMIN, "sendMessage"))
        self.telegram.write("hello", user=ADMIN)
        self.telegram.replies(ADMIN, told + 1)
        time.sleep(1.5)  # a load or a preview is begun in a process of its own

    def state(self):
        """Give every row of both stores, every upload and every offer, in words."""
        stores = [self.bot.folder / name for name in ("citebot.db", "citebot.state.db")]
        kept = [*self.bot.folder.glob("citebot.db.uploads/**/*"), *self.bot.folder.glob("*.offers/*")]
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
    folder = fill(tmp_path_factory.mktemp("bot"))
    listed = f"{ADMIN},{ANONYMOUS},{LINKED}"  # whoever puts these two there lets nobody in
    process = BotProcess(folder, telegram.api_url, CITEBOT_ADMINS=listed, CITEBOT_ALLOW_PRIVATE_URLS="1")
    try:
        telegram.write("hello", user=ADMIN)
        telegram.shown(ADMIN, words.GREETING)
        telegram.write("What does the Blue Glacier lose every summer?")
        telegram.replies(7)
        world = World(telegram, process)
        make_live_buttons(world)
        yield world
        assert process.stop() == 0
        assert telegram.violations() == []
        assert TOKEN not in process.log
        assert "Traceback" not in process.log
    finally:
        process.stop()


def make_live_buttons(world):
    """Let the admin be asked about everything there is."""
    telegram = world.telegram
    world.shown("/add http://127.0.0.1:65535/page", "Failed: ")  # the address stays among the sources
    listed = world.shown("/sources", "1 source")
    world.keep("ask to remove a source", listed, "1")
    telegram.press("1", listed, ADMIN)
    world.keep("remove a source", telegram.shown(ADMIN, "Take "), admin_words.REALLY_REMOVE)

    telegram.write("/articles glaciers", user=ADMIN)
    telegram.press("1", telegram.shown(ADMIN, "1 article with"), ADMIN)
    article = telegram.shown(ADMIN, "Glaciers\n")
    world.keep("ask to delete an article", article, admin_words.DELETE)
    telegram.press(admin_words.DELETE, article, ADMIN)
    end = time.monotonic() + PATIENCE
    while admin_words.REALLY_DELETE not in buttons(telegram.message(ADMIN, article["message_id"])):
        assert time.monotonic() < end
    world.keep("delete an article", telegram.message(ADMIN, article["message_id"]), admin_words.REALLY_DELETE)

    world.keep("add a document", world.shown("document", "Add note.txt"), admin_words.ADD)
    world.keep("add a post", world.shown("post", "Add the post"), admin_words.ADD)
    (world.bot.folder / "articles" / "new.txt").write_text("News\n\nA reload reads this.\n")
    world.keep("load", world.shown("/reload", "Would add 1 article"), admin_words.LOAD)


def actors():
    """Give what each of them adds to a message, by name."""
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


@pytest.mark.parametrize("actor", actors())
def test_nobody_else_changes_anything_by_a_message(world, actor):
    before, asked = world.state(), max(one["number"] for one in world.telegram.requests())
    for form in actors()[actor]:
        for action in world.sent:
            world.say(action, **form)
    world.settled()
    assert world.state() ^ before == set()
    said = [
        one for one in world.telegram.requests(after=asked) if one["method"].startswith(("send", "edit", "getFile"))
    ]
    assert {one["parameters"].get("text") for one in said} <= HARMLESS


@pytest.mark.parametrize(
    "given",
    [
        {"forward_origin": FROM_ADMIN},
        {"forward_origin": FROM_CHANNEL},
        {"via_bot": {"id": 5, "is_bot": True, "first_name": "B", "username": "other_bot"}},
        {"is_automatic_forward": True},
    ],
    ids=["forwarded", "forwarded from a channel", "sent by means of a bot", "forwarded by Telegram"],
)
def test_a_command_that_an_admin_has_not_given_here_and_now_changes_nothing(world, given):
    before, told = world.state(), len(world.telegram.conversation(ADMIN, "sendMessage"))
    for command in COMMANDS:
        world.say(command, ADMIN, **given)
    said = world.telegram.replies(ADMIN, told + len(COMMANDS))[told:]
    assert {one["text"] for one in said} == {words.UNKNOWN_COMMAND}
    world.settled()
    assert world.state() ^ before == set()


PRESSERS = {
    "a stranger": STRANGER,
    "an admin of a group": GROUP_ADMIN,
    "the anonymous admin": ANONYMOUS,
    "777000": LINKED,
}


@pytest.mark.parametrize("presser", PRESSERS)
def test_nobody_else_changes_anything_by_an_admins_live_button(world, presser):
    before, user = world.state(), PRESSERS[presser]
    presses = []
    for message, data in world.live.values():
        verb, _, rest = data.partition(":")
        forged = f"{verb[0]}{user:x}:{rest}"
        for place in (message, message | {"chat": private_chat(user)}, message | {"chat": GROUP}):
            presses += [world.telegram.press_data(one, place, user) for one in (data, forged)]
    assert {world.telegram.answer_to(press) for press in presses} == {admin_words.NOT_YOUR_BUTTON}
    world.settled()
    assert world.state() ^ before == set()


def test_an_admin_changes_nothing_by_a_live_button_that_was_forwarded_or_sent_to_a_group(world):
    before = world.state()
    places = [{"chat": GROUP}, {"chat": private_chat(STRANGER)}, {"chat": CHANNEL}]
    presses = [
        world.telegram.press_data(data, message | place, ADMIN)
        for message, data in world.live.values()
        for place in places
    ]
    assert {world.telegram.answer_to(press) for press in presses} == {admin_words.NOT_YOUR_BUTTON}
    world.settled()
    assert world.state() ^ before == set()


def until_idle(world, name):
    """Press a button until nothing is under way any more that refuses it; gives what was there before."""
    message, data = world.live[name]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        before = world.state()
        if world.telegram.answer_to(world.telegram.press_data(data, message, ADMIN)) != words.LOAD_BUSY:
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
        until_changed(world, until_idle(world, name), ".offers/")
    for name in ("load", "remove a source", "delete an article", "add a document", "add a post"):
        until_changed(world, until_idle(world, name), "citebot.db ")
    for action in ("document", "post", "/reload now", "/add http://127.0.0.1:65535/page", "/reload"):
        (world.bot.folder / "articles" / f"{action[-3:]}.txt").write_text("News\n\nA second reload reads this.\n")
        before = until_idle(world, "load")
        world.say(action, ADMIN)
        until_changed(world, before, ".offers/" if action in {"document", "post", "/reload"} else "citebot.db ")
    until_idle(world, "load")
    world.settled()
    replayed_buttons_do_nothing(world)


def replayed_buttons_do_nothing(world):
    before = world.state()
    once = [one for name, one in world.live.items() if not name.startswith("ask")]
    presses = [world.telegram.press_data(data, message, ADMIN) for message, data in once]
    assert {world.telegram.answer_to(press) for press in presses} == {admin_words.BUTTON_TOO_OLD}
    world.settled()
    assert world.state() ^ before == set()
