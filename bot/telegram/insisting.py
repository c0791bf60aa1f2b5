"""From something that the bot cannot do without to Telegram's consent, however long that takes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Never

from telegram import Bot
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.settings import Settings
from bot.telegram.alarms import Alarms
from bot.telegram.failures import seconds_to_wait
from bot.telegram.webhook import set_webhook

_LONGEST_PAUSE = 30.0  # seconds between two tries
_BETWEEN_LOOKS = 60.0  # seconds between two looks at the webhook

_LOG = logging.getLogger(__name__)


async def insist(ask: Callable[[], Awaitable[object]], failed: Callable[[TelegramError], None]) -> None:
    """Ask Telegram until it agrees, and report each failure; raises InvalidToken."""
    pause = 1.0
    while True:
        try:
            await ask()
        except InvalidToken:
            raise
        except TelegramError as error:
            failed(error)
            wanted = seconds_to_wait(error) if isinstance(error, RetryAfter) else 0.0
            await asyncio.sleep(max(pause, wanted))
        else:
            return
        pause = min(2 * pause, _LONGEST_PAUSE)


async def keep_webhook(bot: Bot, settings: Settings, alarms: Alarms, *, between_looks: float = _BETWEEN_LOOKS) -> Never:
    """Have updates posted until cancelled: look now and then whether they are, and put right or report what is wrong.

    Raises InvalidToken.
    """
    failed = reporting(alarms, "The webhook cannot be set yet")
    await insist(lambda: set_webhook(bot, settings), failed)
    alarms.polled()
    while True:
        await asyncio.sleep(between_looks)
        await insist(lambda: _look(bot, settings, alarms, between_looks), failed)


async def _look(bot: Bot, settings: Settings, alarms: Alarms, lately: float) -> None:
    info = await bot.get_webhook_info()
    if info.url != settings.webhook_url:
        _LOG.warning("Another process has taken the webhook away; it is set again.")
        await set_webhook(bot, settings)
        return
    failure = info.last_error_date
    if failure is not None and datetime.now(UTC) - failure <= timedelta(seconds=lately + 1):  # it is in whole seconds
        _LOG.warning("Telegram could not post updates: %s", info.last_error_message)
        alarms.poll_failed(BadRequest(f"Telegram could not post to CITEBOT_WEBHOOK_URL: {info.last_error_message}"))
    else:
        alarms.polled()


def reporting(alarms: Alarms, what: str) -> Callable[[TelegramError], None]:
    """Report failures to the log, those alike once in a row, and to the alarms."""
    told: set[str] = set()

    def failed(error: TelegramError) -> None:
        if str(error) not in told:
            _LOG.warning("%s: %s. Trying on.", what, error)
        told.clear()
        told.add(str(error))
        alarms.poll_failed(error)

    return failed
