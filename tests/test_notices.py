"""Who is told that the answer to a question is another one, and how often; over real HTTP."""

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime

import pytest
from conftest import fill_store
from fake_bot_api.client import PATIENCE, TOKEN
from telegram.ext import ExtBot

from bot.settings import parse_settings
from bot.state import AnswerLog, Digests, Recorder, Statistics, Watch, Watches
from bot.telegram.handlers import Handlers
from bot.telegram.jobs import digest, notices
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.rate_limits import RateLimits
from bot.telegram.sending.request import AiohttpRequest
from retrieval import open_engine

BRIDGE = "Who built the stone bridge of Rivertown?"
LOOKS = 20  # of the bot at the file, after which it has had time to repeat itself


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return fill_store(tmp_path_factory.mktemp("bot"))


@pytest.fixture
def waiting(folder, tmp_path, monkeypatch):
    """What people wait for, in an empty file; nobody waits long for the next look."""
    monkeypatch.setattr(notices, "INTERVAL", 0.02)
    monkeypatch.setattr(notices, "FAILURE_PAUSE", 0.05)
    with Watches(tmp_path / "state.db") as watches:
        yield watches


@asynccontextmanager
async def telling(telegram, folder, state, **settings):
    """A bot that only tells people, until the block ends; yields its recorder's log."""
    told = {"CITEBOT_TOKEN": TOKEN, "CITEBOT_DB": str(folder / "citebot.db"), "CITEBOT_STATE": str(state)} | settings
    read, request = parse_settings(told), AiohttpRequest(read_timeout=0.3)
    limiter = RateLimiter(RateLimits(), None, Metrics(), Alerts(), pauses=())
    with open_engine(read.db) as engine, AnswerLog(state, b"key") as log, ThreadPoolExecutor(1) as executor:
        handlers = Handlers(read, engine, executor, recorder=Recorder(log, 30))
        async with ExtBot(
            TOKEN, telegram.api_url, request=request, get_updates_request=AiohttpRequest(), rate_limiter=limiter
        ) as bot:
            for job in (handlers.notices, handlers.weekly_digest):
                job.begin(bot)
            yield log
            for job in (handlers.notices, handlers.weekly_digest):
                await job.close()


def wants(watches, telegram, user, question=BRIDGE, *, once=True):
    telegram.write("Hello", user=user)  # so that there is a chat
    assert watches.add(Watch(0, user, "en", question, None, None, once=once))


async def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.02)


async def test_who_asks_to_be_told_of_what_is_answered_by_now_is_told_at_once(telegram, folder, waiting):
    async with telling(telegram, folder, waiting.path):
        wants(waiting, telegram, 1)
        await until(lambda: telegram.conversation(1))
        wants(waiting, telegram, 2)  # the articles did not change in the meantime
        await until(lambda: telegram.conversation(2))
        await until(lambda: waiting.all() == [])
    assert len(telegram.conversation(1)) == 1


async def test_who_may_not_ask_any_more_is_not_told(telegram, folder, waiting):
    for user in (3, 4):
        wants(waiting, telegram, user)
    async with telling(telegram, folder, waiting.path, CITEBOT_ALLOW="4"):
        await until(lambda: telegram.conversation(4))
        await until(lambda: waiting.of(4) == [])
    assert telegram.conversation(3) == []
    assert len(waiting.of(3)) == 1


async def test_whose_chat_is_gone_waits_for_nothing_any_more(telegram, folder, waiting):
    wants(waiting, telegram, 33)
    wants(waiting, telegram, 33, "Who will never be told of this?", once=False)
    telegram.fault("400", "sendMessage", chat=33)
    async with telling(telegram, folder, waiting.path):
        await until(lambda: waiting.all() == [])
    assert not any(sent["result_id"] for sent in telegram.conversation(33))


async def test_a_notice_that_may_have_arrived_is_not_repeated(telegram, folder, waiting):
    wants(waiting, telegram, 5)
    telegram.fault("slow", "sendMessage", chat=5, seconds=1)
    async with telling(telegram, folder, waiting.path):
        await until(lambda: waiting.all() == [])
        await asyncio.sleep(LOOKS * notices.INTERVAL)
    assert len(telegram.conversation(5)) == 1


async def test_a_notice_waits_for_telegram_and_is_one_question_on_record(telegram, folder, waiting):
    wants(waiting, telegram, 6)
    telegram.fault("500", "sendMessage", chat=6, times=3)
    async with telling(telegram, folder, waiting.path) as log:
        await until(lambda: waiting.all() == [])
        assert log.count()[0] == 1
        assert log.asked_since(datetime(2000, 1, 1, tzinfo=UTC)) == (0, 0)  # but nobody has asked
        with Statistics(waiting.path) as statistics:
            assert (statistics.figures().questions, statistics.figures().days, list(statistics.export())) == (0, (), [])
    assert [bool(sent["result_id"]) for sent in telegram.conversation(6)] == [False, False, False, True]


async def test_who_ends_it_while_telegram_is_away_is_not_told(telegram, folder, waiting):
    wants(waiting, telegram, 7)
    telegram.fault("500", "sendMessage", chat=7, times=1000)
    async with telling(telegram, folder, waiting.path):
        await until(lambda: telegram.conversation(7))
        waiting.remove_all(7)
        telegram.clear_faults()
        wants(waiting, telegram, 8)
        await until(lambda: telegram.conversation(8))
    assert not any(sent["result_id"] for sent in telegram.conversation(7))


@pytest.mark.parametrize(("user", "once"), [(9, True), (10, False)])
async def test_what_cannot_be_noted_is_not_told_again(telegram, folder, waiting, user, once):
    wants(waiting, telegram, user, once=once)
    with closing(sqlite3.connect(waiting.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with telling(telegram, folder, waiting.path):
            await until(lambda: telegram.conversation(user))
            await asyncio.sleep(2.0)  # in which the note fails, and fails again
            other.execute("ROLLBACK")
            await until(lambda: all(watch.quote for watch in waiting.of(user)))
    assert len(telegram.conversation(user)) == 1
    assert len(waiting.of(user)) == (not once)


async def test_a_question_that_takes_too_long_keeps_nobody_else_waiting(telegram, folder, waiting, monkeypatch):
    monkeypatch.setattr("retrieval.asking.answerer.LONGEST", 0.1)
    slow = " ".join(f"stone{number}bridge" for number in range(20_000))
    for user, question in ((11, slow), (12, BRIDGE)):
        wants(waiting, telegram, user, question)
    async with telling(telegram, folder, waiting.path):
        await until(lambda: waiting.of(12) == [])
    assert telegram.conversation(11) == []


async def test_a_digest_that_may_have_arrived_or_was_refused_is_not_repeated(telegram, folder, waiting, monkeypatch):
    monkeypatch.setattr(digest, "_INTERVAL", 0.05)
    for user, kind in ((13, "slow"), (14, "400")):
        telegram.write("Hello", user=user)
        telegram.fault(kind, "sendMessage", chat=user, seconds=1)
    with Digests(waiting.path) as digests:
        for user in (13, 14):
            digests.order(user, time.time() - 10)
        async with telling(telegram, folder, waiting.path, CITEBOT_ADMINS="13,14"):
            await until(lambda: not digests.due(time.time()))
    assert [len(telegram.conversation(user)) for user in (13, 14)] == [1, 1]
