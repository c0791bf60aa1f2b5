"""Whenever the bot is killed, each question is answered, and at most CITEBOT_WORKERS of them are answered twice.

CITEBOT_KILLS is the number of kills, 4 by default; `pytest -s` shows what became of the questions.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import BotProcess, fill_store
from fake_bot_api.client import PATIENCE, TOKEN, FakeTelegram, buttons, quotations

from bot.state import AnswerLog, Inbox, Watch, Watches

KILLS = int(os.environ.get("CITEBOT_KILLS") or 4)
OPEN = 20  # questions, each of another user
SLOTS = 8  # CITEBOT_WORKERS when nothing is said
SLOW = 0.1  # seconds that Telegram takes to say that a message is sent: if the bot is killed then, it cannot know
QUIET = 1.5  # seconds in the end, for what is answered twice
QUESTION = "Who built the stone bridge of Rivertown?"


class Kill(NamedTuple):
    """What became of the questions that were there when a bot was killed, in numbers of questions."""

    open: int
    lost: int
    twice: int


@pytest.fixture
def telegram():
    server = FakeTelegram()
    try:
        server.fault("slow", "sendMessage", seconds=SLOW, times=10**6)
        yield server
    finally:
        server.close()


def kill_often(telegram, start, patience, kills=KILLS, is_settled=lambda: True):
    """Kill a bot under open questions and start it again, time after time, once nothing of the last time is left to do.

    A question is lost when it is not answered `patience` seconds after a later one, which the next bot was asked.
    """
    chance, rounds, process = random.Random(20), [], start()
    try:
        await_answer(telegram, 1)
        for number in range(1, kills + 1):
            users = range(1000 * number, 1000 * number + OPEN)
            for user in users:
                telegram.write(QUESTION, user=user)
            await_answers(telegram, users, chance.randrange(OPEN - 2), PATIENCE)
            time.sleep(chance.uniform(0, SLOW))
            process.kill()
            process.wait()
            rounds.append((users, OPEN - len(set(answers(telegram, users)))))
            process = start()
            await_answer(telegram, 1000 * number + OPEN)
            await_answers(telegram, users, OPEN, patience)
            until(is_settled)
        time.sleep(QUIET)
    finally:
        process.kill()
        process.wait()
    sent = [answers(telegram, users) for users, _ in rounds]  # only now: what comes twice may come late
    return [
        Kill(unanswered, OPEN - len(set(found)), len(found) - len(set(found)))
        for (_, unanswered), found in zip(rounds, sent, strict=True)
    ]


def await_answer(telegram, user):
    telegram.write(QUESTION, user=user)
    telegram.replies(user)


def await_answers(telegram, users, number, longest):
    """Return once so many of the users are answered, or after `longest` seconds."""
    end = time.monotonic() + longest
    while len(set(answers(telegram, users))) < number and time.monotonic() < end:
        time.sleep(0.02)


def answers(telegram, users):
    """The users to whom messages went, as often as any did."""
    sent = telegram.requests("sendMessage")
    return [chat for one in sent if (chat := one["parameters"]["chat_id"]) in users and one["result_id"]]


def tell(name, kills):
    questions = f"{sum(kill.open for kill in kills)} open questions"
    lost, twice, most = sum(kill.lost for kill in kills), sum(kill.twice for kill in kills), max(k.twice for k in kills)
    print(
        f"\n{name}: {len(kills)} kills, {questions}, {lost} lost, {twice} answered twice, at most {most} after a kill"
    )


def test_killed_at_any_moment_the_bot_loses_no_question_and_answers_few_twice(telegram, tmp_path):
    folder = fill_store(tmp_path)
    with Inbox(folder / "citebot.state.db") as inbox:
        kills = kill_often(
            telegram,
            lambda: BotProcess(folder, telegram.api_url).process,
            PATIENCE,
            is_settled=lambda: not inbox.waiting(),
        )
    tell("citebot", kills)
    assert [kill.lost for kill in kills] == [0] * KILLS
    assert max(kill.twice for kill in kills) <= SLOTS
    assert sum(kill.open for kill in kills) > KILLS  # most were killed with something to do
    assert {"1721" in quotations(one)[0] for one in telegram.requests("sendMessage")} == {True}
    assert telegram.violations() == []


def test_killed_at_any_moment_the_bot_tells_who_waits_once_but_for_the_notice_being_sent(telegram, tmp_path):
    folder, users = fill_store(tmp_path), range(1, OPEN + 1)
    for user in users:
        telegram.write("thanks", user=user)  # so that there is a chat
    with Watches(folder / "citebot.state.db") as watches:
        for user in users:
            assert watches.add(Watch(0, user, "en", QUESTION, None, None, once=True))
        for number in range(1, KILLS + 1):
            process = BotProcess(folder, telegram.api_url).process
            until(lambda number=number: len(notices(telegram)) >= number * OPEN // (KILLS + 1))
            process.kill()
            process.wait()
        last = BotProcess(folder, telegram.api_url)
        try:
            until(lambda: not watches.all())
            time.sleep(QUIET)
        finally:
            assert last.stop() == 0
    told = notices(telegram)
    print(f"\nnotices: {KILLS} kills, {OPEN - len(set(told))} of {OPEN} lost, {len(told) - len(set(told))} told twice")
    assert set(told) == set(users)
    assert len(told) - OPEN <= KILLS


def notices(telegram):
    """The people who were told that their question is answered, as often as they were."""
    sent = [one["parameters"] for one in telegram.requests("sendMessage") if one["result_id"]]
    return [one["chat_id"] for one in sent if one["text"].startswith("You asked “")]


def until(happened):
    """Wait until a function returns something true."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_killed_at_any_moment_the_bot_keeps_each_vote_that_it_thanked_for(telegram, tmp_path):
    folder, thanked = fill_store(tmp_path), set()
    for number in range(KILLS):
        users = range(1000 * number + 1, 1000 * number + OPEN + 1)
        process = BotProcess(folder, telegram.api_url).process
        for user in users:
            telegram.write(QUESTION, user=user)
        await_answers(telegram, users, OPEN, PATIENCE)
        pressed = {}
        for user in users:
            answer = telegram.message(user, telegram.conversation(user, "sendMessage")[-1]["result_id"])
            pressed[telegram.press("👍", answer, user)["id"]] = buttons(answer)["👍"].split(":")[1]
        telegram.requests("answerCallbackQuery", count=len(thanked) + OPEN // 2, wait=PATIENCE)
        process.kill()
        process.wait()
        said = [one["parameters"] for one in telegram.requests("answerCallbackQuery") if one["parameters"].get("text")]
        thanked |= {(pressed[one["callback_query_id"]]) for one in said if one["callback_query_id"] in pressed}
    assert len(thanked) >= KILLS * OPEN // 2
    with AnswerLog(folder / "citebot.state.db") as log:
        assert [answer for answer in thanked if log.votes(answer).up != 1] == []


def test_plain_python_telegram_bot_loses_questions_in_the_same_harness(telegram):
    command = [sys.executable, str(Path(__file__).with_name("plain_bot.py")), telegram.api_url, TOKEN]
    kills = kill_often(
        telegram, lambda: subprocess.Popen(command), patience=0, kills=2
    )  # it answers in the order of asking
    tell("python-telegram-bot", kills)
    assert sum(kill.lost for kill in kills) > 0
