"""Editors close gaps: what is not answered is listed, a reply becomes an article, and who waits is told; over real HTTP."""

import time

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, buttons, private_chat, quotations

from bot.rendering import digest_messages, gap_messages, messages
from bot.rendering.texts import texts_in
from bot.state import AnswerLog, Digests, Watches
from bot.telegram.jobs.digest import DAY, WEEK
from retrieval import open_engine

EDITOR, READER, OTHER, WATCHER, BLOCKED = 985, 986, 987, 988, 989
PARKING = "How much does parking at Umberly station cost?"
ANSWER = "Parking at Umberly station costs two crowns an hour."
BRIDGE = "Who built the stone bridge of Rivertown?"

POINTED = {
    "English": (
        "en",
        "How dear is a motorbike at Zellwood?",
        """---
title: The terminus
url: https://example.org/en?page=1
published: 2021-03-04
---
The terminus was built of red bricks.

Whoever stays beside it for an hour pays seven crowns.
""",
    ),
    "Russian": (
        "ru",
        "Сколько стоит оставить мотоцикл в Зельвуде?",
        """---
title: Конечная
url: https://example.org/ru?page=1
---
Конечная построена из красного кирпича.

За час стоянки рядом с ней берут семь крон, сколько бы ни было колёс.
""",
    ),
}


class Running:
    """A bot that can be killed and started anew on the same files."""

    def __init__(self, folder, telegram):
        self.folder = folder
        self._begin = lambda: BotProcess(folder, telegram.api_url, CITEBOT_ADMINS=str(EDITOR))
        self.process = self._begin()

    def stop(self):
        return self.process.stop()

    def start(self):
        self.process = self._begin()

    @property
    def log(self):
        return self.process.log


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    running = Running(fill_store(tmp_path_factory.mktemp("bot")), telegram)
    with ended_well(running, telegram):
        yield running


def ask(telegram, user, question, **more):
    number = len(telegram.conversation(user, "sendMessage"))
    telegram.write(question, user=user, **more)
    return telegram.message(user, telegram.replies(user, number + 1)[-1]["result_id"])


def load(bot, name, text):
    (bot.folder / "articles" / f"{name}.md").write_text(text, encoding="utf-8")
    with open_engine(bot.folder / "citebot.db") as engine:
        engine.load([bot.folder / "articles"])


def watches(bot, user):
    with Watches(bot.folder / "citebot.state.db") as all_watches:
        return all_watches.of(user)


def test_a_gap_is_told_to_the_editors_answered_by_one_and_told_to_who_asked(bot, telegram):
    refused = ask(telegram, READER, PARKING, language="ru")
    russian = texts_in("ru")
    label = messages.TELL_EDITORS  # in the language of what was typed, while what the bot says later is in the reader's
    assert list(buttons(refused)) == [label]
    assert telegram.answer_to(telegram.press(label, refused, READER, language_code="ru")) == russian(
        messages.EDITORS_TOLD
    )
    ask(telegram, OTHER, "What does the parking at Umberly station cost?")
    ask(telegram, OTHER, "Where do the whales of Zembla sleep?")

    listed = ask(telegram, EDITOR, "/gaps")
    assert listed["text"].startswith("2 questions without a good answer")
    assert "1. What does the parking at Umberly station cost? (2 times by 2 people, last on " in listed["text"]
    assert ask(telegram, EDITOR, ANSWER, reply_to_message=listed)["text"] == gap_messages.WHICH_GAP
    telegram.press("1", listed, EDITOR)
    opened = telegram.shown(EDITOR, "What does the parking at Umberly station cost?")
    assert f"also: {PARKING}" in opened["text"]
    assert opened["text"].endswith(gap_messages.HOW_TO_CLOSE)

    written = telegram.write(ANSWER, user=EDITOR, reply_to_message=opened)
    told = telegram.shown(EDITOR, "Added ")
    assert told["text"].endswith("All 2 wordings are answered now.")
    notice = telegram.shown(READER, russian(messages.NOW_ANSWERED, question=PARKING))
    assert quotations(notice) == [ANSWER]
    until(lambda: not watches(bot, READER))
    assert telegram.answer_to(telegram.press("👍", notice, READER)) == messages.VOTED_HELPFUL
    with AnswerLog(bot.folder / "citebot.state.db") as log:
        assert [one.question for one in log.open_questions()][:1] == ["Where do the whales of Zembla sleep?"]

    telegram.push(edited_message=written | {"text": ANSWER.replace("two", "three"), "edit_date": written["date"] + 1})
    told = telegram.shown(EDITOR, "Changed ")
    assert told["text"].endswith("The question is answered now.")
    assert quotations(ask(telegram, OTHER, PARKING)) == [ANSWER.replace("two", "three")]

    telegram.send_document(
        "parking.txt", b"Parking\n\nThe car park has a roof.\n", EDITOR, caption="see here", reply_to_message=opened
    )
    telegram.shown(EDITOR, "Add parking.txt")

    closed = ask(telegram, EDITOR, "/gaps")
    assert closed["text"].startswith("1 question without a good answer")
    telegram.press("1", closed, EDITOR)
    opened = telegram.shown(EDITOR, "Where do the whales of Zembla sleep?")
    telegram.press(gap_messages.DISMISS, opened, EDITOR)
    telegram.shown(EDITOR, "No unanswered questions are on record.")


def opened_gap(telegram, question):
    """The gap of a question, opened by the editor."""
    listed = ask(telegram, EDITOR, "/gaps")
    number = next(line.partition(".")[0] for line in listed["text"].splitlines() if question in line)
    telegram.press(number, listed, EDITOR)
    return telegram.shown(EDITOR, question)


@pytest.mark.parametrize(("language", "question", "article"), POINTED.values(), ids=POINTED)
def test_an_editor_points_to_an_article_and_the_sentence_that_they_choose_is_told_with_its_source(
    bot, telegram, language, question, article
):
    reader = 1000 + len(language + question)
    refused = ask(telegram, reader, question, language=language)
    (label,) = buttons(refused)
    telegram.answer_to(telegram.press(label, refused, reader, language_code=language))
    load(bot, f"terminus-{language}", article)
    assert watches(bot, reader)  # which finds no answer in it
    gap = opened_gap(telegram, question)
    address = f"http://www.example.org/{language}/?utm_source=chat&page=1#prices"
    assert (
        ask(telegram, EDITOR, address.replace("=1", "=2"), reply_to_message=gap)["text"] == gap_messages.NO_SUCH_ADDRESS
    )
    chosen = ask(telegram, EDITOR, address, reply_to_message=gap)
    sentence = article.rpartition("\n\n")[2].strip()
    number = next(line.partition(".")[0] for line in chosen["text"].splitlines() if sentence in line)
    telegram.answer_to(telegram.press(number, chosen, EDITOR))
    until(lambda: "answered now." in telegram.message(EDITOR, chosen["message_id"])["text"])
    notice = telegram.shown(reader, texts_in(language)(messages.NOW_ANSWERED, question=question))
    assert quotations(notice) == [sentence]
    (link,) = [one["url"] for one in notice["entities"] if one["type"] == "text_link"]
    assert link.startswith(f"https://example.org/{language}?page=1#:~:text=")
    until(lambda: not watches(bot, reader))

    closed = ask(telegram, EDITOR, address, reply_to_message=gap)
    assert closed["text"] == gap_messages.CLOSED
    assert quotations(ask(telegram, OTHER, question))[:1] == [sentence]
    assert len([one for one in telegram.conversation(reader, "sendMessage") if one["code"] == 200]) == 2


def test_a_citation_that_the_bot_made_answers_another_question_at_once(bot, telegram):
    question = "Whose work is the viaduct at Quellmouth?"
    refused = ask(telegram, READER, question)
    telegram.answer_to(telegram.press(messages.TELL_EDITORS, refused, READER))
    cited = ask(telegram, EDITOR, BRIDGE)
    gap = opened_gap(telegram, question)
    by_bot = {"forward_origin": {"type": "user", "sender_user": cited["from"], "date": 1}}
    number = len(telegram.conversation(EDITOR, "sendMessage"))
    forwarded = {"text": cited["text"], "entities": cited["entities"], "reply_to_message": gap, **by_bot}
    sender = {"id": EDITOR, "is_bot": False, "first_name": "E"}
    telegram.push(message={"from": sender, "chat": private_chat(EDITOR), **forwarded})
    added = telegram.replies(EDITOR, number + 1)[-1]["result_id"]
    until(lambda: "The question is answered now." in telegram.message(EDITOR, added)["text"])
    notice = telegram.shown(READER, texts_in("en")(messages.NOW_ANSWERED, question=question))
    assert quotations(notice) == quotations(cited)[:1]
    assert "The bridge of Rivertown" in notice["text"]
    shown = [one for one in telegram.conversation(READER, "sendMessage") if question in one["parameters"]["text"]]
    assert len(shown) == 1


def test_gaps_are_for_admins_and_a_reply_of_anybody_else_is_a_question(bot, telegram):
    assert ask(telegram, READER, "/gaps")["text"] == messages.UNKNOWN_COMMAND
    data = f"h{READER:x}:0000000000:0"
    shown = ask(telegram, READER, BRIDGE)
    assert telegram.answer_to(telegram.press_data(data, shown, READER)) == messages.NOT_YOUR_BUTTON
    forged = shown | {
        "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": f"i{READER:x}:0000000000:0"}]]}
    }
    ask(telegram, READER, "Umberly belongs to me.", reply_to_message=forged)
    with open_engine(bot.folder / "citebot.db") as engine:
        assert not [one for one in engine.articles() if one.title == "Umberly belongs to me."]


def test_who_watches_an_answer_is_told_each_time_that_it_changes_also_after_a_kill(bot, telegram):
    assert ask(telegram, WATCHER, "/watch")["text"] == messages.WATCH_USAGE
    assert ask(telegram, WATCHER, "/watching")["text"] == messages.WATCHES_NONE
    load(bot, "ferry", "# Ferry\n\nThe ferry to Orrin leaves at nine in the morning.\n")
    question = "When does the ferry to Orrin leave?"
    ask(telegram, WATCHER, question)
    assert ask(telegram, WATCHER, "/watch")["text"].startswith("I will write to you when the answer to “When does")
    load(bot, "ferry", "# Ferry\n\nThe ferry to Orrin leaves at ten in the morning.\n")
    notice = telegram.shown(WATCHER, texts_in("en")(messages.ANSWER_CHANGED, question=question))
    assert [text.partition(" in the")[0] for text in quotations(notice)[:2]] == [
        "The ferry to Orrin leaves at nine",
        "The ferry to Orrin leaves at ten",
    ]
    bot.process.process.kill()
    bot.process.process.wait()
    load(bot, "ferry", "# Ferry\n\nThe ferry to Orrin leaves at eleven in the morning.\n")
    bot.start()
    until(lambda: "at eleven" in last(telegram, WATCHER))
    listed = ask(telegram, WATCHER, "/watching")
    assert "1. When does the ferry to Orrin leave?" in listed["text"]
    assert telegram.answer_to(telegram.press("1", listed, WATCHER)) == messages.WATCH_ENDED
    telegram.shown(WATCHER, messages.WATCHES_NONE)
    assert watches(bot, WATCHER) == []


def test_a_question_can_be_watched_in_one_message_and_is_not_taken_for_the_one_before(bot, telegram):
    asker = 990
    ask(telegram, asker, BRIDGE)
    assert f"“{PARKING}”" in ask(telegram, asker, f"/watch  {PARKING}")["text"]
    assert ask(telegram, asker, "/watch thanks")["text"] == messages.WATCH_USAGE
    assert f"“{BRIDGE}”" in ask(telegram, asker, "/watch")["text"]  # the latest that was asked
    assert [watch.question for watch in watches(bot, asker)] == [PARKING, BRIDGE]


def last(telegram, user):
    return telegram.conversation(user, "sendMessage")[-1]["parameters"]["text"]


def until(happened):
    """Wait until a function returns something true."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.2)


def test_who_blocked_the_bot_is_forgotten(bot, telegram):
    refused = ask(telegram, BLOCKED, "How many seals live in the Quendale aquarium?")
    telegram.answer_to(telegram.press(messages.TELL_EDITORS, refused, BLOCKED))
    assert len(watches(bot, BLOCKED)) == 1
    telegram.fault("403", "sendMessage")
    load(bot, "aquarium", "# Aquarium\n\nThe Quendale aquarium has nine seals.\n")
    until(lambda: not watches(bot, BLOCKED))


def test_a_digest_comes_when_it_is_due_to_admins_alone_and_is_put_off_a_week(bot, telegram):
    assert ask(telegram, EDITOR, "/digest")["text"] == digest_messages.USAGE
    assert ask(telegram, EDITOR, "/digest off")["text"] == digest_messages.NOT_ORDERED
    assert ask(telegram, EDITOR, "/digest weekly")["text"] == digest_messages.ORDERED
    assert ask(telegram, READER, "/digest weekly")["text"] == messages.UNKNOWN_COMMAND
    assert buttons(ask(telegram, OTHER, "Which whales of Zembla sing?"))[messages.TELL_EDITORS]
    bot.stop()
    with Digests(bot.folder / "citebot.state.db") as digests:
        overdue = time.time() - 10 * DAY
        digests.order(EDITOR, overdue)
        digests.order(READER, overdue)  # an admin once
        bot.start()
        digest = telegram.shown(EDITOR, "The last week: ")
        assert "Which whales of Zembla sing? (1 time by 1 person" in digest["text"]
        until(lambda: not digests.due(time.time()))
        assert digests.due(overdue + 2 * WEEK) == [(EDITOR, overdue + 2 * WEEK)]
    assert not any(
        "The last week" in sent["parameters"]["text"] for sent in telegram.conversation(READER, "sendMessage")
    )
    assert ask(telegram, EDITOR, "/digest off")["text"] == digest_messages.ENDED
