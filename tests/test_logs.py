"""What is logged names the update and the answer, and no secret; with real loggers, threads and processes."""

import base64
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from telegram import Bot
from telegram.error import InvalidToken

from bot.telegram.monitoring.logs import JsonFormatter, RedactingFormatter, current_update

ROOT = Path(__file__).parent.parent
TOKEN = "123456:AAH-secret_secret"
HOOK = "hook-secret-hook"
PROXY = "http://anna:pass%2Fsecret@127.0.0.1:3128"
ENGINES = ("milvus+http://root:pass%2Fsecret@127.0.0.1:19530/db", "milvus+https://key-of-secret_secret@host")
BASIC = base64.b64encode(b"anna:pass/secret").decode()
KEY = base64.b64encode(b"key-of-secret_secret").decode()
FORMATTERS = [RedactingFormatter, JsonFormatter]

LEAKS = [
    f"POST https://api.telegram.org/bot{TOKEN}/getMe",
    "POST https://proxy/bot123456%3AAAH-secret_secret/getMe",
    "POST https://proxy/bot123456%3aAAH-secret_secret/getMe",
    "the half AAH-secret_secret",
    f"X-Telegram-Bot-Api-Secret-Token: {HOOK}",
    f"cannot connect to {PROXY}",
    "BasicAuth(login='anna', password='pass/secret')",
    f"Proxy-Authorization: Basic {BASIC}",
    *(f"cannot connect to {engine}" for engine in ENGINES),
    f"authorization: {base64.b64encode(b'root:pass/secret').decode()}",
    f"authorization: {KEY}",
    "token='key-of-secret_secret'",
]


def a_record(message, *args, error=None, **extra):
    caught = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("bot.x", logging.ERROR, "f", 1, message, args, caught)
    record.__dict__.update(extra)
    return record


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.fixture(params=FORMATTERS)
def line_of(request):
    formatter = request.param(TOKEN, HOOK, PROXY, *ENGINES, "")
    return formatter.format


@pytest.fixture
def in_hand():
    token = current_update.set(1001)
    yield
    current_update.reset(token)


@pytest.mark.parametrize("leak", LEAKS)
def test_secrets_are_taken_out_of_all_parts_of_a_record(line_of, leak):
    records = [
        a_record(leak),
        a_record("%s", leak),
        a_record("%s%s", leak[:12], leak[12:]),
        a_record("%r", [leak]),
        a_record("x", error=raised(ValueError(leak))),
        a_record("x", error=raised(chained(leak))),
        a_record("x", answer=leak),
    ]
    for record in records:
        line = line_of(record)
        assert "<token>" in line
        assert not {one for one in ("secret_secret", HOOK, "pass/secret", "pass%2Fsecret", BASIC, KEY) if one in line}


def chained(leak):
    error = ValueError("x")
    error.__cause__ = raised(InvalidToken(leak))
    return error


def test_a_bot_that_is_shown_shows_no_token(line_of):
    assert "secret" not in line_of(a_record("%r", Bot(TOKEN)))


def test_without_secrets_nothing_is_taken_out():
    for formatter in FORMATTERS:
        assert "a plain text" in formatter("").format(a_record("a plain text"))


def test_a_short_password_is_hidden_in_an_address_and_not_in_every_word():
    line = RedactingFormatter("http://anna:at@127.0.0.1:1").format(a_record("that http://anna:at@127.0.0.1:1 failed"))
    assert line.endswith("that http://<token>127.0.0.1:1 failed")


def test_a_line_of_text_names_update_and_answer(in_hand):
    line = RedactingFormatter(TOKEN).format(a_record("composed", answer="a1b2", milliseconds=3.5))
    assert line.endswith(" ERROR bot.x: [update 1001, answer a1b2, milliseconds 3.5] composed")
    assert RedactingFormatter(TOKEN).format(a_record("composed", answer=None)).count("[") == 1


def test_no_text_of_others_makes_a_line_of_its_own():
    line = RedactingFormatter(TOKEN).format(a_record("%s", "bad\n2024-05-03 ERROR bot: forged\u2028more\rend"))
    assert line.splitlines() == [line]


def test_json_has_a_line_for_a_record_and_names_what_is_known(in_hand):
    error = raised(ValueError("of\nlines"))
    line = JsonFormatter(TOKEN).format(a_record("no %s \ud800", "way", error=error, answer="a1b2", milliseconds=3.5))
    fields = json.loads(line)
    assert "\n" not in line
    assert fields["message"] == "no way \ud800"
    assert (fields["level"], fields["logger"], fields["update"]) == ("ERROR", "bot.x", 1001)
    assert (fields["answer"], fields["milliseconds"]) == ("a1b2", 3.5)
    assert fields["time"].endswith("+00:00")
    assert "ValueError: of\nlines" in fields["exception"]
    assert "Traceback" in fields["exception"]


def test_json_leaves_out_what_is_not_known():
    fields = json.loads(JsonFormatter(TOKEN).format(a_record("x")))
    assert fields.keys() == {"time", "level", "logger", "message"}


PROGRAM = """
import asyncio, gc, logging, sys, threading, warnings
from bot.telegram.monitoring.logs import configure_logging

TOKEN = "123456:AAH-secret_secret"
configure_logging([TOKEN, "", ""], sys.argv[1])

async def failing():
    raise RuntimeError(f"task {TOKEN}")

async def main():
    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    del task
    gc.collect()
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)

asyncio.run(main())
logging.getLogger("bot.x").info("of the bot")
logging.getLogger("bot.x").debug("untold")
for name in ("httpx", "aiohttp.access", "aiohttp.server", "telegram"):
    logging.getLogger(name).info("untold")
warnings.warn(f"warning {TOKEN}")
thread = threading.Thread(target=lambda: int(f"thread {TOKEN}"))
thread.start()
thread.join()
raise SystemError(f"end {TOKEN}")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_whatever_goes_wrong_in_a_process_is_logged_without_the_token(form):
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", PROGRAM, form],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stderr
    assert done.returncode == 1
    assert "secret" not in said
    assert "untold" not in said
    for told in ("of the bot", "never retrieved", "ZeroDivisionError", "warning", "thread", "SystemError: end <token>"):
        assert told in said
    if form == "json":
        assert {json.loads(line)["level"] for line in said.splitlines()} >= {"INFO", "WARNING", "ERROR", "CRITICAL"}
