"""Readers, editors and who is blocked, each with every command, message and button of the others; over real HTTP.

Only admins may ask by the settings, so that everybody else is let in by a role alone.
"""

import sqlite3
import time
from contextlib import closing

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, USERNAME, buttons, group, private_chat, quotations

from bot.rendering import admin_messages, gap_messages, messages, operator_messages, role_messages
from bot.state import Offers
from retrieval import open_engine
from retrieval.store.lock import load_lock

ADMIN, EDITOR, READER, BLOCKED, STRANGER, FORMER, PASSER_BY, LEAVING = range(1100, 1108)
GROUP, ANONYMOUS = group(-1110), 1087968824
CHANNEL = {"id": -1009, "type": "channel", "title": "Channel", "username": "channel"}
POST = {
    "photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}],
    "caption": "The ferry of Rivertown runs again.",
}
BRIDGE, ANNA = "Who built the stone bridge of Rivertown?", "The stone bridge of Rivertown was built in 1721"
PARKING = "How much does parking at Umberly station cost?"
OF_EDITORS = {
    "/gaps": ("No unanswered questions", "1 question without", "2 questions without", "3 questions without"),
    "/stats": ("No questions are on record", "1 question is", "Since "),
    "/reload nonsense": (admin_messages.RELOAD_USAGE,),
    "/cancel": (admin_messages.NOTHING_TO_CANCEL,),
}
OF_ADMINS = ["/add http://127.0.0.1:65535/x", "/sources", "/digest weekly", "/listen on", "/allow 5", "/block 5",
             "/editors", "/editors add 5", "/sets", "/sets all"]  # fmt: skip
BUTTONS_OF_EDITORS, BUTTONS_OF_ADMINS = "ghiqyon", "ldsb"


class Running:
    """A bot that can be killed and started anew on the same files."""

    def __init__(self, folder, telegram):
        self.folder, self.state = folder, folder / "citebot.state.db"
        self._begin = lambda: BotProcess(
            folder, telegram.api_url, CITEBOT_ADMINS=str(ADMIN), CITEBOT_ALLOW="", CITEBOT_QUESTIONS_PER_MINUTE="0"
        )
        self.process = self._begin()

    def stop(self):
        return self.process.stop()

    def start_after_a_kill(self):
        self.process.process.kill()
        self.process.process.wait()
        self.process = self._begin()

    @property
    def log(self):
        return self.process.log


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    running = Running(fill_store(tmp_path_factory.mktemp("bot")), telegram)
    with ended_well(running, telegram):
        assert tell(telegram, f"/editors add {EDITOR}") == f"{EDITOR} is an editor now."
        assert tell(telegram, f"/allow {READER}") == f"{READER} may ask now."
        assert tell(telegram, f"/block {BLOCKED}") == f"{BLOCKED} is blocked now."
        yield running


def send(telegram, user, message, **more):
    """Send a text or a message in private; return what the bot replies."""
    ((reply,),) = send_all(telegram, [user], [message], **more)
    return reply


def send_all(telegram, users, sent, **more):
    """Send texts or messages by several people at once, each in private; return what the bot replies to each."""
    before = [len(telegram.conversation(user, "sendMessage")) for user in users]
    for user in users:
        sender = {"id": user, "is_bot": False, "first_name": "U"}
        for message in sent:
            if isinstance(message, str):
                telegram.write(message, user=user, **more)
            else:
                telegram.push(message={"from": sender, "chat": private_chat(user), **message, **more})
    replies = [telegram.replies(*one) for one in zip(users, [number + len(sent) for number in before], strict=True)]
    return [
        [telegram.message(user, one["result_id"]) for one in told[number:]]
        for user, told, number in zip(users, replies, before, strict=True)
    ]


def tell(telegram, command, **more):
    return send(telegram, ADMIN, command, **more)["text"]


def post(number):
    return POST | {"forward_origin": {"type": "channel", "chat": CHANNEL, "message_id": number, "date": 1}}


def document(telegram, content):
    file_id = telegram._http("/control/files", content, "application/octet-stream")["file_id"]
    return {"document": {"file_id": file_id, "file_unique_id": "u", "file_name": "n.txt", "file_size": len(content)}}


def press_all(telegram, user, letters, shown):
    """Press made-up buttons of one's own; return what is said to them."""
    payloads = {"g": "0", "h": "0000000000:0", "i": "0000000000:0", "q": "0000000000:1:0", "l": "0" * 11 + ":0:"}
    pressed = [telegram.press_data(f"{one}{user:x}:{payloads.get(one, '0' * 24)}", shown, user) for one in letters]
    return [telegram.answer_to(one) for one in pressed]


def articles(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        return {article.id for article in engine.articles()}


def kept(bot):
    """What nobody but editors and admins changes."""
    with closing(sqlite3.connect(f"file:{bot.state}?mode=ro", uri=True)) as connection:
        tables = ("roles", "role_changes", "offers", "digests", "groups", "chat_sets")
        rows = [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
        dismissed = connection.execute("SELECT count(*) FROM answers WHERE dismissed").fetchall()
    return articles(bot), rows, dismissed, sorted(map(str, bot.folder.glob("citebot.db.uploads/**/*")))


def test_an_editor_has_the_commands_and_buttons_of_editors_and_none_of_admins(bot, telegram):
    (told,) = send_all(telegram, [EDITOR], OF_EDITORS)
    for reply, (command, expected) in zip(told, OF_EDITORS.items(), strict=True):
        assert reply["text"].startswith(expected), command
    before = kept(bot)
    (told,) = send_all(telegram, [EDITOR], OF_ADMINS)
    assert {reply["text"] for reply in told} == {messages.UNKNOWN_COMMAND}
    listed = send(telegram, EDITOR, "/articles")
    assert buttons(listed) == {}  # an admin's has one for each article
    assert press_all(telegram, EDITOR, BUTTONS_OF_ADMINS, listed) == [messages.NOT_YOUR_BUTTON] * 4
    assert kept(bot) == before
    assert messages.NOT_YOUR_BUTTON not in press_all(telegram, EDITOR, BUTTONS_OF_EDITORS, listed)
    asked = send(telegram, EDITOR, document(telegram, b"A note\n\nNothing much.\n"))
    assert asked["text"].startswith("Add n.txt")
    assert send(telegram, EDITOR, post(1))["text"].startswith("Add the post")
    assert admin_messages.HELP in send(telegram, EDITOR, "/help")["text"]


def test_nobody_else_has_any_of_them(bot, telegram):
    before = kept(bot)
    sent = [*OF_EDITORS, *OF_ADMINS, document(telegram, b"A note\n\nNothing much.\n"), post(2), BRIDGE]
    others = (READER, BLOCKED, STRANGER)
    replies = dict(zip(others, send_all(telegram, others, sent), strict=True))
    *commands, to_document, to_post, answer = replies[READER]
    assert {one["text"] for one in commands} == {messages.UNKNOWN_COMMAND}
    assert to_document["text"] == messages.ONLY_TEXT
    assert not to_post["text"].startswith("Add the post")
    assert quotations(answer)
    for user in (BLOCKED, STRANGER):
        assert {one["text"] for one in replies[user]} == {str(messages.not_allowed(user))}
    for user in others:
        shown = replies[user][-1]
        refused = press_all(telegram, user, BUTTONS_OF_EDITORS + BUTTONS_OF_ADMINS, shown)
        assert refused == [messages.NOT_YOUR_BUTTON] * 11
        gap = {"inline_keyboard": [[{"text": "x", "callback_data": f"i{user:x}:0000000000:0"}]]}
        send(telegram, user, "Umberly belongs to me.", reply_to_message=shown | {"reply_markup": gap})
    assert kept(bot) == before


def test_who_is_blocked_presses_no_button_of_anybody(bot, telegram):
    shown = send(telegram, BLOCKED, "hello")
    public = [telegram.press_data(f"{one}:0000000000:0", shown, BLOCKED) for one in ("m0", "c0", "u0", "e0", "a0")]
    own = [telegram.press_data(f"{one}{BLOCKED:x}:0", shown, BLOCKED) for one in "pktrf"]
    assert {telegram.answer_to(one) for one in (*public, *own)} == {messages.NOT_YOUR_BUTTON}


def test_what_an_editor_was_offered_ends_with_the_role_and_only_that(bot, telegram):
    tell(telegram, f"/editors add {FORMER}")
    (bot.folder / "articles" / "new.txt").write_text("News\n\nA reload reads this.\n")
    send(telegram, READER, PARKING)
    send(telegram, FORMER, document(telegram, b"Otters\n\nThe otters of Orrin are back.\n"))
    offers = {"document": telegram.shown(FORMER, "Add n.txt"), "post": send(telegram, FORMER, post(3))}
    telegram.write("/reload", user=FORMER)
    offers["load"] = telegram.shown(FORMER, "Would add 1 article")
    pages = send(telegram, FORMER, "/gaps")
    labels = {"document": admin_messages.ADD, "post": admin_messages.ADD, "load": admin_messages.LOAD}
    offers["page"], labels["page"] = pages, "1"
    gap = send(telegram, FORMER, "/gaps")
    telegram.press("1", gap, FORMER)
    gap = shown_again(telegram, FORMER, gap, PARKING)
    offers["gap"], labels["gap"] = gap, gap_messages.DISMISS

    assert tell(telegram, f"/editors remove {FORMER}") == role_messages.taken(FORMER)
    before = kept(bot)
    pressed = [telegram.press(labels[name], shown, FORMER) for name, shown in offers.items()]
    assert [telegram.answer_to(one) for one in pressed] == [messages.NOT_YOUR_BUTTON] * 5
    edited = telegram.message(FORMER, gap["message_id"]) | {
        "message_id": 950_000,
        "text": "Two.",
        "reply_to_message": gap,
    }
    del edited["reply_markup"]
    telegram.push(edited_message=edited | {"from": {"id": FORMER, "is_bot": False, "first_name": "F"}, "edit_date": 2})
    answered = send(telegram, FORMER, "Parking costs two crowns.", reply_to_message=gap)
    assert answered["text"] == messages.not_allowed(FORMER)
    assert kept(bot) == before

    tell(telegram, f"/editors add {FORMER}")
    for name, added in {"load": "News", "document": "Otters", "post": "ferry"}.items():
        assert telegram.answer_to(telegram.press(labels[name], offers[name], FORMER)) != messages.NOT_YOUR_BUTTON
        until(lambda added=added: added in titles(bot))
    telegram.write("Parking at Umberly station costs two crowns.", user=FORMER, reply_to_message=gap)
    until(lambda: "Umberly" in titles(bot))


def shown_again(telegram, user, message, beginning):
    end = time.monotonic() + PATIENCE
    while not (found := telegram.message(user, message["message_id"]))["text"].startswith(beginning):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def titles(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        return " ".join(article.title for article in engine.articles())


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_what_waits_for_its_turn_is_not_done_for_who_is_no_editor_any_more(bot, telegram):
    tell(telegram, f"/editors add {FORMER}")
    first, second = (send(telegram, FORMER, post(number)) for number in (4, 5))
    with load_lock(bot.folder / "citebot.db"):
        telegram.press(admin_messages.ADD, first, FORMER)
        shown_again(telegram, FORMER, first, operator_messages.WAITING_FOR_LOAD)
        assert telegram.answer_to(telegram.press(admin_messages.ADD, second, FORMER)) == admin_messages.WAITS
        tell(telegram, f"/editors remove {FORMER}")
    shown_again(telegram, FORMER, second, messages.BUTTON_TOO_OLD)
    assert {"https://t.me/channel/4"} == {one for one in articles(bot) if one.endswith(("/4", "/5"))}


def test_an_editor_who_was_an_admin_accepts_nothing_that_is_for_admins(bot, telegram):
    with open_engine(bot.folder / "citebot.db") as engine:
        loaded = {article.id: article.loaded for article in engine.articles()}
    offers = Offers(bot.state)
    deleting = offers.make("delete", EDITOR, article="bridge", loaded=loaded["bridge"])
    leaving = offers.make("source", EDITOR, spec="x")
    shown = send(telegram, EDITOR, "/articles")
    for token in (deleting, leaving):
        assert telegram.answer_to(telegram.press_data(f"y{EDITOR:x}:{token}", shown, EDITOR)) == messages.BUTTON_TOO_OLD
    assert articles(bot) == set(loaded)


def test_menus_follow_the_roles(bot, telegram):
    def menu(user):
        return [one["command"] for one in telegram.commands().get(f"chat:{user}", [])]

    send(telegram, EDITOR, "/start")  # there is no chat before
    until(lambda: menu(EDITOR)[-4:] == ["gaps", "stats", "reload", "cancel"])
    assert not {"add", "sources", "allow", "block", "editors"} & set(menu(EDITOR))
    assert menu(ADMIN)[-3:] == ["allow", "block", "editors"]
    assert menu(READER) == []
    tell(telegram, f"/block {FORMER}")
    until(lambda: menu(FORMER) == [])
    assert send(telegram, FORMER, "/gaps")["text"] == messages.not_allowed(FORMER)


def test_an_admin_is_not_blocked_and_ids_of_many_people_get_no_role(bot, telegram):
    before = kept(bot)
    assert tell(telegram, f"/block {ADMIN}") == role_messages.is_admin(ADMIN)
    for command in ("/allow", "/block", "/editors add"):
        assert tell(telegram, f"{command} {ANONYMOUS}") == role_messages.IS_SHARED
        assert tell(telegram, f"{command} 777000") == role_messages.IS_SHARED
    for unclear in ("/allow", "/allow 0", "/allow 5 6", "/allow me", "/allow 99999999999999999999", "/allow ٥"):
        assert tell(telegram, unclear) == role_messages.ALLOW_USAGE
    assert tell(telegram, "/editors add -5") == role_messages.ONLY_PEOPLE
    assert tell(telegram, "/editors remove") == role_messages.EDITORS_USAGE
    assert tell(telegram, f"/allow {EDITOR}") == f"{EDITOR} is an editor already."
    assert tell(telegram, f"/editors remove {BLOCKED}") == role_messages.has_none(BLOCKED)
    assert kept(bot) == before


def test_a_reply_to_what_a_person_wrote_names_them_and_a_forwarded_command_does_nothing(bot, telegram):
    person = {"id": PASSER_BY, "is_bot": False, "first_name": "P"}
    forwarded = {"forward_origin": {"type": "user", "sender_user": person, "date": 1}}
    hidden = {"forward_origin": {"type": "hidden_user", "sender_user_name": "P", "date": 1}}
    before = kept(bot)
    for origin in (forwarded, hidden):
        assert tell(telegram, f"/allow {PASSER_BY}", **origin) == messages.UNKNOWN_COMMAND
    message = {
        "message_id": 900_001,
        "date": 1,
        "chat": private_chat(ADMIN),
        "from": person | {"id": ADMIN},
        "text": "x",
    }
    assert tell(telegram, "/allow", reply_to_message=message | hidden) == role_messages.SENDER_IS_HIDDEN
    assert tell(telegram, "/allow", reply_to_message=message) == role_messages.ALLOW_USAGE
    assert kept(bot) == before
    assert tell(telegram, "/allow", reply_to_message=message | forwarded) == f"{PASSER_BY} may ask now."
    assert quotations(send(telegram, PASSER_BY, BRIDGE))
    assert tell(telegram, "/block", reply_to_message=message | forwarded) == f"{PASSER_BY} is blocked now."
    assert send(telegram, PASSER_BY, BRIDGE)["text"] == messages.not_allowed(PASSER_BY)


def in_group(telegram, text, user, **more):
    telegram.write(text, user=user, chat=GROUP, **more)


def test_a_group_is_let_in_and_shut_out_by_an_admin_in_person(bot, telegram):
    before, reply_to = kept(bot), {"message_id": 5, "date": 1, "chat": GROUP, "text": "spam"}
    in_group(telegram, "/allow", STRANGER)
    in_group(telegram, "/allow", EDITOR)
    in_group(telegram, "/allow", ADMIN, sender_chat=GROUP)
    in_group(telegram, "/allow", ANONYMOUS, sender_chat=GROUP)
    in_group(telegram, f"/ask {BRIDGE}", STRANGER)
    in_group(telegram, f"/allow {STRANGER}", ADMIN)
    in_group(telegram, "/block", ADMIN, reply_to_message=reply_to)
    in_group(telegram, f"/ask {BRIDGE}", EDITOR)
    said = [one["text"] for one in telegram.replies(GROUP["id"], 3)]
    assert said.count(messages.IN_PRIVATE) == 2
    assert [text for text in said if ANNA in text]
    assert kept(bot) == before


def test_a_group_that_was_let_in_asks_until_it_is_shut_out(bot, telegram):
    def said(text, user, silent=()):
        """What the bot says to the last of some who send something."""
        number = len(telegram.conversation(GROUP["id"], "sendMessage"))
        for one in silent:
            in_group(telegram, f"/ask {BRIDGE}", one)
        last = telegram.write(text, user=user, chat=GROUP)
        reply = telegram.replies(GROUP["id"], number + 1)[-1]
        assert reply["parameters"]["reply_parameters"]["message_id"] == last["message_id"]
        return reply["text"]

    assert said(f"/allow@{USERNAME}", ADMIN).endswith("may ask now.")
    assert ANNA in said(f"/ask {BRIDGE}", STRANGER)
    assert ANNA in said(f"/ask {BRIDGE}", STRANGER, silent=[BLOCKED])
    assert said("/block", ADMIN, silent=[BLOCKED]).endswith("is blocked now.")
    assert ANNA in said(f"/ask {BRIDGE}", ADMIN, silent=[STRANGER, READER, EDITOR])
    number = len(telegram.conversation(GROUP["id"], "sendMessage"))
    assert ANNA in send(telegram, READER, BRIDGE)["text"]  # by when those in the group have had their turns
    assert len(telegram.replies(GROUP["id"], number)) == number


def test_who_is_forgotten_has_no_role(bot, telegram):
    tell(telegram, f"/editors add {LEAVING}")
    assert str(messages.PRIVACY_ROLE) in send(telegram, LEAVING, "/privacy")["text"]
    asked = send(telegram, LEAVING, "/forgetme")
    assert str(messages.PRIVACY_ROLE) in asked["text"]
    assert telegram.answer_to(telegram.press(messages.FORGET_ALL, asked, LEAVING)) == messages.ALL_FORGOTTEN
    assert send(telegram, LEAVING, "/gaps")["text"] == messages.not_allowed(LEAVING)
    assert f"{LEAVING}" not in tell(telegram, "/editors")
    until(lambda: f"chat:{LEAVING}" not in telegram.commands())


def test_roles_outlive_a_kill_and_admins_see_who_changed_what(bot, telegram):
    tell(telegram, f"/block {STRANGER}")
    bot.start_after_a_kill()
    assert send(telegram, STRANGER, "hello")["text"] == messages.not_allowed(STRANGER)
    assert send(telegram, EDITOR, "/cancel")["text"] == admin_messages.NOTHING_TO_CANCEL
    assert quotations(send(telegram, READER, BRIDGE))
    lines = tell(telegram, "/editors").splitlines()
    assert lines[0] == f"Admins (CITEBOT_ADMINS): {ADMIN}"
    assert f"Editors: {EDITOR}" in lines
    assert f"Let in besides CITEBOT_ALLOW: {READER}" in lines
    assert lines[3].startswith(f"Blocked: {STRANGER}, ")
    changes = [line.partition(" UTC: ")[2] for line in lines if " UTC: " in line]
    assert changes[0] == f"{STRANGER} was blocked, by {ADMIN}"
    assert f"somebody became an editor, by {ADMIN}" in changes
    assert f"the role of {FORMER} was taken away, by {ADMIN}" in changes
