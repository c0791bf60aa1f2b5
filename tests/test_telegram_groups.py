"""Groups: what is answered there and what is not, other bots, groups that become supergroups, and listening.

Whatever is to stay without an answer is followed by a question in the same chat, which is answered after it.
"""

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, USERNAME, entities_of, group, private_chat, quotations

from bot.rendering import admin_messages, alert_messages, messages

ADMIN, STRANGER, OTHER_BOT = 960, 961, 555
ALLOWED = range(-9700, -9600)
OLD = -9999
CHATS = iter(ALLOWED)
QUESTION = "Who built the stone bridge of Rivertown?"
ANSWER = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."
OTHER, OTHER_ANSWER = (
    "How much ice does the Blue Glacier lose?",
    "The Blue Glacier loses nine metres of ice every summer.",
)
BOT = {"id": 123456, "is_bot": True, "first_name": "C", "username": USERNAME}
PETER = {"id": 8, "is_bot": False, "first_name": "P"}


@pytest.fixture(scope="module", params=["polling", "webhook"])
def mode(request):
    return request.param


@pytest.fixture(scope="module", autouse=True)
def bot(telegram, receiving, tmp_path_factory):
    settings = receiving | {"CITEBOT_ADMINS": str(ADMIN), "CITEBOT_QUESTIONS_PER_MINUTE": "0"}
    settings |= {"CITEBOT_ALLOW": ",".join(map(str, [*ALLOWED, OLD]))}
    process = BotProcess(fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url, **settings)
    with ended_well(process, telegram):
        telegram.write("hello", user=ADMIN)
        telegram.requests("sendMessage", count=1, wait=3 * PATIENCE)
        yield process


@pytest.fixture
def chat(telegram):
    """A group that nobody has written in yet."""
    return group(next(CHATS))


def to_bot(chat):
    return {"reply_to_message": {"message_id": 3, "date": 1, "chat": chat, "from": BOT, "text": "An answer"}}


def only_the_last_is_answered(telegram, chat):
    """Ask in a group, and see that nothing before that was answered."""
    telegram.write(f"/ask@{USERNAME} {OTHER}", chat=chat)
    assert quotations(telegram.replies(chat["id"])[0]) == [OTHER_ANSWER]


def test_chatter_that_replies_to_the_bot_stays_without_an_answer(telegram, chat):
    chatter = [
        "lol", "👍", "ok", "nice!", "that's wrong", "Thanks, bot", "hi", "thank you so much", "how nice!", "👏👏👏",
        "@peter look at this, I told you so", "@peter who built the stone bridge of Rivertown?", "I told you so",
        "спасибо", "das ist falsch", "غلط",
    ]  # fmt: skip
    for text in chatter:
        telegram.write(text, chat=chat, **to_bot(chat))
    only_the_last_is_answered(telegram, chat)


def test_a_mention_that_asks_nothing_stays_without_an_answer(telegram, chat):
    for text in (f"@{USERNAME} thanks", f"thanks @{USERNAME}!", f"@{USERNAME} 👍", f"I showed @{USERNAME} to my aunt"):
        telegram.write(text, chat=chat)
    only_the_last_is_answered(telegram, chat)


@pytest.mark.parametrize("text", [QUESTION, "who built the stone bridge of rivertown", "the stone bridge of Rivertown, who built it?"])  # fmt: skip
def test_a_reply_that_asks_is_answered(telegram, chat, text):
    telegram.write(text, chat=chat, **to_bot(chat))
    assert ANSWER in quotations(telegram.replies(chat["id"])[0])


@pytest.mark.parametrize("text", [f"@{USERNAME} {QUESTION}", f"{QUESTION} @{USERNAME}", f"@{USERNAME} stone bridge Rivertown built", f"Hey @{USERNAME}, {QUESTION}"])  # fmt: skip
def test_a_mention_that_asks_is_answered(telegram, chat, text):
    telegram.write(text, chat=chat)
    assert ANSWER in quotations(telegram.replies(chat["id"])[0])


def test_a_mention_alone_is_told_how_to_ask(telegram, chat):
    telegram.write(f"@{USERNAME}", chat=chat)
    assert telegram.replies(chat["id"])[0]["text"] == messages.EMPTY_QUESTION


@pytest.mark.parametrize(
    ("command", "said"),
    [("/help", messages.GROUP_HELP), (f"/start@{USERNAME}", messages.GROUP_HELP), ("/articles", messages.IN_PRIVATE)],
)
def test_commands_of_private_chats_get_a_word_in_groups(telegram, chat, command, said):
    telegram.write("/help@another_bot", chat=chat)
    telegram.write(command, chat=chat)
    assert telegram.replies(chat["id"])[0]["text"] == said


@pytest.mark.parametrize("added", [{"new_chat_members": [PETER, BOT]}, {"group_chat_created": True}])
def test_a_group_that_the_bot_is_added_to_is_greeted_in_one_line(telegram, chat, added):
    telegram.push(message={"chat": chat, "from": PETER, "new_chat_members": [PETER]})
    message = telegram.push(message={"chat": chat, "from": PETER, **added})["message"]
    (greeting,) = telegram.replies(chat["id"])
    assert greeting["text"] == messages.GROUP_HELP
    assert greeting["parameters"]["reply_parameters"]["message_id"] == message["message_id"]
    assert "\n" not in messages.GROUP_HELP


def as_bot(telegram, text, chat, **more):
    sender = {"id": OTHER_BOT, "is_bot": True, "first_name": "Other", "username": "other_bot"}
    message = {"from": sender, "chat": chat, "text": text, "entities": entities_of(text), **more}
    return telegram.push(message=message)["message"]


def test_another_bot_is_answered_three_times_and_only_if_it_speaks_to_the_bot(telegram, chat):
    as_bot(telegram, QUESTION, chat, **to_bot(chat))
    as_bot(telegram, QUESTION, private_chat(OTHER_BOT))
    as_bot(telegram, "hello", private_chat(OTHER_BOT))
    addresses = ("/ask", f"@{USERNAME}", f"/ask@{USERNAME}", f"@{USERNAME}", "/ask", "/help")
    for address in addresses:
        as_bot(telegram, f"{address} {QUESTION}", chat)
    telegram.write(f"/ask {OTHER}", user=OTHER_BOT, chat=chat)  # with another ID its turn would come before all that
    answers = telegram.replies(chat["id"], 4)
    assert [quotations(one) for one in answers] == [[ANSWER]] * 3 + [[OTHER_ANSWER]]
    assert telegram.conversation(OTHER_BOT) == []


def test_who_writes_in_the_name_of_a_group_or_channel_is_no_other_bot(telegram, chat):
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    telegram.push(message={"from": anonymous, "sender_chat": chat, "chat": chat, "text": QUESTION, **to_bot(chat)})
    assert quotations(telegram.replies(chat["id"])[0]) == [ANSWER]


def test_a_group_that_becomes_a_supergroup_keeps_its_permission_and_the_admins_are_told_its_id(telegram):
    old, new, never = {"id": OLD, "type": "group", "title": "G"}, group(-10099), group(-10098)
    ask = f"/ask@{USERNAME} {QUESTION}"
    told = len(telegram.conversation(ADMIN))
    telegram.write(ask, chat=old)
    telegram.replies(OLD)
    for message in ({"chat": old, "migrate_to_chat_id": new["id"]}, {"chat": new, "migrate_from_chat_id": OLD}):
        telegram.push(message=message)
    telegram.push(message={"chat": never, "migrate_from_chat_id": -10097})
    telegram.write(ask, chat=never)
    alert = telegram.replies(ADMIN, told + 1)[-1]
    assert alert["text"] == alert_messages.group_upgraded(OLD, new["id"])
    telegram.write(ask, chat=new)
    assert quotations(telegram.replies(new["id"])[0]) == [ANSWER]
    assert telegram.conversation(never["id"]) == []


def test_the_refusal_of_an_answer_tells_of_an_upgrade_too(telegram):
    old, new = {"id": next(CHATS), "type": "group", "title": "G"}, group(-10096)
    told = len(telegram.conversation(ADMIN))
    telegram.push(
        edited_message={"chat": old, "edit_date": 1, "migrate_to_chat_id": new["id"]}
    )  # tells the server alone
    telegram.write(f"/ask {QUESTION}", chat=old)
    telegram.replies(ADMIN, told + 1)
    telegram.write(f"/ask {OTHER}", chat=new)
    assert [quotations(one) for one in telegram.replies(new["id"], 2)] == [[ANSWER], [OTHER_ANSWER]]


def test_the_bot_listens_where_an_admin_lets_it_and_answers_what_it_is_sure_of(telegram, chat):
    telegram.write(QUESTION, chat=chat)
    telegram.write("/listen on", chat=chat, user=STRANGER)
    telegram.write("/listen", chat=chat, user=ADMIN)
    telegram.write("/listen on", chat=chat, user=ADMIN)
    usage, on = telegram.replies(chat["id"], 2)
    assert usage["text"] == admin_messages.LISTEN_USAGE
    assert on["text"] == f"{admin_messages.LISTENING} {admin_messages.PRIVACY_MODE}"
    asked = telegram.write(QUESTION, chat=chat)
    answer = telegram.replies(chat["id"], 3)[-1]
    assert quotations(answer) == [ANSWER]
    assert answer["parameters"]["reply_parameters"]["message_id"] == asked["message_id"]

    to_peter = {"reply_to_message": {"message_id": 3, "date": 1, "chat": chat, "from": PETER, "text": "The bridge?"}}
    telegram.write(ANSWER, chat=chat)
    telegram.write("How tall is Mount Everest?", chat=chat)
    telegram.write("shall we meet at eight?", chat=chat)
    telegram.write(f"@peter {QUESTION}", chat=chat)
    telegram.write(QUESTION, chat=chat, **to_peter)
    as_bot(telegram, QUESTION, chat)
    telegram.write("/listen off", chat=chat, user=ADMIN)
    telegram.write(QUESTION, chat=chat)
    telegram.write(f"/ask {OTHER}", chat=chat)
    *_, off, last = telegram.replies(chat["id"], 5)
    assert off["text"] == admin_messages.NOT_LISTENING
    assert quotations(last) == [OTHER_ANSWER]
