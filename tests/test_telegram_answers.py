"""The buttons under an answer as people press them: over real HTTP, after a restart, in groups, and when it is too late."""

import re
import sqlite3
import time
from contextlib import closing

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import buttons, copied, group, parts_of, quotations

from bot.rendering import messages
from bot.state import AnswerLog, Statistics
from retrieval import open_engine

ALLOWED, STRANGER, GROUP = 71, 72, -700
BRIDGE = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."
QUESTION = "Who built the stone bridge of Rivertown?"


class Running:
    """A bot that can be started anew on the same files."""

    def __init__(self, folder, telegram):
        self.folder = folder
        users = ",".join(map(str, [ALLOWED, GROUP, *range(701, 720)]))
        self._begin = lambda: BotProcess(folder, telegram.api_url, CITEBOT_ALLOW=users, CITEBOT_ADMINS="1")
        self.process = self._begin()

    def stop(self):
        return self.process.stop()

    def start(self):
        self.process = self._begin()

    @property
    def log(self):
        return self.process.log

    def load(self, **texts):
        for name, text in texts.items():
            (self.folder / "articles" / f"{name}.md").write_text(text, encoding="utf-8")
        with open_engine(self.folder / "citebot.db") as engine:
            engine.load([self.folder / "articles"])

    def answer_id(self):
        with AnswerLog(self.folder / "citebot.state.db") as log:
            return log.answer_ids(1)[0]


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    running = Running(fill_store(tmp_path_factory.mktemp("bot")), telegram)
    telegram.write("/help", user=ALLOWED)
    telegram.replies(ALLOWED)  # it has loaded
    running.load(
        lakes="# Lakes\n\n## Depths\n\nThese lakes are deep.\n\n| Lake | Depth |\n|---|---|\n| Orrin | 281 m |\n| Lume | 17 m |\n"
    )
    with ended_well(running, telegram):
        yield running


def ask(telegram, user, question=QUESTION, **where):
    chat = where["chat"]["id"] if "chat" in where else user
    number = len(telegram.conversation(chat, "sendMessage"))
    telegram.write(question, user=user, **where)
    return telegram.message(chat, telegram.replies(chat, number + 1)[-1]["result_id"])


def press(telegram, label, message, user):
    """Press a button; return the message after the edit that follows."""
    edits = len(telegram.conversation(message["chat"]["id"], "editMessageText"))
    assert telegram.answer_to(telegram.press(label, message, user)) == ""
    telegram.requests("editMessageText", count=edits + 1, wait=20, chat=message["chat"]["id"])
    return telegram.message(message["chat"]["id"], message["message_id"])


def press_and_see_buttons(telegram, label, message, user, said):
    """Press a button; return the message after its buttons have changed."""
    edits = len(telegram.conversation(user, "editMessageReplyMarkup"))
    assert telegram.answer_to(telegram.press(label, message, user)) == said
    telegram.requests("editMessageReplyMarkup", count=edits + 1, wait=20, chat=user)
    return telegram.message(user, message["message_id"])


def without_buttons(telegram, message):
    """Wait until the buttons of a message are taken away, the first time that happens in its chat or the next."""
    chat = message["chat"]["id"]
    for seconds in range(20):
        now = telegram.message(chat, message["message_id"])
        if "reply_markup" not in now:
            break
        telegram.requests("editMessageReplyMarkup", count=seconds + 1, wait=1, chat=chat)
    return now


def test_an_answer_has_buttons_whose_data_name_it_and_copy_works_without_the_bot(bot, telegram):
    answer = ask(telegram, 701)
    assert list(buttons(answer)) == [messages.IN_CONTEXT, messages.WHY, messages.MORE, "👍", "👎"]
    assert set(buttons(answer).values()) == {
        f"{what}0:{bot.answer_id()}:1:{page}" for what, page in zip("cwmux", "00100", strict=True)
    }
    link = "https://news.example.org/bridge?a=1&b=2#:~:text=The%20stone%20bridge,mason%20Anna%20Stone"
    assert copied(answer) == f"“{BRIDGE}”\n— The bridge of Rivertown, {link}"
    assert list(buttons(ask(telegram, 701, "How tall is Mount Everest?"))) == [messages.TELL_EDITORS]
    assert "reply_markup" not in ask(telegram, 701, "hello")


def test_every_button_works_after_a_restart_and_leads_back(bot, telegram):
    answer = ask(telegram, 702)
    assert bot.stop() == 0
    bot.start()
    around = press(telegram, messages.IN_CONTEXT, answer, 702)
    assert quotations(around)[0].split("\n\n") == [
        "Rivertown has one old bridge over the river Lume.",
        f"{BRIDGE} It has five arches and two towers.",
        "A flood took the western tower away in the winter of 1809.",
    ]
    assert parts_of(around, "bold") == [BRIDGE]
    same = press(telegram, messages.BACK, around, 702)
    assert (same["text"], same["entities"], same["reply_markup"]) == (
        answer["text"], answer["entities"], answer["reply_markup"],
    )  # fmt: skip
    why = press(telegram, messages.WHY, same, 702)
    assert why["text"].startswith(answer["text"])
    assert "• Words of your question in the sentence: “built”, “stone”, “bridge”, “rivertown”." in why["text"]
    more = press(telegram, messages.MORE, why, 702)
    assert more["text"].startswith(f"{messages.LESS_LIKELY}\n")
    assert BRIDGE not in quotations(more)
    assert messages.WHY not in buttons(more)
    assert press(telegram, messages.BACK, more, 702)["text"] == answer["text"]


def test_what_was_shown_later_can_be_verified_too(bot, telegram):
    more = press(telegram, messages.MORE, ask(telegram, 703), 703)
    with AnswerLog(bot.folder / "citebot.state.db") as log:
        cited = [one.text for one in log.answer(bot.answer_id()).citations]
    assert cited[0] == BRIDGE
    assert cited[1:] == [text.splitlines()[-1] for text in quotations(more)]


def test_a_row_of_a_table_is_shown_in_its_table(bot, telegram):
    around = press(telegram, messages.IN_CONTEXT, ask(telegram, 704, "How deep is the lake Orrin?"), 704)
    assert parts_of(around, "pre") == ["| Lake | Depth |\n| Orrin | 281 m |\n| Lume | 17 m |"]
    assert "· Depths ·" in around["text"]


def test_in_a_group_everybody_who_may_ask_there_may_press_and_has_one_vote(bot, telegram):
    answer = ask(telegram, STRANGER, f"/ask {QUESTION}", chat=group(GROUP))
    for user, label in ((STRANGER, "👍"), (ALLOWED, "👍"), (STRANGER, "👎"), (STRANGER, "👎")):
        said = telegram.answer_to(telegram.press(label, answer, user))
        assert said == (messages.VOTED_HELPFUL if label == "👍" else messages.VOTED_NOT_HELPFUL)
    with AnswerLog(bot.folder / "citebot.state.db") as log:
        votes = log.votes(bot.answer_id())
    assert (votes.up, votes.down) == (1, 1)
    assert parts_of(press(telegram, messages.IN_CONTEXT, answer, ALLOWED), "bold") == [BRIDGE]


def test_in_private_a_vote_against_an_answer_asks_once_what_was_wrong(bot, telegram):
    answer = ask(telegram, 711)
    asking = press_and_see_buttons(telegram, "👎", answer, 711, messages.WHAT_WAS_WRONG)
    reasons = [messages.NOT_THE_ANSWER, messages.OUT_OF_DATE, messages.WRONG_SOURCE, messages.OTHER_REASON]
    assert list(buttons(asking)) == [*buttons(answer), *reasons]
    again = press_and_see_buttons(telegram, messages.OUT_OF_DATE, asking, 711, messages.REASON_NOTED)
    assert buttons(again) == buttons(answer)
    assert telegram.answer_to(telegram.press("👎", again, 711)) == messages.VOTED_NOT_HELPFUL
    with Statistics(bot.folder / "citebot.state.db") as statistics:
        assert statistics.figures().reasons == {"out of date": 1}
    assert telegram.answer_to(telegram.press("👍", again, 711)) == messages.VOTED_HELPFUL
    asking = press_and_see_buttons(telegram, "👎", again, 711, messages.WHAT_WAS_WRONG)
    data = buttons(asking)[messages.OTHER_REASON]
    assert telegram.answer_to(telegram.press_data(data, ask(telegram, 712), 712)) == messages.NOT_YOUR_BUTTON


def test_who_may_not_ask_may_not_press_and_data_made_up_find_nothing(bot, telegram):
    answer = ask(telegram, 705)
    data = buttons(answer)[messages.WHY]
    foreign = answer | {"chat": {"id": STRANGER, "type": "private", "first_name": "S"}}
    assert telegram.answer_to(telegram.press_data(data, foreign, STRANGER)) == messages.NOT_YOUR_BUTTON
    assert (
        telegram.answer_to(telegram.press_data(data.replace("w0:", f"w{705:x}:"), answer, 705))
        == messages.NOT_YOUR_BUTTON
    )
    for made_up in ("w0:0000000000:1:0", "u0:0000000000:1:0", "m0:x", "c0:"):
        fresh = ask(telegram, 705)
        assert telegram.answer_to(telegram.press_data(made_up, fresh, 705)) == messages.ANSWER_FORGOTTEN
        assert "reply_markup" not in without_buttons(telegram, fresh)


def test_an_answer_that_is_forgotten_says_so_and_loses_its_buttons(bot, telegram):
    answers = [ask(telegram, 706) for _ in range(2)]
    with closing(sqlite3.connect(bot.folder / "citebot.state.db", isolation_level=None)) as state:
        state.execute("PRAGMA foreign_keys = ON")
        state.execute("DELETE FROM questions")
    for answer, label in zip(answers, (messages.MORE, "👍"), strict=True):
        assert telegram.answer_to(telegram.press(label, answer, 706)) == messages.ANSWER_FORGOTTEN
        assert "reply_markup" not in without_buttons(telegram, answer)


@pytest.mark.parametrize(
    ("change", "note"), [("changed", messages.ARTICLE_CHANGED), ("removed", messages.ARTICLE_REMOVED)]
)
def test_an_answer_whose_article_is_another_one_now_says_so_below_itself(bot, telegram, change, note):
    bot.load(pond=f"# Pond\n\nThe pond of {change} Umberly is home to nine newts.\n")
    answer = ask(telegram, 707, f"How many newts live in the pond of {change} Umberly?")
    assert "nine newts" in answer["text"]
    if change == "changed":
        bot.load(pond="# Pond\n\nThe pond has dried up. Nobody swims there any more.\n")
    else:
        with open_engine(bot.folder / "citebot.db") as engine:
            engine.remove("pond")
    late = press(telegram, messages.IN_CONTEXT, answer, 707)
    assert late["text"] == f"{answer['text']}\n\n{note}"
    assert "reply_markup" not in late


def test_a_private_answer_names_its_question_if_that_is_old_or_several_wait(bot, telegram):
    assert "reply_to_message" not in ask(telegram, 708)
    late = telegram.write(QUESTION, user=709, date=int(time.time()) - 90)
    assert telegram.replies(709)[0]["parameters"]["reply_parameters"]["message_id"] == late["message_id"]
    assert bot.stop() == 0
    questions = [
        telegram.write(text, user=710) for text in (QUESTION, "What does the Blue Glacier lose?", "Who is Xaver?")
    ]
    bot.start()
    answers = telegram.replies(710, 3)
    named = [one["parameters"]["reply_parameters"]["message_id"] for one in answers]
    assert named == [one["message_id"] for one in questions]
    assert "reply_to_message" not in ask(telegram, 711)


@pytest.mark.parametrize("title", ["🇩🇪" * 130, "👩‍👩‍👧‍👦" * 60, "👍🏽" * 80])
def test_a_title_is_cut_between_what_people_see_as_characters(bot, telegram, title):
    bot.load(emoji=f"---\ntitle: {title}\n---\nThe flags of Vexillonia fly over nineteen castles.\n")
    answer = ask(telegram, 712, "How many castles do the flags of Vexillonia fly over?")
    shown = re.search(r"— (.*?)… ·", answer["text"])[1]
    assert len(shown) > 50
    assert shown.replace(title[: len(title) // {"🇩": 130, "👩": 60, "👍": 80}[title[0]]], "") == ""


@pytest.mark.parametrize("command", ["/start", "/help"])
def test_newcomers_get_an_example_from_the_articles_as_a_button_that_asks_it_after_a_restart_too(
    bot, telegram, command
):
    bot.load(faq="# Ferry\n\n## Questions\n\n### Where does the Umberly ferry land?\n\nThe ferry lands at Cold Quay.\n")
    welcome = ask(telegram, 713, command)
    assert list(buttons(welcome)) == ["Where does the Umberly ferry land?"]
    if command == "/help":
        assert bot.stop() == 0
        bot.start()
    sent = len(telegram.conversation(713, "sendMessage"))
    assert telegram.answer_to(telegram.press("Where does the Umberly ferry land?", welcome, 713)) == ""
    answer = telegram.replies(713, sent + 1)[-1]
    assert "The ferry lands at Cold Quay." in answer["text"]
    assert bot.answer_id() in str(answer["parameters"]["reply_markup"])
    forged = telegram.press_data("e0:", ask(telegram, 713), 713)
    assert telegram.answer_to(forged) == messages.BUTTON_TOO_OLD


def test_the_buttons_of_a_follow_up_show_what_it_was_answered_with(bot, telegram):
    ask(telegram, 714)
    answer = ask(telegram, 714, "and when?")
    assert "1721" in answer["text"]
    around = press(telegram, messages.IN_CONTEXT, answer, 714)
    assert BRIDGE in parts_of(around, "bold")
    assert quotations(press(telegram, messages.BACK, around, 714)) == quotations(answer)


def test_what_a_follow_up_took_over_can_be_dropped_by_a_button_also_after_a_restart(bot, telegram):
    first = ask(telegram, 716)
    answer = ask(telegram, 716, "and when?")
    (label,) = (label for label in buttons(answer) if label.startswith("Without: "))
    assert answer["text"].startswith(f"About: {label.removeprefix('Without: ').removesuffix('…')}")
    assert bot.stop() == 0
    bot.start()
    alone = press(telegram, label, answer, 716)
    assert (alone["text"], "reply_markup" in alone) == (messages.WHOLE_QUESTION, False)
    assert "1721" in ask(telegram, 716, "and when?")["text"]  # what was asked before is not forgotten with it
    stranger = ask(telegram, 717, "hello")
    assert telegram.answer_to(telegram.press_data("a0:", stranger, 717)) == messages.ANSWER_FORGOTTEN
    assert not any(label.startswith("Without: ") for label in buttons(first))
