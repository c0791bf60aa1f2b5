"""The bot as people meet it: the fake Bot API server and `python -m bot telegram`, each a process, over real HTTP.

Every test is run twice: once the bot asks for updates, once they are posted to it.
"""

import re

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, USERNAME, group, quotations

from bot.rendering import admin_messages, messages
from bot.rendering.texts import LANGUAGES

ADMIN = 900
EVERYBODY = ["ask", "new", "watch", "watching", "articles", "privacy", "help"]
OF_ADMINS = ["add", "sources", "sets", "gaps", "stats", "reload", "cancel", "digest", "allow", "block", "editors"]


@pytest.fixture(scope="module", params=["polling", "webhook"])
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def bot(telegram, receiving, tmp_path_factory):
    folder = fill_store(tmp_path_factory.mktemp("bot"))
    process = BotProcess(folder, telegram.api_url, CITEBOT_ADMINS=str(ADMIN), **receiving)
    with ended_well(process, telegram):
        yield process


def test_a_question_is_answered_by_one_message_with_the_sentence_and_its_source(bot, telegram):
    telegram.write("Who built the stone bridge of Rivertown?", user=11)
    (answer,) = telegram.replies(11)
    assert quotations(answer)[0] == "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."
    source = r"The bridge of Rivertown · news.example.org · 2017-05-22, \d+ years old · in the middle"
    assert re.search(source, answer["text"])
    links = [one["url"] for one in answer["entities"] if one["type"] == "text_link"]
    assert links[0] == ("https://news.example.org/bridge?a=1&b=2#:~:text=The%20stone%20bridge,mason%20Anna%20Stone")
    assert answer["parameters"]["link_preview_options"] == {"is_disabled": True}
    assert "reply_parameters" not in answer["parameters"]
    assert telegram.conversation(11, method="") == [answer]  # no placeholder, no typing, no edit


def test_markup_in_an_article_arrives_as_it_is_written(bot, telegram):
    telegram.write("Which element makes letters bold?", user=12)
    (answer,) = telegram.replies(12)
    assert answer["code"] == 200
    assert quotations(answer)[0] == (
        "The element <b> makes letters bold & the element <script> runs a program,"
        ' as in <script>alert("x")</script> or &lt;.'
    )
    assert "— Tags & <angles> · markup ·" in answer["text"]


def test_what_the_articles_do_not_say_is_not_answered(bot, telegram):
    telegram.write("How tall is Mount Everest?", user=13)
    (answer,) = telegram.replies(13)
    assert answer["text"].startswith(messages.ABSTENTION)
    assert quotations(answer) == []


def test_whatever_is_typed_gets_one_reply(bot, telegram):
    typed = ["???", "😀😀", "\x00", "a" * 4000, "<b>", "SELECT * FROM articles; --", "glacier\nice\tsummer", "hello"]
    for user, text in enumerate(typed, start=1400):  # each in a chat of its own, since a chat gets one message a second
        telegram.write(text, user=user)
    assert {one["code"] for user in range(1400, 1400 + len(typed)) for one in telegram.replies(user)} == {200}


def test_commands_of_everybody(bot, telegram):
    for text in ("/start", "/help", "/articles", "/ask What does the Blue Glacier lose every summer?", "/ask"):
        telegram.write(text, user=15)
    start, help_, articles, answer, usage = _in_order_of_asking(telegram.replies(15, 5))
    assert messages.GREETING in start["text"]
    assert messages.TELEGRAM_HELP in help_["text"]
    assert "/articles" in help_["text"]
    told = start["text"] + help_["text"]
    assert not [one for one in ("/reload", "/add", "/sources", admin_messages.HELP) if one in told]
    assert "3. Tags & <angles>" in articles["text"]
    assert quotations(answer)[0] == "The Blue Glacier loses nine metres of ice every summer."
    assert usage["text"] == messages.ASK_USAGE


def _in_order_of_asking(found):
    """Updates are handled side by side: sort the replies to the commands by what they begin with."""
    starts = [messages.GREETING, messages.TELEGRAM_HELP, "3 articles", "The Blue", messages.ASK_USAGE]
    return [next(one for one in found if one["text"].startswith(start)) for start in starts]


def test_a_strangers_reload_is_as_unknown_as_any_other_command(bot, telegram):
    for text in ("/reload", "/nonsense", f"/reload@{USERNAME}"):
        telegram.write(text, user=16)
    assert {one["text"] for one in telegram.replies(16, 3)} == {messages.UNKNOWN_COMMAND}
    telegram.write("/reload", user=17, sender_chat=group(-170))
    assert telegram.replies(17)[0]["text"] == messages.UNKNOWN_COMMAND


def test_a_picture_gets_a_word(bot, telegram):
    sender = {"id": 18, "is_bot": False, "first_name": "User"}
    photo = {"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}
    chat = {"id": 18, "type": "private", "first_name": "User"}
    telegram.push(message={"from": sender, "chat": chat, "photo": [photo]})
    assert telegram.replies(18)[0]["text"] == messages.ONLY_TEXT


def test_in_a_group_only_what_is_meant_for_the_bot_is_answered_as_a_reply(bot, telegram):
    chat = group(-20)
    question = "What does the Blue Glacier lose every summer?"
    telegram.write(question, chat=chat)
    telegram.write("/help@another_bot", chat=chat)
    telegram.write(f"/reload@{USERNAME}", user=ADMIN, chat=chat)
    telegram.write("/ask@another_bot " + question, chat=chat)
    telegram.write("@somebody_else " + question, chat=chat)
    asked = [
        telegram.write("/ask " + question, chat=chat),
        telegram.write(f"/ask@{USERNAME} {question}", chat=chat),
        telegram.write(f"@{USERNAME.upper()} {question}", chat=chat),
    ]
    answers = telegram.replies(-20, 3)
    assert {quotations(one)[0] for one in answers} == {"The Blue Glacier loses nine metres of ice every summer."}
    quoted = {one["parameters"]["reply_parameters"]["message_id"] for one in answers}
    assert quoted == {message["message_id"] for message in asked}

    first_reply = {"message_id": 1, "date": 1, "chat": chat, "from": {"id": 123456, "is_bot": True, "first_name": "C"}}
    telegram.write(question, chat=chat, reply_to_message=first_reply)
    assert len(telegram.replies(-20, 4)) == 4
    assert len(telegram.conversation(-20, method="")) == 4  # and no typing action


def test_in_a_topic_the_answer_stays_in_the_topic(bot, telegram):
    chat = group(-21, forum=True)
    telegram.write("/ask What does the Blue Glacier lose?", chat=chat, message_thread_id=3, is_topic_message=True)
    assert telegram.replies(-21)[0]["parameters"]["message_thread_id"] == 3
    # In a group without topics a chain of replies has a thread id too, which must not be passed on.
    telegram.write("/ask What does the Blue Glacier lose?", chat=group(-22), message_thread_id=3)
    (answer,) = telegram.replies(-22)
    assert answer["code"] == 200
    assert "message_thread_id" not in answer["parameters"]


def test_menus_are_set_for_everybody_for_groups_and_for_admins_once_they_have_a_chat(bot, telegram):
    at_start = telegram.requests("setMyCommands", count=3, wait=PATIENCE)
    assert [one["description"] for one in at_start[:3]] == ["", "", "Bad Request: chat not found"]
    telegram.write("/start", user=ADMIN)
    assert telegram.replies(ADMIN)[0]["text"].endswith(messages.START_MORE)  # these articles ask nothing
    telegram.write("/help", user=ADMIN)
    help_ = telegram.replies(ADMIN, 2)[1]["text"]
    assert all(f"/{command} – " in help_ for command in ("articles", "add", "sources", "reload"))
    assert help_.endswith(admin_messages.HELP)
    telegram.requests("setMyCommands", count=2 * len(LANGUAGES) + 2, wait=PATIENCE)
    menus = {scope: [one["command"] for one in menu] for scope, menu in telegram.commands().items()}
    languages = ["", *(f" in {language}" for language in LANGUAGES if language != "en")]
    assert menus == {
        **{f"default{language}": EVERYBODY for language in languages},
        **{f"all_group_chats{language}": ["ask", "help"] for language in languages},
        f"chat:{ADMIN}": [*EVERYBODY, *OF_ADMINS],
    }
    assert {one["command"]: one["description"] for one in telegram.commands()["default in ru"]}["help"] == "что я умею"


def test_no_other_updates_are_asked_for(bot, telegram, mode):
    asking = telegram.requests("getUpdates" if mode == "polling" else "setWebhook", count=1, wait=PATIENCE)
    assert asking[0]["parameters"]["allowed_updates"] == [
        "message", "edited_message", "callback_query", "inline_query", "chosen_inline_result",
    ]  # fmt: skip
