"""Follow-ups in Telegram: each person's conversation in each chat and topic is its own, also after a restart."""

import sqlite3
from contextlib import closing

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import USERNAME, group, quotations

from bot.rendering import messages
from bot.state import Contexts, Talk
from bot.state.contexts import LONGEST
from retrieval.records import Context, Filter

BUILT, FLOOD = "The stone bridge of Rivertown was built in 1721", "A flood took the western tower away"
FIRST = "Who built the stone bridge of Rivertown?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return fill_store(tmp_path_factory.mktemp("bot"))


@pytest.fixture
def bot(telegram, folder):
    process = BotProcess(folder, telegram.api_url)
    with ended_well(process, telegram):
        yield process


def ask(telegram, text, user, chat=None, **more):
    """What the bot answers to one message."""
    where = (chat or {"id": user})["id"]
    before = len(telegram.conversation(where, "sendMessage"))
    telegram.write(text, user=user, chat=chat, **more)
    return telegram.replies(where, before + 1)[-1]


def test_in_private_a_follow_up_is_read_in_the_light_of_the_last_question(bot, telegram):
    ask(telegram, FIRST, 41)
    answer = ask(telegram, "and when?", 41)
    assert answer["text"].startswith("About: ")
    assert "Rivertown" in answer["text"].splitlines()[0]
    assert quotations(answer)[0].startswith(BUILT)
    more = ask(telegram, "more", 41)
    assert quotations(more)
    assert not set(quotations(more)) & set(quotations(answer))


def test_new_forgets_and_a_follow_up_without_a_question_says_so(bot, telegram):
    ask(telegram, FIRST, 42)
    assert ask(telegram, "/new", 42)["text"] == messages.FORGOTTEN
    assert ask(telegram, "and when?", 42)["text"] == messages.WHOLE_QUESTION


def test_in_a_group_each_person_and_each_topic_has_a_conversation(bot, telegram):
    chat = group(-441, forum=True)
    one, other = ({"message_thread_id": number, "is_topic_message": True} for number in (5, 6))
    ask(telegram, f"/ask {FIRST}", 43, chat, **one)
    follow_up = f"@{USERNAME} and when?"
    assert ask(telegram, follow_up, 44, chat, **one)["text"] == messages.WHOLE_QUESTION
    assert ask(telegram, follow_up, 43, chat, **other)["text"] == messages.WHOLE_QUESTION
    assert ask(telegram, "and when?", 43)["text"] == messages.WHOLE_QUESTION
    assert quotations(ask(telegram, follow_up, 43, chat, **one))[0].startswith(BUILT)


def test_a_reply_to_an_older_answer_is_read_in_its_light_whoever_replies(bot, telegram):
    chat = group(-442)
    first = ask(telegram, f"/ask {FIRST}", 45, chat)
    ask(telegram, "/ask Where do glaciers grow?", 45, chat)
    answered = telegram.message(chat["id"], first["result_id"])
    for user in (45, 46):
        answer = ask(telegram, "and when?", user, chat, reply_to_message=answered)
        assert quotations(answer)[0].startswith(BUILT)


def test_a_conversation_goes_on_after_a_restart_but_not_after_an_hour(telegram, folder):
    process = BotProcess(folder, telegram.api_url)
    with ended_well(process, telegram):
        ask(telegram, FIRST, 47)
        ask(telegram, FIRST, 48)
        telegram.write("thanks", user=47)
        telegram.replies(47, 2)
    with closing(sqlite3.connect(folder / "citebot.state.db")) as state, state:
        state.execute("UPDATE contexts SET at = at - ? WHERE id = (SELECT max(id) FROM contexts)", (LONGEST,))
    process = BotProcess(folder, telegram.api_url)
    with ended_well(process, telegram):
        assert quotations(ask(telegram, "and when?", 47))[0].startswith(BUILT)
        assert ask(telegram, "and when?", 48)["text"] == messages.WHOLE_QUESTION


def test_contexts_are_kept_whole_and_no_longer_than_questions(tmp_path):
    now = [1000.0]
    contexts = Contexts(tmp_path / "state.db", b"key", 1, clock=lambda: now[0])
    context = Context(
        "When?", "en", ("when",), ("Suez Canal",), ("opened",), "When opened", "suez", None, (("suez", 7),),
        Filter("2024", sources=("news",)),
    )  # fmt: skip
    assert contexts.find(Talk(1)) is None
    contexts.keep(Talk(1), 9, context)
    assert contexts.find(Talk(1)) == context
    assert contexts.find(Talk(1, None, 5)) is None
    now[0] += LONGEST
    assert contexts.find(Talk(1)) is None
    assert contexts.find(Talk(1), 9) == context
    assert contexts.find(Talk(2), 9) is None
    now[0] += 86400
    contexts.keep(Talk(2), 10, context)
    assert contexts.find(Talk(1), 9) is None
