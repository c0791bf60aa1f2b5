"""The courier between the library's own bot and a server on 127.0.0.1 that answers as it is told."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.state import BlockedChats
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.sending.failures import Unanswered, Undelivered, Unreadable
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.rate_limits import RateLimits
from bot.telegram.sending.request import AiohttpRequest
from bot.telegram.sending.slots import SendSlot

TOKEN = "123456:AAH-secret_secret"
KEY = b"k" * 32
PAUSES = (0.05, 0.1, 0.15)
BLOCKED = "Forbidden: bot was blocked by the user"


def refusal(code, description, **parameters):
    body = {"ok": False, "error_code": code, "description": description}
    return code, json.dumps(body | ({"parameters": parameters} if parameters else {}))


def too_fast(seconds):
    return refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


class World:
    """A Bot API that answers the next requests of a chat, or of a method, as it is told, and then as it should."""

    def __init__(self):
        self.told = {}  # chat or method: what is answered, the next first
        self.requests = []  # time, method, chat, text

    async def answer(self, request):
        form, method = await request.post(), request.match_info["method"]
        chat = int(form["chat_id"]) if form.get("chat_id", "").lstrip("-").isdigit() else None
        self.requests.append((time.monotonic(), method, chat, form.get("text")))
        told = self.told.get(chat) or self.told.get(method)
        match told.pop(0) if told else None:
            case "drop":
                request.transport.close()
                return web.Response()
            case asyncio.Event() as answered:
                await answered.wait()
            case float() as seconds:
                await asyncio.sleep(seconds)
            case (code, body):
                return web.Response(status=code, text=body)
        message = {"message_id": 1, "date": 0, "chat": {"id": chat or 1, "type": "private"}, "text": "x"}
        return web.json_response({"ok": True, "result": message if method.startswith(("send", "edit")) else True})

    def times(self, chat=None):
        return [at for at, _, whose, _ in self.requests if chat is None or whose == chat]

    def texts(self, chat):
        return [text for *_, whose, text in self.requests if whose == chat]


@asynccontextmanager
async def world_and_bot(pacing=None, blocked=None, pauses=PAUSES):
    """Serve a world; gives it with a bot whose courier is `bot.rate_limiter`."""
    world = World()
    app = web.Application()
    app.router.add_post(f"/bot{TOKEN}/{{method}}", world.answer)
    async with TestServer(app) as server, AiohttpRequest(read_timeout=0.5) as transport:
        courier = RateLimiter(pacing, blocked, Metrics(), Alerts(), pauses=pauses)
        base = str(server.make_url("/bot"))
        bot = ExtBot(TOKEN, base, request=transport, get_updates_request=AiohttpRequest(), rate_limiter=courier)
        yield world, bot


def counted(bot):
    return bot.rate_limiter._metrics.text().decode()


async def test_what_was_not_delivered_is_sent_again_after_longer_and_longer_pauses():
    async with world_and_bot() as (world, bot):
        world.told[5] = ["drop", (502, "<html>"), refusal(500, "Internal Server Error")]
        await bot.send_message(5, "x")
        times = world.times()
        figures = counted(bot)
    for pause, before, after in zip(PAUSES, times, times[1:], strict=False):
        assert pause <= after - before
    assert len(times) == 4
    assert 'citebot_retries_total{method="sendMessage",reason="not delivered"} 3.0' in figures
    assert 'citebot_requests_total{method="sendMessage",outcome="ok"} 1.0' in figures


async def test_after_the_last_pause_it_is_given_up():
    async with world_and_bot() as (world, bot):
        world.told[5] = ["drop"] * 9
        with pytest.raises(Undelivered):
            await bot.send_message(5, "x")
        assert len(world.requests) == 4
        assert not bot.rate_limiter._alerts.reachable


async def test_getting_to_know_telegram_is_tried_once_as_its_caller_tries_again():
    async with world_and_bot() as (world, bot):
        world.told["getMe"] = ["drop"] * 9
        with pytest.raises(Undelivered):
            await bot.get_me()
        assert len(world.requests) == 1


@pytest.mark.parametrize(
    ("told", "kind", "outcome"),
    [
        (0.8, Unanswered, "uncertain"),
        ((200, "<html>"), Unreadable, "uncertain"),
        ((200, '{"ok":true,"res'), Unreadable, "uncertain"),
        (refusal(400, "Bad Request: chat not found"), BadRequest, "refused"),
        (refusal(403, BLOCKED), Forbidden, "refused"),
        (refusal(401, "Unauthorized"), InvalidToken, "refused"),
        (refusal(409, "Conflict: terminated by other getUpdates request"), Conflict, "refused"),
        (refusal(413, "Request Entity Too Large"), NetworkError, "failed"),
    ],
)
async def test_what_was_taken_or_refused_is_never_sent_again(told, kind, outcome):
    async with world_and_bot() as (world, bot):
        world.told[5] = [told]
        with pytest.raises(kind):
            await bot.send_message(5, "x")
        assert len(world.requests) == 1
        assert f'citebot_requests_total{{method="sendMessage",outcome="{outcome}"}} 1.0' in counted(bot)


@pytest.mark.parametrize("pacing", [None, RateLimits()])
async def test_too_fast_is_obeyed_and_then_it_goes(pacing):
    async with world_and_bot(pacing) as (world, bot):
        world.told[5] = [too_fast(1)]
        await bot.send_message(5, "x")
        first, second = world.times()
    assert second - first >= 1.0


async def test_one_chat_that_is_held_holds_no_other():
    async with world_and_bot(RateLimits()) as (world, bot):
        world.told[5] = [too_fast(1)]
        held = asyncio.create_task(bot.send_message(5, "x"))
        await asyncio.sleep(0.1)
        await bot.send_message(6, "x")
        assert not held.done()
        await held
        assert [chat for _, _, chat, _ in world.requests] == [5, 6, 5]


async def test_two_chats_that_are_held_hold_all():
    async with world_and_bot(RateLimits()) as (world, bot):
        world.told[5], world.told[6] = [too_fast(1)], [too_fast(1)]
        held = [asyncio.create_task(bot.send_message(chat, "x")) for chat in (5, 6)]
        await asyncio.sleep(0.1)
        await bot.send_message(7, "x")
        await asyncio.gather(*held)
        assert world.times(7)[0] >= world.times()[0] + 1


async def test_a_long_wait_is_for_the_dispatcher_and_the_chat_stays_held():
    pacing = RateLimits()
    async with world_and_bot(pacing) as (world, bot):
        world.told[5] = [too_fast(61)]
        with pytest.raises(RetryAfter):
            await bot.send_message(5, "x")
        with pytest.raises(RetryAfter):  # whatever else there is to say in this chat
            await bot.send_message(5, "y")
        assert len(world.requests) == 1
        assert pacing.due(5, time.monotonic()) > 30


async def test_in_a_chat_all_goes_in_order_a_second_apart():
    async with world_and_bot(RateLimits()) as (world, bot):
        await asyncio.gather(*(bot.send_message(5, str(number)) for number in range(3)))
        assert world.texts(5) == ["0", "1", "2"]
        first, second, third = world.times(5)
    assert min(second - first, third - second) >= 1.0


async def test_order_is_kept_when_the_first_is_not_delivered_at_once():
    async with world_and_bot() as (world, bot):
        world.told[5] = ["drop", (502, "")]
        await asyncio.gather(*(bot.send_message(5, str(number)) for number in range(3)))
        assert world.texts(5) == ["0", "0", "0", "1", "2"]


async def test_a_reply_that_takes_long_puts_off_the_next_message_to_that_chat_only():
    async with world_and_bot(RateLimits()) as (world, bot):
        world.told[5] = [answered := asyncio.Event()]
        both = asyncio.gather(bot.send_message(5, "x"), bot.edit_message_text("y", 5, 1))
        await asyncio.sleep(0.05)
        await bot.send_message(6, "x")
        assert not both.done()
        at = time.monotonic()
        answered.set()
        await both
        _, second = world.times(5)
    assert second - at >= 1.0  # Telegram may have counted the first as late as that


def counted_sleeps(monkeypatch):
    """Return the seconds of all sleeps from now on."""
    sleeps, sleep = [], asyncio.sleep

    async def counting(seconds, *rest):
        sleeps.append(seconds)
        await sleep(seconds, *rest)

    monkeypatch.setattr(asyncio, "sleep", counting)
    return sleeps


async def test_what_is_no_message_is_neither_paced_nor_in_order(monkeypatch):
    async with world_and_bot(RateLimits()) as (world, bot):
        sleeps = counted_sleeps(monkeypatch)
        await asyncio.gather(*(bot.answer_callback_query(str(number)) for number in range(40)))
        await asyncio.gather(*(bot.send_message("@channel", "x") for _ in range(3)))  # whose number nobody knows
        assert not any(sleeps)
        assert len(world.requests) == 43


async def test_over_all_chats_who_came_first_goes_first_and_nobody_wakes_in_vain(monkeypatch):
    async with world_and_bot(RateLimits()) as (world, bot):
        sleeps = counted_sleeps(monkeypatch)
        await asyncio.gather(*(bot.send_message(chat, "x") for chat in range(1, 71)))
        monkeypatch.undo()
        times = sorted(world.times())
        order = [chat for _, _, chat, _ in world.requests]
    assert all(later - earlier >= 1.0 for earlier, later in zip(times, times[30:], strict=False))
    assert sorted(order[:30]) == list(range(1, 31))
    assert sorted(order[30:60]) == list(range(31, 61))  # connections differ in speed
    assert len(sleeps) < 150


async def test_a_message_that_is_cancelled_as_it_waits_leaves_the_way_free():
    async with world_and_bot(RateLimits()) as (world, bot):
        await bot.send_message(5, "0")
        waiting = [asyncio.create_task(bot.send_message(5, str(number))) for number in (1, 2, 3)]
        await asyncio.sleep(0.05)
        waiting[0].cancel()  # waits for its second
        waiting[1].cancel()  # waits for the one before it
        await waiting[2]
        assert world.texts(5) == ["0", "3"]
        assert bot.rate_limiter._chats == {}
        assert bot.rate_limiter._all_chats.length == 0


async def test_whoever_waits_for_room_over_all_chats_can_be_cancelled():
    async with world_and_bot(RateLimits()) as (world, bot):
        tasks = [asyncio.create_task(bot.send_message(chat, "x")) for chat in range(1, 36)]
        await asyncio.sleep(0.3)
        for task in tasks[30:34]:
            task.cancel()
        await tasks[34]
        assert len(world.requests) == 31
        assert bot.rate_limiter._chats == {}
        assert bot.rate_limiter._all_chats.length == 0


async def send_within(slots, bot, chat):
    with SendSlot(slots) as slot:
        await bot.send_message(chat, "x")
        assert slot.is_held


async def test_who_waits_for_their_second_holds_no_slot():
    async with world_and_bot(RateLimits()) as (_, bot):
        await bot.send_message(5, "0")
        slots = asyncio.Semaphore(1)
        waiting = asyncio.create_task(send_within(slots, bot, 5))
        await asyncio.sleep(0)
        await send_within(slots, bot, 6)
        assert not waiting.done()
        await waiting
        assert not slots.locked()


async def test_who_waits_for_an_earlier_message_to_the_same_chat_holds_no_slot():
    async with world_and_bot(pauses=()) as (world, bot):
        world.told[5] = [0.4]  # seconds that Telegram takes
        earlier = asyncio.create_task(bot.send_message(5, "0"))
        await asyncio.sleep(0.05)
        slots = asyncio.Semaphore(1)
        waiting = asyncio.create_task(send_within(slots, bot, 5))
        await asyncio.sleep(0.05)
        await send_within(slots, bot, 6)
        assert not waiting.done()
        await asyncio.gather(earlier, waiting)
        assert [chat for _, _, chat, _ in world.requests] == [5, 6, 5]


async def test_who_waits_for_the_next_try_holds_no_slot():
    async with world_and_bot(pauses=(0.5,)) as (world, bot):
        world.told[5] = ["drop"]
        slots = asyncio.Semaphore(1)
        waiting = asyncio.create_task(send_within(slots, bot, 5))
        while not world.requests:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await send_within(slots, bot, 6)
        assert not waiting.done()
        await waiting


async def test_updates_that_wait_for_each_others_slots_are_all_sent():
    async with world_and_bot(RateLimits()) as (world, bot):
        slots = asyncio.Semaphore(2)
        async with asyncio.timeout(10):
            await asyncio.gather(*(send_within(slots, bot, chat) for chat in [*range(1, 40), 1, 1, 2]))
        assert len(world.requests) == 42
        assert not slots.locked()


async def test_a_chat_that_blocked_the_bot_is_asked_no_more_also_after_a_restart(tmp_path):
    path = tmp_path / "state.db"
    async with world_and_bot(blocked=BlockedChats(path, KEY)) as (world, bot):
        world.told[5] = [refusal(403, BLOCKED)]
        first, second = await asyncio.gather(bot.send_message(5, "x"), bot.send_message(5, "y"), return_exceptions=True)
        assert isinstance(first, Forbidden)
        assert isinstance(second, Forbidden)
        assert world.texts(5) == ["x"]
        await bot.send_message(6, "x")
    async with world_and_bot(blocked=BlockedChats(path, KEY)) as (world, bot):
        with pytest.raises(Forbidden):
            await bot.send_message(5, "x")
        assert world.requests == []
        bot.rate_limiter.heard_from(5)
        await bot.send_message(5, "x")
    assert 5 not in BlockedChats(path, KEY)


@pytest.mark.parametrize(
    ("description", "is_gone"),
    [
        ("Forbidden: user is deactivated", True),
        ("Forbidden: bot was kicked from the supergroup chat", True),
        ("Forbidden: bot is not a member of the channel chat", True),
        ("Forbidden: bot can't initiate conversation with a user", True),
        ("Forbidden: the group chat was deleted", True),
        ("Forbidden: not enough rights to send text messages to the chat", False),
    ],
)
async def test_only_who_is_gone_counts_as_gone(tmp_path, description, is_gone):
    blocked = BlockedChats(tmp_path / "state.db", KEY)
    async with world_and_bot(blocked=blocked) as (world, bot):
        world.told[5] = [refusal(403, description)]
        with pytest.raises(Forbidden):
            await bot.send_message(5, "x")
    assert (5 in blocked) is is_gone


async def test_a_refusal_shows_that_telegram_is_there_and_silence_that_it_is_not():
    async with world_and_bot(pauses=()) as (world, bot):
        alarms = bot.rate_limiter._alerts
        for told, is_there in (("drop", False), (refusal(400, "Bad Request: x"), True), ((200, "<"), False)):
            world.told[5] = [told]
            with pytest.raises(TelegramError):
                await bot.send_message(5, "x")
            assert alarms.reachable is is_there
