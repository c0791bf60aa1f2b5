"""The bot that Telegram calls: what is posted is on the disk before it is acknowledged, and only Telegram can post."""

import json
import signal
import time
import urllib.error
import urllib.request

import pytest
from conftest import WEBHOOK_SECRET, BotProcess, fill, fill_store, webhook_settings
from fake_bot_api.client import PATIENCE, FakeTelegram, private_chat

from bot.rendering import messages

HOOK = "/telegram/hook"
SECRET = "X-Telegram-Bot-Api-Secret-Token"
QUESTION = "Who built the stone bridge of Rivertown?"


@pytest.fixture(scope="module")
def settings(telegram):
    return webhook_settings(telegram)


@pytest.fixture(scope="module")
def bot(telegram, settings, tmp_path_factory):
    process = BotProcess(fill(tmp_path_factory.mktemp("bot")), telegram.api_url, **settings)
    try:
        process.running()
        telegram.write("hello", user=1)
        telegram.replies(1)
        yield process
        assert process.stop() == 0
        assert telegram.violations() == []
        assert WEBHOOK_SECRET not in process.log
        assert "Traceback" not in process.log
    finally:
        process.stop()


def post(settings, update, secret=WEBHOOK_SECRET):
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    request = urllib.request.Request(f"http://{settings['CITEBOT_LISTEN']}{HOOK}", body)
    if secret is not None:
        request.add_header(SECRET, secret)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def update(number, user):
    sender = {"id": user, "is_bot": False, "first_name": "U"}
    message = {"message_id": number, "date": 1, "chat": private_chat(user), "from": sender, "text": QUESTION}
    return {"update_id": number, "message": message}


def test_an_update_that_is_posted_twice_is_answered_once(bot, telegram, settings):
    telegram.write("hello", user=20)  # the server knows the chat
    telegram.replies(20)
    assert [post(settings, update(900_001, 20)) for _ in range(3)] == [200, 200, 200]
    telegram.replies(20, 2)
    time.sleep(1.2)
    telegram.replies(20, 2)


@pytest.mark.parametrize("secret", [None, "", "hush-2_B", WEBHOOK_SECRET + "x", WEBHOOK_SECRET[:-1], "é"])
def test_who_does_not_know_the_secret_can_post_nothing(bot, telegram, settings, secret):
    telegram.write("hello", user=21)
    told = len(telegram.requests("sendMessage", chat=21, count=1, wait=PATIENCE))
    assert post(settings, update(910_000, 21), secret) == 403
    assert post(settings, b"{", secret) == 403  # the body is not even looked at
    telegram.write("hello", user=21)
    texts = [one["text"] for one in telegram.requests("sendMessage", chat=21, count=told + 1, wait=PATIENCE)]
    assert set(texts) == {messages.GREETING}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'{"update_id": true}', b'{"update_id": "1"}', b"[" * 100_000, b"\xff\xfe"],
)
def test_what_is_no_update_is_refused(bot, settings, body):
    assert post(settings, body) == 400


def test_more_than_an_update_can_have_is_refused(bot, settings):
    assert post(settings, b'{"update_id": 5, "x": "' + b"x" * 2**21 + b'"}') in (400, 413)


def test_an_update_that_cannot_be_read_is_taken_put_aside_and_told_to_the_operator(bot, telegram, settings):
    assert post(settings, {"update_id": 920_001, "message": {"message_id": 1}}) == 200
    telegram.write(QUESTION, user=22)
    assert "Anna Stone" in telegram.replies(22)[0]["text"]
    assert "Update 920001 is put aside" in bot.log


def test_health_readiness_and_figures_are_told(bot, telegram, settings):
    telegram.write(QUESTION, user=23)
    telegram.replies(23)
    root = f"http://{settings['CITEBOT_LISTEN']}"
    with urllib.request.urlopen(f"{root}/healthz") as response:
        assert response.read() == b"ok\n"
    with urllib.request.urlopen(f"{root}/readyz") as response:
        assert json.load(response) == {"store": True, "telegram": True, "receiving": True}
    with urllib.request.urlopen(f"{root}/metrics") as response:
        figures = dict(line.rsplit(" ", 1) for line in response.read().decode().splitlines() if line[0] != "#")
    assert sum(float(figure) for name, figure in figures.items() if name.startswith("citebot_questions_total")) >= 1
    assert float(figures['citebot_requests_total{method="sendMessage",outcome="ok"}']) >= 1
    for stage in ("waiting", "answering", "sending"):
        assert float(figures[f'citebot_stage_seconds_count{{stage="{stage}"}}']) >= 1
    assert {"citebot_queue", "citebot_in_hand", "citebot_dead_letters_total"} <= figures.keys()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{root}/elsewhere")
    with pytest.raises(urllib.error.HTTPError, match="405"):
        urllib.request.urlopen(f"{root}{HOOK}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_posted_before_the_bot_ends_is_answered_by_it_or_by_the_next(tmp_path, number):
    telegram = FakeTelegram()
    settings = webhook_settings(telegram) | {"CITEBOT_WORKERS": "4"}
    process = BotProcess(fill_store(tmp_path), telegram.api_url, **settings)
    try:
        telegram.write("hello", user=1)
        telegram.replies(1)
        for user in range(100, 120):
            telegram.write(QUESTION, user=user)
        telegram.posts(count=12, wait=PATIENCE)
        process.process.send_signal(number)
        process.process.wait()
        process = BotProcess(tmp_path, telegram.api_url, **settings)
        for user in range(100, 120):
            assert "Anna Stone" in telegram.requests("sendMessage", chat=user, count=1, wait=PATIENCE)[0]["text"]
        assert process.stop() == 0
        twice = sum(len(telegram.conversation(user)) for user in range(100, 120)) - 20
        assert twice <= (4 if number == signal.SIGKILL else 0)
        assert telegram.violations() == []
    finally:
        process.stop()
        telegram.close()


def test_while_polling_the_same_is_told_where_an_address_is_given(telegram, tmp_path):
    settings = webhook_settings(telegram)
    server = FakeTelegram()
    process = BotProcess(fill_store(tmp_path), server.api_url, CITEBOT_LISTEN=settings["CITEBOT_LISTEN"])
    try:
        server.write("hello", user=1)
        server.replies(1)
        root = f"http://{settings['CITEBOT_LISTEN']}"
        with urllib.request.urlopen(f"{root}/readyz") as response:
            assert response.status == 200
        assert post(settings, update(1, 1)) == 404
    finally:
        process.stop()
        server.close()


def test_before_the_bot_can_work_it_is_alive_but_not_ready(tmp_path):
    server = FakeTelegram()
    settings = webhook_settings(server)
    process = BotProcess(fill_store(tmp_path), f"{server.root}/elsewhere/bot", **settings)
    try:
        root = f"http://{settings['CITEBOT_LISTEN']}"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{root}/healthz") as response:
                    assert response.status == 200
                    break
            except urllib.error.URLError:
                time.sleep(0.1)
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"{root}/readyz")
        assert post(settings, update(1, 1)) == 503
        assert process.stop() == 0
    finally:
        process.stop()
        server.close()
