"""Once a week, for each admin who ordered it: what was asked, the gaps, and the sources that fail.

Not for editors: where the sources are is the admins' to know.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from telegram import Bot
from telegram.error import Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.state import Digests
from bot.telegram.jobs.background import Background
from bot.telegram.jobs.runner import JobRunner, asking_job
from bot.telegram.sending.failures import Undelivered
from bot.telegram.sending.replies import send
from retrieval.errors import RetrievalError

_LOG = logging.getLogger(__name__)
DAY = 86400.0  # seconds
WEEK = 7 * DAY
_INTERVAL = 60.0  # seconds between looks at what is due


class WeeklyDigest(Background):
    """Sends the digests that are due. The next is noted after one was sent: a kill repeats at most the one being sent."""

    def __init__(self, settings: Settings, jobs: JobRunner, digests: Digests, may_get: Callable[[int], bool]) -> None:
        """`may_get` says at the moment of sending whether somebody is still to see what is asked."""
        self._settings, self._jobs, self._digests, self._may_get = settings, jobs, digests, may_get

    async def _run(self, bot: Bot) -> None:
        while True:
            try:
                for chat, due in await asyncio.to_thread(self._digests.due, time.time()):
                    await self._send(bot, chat, due)
            except (RetrievalError, TelegramError) as error:
                _LOG.warning("A digest waits: %s", error)
            except Exception:  # noqa: BLE001 - the next look may succeed
                _LOG.exception("A digest waits.")
            await asyncio.sleep(_INTERVAL)

    async def _send(self, bot: Bot, chat: int, due: float) -> None:
        if not self._may_get(chat):
            await asyncio.to_thread(self._digests.cancel, chat)
            return
        job = asking_job("digest", self._settings) | {"since": time.time() - WEEK}
        result = await self._jobs.read(job)
        if result.event != "done":
            _LOG.warning("A digest waits: %s", result.text)
            return
        try:
            await send(bot, chat, text_html(result.text))
        except Forbidden:  # they blocked the bot
            await asyncio.to_thread(self._digests.cancel, chat)
            return
        except (InvalidToken, RetryAfter, Undelivered):
            raise
        except TelegramError as error:  # to repeat it may send it twice, or never end
            _LOG.warning("A digest was refused, or may not have arrived: %s", error)
        missed = max(0.0, time.time() - due) // WEEK  # while the bot was off
        await asyncio.to_thread(self._digests.order, chat, due + (missed + 1) * WEEK)
