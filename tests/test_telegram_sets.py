"""Chats that are bound to sets of articles: what is asked there is answered from these alone, in every way; over real HTTP."""

import time

import pytest
from conftest import BotProcess, ended_well, write_texts
from fake_bot_api.client import PATIENCE, buttons, group, quotations

from bot.rendering import gap_messages, messages, set_messages
from bot.rendering.texts import texts_in
from bot.state import ChatSets, Watches
from retrieval import open_engine

ADMIN, READER, OTHER = 1201, 1202, 1203
GROUP, UPGRADED = group(-1210), {"id": -1000000001210, "type": "supergroup", "title": "Group"}
NEWS = "Ferry\n\nThe ferry to Orrin was damaged in the storm of March."
DOCS = (
    "Widget\n\nThe widget of Vale is started with the green button.\n\nThe widget of Vale is stopped with the red button."
    "\n\nThe widget of Vale is cleaned with a soft brush."
    "\n\nThe Zelmby tunnel is 412 metres long."
)
COMMON = "Office\n\nThe office of Marl opens at nine o'clock."
FERRY, WIDGET, OFFICE = (
    "What damaged the ferry to Orrin?",
    "How is the widget of Vale started?",
    "When does the office of Marl open?",
)
QUOTES = {FERRY: NEWS.partition("\n\n")[2], WIDGET: DOCS.split("\n\n")[1], OFFICE: COMMON.partition("\n\n")[2]}


class Running:
    """A bot that can be started anew on the same files, with other settings."""

    def __init__(self, folder, telegram):
        self.folder, self._api_url = folder, telegram.api_url
        self.start()

    def start(self, **settings):
        self.process = BotProcess(
            self.folder, self._api_url, CITEBOT_ADMINS=str(ADMIN), CITEBOT_QUESTIONS_PER_MINUTE="0", CITEBOT_GUESTS="1",
            **settings,
        )  # fmt: skip

    def stop(self):
        return self.process.stop()

    @property
    def log(self):
        return self.process.log


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bot")
    (folder / "articles").mkdir()
    with open_engine(folder / "citebot.db") as engine:
        for name, text in {"news": NEWS, "docs": DOCS, "common": COMMON}.items():
            write_texts(folder / name, **{f"{name}-1": text})
            engine.add_source(folder / name, set_name="" if name == "common" else name)
        engine.load([folder / name for name in ("news", "docs", "common")])
    telegram.switch(supports_guest_queries=True, supports_inline_queries=True)
    running = Running(folder, telegram)
    with ended_well(running, telegram):
        yield running


def send(telegram, text, user=ADMIN, chat=None, **more):
    """Send a text; return what the bot replies."""
    where = chat["id"] if chat else user
    number = len(telegram.conversation(where, "sendMessage"))
    telegram.write(text, user=user, chat=chat, **more)
    return telegram.message(where, telegram.replies(where, number + 1)[-1]["result_id"])


def asked(telegram, user=ADMIN, chat=None, mark="/ask "):
    """Which of the questions are answered there with the sentence that they are about."""
    shown = {question: quotations(send(telegram, f"{mark}{question}", user, chat)) for question in QUOTES}
    return [question for question, quoted in shown.items() if QUOTES[question] in quoted]


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def test_an_admin_sees_the_sets_and_binds_the_chat_with_a_tap(bot, telegram):
    shown = send(telegram, "/sets")
    assert shown["text"].startswith(set_messages.UNBOUND)
    assert "Sets: docs, news." in shown["text"]
    assert list(buttons(shown)) == ["docs", "news"]
    telegram.answer_to(telegram.press("news", shown, ADMIN))
    until(lambda: list(buttons(again(telegram, shown))) == ["docs", "✓ news", set_messages.ALL])
    assert f"by {ADMIN}" in again(telegram, shown)["text"]
    assert asked(telegram, mark="") == [FERRY, OFFICE]
    assert asked(telegram, READER, mark="") == [FERRY, WIDGET, OFFICE]
    telegram.answer_to(telegram.press("docs", again(telegram, shown), ADMIN))
    until(lambda: "✓ docs" in buttons(again(telegram, shown)))
    assert asked(telegram) == [FERRY, WIDGET, OFFICE]
    telegram.answer_to(telegram.press("✓ news", again(telegram, shown), ADMIN))
    until(lambda: "news" in buttons(again(telegram, shown)))
    assert asked(telegram) == [WIDGET, OFFICE]
    telegram.answer_to(telegram.press(set_messages.ALL, again(telegram, shown), ADMIN))
    until(lambda: set_messages.ALL not in buttons(again(telegram, shown)))
    assert asked(telegram) == [FERRY, WIDGET, OFFICE]


def again(telegram, shown):
    return telegram.message(shown["chat"]["id"], shown["message_id"])


def test_nobody_but_an_admin_binds_a_chat_and_names_are_checked(bot, telegram):
    assert send(telegram, "/sets news", READER)["text"] == messages.UNKNOWN_COMMAND
    telegram.write("/sets news", user=READER, chat=GROUP)
    telegram.write("/sets news", user=ADMIN, chat=GROUP, sender_chat=GROUP)
    forged = send(telegram, FERRY, READER)
    assert telegram.answer_to(telegram.press_data(f"b{READER:x}:news", forged, READER)) == messages.NOT_YOUR_BUTTON
    assert telegram.answer_to(telegram.press_data(f"b{ADMIN:x}:news", forged, READER)) == messages.NOT_YOUR_BUTTON
    for typo in ("/sets sport", "/sets news, sport", "/sets News", "/sets n'ews"):
        assert "Nothing was changed. Sets: docs, news." in send(telegram, typo)["text"]
    assert ChatSets(bot.folder / "citebot.state.db").all() == {}


def test_a_bound_group_asks_only_its_sets_whoever_asks_and_with_old_buttons_too(bot, telegram):
    old = send(telegram, f"/ask {WIDGET}", READER, GROUP)
    assert quotations(old)[:1] == [QUOTES[WIDGET]]
    bound = send(telegram, "/sets news", ADMIN, GROUP)
    assert bound["text"].startswith("Questions here are answered from the set news,")
    assert buttons(send(telegram, "/sets", ADMIN, GROUP)) == {}
    assert asked(telegram, READER, GROUP) == [FERRY, OFFICE]
    assert asked(telegram, ADMIN, GROUP) == [FERRY, OFFICE]
    assert asked(telegram, READER) == [FERRY, WIDGET, OFFICE]
    assert "Widget" not in send(telegram, f"/ask {WIDGET} in:docs", READER, GROUP)["text"]
    for label in (messages.IN_CONTEXT, messages.WHY, messages.MORE):
        if label in buttons(old):
            telegram.answer_to(telegram.press_data(buttons(old)[label], again(telegram, old), READER))
            until(lambda: messages.ARTICLE_REMOVED in again(telegram, old)["text"])
            assert "soft brush" not in again(telegram, old)["text"]
    assert "Other chats:\n-1210: news, chosen on" in send(telegram, "/sets")["text"]


def test_a_follow_up_in_a_bound_chat_stays_within_its_sets(bot, telegram):
    asked_before = send(telegram, WIDGET, ADMIN)
    assert quotations(asked_before)
    send(telegram, "/sets news")
    for follow_up in ("and how is it stopped?", "more"):
        assert "Vale is" not in send(telegram, follow_up)["text"]
    assert "Widget" not in send(telegram, "/articles")["text"]
    assert "Office" in send(telegram, "/articles")["text"]


def test_what_a_person_types_in_other_chats_is_answered_from_the_sets_of_their_own(bot, telegram):
    assert telegram.type_inline(WIDGET, READER)["results"]
    offered = telegram.type_inline(WIDGET, ADMIN)
    assert "Vale is" not in str(offered.get("results"))
    assert telegram.type_inline(FERRY, ADMIN)["results"]
    for person, knows in ((READER, True), (ADMIN, False)):
        query = telegram.mention(f"@cite_test_bot {WIDGET}", group(-1299), person)
        assert ("green button" in str(telegram.guest_answer(query)["parameters"])) == knows


def test_a_gap_of_a_bound_chat_is_closed_by_what_answers_there(bot, telegram):
    question, answer = "How long is the Zelmby tunnel?", "The Zelmby tunnel is 500 metres long, an editor says."
    assert quotations(send(telegram, question, READER)) == ["The Zelmby tunnel is 412 metres long."]
    assert quotations(send(telegram, question)) == []
    listed = send(telegram, "/gaps")
    number = next(line.partition(".")[0] for line in listed["text"].splitlines() if question in line)
    telegram.press(number, listed, ADMIN)
    gap = telegram.shown(ADMIN, question)
    assert gap["text"].endswith(gap_messages.HOW_TO_CLOSE)
    telegram.write(answer, user=ADMIN, reply_to_message=gap)
    assert telegram.shown(ADMIN, "Added ")["text"].endswith("The question is answered now.")
    assert quotations(send(telegram, question)) == [answer]


def test_who_waits_is_told_of_the_sets_of_their_chat_and_a_gap_there_is_no_gap_elsewhere(bot, telegram):
    question = "Who painted the mill of Tarn?"
    for user in (ADMIN, OTHER):
        refused = send(telegram, question, user)
        telegram.answer_to(telegram.press(messages.TELL_EDITORS, refused, user))
    write_texts(bot.folder / "docs", mill="Mill\n\nThe mill of Tarn was painted by Ida Berg.")
    with open_engine(bot.folder / "citebot.db") as engine:
        engine.load([bot.folder / "docs"])
    notice = texts_in("en")(messages.NOW_ANSWERED, question=question)
    assert quotations(telegram.shown(OTHER, notice)) == ["The mill of Tarn was painted by Ida Berg."]
    listed = send(telegram, "/gaps")["text"]
    assert f"{question} (1 time by 1 person" in listed  # it is open where it was asked of the news alone
    with Watches(bot.folder / "citebot.state.db") as watches:
        assert [watch.chat for watch in watches.all()] == [ADMIN]
    write_texts(bot.folder / "news", mill="Mill\n\nIda Berg has painted the mill of Tarn, a reader writes.")
    with open_engine(bot.folder / "citebot.db") as engine:
        engine.load([bot.folder / "news"])
    assert quotations(telegram.shown(ADMIN, notice)) == ["Ida Berg has painted the mill of Tarn, a reader writes."]
    assert question not in send(telegram, "/gaps")["text"]


def test_a_binding_outlives_a_restart_and_follows_a_group_that_becomes_a_supergroup(bot, telegram):
    sender = {"id": ADMIN, "is_bot": False, "first_name": "A"}
    telegram.push(message={"from": sender, "chat": UPGRADED, "migrate_from_chat_id": GROUP["id"]})
    assert asked(telegram, READER, UPGRADED) == [FERRY, OFFICE]
    assert bot.stop() == 0
    bot.start()
    assert asked(telegram, READER, UPGRADED) == [FERRY, OFFICE]
    assert FERRY in asked(telegram)


def test_settings_win_over_bindings_and_a_chat_of_which_they_leave_nothing_gets_no_answers(bot, telegram):
    shown = send(telegram, FERRY)
    send(telegram, "/sets docs news", ADMIN, GROUP)
    bot.stop()
    bot.start(CITEBOT_SETS="docs")
    assert asked(telegram, READER, GROUP) == [WIDGET, OFFICE]  # of docs and news docs are left
    for refused in (send(telegram, FERRY), send(telegram, "/articles"), send(telegram, f"/watch {OFFICE}")):
        assert refused["text"] == messages.SETS_NOT_ASKED
    telegram.press(messages.IN_CONTEXT, shown, ADMIN)
    until(lambda: telegram.conversation(ADMIN, "sendMessage")[-1]["parameters"]["text"] == messages.SETS_NOT_ASKED)
    russian = send(telegram, f"/ask {OFFICE}", READER, UPGRADED, language="ru")
    assert russian["text"] == texts_in("ru")(messages.SETS_NOT_ASKED)
    assert telegram.type_inline(FERRY, ADMIN)["button"]["text"] == messages.INLINE_SETS_NOT_ASKED
    assert "get no answer until" in send(telegram, "/sets")["text"]
    assert send(telegram, "/sets news")["text"].startswith("CITEBOT_SETS does not name the set news.")
    assert messages.TELEGRAM_HELP.partition("\n")[0] in send(telegram, "/help")["text"]
    send(telegram, "/sets all")
    assert asked(telegram) == [WIDGET, OFFICE]
