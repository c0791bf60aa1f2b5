"""CITEBOT_REFRESH in, a load of all sources every so often, in a child process."""

import asyncio
import json
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.rendering import operator_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.sources import default_sources
from bot.telegram.jobs.runner import JobRunner, ignore_progress, load_job
from retrieval import Engine

_LOG = logging.getLogger(__name__)
_CHECK_INTERVAL = 60.0  # seconds: clocks can be set, and other processes load too
_RETRY_PAUSE = 600.0  # seconds, after a refresh that failed: the store was busy, or the disk is full


class Refresh:
    """Loads all sources once the oldest of them was read one interval ago."""

    def __init__(self, settings: Settings, engine: Engine, work: JobRunner) -> None:
        """Load with `work`."""
        self._settings = settings
        self._engine = engine
        self._work = work
        self._last_failures: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None

    def begin(self, bot: Bot) -> None:
        """Start the task, if CITEBOT_REFRESH is set; `bot` tells the admins."""
        if self._settings.refresh is not None:
            self._task = asyncio.create_task(self._run(self._settings.refresh, bot))

    async def close(self) -> None:
        """End the task; `work` ends a load under way."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, interval: timedelta, bot: Bot) -> None:
        not_before = 0.0
        while True:
            try:
                is_due = time.monotonic() >= not_before and await asyncio.to_thread(self._is_due, interval)
                if is_due and not self._work.is_under_way:
                    self._work.begin(self._refresh(bot))
                    not_before = time.monotonic() + min(interval.total_seconds(), _RETRY_PAUSE)
            except Exception:  # noqa: BLE001 - the store may be readable in a minute
                _LOG.exception("Cannot check whether a refresh is due.")
            await asyncio.sleep(_CHECK_INTERVAL)

    def _is_due(self, interval: timedelta) -> bool:
        """Whether it is time; the store keeps the times, so that a restart delays nothing."""
        sources = default_sources(self._engine, self._settings)
        times = [read for read in map(self._engine.read_at, sources) if read]
        if not times:
            return bool(sources)
        return datetime.now(UTC) - datetime.fromisoformat(min(times)) >= interval

    async def _refresh(self, bot: Bot) -> None:
        """Load all sources, log what failed, and tell the admins about failures that are new."""
        result = await self._work.follow(load_job("refresh", self._engine, self._settings), ignore_progress)
        if result.event != "refreshed":
            _LOG.warning("refresh: %s", result.text)
            return
        failures = json.loads(result.text)
        for failure in failures:
            _LOG.warning("refresh: %s", failure)
        new = [failure for failure in failures if failure not in self._last_failures]
        self._last_failures = frozenset(failures)
        for admin in sorted(self._settings.admins) if new else ():
            await _tell(bot, admin, operator_messages.refresh_failed(new))


async def _tell(bot: Bot, admin: int, text: str) -> None:
    try:
        await bot.send_message(admin, text_html(text), parse_mode=ParseMode.HTML)
    except TelegramError as error:  # e.g. an admin who has never written to the bot
        _LOG.warning("An admin could not be told about failed sources: %s", error)
