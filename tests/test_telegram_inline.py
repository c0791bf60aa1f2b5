"""Questions put in chats that the bot is not in: typed after its name, or as a mention where it is a guest; and links.

Every test of the bot for everybody is run twice: once the bot asks for updates, once they are posted to it.
"""

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, USERNAME, FakeTelegram, group, quotations

from bot.rendering import messages
from bot.state import AnswerLog

QUESTION = "What does the Blue Glacier lose every summer?"
ANSWER = "The Blue Glacier loses nine metres of ice every summer."
FED = "What do the herons of the park eat?"
HERONS = "\n\n".join(f"The herons of the park eat frog {number} from pond {number}." for number in range(1, 41))


@pytest.fixture(scope="module", params=["polling", "webhook"])
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def bot(telegram, receiving, tmp_path_factory):
    telegram.switch(supports_guest_queries=True)
    folder = fill_store(tmp_path_factory.mktemp("bot"), herons=f"Herons\n\n{HERONS}\n")
    process = BotProcess(folder, telegram.api_url, CITEBOT_GUESTS="on", **receiving)
    with ended_well(process, telegram):
        yield process


@pytest.fixture(scope="module")
def for_few(tmp_path_factory):
    """A bot for users 50 to 53 only, who may ask twice a minute."""
    server = FakeTelegram()
    server.switch(supports_guest_queries=True)
    settings = {"CITEBOT_ALLOW": "50,51,52,53", "CITEBOT_QUESTIONS_PER_MINUTE": "2", "CITEBOT_GUESTS": "1"}
    process = BotProcess(fill_store(tmp_path_factory.mktemp("few")), server.api_url, **settings)
    with ended_well(process, server):
        yield server
    server.close()


def texts(offered):
    return [one["input_message_content"]["message_text"] for one in offered["results"]]


def asked(bot):
    with AnswerLog(bot.folder / "citebot.state.db") as log:
        return [one.question for one in log.asked(1000)]


def test_what_is_offered_is_the_message_that_a_private_chat_gets(bot, telegram):
    telegram.write(QUESTION, user=30)
    private = telegram.replies(30)[0]["parameters"]
    offered = telegram.type_inline(QUESTION, user=30)
    first = offered["results"][0]
    assert texts(offered)[0] == private["text"]
    assert first["input_message_content"]["link_preview_options"] == private["link_preview_options"]
    assert (first["title"], first["description"]) == ("Glaciers", ANSWER)
    assert [one["text"] for one in first["reply_markup"]["inline_keyboard"][0]] == [messages.COPY]
    assert (offered["cache_time"], offered["is_personal"]) == (60, True)  # in the language of whoever types
    assert "button" not in offered


def test_up_to_twenty_quotations_are_offered_ten_at_a_time(bot, telegram):
    first = telegram.type_inline(FED)
    second = telegram.type_inline(FED, offset=first["next_offset"])
    assert (first["next_offset"], second["next_offset"]) == ("10", "")
    assert (
        len({one["id"] for one in first["results"] + second["results"]}) == len(set(texts(first) + texts(second))) == 20
    )
    assert all(text.startswith(messages.PERHAPS) for text in texts(first)[1:] + texts(second))


@pytest.mark.parametrize("offset", ["99", "-1", "x", "1" * 64])
def test_an_offset_that_the_bot_has_not_given_leads_to_nothing(bot, telegram, offset):
    assert telegram.type_inline(FED, offset=offset)["results"] == []


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("", messages.INLINE_HINT),
        ("  W ", messages.INLINE_HINT),
        ("hello", messages.INLINE_HINT),
        ("Which xylophone did the emperor play?", messages.ABSTENTION),
        ("zq " * 85, messages.ABSTENTION),  # as long as Telegram allows
    ],
)
def test_where_nothing_can_be_offered_a_button_says_why(bot, telegram, typed, hint):
    offered = telegram.type_inline(typed)
    assert offered["results"] == []
    assert offered["button"] == {"text": hint, "start_parameter": "inline"}
    telegram.write("/start inline", user=31)
    assert telegram.requests("sendMessage", chat=31, count=1, wait=PATIENCE)[0]["text"].startswith(messages.GREETING)


def test_only_what_was_sent_is_recorded_as_a_question_with_what_it_quoted(bot, telegram):
    for typed in ("Who built the stone", "Who built the stone bridge", "Who built the stone bridge of Rivertown?"):
        offered = telegram.type_inline(typed, user=32)
    telegram.choose(offered["results"][1], typed, user=32)
    telegram.choose(offered["results"][1] | {"id": "0-0"}, "Who built the stone bridge", user=32)
    telegram.write("hello", user=32)
    telegram.replies(32)  # in the same order
    assert [one for one in asked(bot) if one.startswith("Who built")] == [typed]
    with AnswerLog(bot.folder / "citebot.state.db") as log:
        (stored,) = [log.answer(one.answer) for one in log.asked(1000) if one.question == typed]
    assert [one.text for one in stored.citations] == [offered["results"][1]["description"]]


def test_a_query_that_has_become_too_old_is_left(bot, telegram):
    telegram.fault("400", "answerInlineQuery", description="Bad Request: query is too old")
    telegram.push(inline_query={"from": {"id": 33, "is_bot": False, "first_name": "U"}, "query": FED, "offset": ""})
    assert len(telegram.type_inline(FED, user=33)["results"]) == 10
    assert "put aside" not in bot.log


def test_a_mention_where_the_bot_is_a_guest_gets_one_answer_with_a_link_to_the_private_chat(bot, telegram):
    query = telegram.mention(f"@{USERNAME} {QUESTION}", group(-34), user=34)
    answer = telegram.guest_answer(query)
    assert quotations(answer) == [ANSWER]
    copy, more = answer["parameters"]["result"]["reply_markup"]["inline_keyboard"][0]
    assert (copy["text"], more["text"]) == (messages.COPY, messages.MORE_IN_PRIVATE)
    link, _, payload = more["url"].partition("?start=")
    assert link == f"https://t.me/{USERNAME}"
    telegram.write(f"/start {payload}", user=35)
    assert quotations(telegram.replies(35)[0]) == [ANSWER]
    assert telegram.conversation(-34) == []


def test_a_bare_mention_asks_what_it_replies_to_and_one_that_asks_nothing_gets_no_answer(bot, telegram):
    sender = {"id": 37, "is_bot": False, "first_name": "U"}
    replied = {"message_id": 1, "date": 1, "chat": group(-36), "from": sender, "text": QUESTION}
    telegram.mention(f"thanks @{USERNAME}", group(-36), user=36)
    telegram.mention("👍", group(-36), user=36)
    query = telegram.mention(f"@{USERNAME}", group(-36), user=36, reply_to_message=replied)
    assert quotations(telegram.guest_answer(query)) == [ANSWER]
    assert telegram.requests("answerGuestQuery")[-1]["parameters"]["guest_query_id"] == query
    unknown = telegram.mention(f"@{USERNAME} Which xylophone did the emperor play?", group(-36), user=36)
    assert telegram.guest_answer(unknown)["text"].startswith(messages.ABSTENTION)
    before = [one["parameters"]["guest_query_id"] for one in telegram.requests("answerGuestQuery")]
    assert before[-2:] == [query, unknown]


@pytest.mark.parametrize("payload", ["0123456789", "inline", "A" * 64, "../../x", "0123456789 0123456789"])
def test_a_link_that_leads_to_no_question_greets(bot, telegram, payload):
    user = 100 + len(payload)
    telegram.write(f"/start {payload}", user=user)
    assert telegram.replies(user)[0]["text"].startswith(messages.GREETING)


def test_mentions_are_asked_for_only_by_a_bot_that_answers_guests(bot, telegram, mode):
    method = "getUpdates" if mode == "polling" else "setWebhook"
    asking = telegram.requests(method, count=1, wait=PATIENCE)
    assert asking[0]["parameters"]["allowed_updates"][-1] == "guest_message"


def test_only_who_may_ask_is_offered_anything_and_nobody_else_sees_it(for_few):
    allowed, stranger = for_few.type_inline(QUESTION, user=50), for_few.type_inline(QUESTION, user=60)
    assert ANSWER in texts(allowed)[0].replace("<b>", "").replace("</b>", "")
    assert stranger["results"] == []
    assert stranger["button"]["text"] == messages.INLINE_NOT_ALLOWED
    assert allowed["is_personal"] is stranger["is_personal"] is True
    for_few.write("/start inline", user=60)
    assert for_few.replies(60)[0]["text"] == messages.not_allowed(60)


def test_who_types_too_much_is_told_so_and_others_are_not(for_few):
    offered = [for_few.type_inline(QUESTION, user=51) for _ in range(7)]
    assert [len(one["results"]) > 0 for one in offered] == [True] * 6 + [False]
    assert offered[-1]["button"]["text"] == messages.INLINE_TOO_MANY
    assert (offered[-1]["cache_time"], offered[-1]["is_personal"]) == (0, True)
    assert for_few.type_inline(QUESTION, user=52)["results"] != []


def test_a_guest_answers_by_who_wrote_and_nobody_in_the_name_of_a_chat(for_few):
    text = f"@{USERNAME} {QUESTION}"
    for_few.mention(text, group(-61), user=60)
    for_few.mention(text, group(-61), user=53, sender_chat=group(-61))
    queries = [for_few.mention(text, group(-61), user=53) for _ in range(3)]
    for query in queries[:2]:
        assert quotations(for_few.guest_answer(query)) == [ANSWER]
    for_few.write(QUESTION, user=52)
    for_few.replies(52)
    assert [one["parameters"]["guest_query_id"] for one in for_few.requests("answerGuestQuery")] == queries[:2]
