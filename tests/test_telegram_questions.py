"""Where people put a question: a caption, a reply, a quotation, a forwarded message, a correction, beside what is unreadable.

Whatever is to stay without an answer is followed by a question in the same chat, which is answered after it.
"""

import time
from itertools import count

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, USERNAME, entities_of, group, private_chat, quotations

from bot.rendering import admin_messages, messages

ADMIN = 950
USERS, GROUPS, ALBUMS = count(9500), count(-9500, -1), count(1)
QUESTION = "Who built the stone bridge of Rivertown?"
ANSWER = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."
OTHER, OTHER_ANSWER = (
    "How much ice does the Blue Glacier lose?",
    "The Blue Glacier loses nine metres of ice every summer.",
)
PHOTO = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
BOT = {"id": 123456, "is_bot": True, "first_name": "C"}
SOMEBODY = {"id": 8, "is_bot": False, "first_name": "S"}


@pytest.fixture(scope="module", params=["polling", "webhook"])
def mode(request):
    return request.param


@pytest.fixture(scope="module", autouse=True)
def bot(telegram, receiving, tmp_path_factory):
    settings = receiving | {"CITEBOT_ADMINS": str(ADMIN), "CITEBOT_QUESTIONS_PER_MINUTE": "0"}
    process = BotProcess(fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url, **settings)
    with ended_well(process, telegram):
        telegram.write("hello", user=ADMIN)
        telegram.requests("sendMessage", count=1, wait=3 * PATIENCE)
        yield process


def picture(telegram, caption, chat, user=7, **more):
    """A user sends a picture, with a caption or without one."""
    message = {"from": SOMEBODY | {"id": user}, "chat": chat, "photo": [PHOTO], **more}
    if caption:
        message |= {"caption": caption, "caption_entities": entities_of(caption)}
    return telegram.push(message=message)["message"]


def replied(chat, sender=SOMEBODY, **words):
    return {"message_id": 3, "date": 1, "chat": chat, "from": sender, **words}


def sent(telegram, chat, number):
    """What the bot sent and edited in a chat, as soon as there is so much."""
    return telegram.requests(count=number, wait=PATIENCE, chat=chat)


@pytest.mark.parametrize("caption", [QUESTION, f"/ask {QUESTION}"])
def test_a_caption_in_private_is_a_question(telegram, caption):
    user = next(USERS)
    picture(telegram, caption, private_chat(user), user)
    assert quotations(telegram.replies(user)[0]) == [ANSWER]


@pytest.mark.parametrize("caption", [f"@{USERNAME} {QUESTION}", f"/ask@{USERNAME} {QUESTION}", QUESTION])
def test_a_caption_in_a_group_is_a_question_if_it_is_meant_for_the_bot(telegram, caption):
    chat = group(next(GROUPS))
    picture(telegram, QUESTION, chat)
    picture(telegram, f"/ask@another_bot {QUESTION}", chat)
    more = {"reply_to_message": replied(chat, BOT, text="An answer")} if caption == QUESTION else {}
    asked = picture(telegram, caption, chat, **more)
    (answer,) = telegram.replies(chat["id"])
    assert quotations(answer) == [ANSWER]
    assert answer["parameters"]["reply_parameters"]["message_id"] == asked["message_id"]


def in_another_chat(words):
    origin = {"type": "user", "date": 1, "sender_user": SOMEBODY}
    return {"quote": {"text": words, "position": 0}, "external_reply": {"origin": origin, "message_id": 4}}


@pytest.mark.parametrize("address", ["/ask", f"/ask@{USERNAME}", f"@{USERNAME}", f"@{USERNAME}?"])
@pytest.mark.parametrize(
    "pointed_at",
    [
        lambda chat: {"reply_to_message": replied(chat, text=QUESTION)},
        lambda chat: {"reply_to_message": replied(chat, photo=[PHOTO], caption=QUESTION)},
        lambda chat: {"reply_to_message": replied(chat, text=f"What? {QUESTION}"), "quote": {"text": QUESTION, "position": 6}},
        lambda _: in_another_chat(QUESTION),
    ],
)  # fmt: skip
def test_a_bare_command_or_mention_asks_what_it_replies_to_or_quotes(telegram, address, pointed_at):
    chat = group(next(GROUPS))
    telegram.write(address, chat=chat, **pointed_at(chat))
    assert quotations(telegram.replies(chat["id"])[0]) == [ANSWER]


def test_a_command_with_words_asks_those_and_one_that_points_at_the_bots_own_words_asks_nothing(telegram):
    chat = group(next(GROUPS))
    telegram.write(f"/ask {OTHER}", chat=chat, reply_to_message=replied(chat, text=QUESTION))
    telegram.write("/ask", chat=chat, reply_to_message=replied(chat, BOT, text=QUESTION))
    answer, usage = telegram.replies(chat["id"], 2)
    assert quotations(answer) == [OTHER_ANSWER]
    assert usage["text"] == messages.ASK_USAGE


@pytest.mark.parametrize(
    "origin",
    [
        {"type": "user", "date": 1, "sender_user": SOMEBODY},
        {"type": "channel", "date": 1, "chat": {"id": -1008, "type": "channel", "title": "C"}, "message_id": 5},
    ],
)
def test_a_question_that_is_forwarded_is_a_question(telegram, origin):
    user = next(USERS)
    telegram.write(QUESTION, user=user, forward_origin=origin)
    assert quotations(telegram.replies(user)[0]) == [ANSWER]


def corrected(telegram, message, text, seconds=9):
    edited = {"text": text, "entities": entities_of(text), "edit_date": message["date"] + seconds}
    telegram.push(edited_message=message | edited)


def test_the_answer_to_a_question_that_is_corrected_is_edited(telegram):
    user = next(USERS)
    message = telegram.write(OTHER, user=user)
    (answer,) = sent(telegram, user, 1)
    assert quotations(answer) == [OTHER_ANSWER]
    corrected(telegram, message, OTHER)  # a preview of a link, say, was added
    corrected(telegram, message, QUESTION)
    _, edit = sent(telegram, user, 2)
    assert edit["method"] == "editMessageText"
    assert edit["parameters"]["message_id"] == answer["result_id"]
    assert quotations(edit) == [ANSWER]


def test_a_correction_is_answered_anew_when_there_is_no_answer_to_edit(telegram):
    user, chat = next(USERS), group(next(GROUPS))
    gone = telegram.write(OTHER, user=user)
    telegram.delete(user, sent(telegram, user, 1)[0]["result_id"])
    corrected(telegram, gone, QUESTION)
    assert [one["method"] for one in sent(telegram, user, 3)] == ["sendMessage", "editMessageText", "sendMessage"]
    corrected(telegram, telegram.write("Peter, who built it?", chat=chat), f"@{USERNAME} {QUESTION}")
    assert quotations(telegram.replies(chat["id"])[0]) == [ANSWER]


def test_what_is_edited_late_or_is_no_question_stays_without_an_answer(telegram):
    sender, chat = next(USERS), group(next(GROUPS))
    told = len(telegram.conversation(ADMIN))
    command = telegram.write("hello", user=ADMIN)
    telegram.replies(ADMIN, told + 1)
    for edited in ("/reload now", "/start", "/nonsense"):
        corrected(telegram, command, edited)
    corrected(telegram, {"message_id": 5, "date": int(time.time()), "from": SOMEBODY, "chat": chat}, QUESTION)
    late = {"message_id": 6, "date": int(time.time()) - 500, "from": SOMEBODY, "chat": private_chat(sender)}
    corrected(telegram, late, QUESTION, seconds=121)
    for user, where in ((ADMIN, None), (7, chat), (sender, None)):
        telegram.write(f"/ask {OTHER}", user=user, chat=where)
    assert quotations(telegram.replies(ADMIN, told + 2)[-1]) == [OTHER_ANSWER]
    assert quotations(telegram.replies(chat["id"])[0]) == [OTHER_ANSWER]
    assert quotations(telegram.replies(sender)[0]) == [OTHER_ANSWER]


def test_text_beside_a_part_that_cannot_be_read_is_answered(telegram):
    user, chat = next(USERS), group(next(GROUPS))
    mine = {"message_id": 5, "date": int(time.time()), "from": SOMEBODY}
    telegram.write("hello", user=user)
    telegram.write("hello", chat=chat)
    telegram.put({"message": mine | {"chat": private_chat(user), "caption": QUESTION, "photo": [5], "gift": 3}})
    reply = replied(chat, text=QUESTION) | {"poll": {"id": "1"}}
    words = {"text": "/ask", "entities": [*entities_of("/ask"), {"type": 5}], "reply_to_message": reply}
    telegram.put({"message": mine | {"chat": chat, **words}})
    assert quotations(telegram.replies(user, 2)[1]) == [ANSWER]
    assert quotations(telegram.replies(chat["id"])[0]) == [ANSWER]


def test_a_command_whose_origin_cannot_be_read_is_not_given(telegram):
    admin = {"id": ADMIN, "is_bot": False, "first_name": "A"}
    told = len(telegram.conversation(ADMIN))
    for origin in ({"forward_origin": {"type": "user"}}, {"via_bot": {"id": 5}}):
        words = {"text": "/reload now", "entities": entities_of("/reload now")}
        message = {"message_id": 5, "date": int(time.time()), "from": admin, "chat": private_chat(ADMIN)}
        telegram.put({"message": message | words | origin})
    assert [one["text"] for one in telegram.replies(ADMIN, told + 2)[told:]] == [messages.UNKNOWN_COMMAND] * 2


def test_an_album_gets_one_reply(telegram):
    plain, captioned = next(USERS), next(USERS)
    for user, captions in ((plain, ["", "", ""]), (captioned, [QUESTION, "", ""])):
        album = {"media_group_id": str(next(ALBUMS))}
        for caption in captions:
            picture(telegram, caption, private_chat(user), user, **album)
        telegram.write(OTHER, user=user)
    only_text, answer = telegram.replies(plain, 2)
    assert only_text["text"] == messages.ONLY_TEXT
    assert quotations(answer) == [OTHER_ANSWER]
    assert [quotations(one) for one in telegram.replies(captioned, 2)] == [[ANSWER], [OTHER_ANSWER]]


def test_a_post_of_pictures_alone_has_nothing_to_add_and_that_is_said_once(telegram):
    told = len(telegram.conversation(ADMIN))
    origin = {"type": "channel", "date": 1, "chat": {"id": -1008, "type": "channel", "title": "C"}, "message_id": 5}
    album = {"media_group_id": str(next(ALBUMS)), "forward_origin": origin}
    for _ in range(3):
        picture(telegram, "", private_chat(ADMIN), ADMIN, **album)
    telegram.write(OTHER, user=ADMIN)
    post, answer = telegram.replies(ADMIN, told + 2)[told:]
    assert post["text"] == admin_messages.POST_WITHOUT_TEXT
    assert quotations(answer) == [OTHER_ANSWER]
