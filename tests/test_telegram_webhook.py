"""The bot in webhook mode, as a process; the fake server posts to it as Telegram would through a reverse proxy."""

import json
import time
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from conftest import BotProcess, fill
from fake_bot_api.client import PATIENCE, TOKEN, FakeTelegram, quotations
from test_webhook import HEADER, SECRET, free_port

QUESTION = "What does the Blue Glacier lose every summer?"
ANSWER = "The Blue Glacier loses nine metres of ice every summer."


class Hooked:
    """A bot with a webhook, which may be started again at the same address, and a server of its own."""

    def __init__(self, folder, **settings):
        self.folder, self.settings = fill(folder), settings
        self.port = free_port()
        self.telegram = FakeTelegram()
        self.telegram.webhook_target(f"http://127.0.0.1:{self.port}")
        self.start()

    def start(self):
        self.process = BotProcess(
            self.folder,
            self.telegram.api_url,
            CITEBOT_WEBHOOK_URL="https://bot.example.org/hook",
            CITEBOT_WEBHOOK_SECRET=SECRET,
            CITEBOT_LISTEN=f"127.0.0.1:{self.port}",
            **self.settings,
        )

    def close(self):
        self.process.stop()
        self.telegram.close()

    def ask(self, path, data=None, **headers):
        return ask(f"http://127.0.0.1:{self.port}{path}", data, headers)

    def until_ready(self):
        until(lambda: self.ask("/readyz")[0] == 200)

    def answered(self, users):
        """Give the users who have an answer."""
        return [user for user in users if any(is_answer(one) for one in self.telegram.conversation(user))]


def is_answer(sent):
    return sent["code"] == 200 and quotations(sent)[:1] == [ANSWER]


def ask(url, data=None, headers=()):
    """Give status and body; 0 while nobody listens."""
    try:
        with build_opener(ProxyHandler({})).open(Request(url, data, dict(headers)), timeout=10) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def until(happened, patience=3 * PATIENCE):
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def a_bot(folder, **settings):
    hooked = Hooked(folder, **settings)
    try:
        yield hooked
    finally:
        hooked.close()


def test_questions_are_answered_once_strangers_not_and_watchers_told(tmp_path):
    with a_bot(tmp_path) as hooked:
        telegram = hooked.telegram
        telegram.write(QUESTION, user=31)
        (answer,) = telegram.replies(31)
        assert is_answer(answer)
        hooked.until_ready()
        assert json.loads(hooked.ask("/readyz")[1]) == {"store": True, "telegram": True, "receiving": True}
        assert hooked.ask("/healthz") == (200, "ok\n")

        message = {"message_id": 5, "date": 1, "text": QUESTION, "chat": {"id": 32, "type": "private"}}
        message["from"] = {"id": 32, "is_bot": False, "first_name": "x"}
        body = json.dumps({"update_id": 99_000_000, "message": message}).encode()
        assert hooked.ask("/hook", body)[0] == 403
        assert hooked.ask("/hook", body, **{HEADER: "another"})[0] == 403
        assert hooked.ask("/hook")[0] == 405
        telegram.write(QUESTION, user=33)
        telegram.replies(33)
        assert telegram.conversation(32) == []
        for _ in range(3):  # Telegram repeats what it did not hear of
            assert hooked.ask("/hook", body, **{HEADER: SECRET})[0] == 200
        telegram.replies(32)
        telegram.write(QUESTION, user=33)
        telegram.replies(33, 2)
        assert len(telegram.conversation(32)) == 1

        until(lambda: 'requests_total{method="sendMessage",outcome="ok"} 4.0' in hooked.ask("/metrics")[1])
        figures = hooked.ask("/metrics")[1]
        assert 'citebot_questions_total{answered="yes"} 4.0' in figures
        assert 'citebot_webhook_refusals_total{reason="secret"} 2.0' in figures
        assert "citebot_updates_total 4.0" in figures
        assert "citebot_queue 0.0" in figures
        assert hooked.process.stop() == 0
        assert telegram.violations() == []
        for secret in (TOKEN, SECRET, "Glacier", "99000000"):
            assert secret not in hooked.process.log + figures


def test_it_is_not_ready_before_telegram_can_be_reached(tmp_path):
    with a_bot(tmp_path) as hooked:
        hooked.until_ready()
        assert hooked.process.stop() == 0
        hooked.telegram.fault("502", "getMe", times=2)
        hooked.start()
        until(lambda: hooked.ask("/healthz")[0] == 200)
        status, body = hooked.ask("/readyz")
        assert (status, json.loads(body)["receiving"]) == (503, False)
        assert hooked.ask("/hook", b'{"update_id": 1}', **{HEADER: SECRET})[0] == 503
        hooked.until_ready()


def test_what_was_posted_before_the_bot_was_told_to_end_is_answered_by_it_or_by_the_next(tmp_path):
    with a_bot(tmp_path) as hooked:
        hooked.until_ready()
        users = range(100, 130)
        for user in users:
            hooked.telegram.write(QUESTION, user=user)
        assert hooked.process.stop() == 0
        hooked.start()
        until(lambda: len(hooked.answered(users)) == len(users))
        hooked.until_ready()
        assert {len(hooked.telegram.conversation(user)) for user in users} == {1}
        assert hooked.telegram.violations() == []


def test_a_bot_that_is_killed_loses_nothing(tmp_path):
    rounds, slots = 2, 4
    with a_bot(tmp_path, CITEBOT_WORKERS=str(slots)) as hooked:
        users = range(200, 200 + 10 * rounds)
        for number in range(rounds):
            hooked.until_ready()
            for user in users[10 * number : 10 * number + 10]:
                hooked.telegram.write(QUESTION, user=user)
            time.sleep(0.05 + 0.2 * number)
            hooked.process.process.kill()
            hooked.process.process.wait()
            hooked.start()
        until(lambda: len(hooked.answered(users)) == len(users))
        hooked.until_ready()
        sent = sum(len(hooked.telegram.conversation(user)) for user in users)
        assert sent - len(users) <= slots * rounds
        assert hooked.telegram.violations() == []


def test_a_bot_that_polls_can_be_watched_too_and_its_webhook_is_gone(telegram, tmp_path):
    port = free_port()
    telegram.call("setWebhook", url="https://bot.example.org/old")
    process = BotProcess(fill(tmp_path), telegram.api_url, CITEBOT_LISTEN=f"127.0.0.1:{port}")
    try:
        until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[0] == 200)
        assert telegram.call("getWebhookInfo")["result"]["url"] == ""
        assert ask(f"http://127.0.0.1:{port}/hook", b"{}")[0] == 404
        assert "citebot_in_hand 0.0" in ask(f"http://127.0.0.1:{port}/metrics")[1]
        assert process.stop() == 0
    finally:
        process.stop()
