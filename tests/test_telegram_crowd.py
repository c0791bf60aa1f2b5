"""Many people at once: everybody gets the answer to their own question, in order, and no faster than Telegram allows.

CITEBOT_CROWD is the number of people, 60 by default.
"""

import os
from collections import defaultdict
from itertools import islice, product

import pytest
from conftest import BotProcess
from fake_bot_api.client import group, quotations

from bot.rendering import messages

CROWD = int(os.environ.get("CITEBOT_CROWD") or 60)  # at most 230
PATIENCE = 60.0  # seconds
GROUP, BUSY, HANGING = -3000, 4000, 4100
LIMIT = 4  # questions a minute that one person may ask
SYLLABLES = [one + other for one, other in product("bdfgklmnprstvz", "aeou")]
NAMES = [f"{first}{second}lor".title() for first, second in islice(product(SYLLABLES, SYLLABLES[::-1]), 0, 3000, 13)]


def sentence(number):
    return f"The mill of {NAMES[number]} was built by the carpenter {NAMES[-1 - number][::-1].title()}."


def question(number):
    return f"Who built the mill of {NAMES[number]}?"


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bot")
    (folder / "articles").mkdir()
    for number in range(CROWD):
        text = f"{NAMES[number]}\n\n{sentence(number)}\n\nNothing else is known.\n"
        (folder / "articles" / f"{number}.txt").write_text(text)
    process = BotProcess(folder, telegram.api_url, CITEBOT_QUESTIONS_PER_MINUTE=str(LIMIT))
    try:
        process.running()
        telegram.write("hello", user=1)
        telegram.replies(1)
        yield process
        assert process.stop() == 0
        assert telegram.violations() == []
        assert telegram.limits_broken() == []
        assert "Traceback" not in process.log
    finally:
        process.stop()


def answers(telegram, chat, count):
    found = telegram.requests("sendMessage", count=count, wait=PATIENCE, chat=chat)
    assert len(found) == count
    return found


def last_request(telegram):
    return max(one["number"] for one in telegram.requests())


def test_everybody_is_answered_rightly_in_order(bot, telegram):
    begun = last_request(telegram)
    asked = {
        user: [user - 1000, CROWD + 999 - user] if user % 10 == 0 else [user - 1000]
        for user in range(1000, 1000 + CROWD)
    }
    for user, numbers in asked.items():
        for number in numbers:
            telegram.write(question(number), user=user)
    for number in range(4):
        telegram.write(f"/ask {question(number)}", user=2000 + number, chat=group(GROUP))

    found = telegram.requests("sendMessage", after=begun, count=sum(map(len, asked.values())) + 4, wait=PATIENCE)
    sent = defaultdict(list)
    for one in found:
        sent[one["parameters"]["chat_id"]].append(one)
    for user, numbers in asked.items():
        assert [quotations(one)[0] for one in sent[user]] == list(map(sentence, numbers))
    assert [quotations(one)[0] for one in sent[GROUP]] == list(map(sentence, range(4)))


def test_who_asks_too_much_is_told_so_once_and_answered_up_to_there(bot, telegram):
    for number in range(LIMIT + 5):
        telegram.write(question(number), user=BUSY)
    *answered, told = answers(telegram, BUSY, LIMIT + 1)
    assert [quotations(one)[0] for one in answered] == list(map(sentence, range(LIMIT)))
    beginning = messages.too_many_questions(LIMIT, 1).partition(" Please")[0]
    assert told["text"].startswith(beginning)
    telegram.write("/help", user=BUSY)  # what is no question is answered all the same, and after all of these
    assert not answers(telegram, BUSY, LIMIT + 2)[-1]["text"].startswith(beginning)


def test_who_cannot_be_written_to_keeps_nobody_waiting(bot, telegram):
    telegram.fault("hang", "sendMessage", chat=HANGING, seconds=4)
    telegram.write(question(0), user=HANGING)
    for number in range(12):
        telegram.write(question(number), user=HANGING + 1 + number)
    _, answered = answers(telegram, HANGING, 2)
    others = [answers(telegram, HANGING + 1 + number, 1)[0] for number in range(12)]
    assert [quotations(one)[0] for one in [answered, *others]] == [sentence(0), *map(sentence, range(12))]
    assert max(one["at"] for one in others) < answered["at"]
