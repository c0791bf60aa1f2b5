"""A bot whose Milvus goes away: what is asked meanwhile is kept and answered once it is back; nobody is told that nothing is known."""

import time
import urllib.error
import urllib.request

import pytest
from conftest import BotProcess, citebot, ended_well, fill, webhook_settings
from fake_bot_api.client import PATIENCE
from milvus_server import milvus_server

from bot.rendering import messages

ADMIN, QUESTION = 940, "When was the stone bridge of Rivertown built?"
AWAY = messages.ARTICLES_AWAY


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with milvus_server(tmp_path_factory.mktemp("milvus")) as running:
        yield running


@pytest.fixture(scope="module")
def settings(server, telegram):
    return {"CITEBOT_ENGINE": f"milvus+{server.address}", "CITEBOT_ADMINS": str(ADMIN)} | webhook_settings(telegram)


@pytest.fixture(scope="module")
def folder(settings, tmp_path_factory):
    filled = fill(tmp_path_factory.mktemp("bot"))
    assert citebot(filled, "load", "articles", CITEBOT_ENGINE=settings["CITEBOT_ENGINE"]).returncode == 0
    return filled


@pytest.fixture(scope="module")
def bot(server, folder, telegram, settings):
    """A bot that was started while the server was down."""
    server.kill()
    process = BotProcess(folder, telegram.api_url, **settings)
    with ended_well(process, telegram):
        yield process


def readiness(settings):
    try:
        with urllib.request.urlopen(f"http://{settings['CITEBOT_LISTEN']}/readyz", timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def said_to(telegram, user, count):
    return [
        one["parameters"]["text"] for one in telegram.requests("sendMessage", count=count, wait=2 * PATIENCE, chat=user)
    ]


def test_a_bot_that_starts_without_its_engine_keeps_what_is_asked(bot, server, telegram, settings):
    telegram.write(QUESTION, user=1)
    assert said_to(telegram, 1, 1) == [AWAY]
    assert readiness(settings) == 503
    telegram.write("/help", user=2)
    assert said_to(telegram, 2, 1)
    (told,) = said_to(telegram, ADMIN, 1)
    assert "the articles cannot be reached" in told
    server.start()
    assert "1721" in said_to(telegram, 1, 2)[1]
    assert "can be reached again" in said_to(telegram, ADMIN, 2)[1]
    wait_for(lambda: readiness(settings) == 200)


def test_twenty_questions_that_come_while_the_server_is_down_are_each_answered_once(bot, server, telegram):
    users = range(100, 120)
    for user in users:
        if user == 105:
            server.kill()
        telegram.write(QUESTION, user=user)
    for user in users[10:]:
        assert said_to(telegram, user, 1)[0] == AWAY
    server.start()
    for user in users:
        wait_for(lambda user=user: set(said_to(telegram, user, 1)) - {AWAY})
    for user in users:
        told, answers = (
            [text for text in said_to(telegram, user, 1) if (text == AWAY) == is_away] for is_away in (True, False)
        )
        assert len(told) <= 1
        assert ["1721" in text for text in answers] == [True], (user, answers)


def test_the_terminal_says_what_to_do(server, folder, settings):
    server.kill()
    for words, typed in ((["ask", QUESTION], ""), (["console"], f"{QUESTION}\n")):
        done = citebot(folder, *words, stdin=typed, CITEBOT_ENGINE=settings["CITEBOT_ENGINE"])
        assert done.returncode == 1, done
        assert "cannot be reached. See that it runs" in done.stdout + done.stderr
        assert "do not answer this" not in done.stdout + done.stderr
    server.start()
