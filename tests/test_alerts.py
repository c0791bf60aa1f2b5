"""What admins are told of, over real HTTP; minutes pass on a clock that the test sets."""

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError

from bot.state import DeadLetter
from bot.telegram.monitoring.alerts import Alerts

TOKEN = "123456:AAH-secret_secret"
ANNA, BEN = 950, 951
DOWN = NetworkError("no connection")


class Clock:
    """Some time in May, in seconds since 1970."""

    def __init__(self):
        self.now = datetime(2024, 5, 3, 12, 0, tzinfo=UTC).timestamp()

    def __call__(self):
        return self.now


class World:
    """Alarms that look all the time, and a server that gives what admins read."""

    def __init__(self):
        self.clock = Clock()
        self.alarms = Alerts(interval=0.01, clock=self.clock)
        self.is_down = False
        self.strangers = set()  # who never wrote to the bot
        self.told = []  # admin, text
        self.tries = 0

    async def send_message(self, request):
        form = await request.post()
        self.tries += 1
        if self.is_down:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        chat = int(form["chat_id"])
        if chat in self.strangers:
            refusal = {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
            return web.json_response(refusal, status=400)
        self.told.append((chat, form["text"]))
        message = {"message_id": 1, "date": 0, "chat": {"id": chat, "type": "private"}, "text": form["text"]}
        return web.json_response({"ok": True, "result": message})

    async def until_told(self, number):
        await until(lambda: len(self.told) >= number)
        return self.told[-1]

    async def until_tried(self, number):
        await until(lambda: self.tries >= number)

    async def looked(self):
        await asyncio.sleep(0.2)
        return self.told

    def polls_fail(self, seconds, error=DOWN):
        for _ in range(int(seconds) // 10):
            self.alarms.poll_failed(error)
            self.clock.now += 10
        self.alarms.poll_failed(error)

    def sends_fail(self, seconds, error=DOWN):
        self.alarms.send_failed(error)
        self.clock.now += seconds
        self.alarms.send_failed(error)


async def until(happened):
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - what is waited for comes over HTTP
            await asyncio.sleep(0.01)


@asynccontextmanager
async def a_world(admins=(ANNA,)):
    world = World()
    application = web.Application()
    application.router.add_post(f"/bot{TOKEN}/sendMessage", world.send_message)
    async with TestServer(application) as server, Bot_(server) as bot:
        world.alarms.start(bot, frozenset(admins))
        try:
            yield world
        finally:
            await world.alarms.close()


@asynccontextmanager
async def Bot_(server):  # noqa: N802
    bot = Bot(TOKEN, base_url=str(server.make_url("/bot")))
    await bot._request[1].initialize()
    yield bot
    await bot._request[1].shutdown()


async def test_each_admin_is_told_once_that_nothing_comes_in_and_once_that_it_is_over():
    async with a_world({ANNA, BEN}) as world:
        world.polls_fail(120)
        await world.until_told(2)
        assert {admin for admin, _ in world.told} == {ANNA, BEN}
        assert all("Since 2024-05-03 12:00 UTC, messages cannot be fetched" in text for _, text in world.told)
        assert "no connection" in world.told[0][1]
        world.polls_fail(600)
        assert len(await world.looked()) == 2
        world.alarms.polled()
        await world.until_told(4)
        world.alarms.polled()
        assert len(await world.looked()) == 4
        assert {text for _, text in world.told[2:]} == {
            "Since 2024-05-03 12:12 UTC, messages can be fetched from Telegram again."
        }


async def test_less_than_a_minute_is_told_to_nobody():
    async with a_world() as world:
        world.polls_fail(50)
        world.alarms.polled()
        world.polls_fail(50)
        world.sends_fail(59)
        world.alarms.sent()
        assert await world.looked() == []


async def test_what_could_not_be_told_is_told_when_telegram_can_be_reached_again(caplog):
    async with a_world() as world:
        world.is_down = True
        world.polls_fail(180)
        assert [record.levelno for record in caplog.records if "has failed" in record.msg] == [logging.ERROR]
        await world.until_tried(1)
        world.polls_fail(540)
        assert not world.alarms.reachable
        world.is_down = False
        world.alarms.polled()
        assert world.alarms.reachable
        _, text = await world.until_told(1)
        assert text.startswith("From 2024-05-03 12:00 UTC to 2024-05-03 12:12 UTC, messages could not be fetched")
        assert len(await world.looked()) == 1


async def test_that_nothing_could_be_sent_is_told_when_it_is_over():
    async with a_world() as world:
        world.is_down = True
        world.sends_fail(120)
        await world.until_tried(1)
        world.is_down = False
        world.clock.now += 300
        _, text = await world.until_told(1)
        assert text == "From 2024-05-03 12:00 UTC to 2024-05-03 12:07 UTC, messages could not be sent: no connection"
        assert len(await world.looked()) == 1
        world.sends_fail(61)  # at once again: the log alone has it
        assert len(await world.looked()) == 1
        world.alarms.sent()
        world.clock.now += 600
        world.sends_fail(61)
        await world.until_told(2)


async def test_another_bot_with_the_same_token_is_told_although_some_polls_succeed():
    async with a_world() as world:
        for _ in range(13):
            world.alarms.poll_failed(Conflict("terminated by other getUpdates request"))
            world.alarms.polled()
            world.clock.now += 5
        _, text = await world.until_told(1)
        assert "terminated by other getUpdates request" in text
        assert world.alarms.reachable
        world.clock.now += 60
        world.alarms.polled()
        assert "again" in (await world.until_told(2))[1]


async def test_an_admin_who_never_wrote_to_the_bot_keeps_nobody_from_being_told(caplog):
    async with a_world({ANNA, BEN}) as world:
        world.strangers = {ANNA}
        world.polls_fail(60)
        assert (await world.until_told(1))[0] == BEN
        await world.looked()
        assert world.tries == 2
        assert "An admin cannot be alerted: Chat not found" in caplog.text


async def test_a_chat_that_blocked_the_bot_is_no_failure():
    async with a_world() as world:
        world.sends_fail(120, Forbidden("bot was blocked by the user"))
        assert world.alarms.reachable
        assert await world.looked() == []
        world.sends_fail(60, BadRequest("chat is a forum"))
        assert "chat is a forum" in (await world.until_told(1))[1]


async def test_dead_letters_are_told_at_once_and_then_every_ten_minutes_with_their_number():
    async with a_world() as world:
        for number in (1001, 1002, 1003):
            world.alarms.dead_letter(DeadLetter(number, datetime.now(UTC), "a <b> & a reason", 3))
            await world.until_told(1)
            await world.looked()
        assert world.told[0][1].startswith("Update 1001 could not be processed: a &lt;b&gt; &amp; a")
        assert len(world.told) == 1
        world.clock.now += 600
        _, text = await world.until_told(2)
        assert text.startswith("2 updates, the last one 1003, could not be processed")
        assert len(await world.looked()) == 2


async def test_a_token_in_the_text_of_an_error_is_told_to_nobody():
    async with a_world() as world:
        world.polls_fail(60, NetworkError(f"https://example.org/bot{TOKEN}/getUpdates and {TOKEN[7:]}"))
        _, text = await world.until_told(1)
        assert "secret" not in text
        assert "https://example.org/bot&lt;token&gt;/getUpdates" in text


async def test_without_admins_or_before_the_start_nothing_is_raised():
    alarms = Alerts()
    alarms.polled()
    alarms.poll_failed(DOWN)
    alarms.dead_letter(DeadLetter(1, datetime.now(UTC), "x", 1))
    await alarms.close()
    async with a_world(()) as world:
        world.polls_fail(60)
        world.sends_fail(60)
        world.alarms.dead_letter(DeadLetter(1, datetime.now(UTC), "x", 1))
        assert await world.looked() == []


@pytest.mark.parametrize("is_long", [False, True])
async def test_closing_waits_for_nothing(is_long):
    async with a_world() as world:
        world.is_down = is_long
        world.polls_fail(60)
    assert world.alarms._task.cancelled()
