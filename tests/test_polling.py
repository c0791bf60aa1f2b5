"""From Telegram's long polling to what is kept: nothing is confirmed too early, and nothing that comes stops the polls."""

import asyncio
import socket
import sqlite3
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from fake_bot_api.client import TOKEN, FakeTelegram
from telegram import Bot
from telegram.error import NetworkError

from bot.state import Inbox
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.receiving import polling
from bot.telegram.receiving.polling import ALLOWED_UPDATES, LongPolling
from bot.telegram.sending.failures import Refused
from bot.telegram.sending.request import AiohttpRequest


@pytest.fixture(autouse=True)
def _anew(telegram):
    """Leave nothing of the test before on the server that they share."""
    telegram.clear_faults()
    while found := telegram.call("getUpdates", offset=Seen.next)["result"]:
        Seen.next = 1 + max((one["update_id"] for one in found if _is_update(one)), default=Seen.next)
    Seen.requests = max((request["number"] for request in telegram.requests()), default=0)


class Seen:
    """How far the tests before have come."""

    next = requests = 0


def _is_update(one):
    return isinstance(one, dict) and type(one.get("update_id")) is int


@pytest.fixture
def inbox(tmp_path):
    with Inbox(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Wait as the bot does, only less."""
    monkeypatch.setattr(polling, "_RETRY_PAUSES", (0.01, 0.02))
    monkeypatch.setattr(polling, "LONGEST_WAIT", 1)
    monkeypatch.setattr(polling, "_FULL_PAUSE", 0.01)


@asynccontextmanager
async def polled(api_url, receive, alarms=None, *, is_full=lambda: False, read_timeout=5.0, token=TOKEN):
    """Poll until the block ends; gives the task."""
    bot = Bot(token, base_url=api_url)
    async with AiohttpRequest(connections=1, read_timeout=read_timeout) as line:
        running = LongPolling(bot, line, receive, is_full=is_full, alerts=alarms or Alerts()).run()
        task = asyncio.create_task(running)
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait({task})


def keeping(inbox):
    async def receive(updates):
        inbox.take(updates)

    return receive


async def until(true):
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def texts(inbox):
    return [letter.update["message"]["text"] for letter in inbox.waiting()]


def polls(telegram):
    """Those of this test that were answered."""
    return telegram.requests("getUpdates", after=Seen.requests)


def offsets(telegram):
    return [request["parameters"].get("offset") for request in polls(telegram)]


async def test_what_is_kept_is_confirmed_by_the_next_poll_and_not_before(telegram, inbox):
    kept = asyncio.Event()

    async def receive(updates):
        await kept.wait()
        inbox.take(updates)

    telegram.write("one")
    telegram.write("two")
    async with polled(telegram.api_url, receive):
        await until(lambda: offsets(telegram))
        await asyncio.sleep(0.1)
        assert offsets(telegram) == [None]
        kept.set()
        await until(lambda: len(offsets(telegram)) > 1)
    assert offsets(telegram)[1] == inbox.waiting()[-1].update_id + 1
    assert texts(inbox) == ["one", "two"]


async def test_more_than_a_poll_can_bring_comes_in_order(telegram, inbox):
    for number in range(120):
        telegram.write(str(number))
    async with polled(telegram.api_url, keeping(inbox)):
        await until(lambda: len(inbox.waiting()) == 120)
        last = inbox.waiting()[-1].update_id
        await until(lambda: offsets(telegram)[-1:] == [last + 1])
    assert texts(inbox) == [str(number) for number in range(120)]


async def test_telegram_is_asked_for_what_the_handlers_know_and_nothing_else(telegram, inbox):
    async with polled(telegram.api_url, keeping(inbox)):
        await until(lambda: polls(telegram))
    asked = polls(telegram)[0]["parameters"]
    assert asked == {"timeout": 1, "limit": 100, "allowed_updates": list(ALLOWED_UPDATES)}
    assert telegram.violations() == []


async def test_an_inbox_that_cannot_be_written_confirms_nothing_and_the_admins_hear_of_it(telegram, inbox, tmp_path):
    alarms = Alerts(patience=0.3)
    telegram.write("one")
    inbox.take([])
    holder = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    async def receive(updates):
        await asyncio.to_thread(inbox.take, updates)

    async with polled(telegram.api_url, receive, alarms):
        await until(lambda: len(offsets(telegram)) > 2)
        assert set(offsets(telegram)) == {None}
        assert not alarms.reachable
        assert [outage.ended for outage in alarms._polling.alarming()] == [None]
        holder.close()
        await until(inbox.waiting)
        await until(lambda: alarms.reachable)
    assert texts(inbox) == ["one"]


@pytest.mark.parametrize("kind", ["500", "502", "409", "429", "drop", "bad_json", "html", "cut", "400"])
async def test_a_poll_that_fails_is_tried_again_and_nothing_is_lost(telegram, inbox, kind):
    alarms = Alerts()
    failed = []
    alarms.poll_failed = failed.append
    telegram.fault(kind, "getUpdates", times=2, seconds=1)
    telegram.write("one")
    async with polled(telegram.api_url, keeping(inbox), alarms):
        await until(inbox.waiting)
    assert len(failed) == 2
    assert texts(inbox) == ["one"]


async def test_an_answer_that_never_comes_is_given_up(telegram, inbox):
    telegram.fault("hang", "getUpdates", seconds=20)
    telegram.write("one")
    async with polled(telegram.api_url, keeping(inbox), read_timeout=0.2):
        await until(inbox.waiting)
    assert len(polls(telegram)) == 2


async def test_pauses_grow_to_a_longest_and_begin_anew_after_a_success(telegram, inbox, monkeypatch):
    alarms, failed, clock = Alerts(), [], asyncio.get_running_loop().time
    alarms.poll_failed = lambda _: failed.append(clock())
    monkeypatch.setattr(polling, "_RETRY_PAUSES", (0.0, 0.3, 0.6))
    monkeypatch.setattr(polling, "_JITTER", 0.0)
    telegram.write("one")
    telegram.fault("500", "getUpdates", times=4)
    async with polled(telegram.api_url, keeping(inbox), alarms):
        await until(inbox.waiting)
        telegram.fault("500", "getUpdates", times=2)
        await until(lambda: len(failed) == 6)
    pauses = [later - earlier for earlier, later in pairwise(failed)]
    assert pauses[1] >= 0.3
    assert min(pauses[2:4]) >= 0.6
    assert pauses[4] < 0.6


async def test_a_hold_of_telegrams_is_obeyed(telegram, inbox):
    telegram.fault("429", "getUpdates", seconds=1)
    async with polled(telegram.api_url, keeping(inbox)):
        await until(lambda: len(polls(telegram)) == 2)
    first, second = polls(telegram)
    assert second["at"] - first["at"] >= 1


async def test_a_token_that_is_refused_ends_it_without_showing_the_token(telegram, inbox):
    async with polled(telegram.api_url, keeping(inbox), token="123456:another") as task:
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(task, 10)
    assert "another" not in f"{refused.value!r} {refused.value.__cause__!r}"


async def test_junk_among_the_updates_stops_nothing(telegram, inbox):
    for junk in (None, 7, "update", [], {}, {"update_id": "1"}, {"update_id": None}, {"update_id": True}):
        telegram.put(junk, numbered=False)
    telegram.put({"message": {"chat": "none", "text": "odd"}})
    telegram.write("one")
    async with polled(telegram.api_url, keeping(inbox)):
        await until(lambda: texts(inbox)[-1:] == ["one"])
    assert texts(inbox) == ["odd", "one"]


async def test_junk_alone_stops_nothing(telegram, inbox):
    telegram.put(7, numbered=False)
    async with polled(telegram.api_url, keeping(inbox)):
        await until(lambda: len(offsets(telegram)) > 1)
        telegram.write("one")
        await until(inbox.waiting)
    assert texts(inbox) == ["one"]


async def test_while_it_is_full_telegram_is_not_asked(telegram, inbox):
    full = [True]
    telegram.write("one")
    async with polled(telegram.api_url, keeping(inbox), is_full=lambda: full[0]):
        await asyncio.sleep(0.2)
        assert offsets(telegram) == []
        full[0] = False
        await until(inbox.waiting)


async def test_a_poll_that_is_cancelled_before_it_confirms_brings_the_same_again_and_it_is_kept_once(telegram, inbox):
    telegram.write("one")
    taken = []

    async def receive(updates):
        taken.append(inbox.take(updates))
        await asyncio.Event().wait()  # what was kept is never confirmed

    for _ in range(2):
        count = len(taken)
        async with polled(telegram.api_url, receive):
            await until(lambda count=count: len(taken) > count)
    assert [len(letters) for letters in taken] == [1, 0]
    assert texts(inbox) == ["one"]


async def test_a_server_that_is_not_there_is_waited_for(inbox):
    failed, alarms = [], Alerts()
    alarms.poll_failed = failed.append
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with polled(f"http://127.0.0.1:{port}/bot", keeping(inbox), alarms):
        await until(lambda: len(failed) > 2)
        server = await asyncio.to_thread(FakeTelegram, port)
        try:
            server.write("one")
            await until(inbox.waiting)
        finally:
            server.close()
    assert all(isinstance(error, NetworkError) for error in failed)


async def test_a_poll_waits_with_telegram_and_does_not_ask_all_the_time(telegram, inbox):
    async with polled(telegram.api_url, keeping(inbox)):
        await until(lambda: len(polls(telegram)) == 2)
    assert all(poll["answered"] - poll["at"] >= 1 for poll in polls(telegram)[:2])  # the wait that it asked for
