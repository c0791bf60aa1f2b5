"""What the bot cannot do without, over real HTTP: a webhook that stays set, and words when nothing can be posted."""

import asyncio
import logging
from contextlib import suppress
from types import SimpleNamespace

import pytest
from fake_bot_api.client import TOKEN
from telegram import Bot
from telegram.error import InvalidToken

from bot.telegram.alarms import Alarms
from bot.telegram.insisting import insist, keep_webhook
from bot.telegram.transport import Transport

SETTINGS = SimpleNamespace(webhook_url="https://bot.example.org/hook", webhook_secret="a-secret", workers=8)


def run(telegram, doing, token=TOKEN):
    async def with_bot():
        async with Bot(token, base_url=telegram.api_url, request=Transport(), get_updates_request=Transport()) as bot:
            return await doing(bot)

    return asyncio.run(with_bot())


def keeping(telegram, seconds, meanwhile, alarms=None):
    """Keep the webhook for some seconds; do something once it is set."""

    async def doing(bot):
        task = asyncio.create_task(keep_webhook(bot, SETTINGS, alarms or Alarms(), between_looks=0.1))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(meanwhile)
        await asyncio.sleep(seconds)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    run(telegram, doing)


def where(telegram):
    return telegram.call("getWebhookInfo")["result"]["url"]


def test_a_webhook_that_another_process_takes_away_is_set_again(telegram, caplog):
    assert where(telegram) == ""
    keeping(telegram, 0.3, lambda: telegram.call("deleteWebhook"))
    assert where(telegram) == SETTINGS.webhook_url
    assert caplog.messages == ["Another process has taken the webhook away; it is set again."]


def test_that_telegram_cannot_post_is_told(telegram, caplog):
    telegram.webhook_target("http://127.0.0.1:9")
    alarms = Alarms(patience=0.05)
    keeping(telegram, 0.5, lambda: telegram.write("Who is there?"), alarms)
    said = "Telegram could not post to CITEBOT_WEBHOOK_URL: "
    assert any(one.startswith("fetching updates has failed for") and said in one for one in caplog.messages)
    assert alarms.reachable  # Telegram itself has said it


def test_a_failure_is_asked_about_again_and_told_once(telegram, caplog):
    caplog.set_level(logging.WARNING)
    telegram.fault("502", "setWebhook", times=1)
    keeping(telegram, 1.2, lambda: None)
    assert where(telegram) == SETTINGS.webhook_url
    (told,) = [one for one in caplog.messages if one.startswith("The webhook cannot be set yet")]
    assert "(502)" in told


def test_a_refused_token_is_no_failure_that_passes():
    async def refused():
        raise InvalidToken

    with pytest.raises(InvalidToken):
        asyncio.run(insist(refused, lambda _: None))
