"""From CITEBOT_REFRESH to loads of all sources that nobody asked for, in the child process that loads."""

import asyncio
import json
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.rendering import messages
from bot.rendering.telegram.answer import text_html
from bot.settings import Settings
from bot.sources import what_to_read
from bot.telegram.jobs.runner import JobRunner, load_job, nobody
from retrieval import Engine

_LOG = logging.getLogger(__name__)
_LOOK = 60.0  # seconds between two looks at whether it is time: clocks are set, and others load too
_PAUSE = 600.0  # seconds after a refresh that changed nothing about that: the store was busy, or the disk is full


class Refresh:
    """Reads all sources again, one interval after that of them was read which was read longest ago."""

    def __init__(self, settings: Settings, engine: Engine, work: JobRunner) -> None:
        """Load by means of `work`."""
        self._settings = settings
        self._engine = engine
        self._work = work
        self._told: frozenset[str] = frozenset()  # failures of the last refresh
        self._task: asyncio.Task[None] | None = None

    def begin(self, bot: Bot) -> None:
        """Begin to look at the clock, if that is wanted, in a task of its own; `bot` tells the admins."""
        if self._settings.refresh is not None:
            self._task = asyncio.create_task(self._go_on(self._settings.refresh, bot))

    async def close(self) -> None:
        """Look no more; `work` ends what is being loaded."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self, interval: timedelta, bot: Bot) -> None:
        not_before = 0.0
        while True:
            try:
                is_due = time.monotonic() >= not_before and await asyncio.to_thread(self._is_due, interval)
                if is_due and self._work.begin(self._refresh(bot)):
                    not_before = time.monotonic() + min(interval.total_seconds(), _PAUSE)
            except Exception:  # noqa: BLE001 - whatever it is, the store may be readable in a minute
                _LOG.exception("it cannot be told whether the sources are to be read again")
            await asyncio.sleep(_LOOK)

    def _is_due(self, interval: timedelta) -> bool:
        """Tell whether it is time; the table of sources knows since when, so that a restart puts nothing off."""
        times = [read for read in map(self._engine.read_at, what_to_read(self._engine, self._settings)) if read]
        return not times or datetime.now(UTC) - datetime.fromisoformat(min(times)) >= interval

    async def _refresh(self, bot: Bot) -> None:
        """Load all sources, log what failed, and tell the admins what of it did not fail the last time."""
        ending = await self._work.follow(load_job("refresh", self._engine, self._settings), nobody)
        if ending.event != "refreshed":
            _LOG.warning("refresh: %s", ending.text)
            return
        failures = json.loads(ending.text)
        for failure in failures:
            _LOG.warning("refresh: %s", failure)
        new = [failure for failure in failures if failure not in self._told]
        self._told = frozenset(failures)
        for admin in sorted(self._settings.admins) if new else ():
            await _tell(bot, admin, messages.refresh_failed(new))


async def _tell(bot: Bot, admin: int, text: str) -> None:
    try:
        await bot.send_message(admin, text_html(text), parse_mode=ParseMode.HTML)
    except TelegramError as error:  # a bot cannot write to who has never written to it
        _LOG.warning("admin %d was not told of it: %s", admin, error)
