"""What is recorded of updates: nothing that tells who somebody is, and all that the handlers look at."""

import asyncio
import inspect
import json
import logging
import re
import stat
import tempfile
import threading

import pytest
from conftest import BotProcess, fill
from fake_bot_api.client import USERNAME, group
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from telegram import Bot, Update, User
from telegram.ext import filters
from test_cli import citebot

from bot.settings import parse_settings
from bot.simulation.anonymizer import scrub
from bot.simulation.pseudonyms import BOT, People
from bot.simulation.recorder import UpdateRecorder, without_personal_data
from bot.simulation.simulator import simulate
from retrieval import open_engine

MARKER = "Marker"
HIDDEN_ID = 5_555_555_555
ADMIN = 4_444_444_444
QUESTION = "What does the Blue Glacier lose every summer?"


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def person(user=HIDDEN_ID, **more):
    return {
        "id": user, "is_bot": False, "first_name": MARKER, "last_name": MARKER, "username": MARKER,
        "language_code": MARKER, "is_premium": True,
    } | more  # fmt: skip


def place(chat=HIDDEN_ID, kind="private"):
    names = {"title": MARKER, "first_name": MARKER, "last_name": MARKER, "username": MARKER, "bio": MARKER}
    return {"id": chat, "type": kind, "is_forum": True} | names


FILE = {
    "file_id": MARKER,
    "file_unique_id": MARKER,
    "file_name": f"{MARKER}.{MARKER}",
    "mime_type": MARKER,
    "file_size": 5,
}
FLAT = FILE | {"width": 640, "height": 480, "duration": 3, "length": 3, "thumbnail": FILE, "title": MARKER}
STICKER = FLAT | {"type": "regular", "is_animated": True, "is_video": False, "emoji": MARKER, "set_name": MARKER}
CONTENTS = st.sampled_from(
    [
        {"animation": FLAT, "document": FILE}, {"audio": FLAT | {"performer": MARKER}}, {"document": FILE},
        {"document": FILE | {"file_name": f"{MARKER}.PDF"}}, {"photo": [FLAT, FLAT]}, {"sticker": STICKER},
        {"video": FLAT}, {"voice": FLAT}, {"video_note": FLAT}, {"dice": {"emoji": MARKER, "value": 3}},
        {"contact": {"phone_number": MARKER, "first_name": MARKER, "user_id": HIDDEN_ID, "vcard": MARKER}},
        {"location": {"latitude": 5.5555, "longitude": 5.5555}}, {"new_chat_title": MARKER},
        {"venue": {"location": {"latitude": 5.5555, "longitude": 5.5555}, "title": MARKER, "address": MARKER}},
        {"poll": {"id": MARKER, "question": MARKER, "options": [{"text": MARKER}]}}, {"game": {"title": MARKER}},
        {"new_chat_members": [person()]}, {"left_chat_member": person()}, {"connected_website": MARKER},
        {"forum_topic_created": {"name": MARKER, "icon_color": 5}}, {"web_app_data": {"data": MARKER}},
        {"migrate_to_chat_id": -100 * HIDDEN_ID}, {"successful_payment": {"order_info": {"name": MARKER}}},
        {"users_shared": {"request_id": 1, "users": [{"user_id": HIDDEN_ID}]}}, {"anything_new": {MARKER: MARKER}},
        {"text": f"by @{MARKER}", "entities": [{"type": "mention", "offset": 3, "length": 7, MARKER: MARKER}]},
        {"text": f"by {MARKER}", "entities": [{"type": "text_mention", "offset": 3, "length": 6, "user": person()}]},
        {"text": "a link", "entities": [{"type": "text_link", "offset": 0, "length": 6, "url": f"https://{MARKER}.org"}]},
        {"text": f"😀 {MARKER}@example.org or +49 555 5555555", "entities": [MARKER, {"type": MARKER}]},
        {"caption": f"{MARKER}+more@{MARKER}.example.org", "photo": [FLAT], "caption_entities": MARKER},
    ]
)  # fmt: skip
CHATS = st.sampled_from([place(), place(-HIDDEN_ID, "group"), place(-1_000_000_000_000 - HIDDEN_ID, "supergroup")])
ORIGINS = st.sampled_from(
    [
        {"type": "user", "date": 5, "sender_user": person()},
        {"type": "hidden_user", "date": 5, "sender_user_name": MARKER},
        {"type": "chat", "date": 5, "sender_chat": place(-HIDDEN_ID, "group"), "author_signature": MARKER},
        {
            "type": "channel",
            "date": 5,
            "chat": place(-100 * HIDDEN_ID, "channel"),
            "message_id": 3,
            "author_signature": MARKER,
        },
    ]
)
SHELLS = st.fixed_dictionaries(
    {"message_id": st.integers(1, 9), "date": st.integers(1, 9), "chat": CHATS},
    optional={
        "from": st.just(person()), "sender_chat": CHATS, "via_bot": st.just(person(is_bot=True)), "edit_date": st.just(5),
        "forward_origin": ORIGINS, "is_topic_message": st.just(True), "message_thread_id": st.just(4),
        "author_signature": st.just(MARKER), "media_group_id": st.just(MARKER), "sender_tag": st.just(MARKER),
        "quote": st.just({"text": MARKER, "position": 0}), "external_reply": st.just({"origin": {"type": MARKER}}),
        "reply_markup": st.just({"inline_keyboard": [[{"text": MARKER, "callback_data": MARKER}]]}),
    },
)  # fmt: skip
MESSAGES = st.tuples(SHELLS, CONTENTS, st.none() | st.tuples(SHELLS, CONTENTS)).map(
    lambda parts: parts[0] | parts[1] | ({"reply_to_message": parts[2][0] | parts[2][1]} if parts[2] else {})
)
PRESSES = st.fixed_dictionaries(
    {"id": st.just(MARKER), "chat_instance": st.just(MARKER), "from": st.just(person())},
    optional={
        "message": MESSAGES,
        "data": st.sampled_from([MARKER, f"p{HIDDEN_ID:x}:0:@{MARKER}", f"x{HIDDEN_ID:x}:", f"y{HIDDEN_ID:x}:{'0a' * 12}"]),
        "inline_message_id": st.just(MARKER), "game_short_name": st.just(MARKER),
    },
)  # fmt: skip
UPDATES = st.one_of(
    *(MESSAGES.map(lambda message, kind=kind: {"update_id": 1, kind: message}) for kind in ("message", "channel_post")),
    MESSAGES.map(lambda message: {"update_id": 1, "edited_message": message, MARKER: MARKER}),
    PRESSES.map(lambda query: {"update_id": 1, "callback_query": query}),
    st.just({"update_id": 1, "inline_query": {"id": MARKER, "from": person(), "query": MARKER, "offset": ""}}),
    st.just({"update_id": 1, "my_chat_member": {"chat": place(), "from": person(), "date": 1}}),
)


@given(UPDATES)
@settings(max_examples=60, deadline=None)
def test_nothing_personal_comes_out_whatever_comes_in(update):
    record = without_personal_data(update, People())
    told = json.dumps(record)
    hidden = (MARKER, MARKER.lower(), str(HIDDEN_ID), f"{HIDDEN_ID:x}", "5.5555", "5555555")
    assert [one for one in hidden if one in told] == []
    assert record["update_id"] == 1
    assert holds(Update.de_json(record, Bot("1:a")).to_dict(), record)  # all of it is known, nothing needed is missing
    assert without_personal_data(record, SameNumbers()) == record


def holds(whole, part):
    """Whether a parsed update has everything that went in; the library adds what is false or empty."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], part[name]) for name in part) if part else whole == {}
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return whole == part


class SameNumbers(People):
    """Numbers that are numbers already."""

    def alias(self, one):
        return one


@settings(max_examples=30, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
def test_an_update_of_any_shape_is_recorded_as_what_is_known_of_it(junk):
    names = (
        "message",
        "callback_query",
        "from",
        "chat",
        "entities",
        "forward_origin",
        "document",
        "reply_to_message",
        "data",
    )
    shapes = [{"update_id": 3, name: junk} for name in names]
    shapes += [{"update_id": 3, "message": {name: junk, "text": "x"}} for name in names]
    shapes += [{"update_id": 3, "callback_query": {name: junk}} for name in names]
    for shape in shapes:
        assert without_personal_data(shape, People())["update_id"] == 3


PIECES = st.sampled_from(
    ["@name", "a.b@example.org", "+49 170 1234567", "(030) 1234-56789", "😀", " ", "who", "¿@é", "\ud800"]
)


@given(st.lists(PIECES | st.text(max_size=4)).map("".join), st.integers(0, 9), st.integers(1, 9))
def test_a_text_keeps_its_length_so_that_entities_stay_right(text, offset, length):
    assert units(scrub(text, "cite_bot", [{"type": "mention", "offset": offset, "length": length}])) == units(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mail ann.lee+x@mail.example.org!", "mail xxx.xxx+x@xxxx.xxxxxxx.xxx!"),
        ("call +49 (170) 1234-567 now", "call +00 (000) 0000-000 now"),
        ("call 0170 1234567", "call 0000 0000000"),
        ("ask @ann_lee or @Cite_Bot", "ask @xxx_xxx or @xxxxxbot"),
        ("/ask@cite_bot who", "/ask@xxxxxbot who"),
        ("Was it 2017-05-22 or 1939-1945?", "Was it 2017-05-22 or 1939-1945?"),
        ("after:2024-05-03 10,000,000 people", "after:2024-05-03 10,000,000 people"),
    ],
)
def test_a_text_is_kept_but_for_what_tells_who_somebody_is(text, kept):
    assert scrub(text, "cite_bot") == kept


def test_people_get_numbers_that_stay_theirs():
    people = People([ADMIN, 12], {-7, 13})
    assert [people.alias(one) for one in (HIDDEN_ID, -5, HIDDEN_ID, -1_000_000_000_009)] == [
        1,
        -2,
        1,
        -1_000_000_000_003,
    ]
    assert [people.alias(one) for one in (12, ADMIN)] == [900000001, 900000002]
    assert [people.alias(one) for one in (-7, 13)] == [-800000001, 800000002]
    assert [people.alias(one) for one in (1087968824, 777000)] == [1087968824, 777000]
    people.meet_bot(99, "Cite_Bot")
    assert people.alias(99) == BOT


@given(UPDATES)
@settings(max_examples=20, deadline=None)
def test_a_recorded_update_leads_to_the_same_calls(update):
    with tempfile.TemporaryDirectory() as folder:
        configured = parse_settings({"CITEBOT_DB": f"{folder}/no.db", "CITEBOT_STATE": f"{folder}/state.db"})
        with open_engine(configured.db) as engine:
            first = asyncio.run(calls_of(configured, engine, update))
            assume(first is not None)  # the library cannot read it
            assert asyncio.run(calls_of(configured, engine, without_personal_data(update, People()))) == first


async def calls_of(configured, engine, update):
    """What goes out, without ids; None for an update that cannot be read."""
    bot = User(BOT, "Bot", is_bot=True, username="cite_bot")
    (played,) = [one async for one in simulate(configured, engine, [update], bot)]
    return None if played.failure else [(call.method, call.parameters.get("text")) for call in played.calls]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"message\.(\w+)", inspect.getsource(filters.StatusUpdate)))))
def test_whatever_happens_in_a_chat_stays_an_event(name):
    shapes = {
        "new_chat_members": [person()],
        "migrate_to_chat_id": -5,
        "migrate_from_chat_id": -5,
        "pinned_message": a_message("x")["message"],
    }
    update = {"update_id": 1, "message": a_message("x")["message"] | {name: shapes.get(name, person() | place())}}
    record = without_personal_data(update, People())
    assert filters.StatusUpdate.ALL.check_update(Update.de_json(record, Bot("1:a")))


def a_message(text, user=HIDDEN_ID):
    return {
        "update_id": 1,
        "message": {"message_id": 1, "date": 1, "from": person(user), "chat": place(user), "text": text},
    }


def test_a_recording_is_the_owners_alone_and_goes_on_with_new_numbers(tmp_path):
    path = tmp_path / "updates.jsonl"
    path.touch(0o644)
    for user in (HIDDEN_ID, 777000, 1, ADMIN):
        with UpdateRecorder(path, {ADMIN}) as recorder:
            recorder.record(a_message("hello", user))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    senders = [json.loads(line)["message"]["from"]["id"] for line in path.read_text().splitlines()]
    assert senders == [1, 777000, 2, 900000001]


def test_several_threads_record_whole_lines(tmp_path):
    path = tmp_path / "updates.jsonl"
    with UpdateRecorder(path, ()) as recorder:
        texts = [letter * 3000 for letter in "abcdefgh"]
        threads = [threading.Thread(target=lambda text=text: [recorder.record(a_message(text))] * 9) for text in texts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(json.loads(line)["message"]["text"] for line in path.read_text().splitlines()) == texts


def test_what_cannot_be_recorded_is_logged_once_and_never_raised(tmp_path, caplog):
    recorder = UpdateRecorder(tmp_path / "updates.jsonl", ())
    recorder.record({"update_id": MARKER})
    recorder.record({})
    recorder.record(a_message("hello"))
    recorder.close()
    recorder.record(a_message(MARKER))
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 2
    assert all("updates.jsonl: an update was not recorded" in line for line in told)
    assert MARKER not in caplog.text


def test_what_a_running_bot_records_can_be_simulated(tmp_path, telegram):
    record = tmp_path / "updates.jsonl"
    settings = {"CITEBOT_ADMINS": str(ADMIN), "CITEBOT_ARTICLES": str(fill(tmp_path) / "articles")}
    bot = BotProcess(tmp_path, telegram.api_url, words=["--record", str(record)], CITEBOT_ADMINS=str(ADMIN))
    try:
        telegram.write(QUESTION, user=HIDDEN_ID)
        (answer,) = telegram.replies(HIDDEN_ID)
        telegram.write(f"@{USERNAME} {QUESTION}", user=HIDDEN_ID, chat=group(-77777))
        (in_group,) = telegram.replies(-77777)
        telegram.write("/sources", user=ADMIN)
        (sources,) = telegram.replies(ADMIN)
        telegram.press_data(f"p{ADMIN:x}:0:", telegram.message(ADMIN, sources["result_id"]), ADMIN)
        telegram.shown(ADMIN, "3 articles")
    finally:
        assert bot.stop() == 0
    assert f"Every update is recorded in {record}" in bot.log
    kept = record.read_text()
    assert [one for one in (str(HIDDEN_ID), str(ADMIN), f"{ADMIN:x}", "77777", USERNAME) if one in kept] == []
    done = citebot(tmp_path, "simulate", record, "--json", **settings)
    assert done.returncode == 0, done.stderr
    calls = [json.loads(line) for line in done.stdout.splitlines()]
    assert [call["method"] for call in calls] == ["sendMessage"] * 3 + ["answerCallbackQuery", "editMessageText"]
    assert [call["shown"] for call in calls[:3]] == [one["text"] for one in (answer, in_group, sources)]
    assert re.match(r"3 articles\n", calls[4]["shown"])
