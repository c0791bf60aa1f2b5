"""What Telegram refuses is sent in another form; only what it takes in no form is undeliverable, and is counted."""

from itertools import count

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, USERNAME, group, quotations

ADMIN = 940
CHATS = count(-8000, -1)
QUESTION = f"/ask@{USERNAME} Who built the stone bridge of Rivertown?"
ANSWER = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."


@pytest.fixture(scope="module", params=["polling", "webhook"])
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def bot(telegram, receiving, tmp_path_factory):
    folder = fill_store(tmp_path_factory.mktemp("bot"))
    process = BotProcess(folder, telegram.api_url, CITEBOT_ADMINS=str(ADMIN), **receiving)
    with ended_well(process, telegram):
        yield process


def codes(telegram, chat, requests):
    """The codes of the requests of one chat, as soon as there are so many."""
    return [one["code"] for one in telegram.requests("sendMessage", count=requests, wait=PATIENCE, chat=chat)]


def test_a_question_from_before_a_group_became_a_supergroup_is_answered_in_the_supergroup(bot, telegram):
    old, new = next(CHATS), next(CHATS)
    chat = {"id": old, "type": "group", "title": "G"}
    telegram.push(message={"chat": chat, "migrate_to_chat_id": new})
    telegram.write(QUESTION, chat=chat)
    (answer,) = telegram.replies(new)
    assert quotations(answer) == [ANSWER]
    assert "reply_parameters" not in answer["parameters"]
    assert codes(telegram, old, 1) == [400]


def test_an_answer_goes_to_the_chat_when_its_topic_is_gone(bot, telegram):
    chat = group(next(CHATS), forum=True)
    telegram.delete(chat["id"], 78)
    message = telegram.write(QUESTION, chat=chat, message_thread_id=78, is_topic_message=True)
    assert codes(telegram, chat["id"], 2) == [400, 200]
    answer = telegram.conversation(chat["id"])[-1]
    assert "message_thread_id" not in answer["parameters"]
    assert answer["parameters"]["reply_parameters"]["message_id"] == message["message_id"]


@pytest.mark.parametrize(("topic", "sent"), [(None, [200]), (79, [400, 200])])
def test_an_answer_goes_without_a_reply_when_the_question_is_gone(bot, telegram, topic, sent):
    chat = group(next(CHATS), forum=topic is not None)
    more = {} if topic is None else {"message_thread_id": topic, "is_topic_message": True}
    telegram.delete(chat["id"], 900)
    telegram.write(QUESTION, chat=chat, message_id=900, **more)
    assert codes(telegram, chat["id"], len(sent)) == sent
    answer = telegram.conversation(chat["id"])[-1]
    assert quotations(answer) == [ANSWER]
    assert answer["parameters"].get("message_thread_id") == topic


def test_an_answer_goes_when_both_the_topic_and_the_question_are_gone(bot, telegram):
    chat = group(next(CHATS), forum=True)
    for gone in (80, 900):
        telegram.delete(chat["id"], gone)
    telegram.write(QUESTION, chat=chat, message_id=900, message_thread_id=80, is_topic_message=True)
    assert codes(telegram, chat["id"], 2) == [400, 200]


def test_what_is_too_long_for_telegram_is_cut(bot, telegram):
    user = 941
    telegram.fault("400", "sendMessage", chat=user, times=2, description="Bad Request: message is too long")
    telegram.write("Who built the stone bridge of Rivertown?", user=user)
    assert codes(telegram, user, 3) == [400, 400, 200]
    first, second, last = (one["parameters"]["text"] for one in telegram.conversation(user))
    assert len(first) > len(second) > len(last)
    assert ANSWER.startswith(last[:20])
    assert last.endswith("…")


def test_direct_messages_of_a_channel_are_answered_in_the_topic_of_who_asks(bot, telegram):
    chat = group(next(CHATS)) | {"is_direct_messages": True}
    telegram.write(QUESTION, chat=chat, direct_messages_topic={"topic_id": 5})
    (answer,) = telegram.replies(chat["id"])
    assert answer["parameters"]["direct_messages_topic_id"] == 5
    assert quotations(answer) == [ANSWER]


def test_only_what_telegram_takes_in_no_form_is_undeliverable_and_stats_count_it(bot, telegram):
    telegram.fault("400", "sendMessage", chat=942)
    telegram.write("Who built the stone bridge of Rivertown?", user=942)
    assert codes(telegram, 942, 1) == [400]
    telegram.write("hello", user=942)
    assert codes(telegram, 942, 2) == [400, 200]  # the next message is met after the failure was noted
    telegram.write("/stats", user=ADMIN)
    shown = telegram.replies(ADMIN)[0]["text"]
    assert "\nNot delivered: 1 answer; the last because: Chat not found." in shown
    assert " Median time of an answer: " in shown
