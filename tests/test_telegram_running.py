"""How the bot starts and ends, each test with a bot of its own: what fails at first, what is in hand at the end."""

import time

from conftest import BotProcess, fill_store
from fake_bot_api.client import PATIENCE, quotations

from bot.rendering import alert_messages, operator_messages

QUESTION = "Who built the stone bridge of Rivertown?"
ANSWER = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."


def until(is_so, what):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def ask(telegram, user, count=1):
    telegram.write(QUESTION, user=user)
    assert quotations(telegram.replies(user, count)[-1]) == [ANSWER]


def in_hand(telegram, user):
    """Wait until an answer is on its way to somebody whom a fault awaits there."""
    telegram.write(QUESTION, user=user)
    until(lambda: not telegram.faults(), "nothing was sent")


def test_what_fails_while_the_bot_starts_is_tried_again_and_told_once(telegram, tmp_path):
    telegram.fault("502", "getMe", times=2)
    telegram.fault("400", "setMyCommands")
    telegram.fault("400", "deleteWebhook", description="Bad Request: not now")
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        ask(telegram, 1)
        assert process.log.count(operator_messages.NOT_REACHED) == 1
        assert process.log.count("Not now") == 1
        assert process.log.count("@cite_test_bot is running.") == 1
        assert process.stop() == 0
    finally:
        process.stop()


def test_proxies_that_are_not_for_the_bot_do_not_end_it(telegram, tmp_path):
    elsewhere = {"ALL_PROXY": "socks5://127.0.0.1:1", "NO_PROXY": "127.0.0.1"}
    process = BotProcess(fill_store(tmp_path), telegram.api_url, **elsewhere)
    try:
        ask(telegram, 2)
        assert process.stop() == 0
    finally:
        process.stop()


def test_a_second_bot_on_the_same_state_ends_at_once_and_says_why(telegram, tmp_path):
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        ask(telegram, 3)
        polls = len(telegram.requests("getUpdates"))
        second = BotProcess(tmp_path, telegram.api_url)
        assert second.process.wait(PATIENCE) == 1
        assert f"Another `citebot telegram` (process {process.process.pid}) is using" in second.log.splitlines()[-1]
        assert "Traceback" not in second.log
        assert len(telegram.requests("getUpdates")) == polls  # it has not taken a single update away
        ask(telegram, 3, 2)
        assert process.stop() == 0
    finally:
        process.stop()


def test_what_is_in_hand_when_the_bot_is_ended_is_answered_first_and_once(telegram, tmp_path):
    telegram.fault("slow", "sendMessage", chat=4, seconds=2)
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        in_hand(telegram, 4)
        telegram.write(QUESTION, user=4)  # in the same chat: its turn has not come
        until(lambda: process.log.count("] received") == 1, "nothing is in hand")
        assert process.stop() == 0
        assert alert_messages.finishing(1) in process.log
        assert len(telegram.replies(4)) == 1
        second = BotProcess(tmp_path, telegram.api_url)
        try:
            ask(telegram, 5)
            assert len(telegram.replies(4, 2)) == 2
        finally:
            assert second.stop() == 0
    finally:
        process.stop()


def test_what_only_waits_for_its_time_when_the_bot_is_ended_is_answered_by_the_next(telegram, tmp_path):
    telegram.fault("429", "sendMessage", chat=6, seconds=45)
    process = BotProcess(fill_store(tmp_path), telegram.api_url)
    try:
        in_hand(telegram, 6)
        assert process.stop() == 0  # and not by force, after BotProcess has lost its patience
        assert "Traceback" not in process.log
        second = BotProcess(tmp_path, telegram.api_url)
        try:
            until(lambda: len(telegram.requests("sendMessage", chat=6)) == 2, "it was not answered")
            assert quotations(telegram.replies(6, 2)[-1]) == [ANSWER]
        finally:
            assert second.stop() == 0
    finally:
        process.stop()
