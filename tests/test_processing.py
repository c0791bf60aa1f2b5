"""What is told of an update that nobody could answer, over real HTTP: it keeps nobody waiting, and an ending bot not long."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from fake_bot_api.client import TOKEN, private_chat
from telegram.ext import ApplicationBuilder, MessageHandler, filters

from bot.rendering import messages
from bot.state import BlockedChats, DeadLetter, StoredUpdate
from bot.telegram.handlers.application import BotApplication
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.processing import Processor
from bot.telegram.receiving.dispatcher import Unparsable
from bot.telegram.sending.failures import Undelivered
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.rate_limits import RateLimits
from bot.telegram.sending.request import AiohttpRequest


async def say_something(update, _):
    await update.message.reply_text("An answer.")


SAYS_SOMETHING = MessageHandler(filters.ALL, say_something)


@asynccontextmanager
async def handling(telegram, longest_apology=10.0, blocked=None, refused=None, handlers=()):
    transport, alarms = AiohttpRequest(), Alerts()
    courier = RateLimiter(RateLimits(), blocked, Metrics(), alarms)
    builder = ApplicationBuilder().application_class(BotApplication).token(TOKEN).updater(None).job_queue(None)
    builder = builder.base_url(telegram.api_url).request(transport).get_updates_request(transport)
    async with builder.rate_limiter(courier).build() as application:
        application.add_handlers(handlers)
        yield Processor(application, courier, alarms, refused or (lambda: None), longest_apology=longest_apology)


def a_letter(number, user, **more):
    sender = {"id": user, "is_bot": False, "first_name": "U"}
    message = {"message_id": number, "date": 1, "chat": private_chat(user), "from": sender, "text": "Who?"}
    return StoredUpdate(number, {"update_id": number, "message": message | more}, time.time())


def a_dead_one(letter):
    return DeadLetter(letter.update_id, datetime.now(UTC), "it failed", 3)


def test_nobody_waits_until_somebody_has_been_told_that_there_is_no_answer(telegram):
    telegram.write("Who?", user=1)  # so that there is a chat
    telegram.fault("slow", "sendMessage", chat=1, seconds=1)

    async def run():
        async with handling(telegram) as handles:
            letter = a_letter(1, 1)
            await handles.report_dead_letter(a_dead_one(letter), letter)
            assert telegram.conversation(1) == []
            await handles.close()

    asyncio.run(run())
    assert telegram.replies(1)[0]["text"] == messages.FAILED


def test_who_cannot_be_told_in_time_is_not_told(telegram, caplog):
    telegram.write("Who?", user=2)
    telegram.fault("hang", "sendMessage", chat=2, seconds=20)

    async def run():
        async with handling(telegram, longest_apology=0.2) as handles:
            letter = a_letter(2, 2)
            await handles.report_dead_letter(a_dead_one(letter), letter)
            await handles.close()

    asyncio.run(run())
    assert "The author could not be told either: it took too long" in caplog.messages
    telegram.clear_faults()


def test_who_sends_too_much_is_told_once_where_they_are_alone_with_the_bot(telegram):
    shown = {"message_id": 1, "date": 1, "chat": private_chat(21), "text": "An answer."}
    pressed = {"id": "21", "chat_instance": "1", "data": "x", "from": {"id": 21, "is_bot": False, "first_name": "U"}}

    async def run():
        async with handling(telegram) as handles:
            for number in range(3):
                handles.report_left_out(a_letter(number, 20).update)
                handles.report_left_out({"update_id": number, "callback_query": pressed | {"message": shown}})
                handles.report_left_out(a_letter(number, 22, chat={"id": -22, "type": "group", "title": "G"}).update)
                handles.report_left_out({"update_id": number, "message": {"from": {"id": 23}, "message_id": "x"}})
            await handles.close()

    telegram.write("Who?", user=20)
    before = len(telegram.requests("sendMessage"))
    asyncio.run(run())
    assert [one["text"] for one in telegram.replies(20)] == [messages.TOO_FAST]
    assert len(telegram.requests("sendMessage")) == before + 1
    told = telegram.requests("answerCallbackQuery")
    assert [one["parameters"]["text"] for one in told] == [messages.TOO_FAST]


def test_what_cannot_be_read_is_nobodys_and_told_to_nobody(telegram):
    async def run():
        async with handling(telegram) as handles:
            letter = StoredUpdate(3, {"update_id": 3, "message": {"message_id": "x"}}, 0.0)
            with pytest.raises(Unparsable, match=r"\w+Error"):
                await handles.process(letter)
            await handles.report_dead_letter(a_dead_one(letter), letter)
            await handles.close()

    before = len(telegram.requests("sendMessage"))
    asyncio.run(run())
    assert len(telegram.requests("sendMessage")) == before


def test_who_had_blocked_the_bot_and_presses_a_button_does_so_no_more(telegram, tmp_path):
    blocked = BlockedChats(tmp_path / "state.db", b"key")
    blocked.add(4)
    blocked.add(5)
    query = {"id": "1", "chat_instance": "1", "data": "x", "from": {"id": 4, "is_bot": False, "first_name": "U"}}
    update = {"update_id": 4, "callback_query": query | {"message": a_letter(4, 4).update["message"]}}

    async def run():
        async with handling(telegram, blocked=blocked) as handles:
            await handles.process(StoredUpdate(4, update, 0.0))
            await handles.process(a_letter(5, 5))

    asyncio.run(run())
    assert 4 not in blocked
    assert 5 not in blocked


def test_a_token_that_is_refused_leaves_the_update_for_the_next_start(telegram):
    refused = []

    async def run():
        async with handling(telegram, refused=lambda: refused.append(True), handlers=[SAYS_SOMETHING]) as handles:
            telegram.revoke()
            with pytest.raises(Undelivered, match="rejected the bot token"):
                await handles.process(a_letter(6, 6))

    asyncio.run(run())
    assert refused == [True]
