"""From CITEBOT_REFRESH to loads of all sources that nobody asked for, in the child process that loads."""

import asyncio
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from telegram import Bot
from telegram.error import TelegramError

from bot.filling import what_to_read
from bot.rendering import words
from bot.rendering.telegram import text_html
from bot.settings import Settings
from bot.telegram.delivery import PARSED
from bot.telegram.uploads_folder import uploads_folder
from bot.telegram.work import Work, nobody
from retrieval.engine import Engine

_LOG = logging.getLogger(__name__)
_LOOK = timedelta(minutes=1)  # between two looks at whether it is time: clocks are set, and others load too
_AFTER_FAILING = timedelta(minutes=10)  # before the next attempt, where nothing could be loaded at all


class Refreshing:
    """Reads all sources again, one interval after that of them was read which was read longest ago."""

    def __init__(self, settings: Settings, engine: Engine, work: Work, bot: Bot) -> None:
        """Load by means of `work`, tell admins by means of `bot`."""
        self._settings = settings
        self._engine = engine
        self._work = work
        self._bot = bot
        self._told: frozenset[str] = frozenset()  # failures of the last refresh
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to look at the clock, if that is wanted; goes on in a task of its own."""
        if self._settings.refresh is not None:
            self._task = asyncio.create_task(self._go_on(self._settings.refresh))

    async def close(self) -> None:
        """Look no more; what is being loaded is ended by `work`."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self, interval: timedelta) -> None:
        while True:
            try:
                wait = await asyncio.to_thread(self._time_left, interval)
                if wait <= timedelta(0) and self._work.begin(self._refresh()):
                    await self._work.ended()
                    wait = await asyncio.to_thread(self._time_left, interval)
                    wait = max(wait, min(interval, _AFTER_FAILING))
            except Exception:  # a store that cannot be read now may be readable later
                _LOG.exception("the time of the next refresh cannot be told")
                wait = _LOOK
            await asyncio.sleep(
                min(max(wait, timedelta(seconds=1)), max(_LOOK, min(wait, _AFTER_FAILING))).total_seconds()
            )

    def _time_left(self, interval: timedelta) -> timedelta:
        """Tell how long it is until the next refresh; the table of sources knows, so that a restart puts nothing off."""
        times = [time for time in map(self._engine.read_at, self._specs()) if time]
        if not times:
            return timedelta(0)
        return datetime.fromisoformat(min(times)) + interval - datetime.now(UTC)

    def _specs(self) -> list[str]:
        uploads = uploads_folder(self._settings.db)
        return [*what_to_read(self._engine, self._settings), *([str(uploads)] if uploads.is_dir() else [])]

    async def _refresh(self) -> None:
        """Load all sources, log what came of it, and tell the admins what failed that did not the last time."""
        specs = await asyncio.to_thread(self._specs)
        job = {"job": "refresh", "db": str(self._settings.db), "specs": specs}
        ending = await self._work.follow(job | {"allow_private": self._settings.allow_private}, nobody)
        if ending.event != "refreshed":
            _LOG.warning("refresh: %s", ending.text)
            return
        lines, failures = json.loads(ending.text)
        for line in lines:
            (_LOG.warning if line in failures else _LOG.info)("refresh: %s", line)
        new = [failure for failure in failures if failure not in self._told]
        self._told = frozenset(failures)
        if new:
            await self._tell_admins(words.refresh_failed(new))

    async def _tell_admins(self, text: str) -> None:
        for admin in sorted(self._settings.admins):
            try:
                await self._bot.send_message(admin, text_html(text), **PARSED)
            except TelegramError as error:  # who has never written to the bot cannot be written to
                _LOG.warning("admin %d was not told: %s", admin, error)
