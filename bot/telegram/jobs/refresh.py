"""CITEBOT_REFRESH in, a load of all sources every so often, or of files when they change, in a child process."""

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.rendering import load_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings, uploads_folder
from bot.sources import default_sources
from bot.telegram.jobs.runner import JobRunner, ignore_progress, load_job
from retrieval import Engine, watchable
from retrieval.records import Failure

if TYPE_CHECKING:
    from bot.telegram.jobs.watcher import Watcher

_LOG = logging.getLogger(__name__)
_CHECK_INTERVAL = 60.0  # seconds: clocks can be set, and other processes load too
_RETRY_PAUSE = 600.0  # seconds, after a refresh that failed: the store was busy, or the disk is full


class Refresh:
    """Loads all sources once the oldest of them was read one interval ago, and files once they have changed."""

    def __init__(self, settings: Settings, engine: Engine, work: JobRunner) -> None:
        """Load with `work`."""
        self._settings = settings
        self._engine = engine
        self._work = work
        # Of the last load, of files alone or not.
        self._failures: dict[bool, frozenset[Failure]] = defaultdict(frozenset)
        self._tasks: list[asyncio.Task[None]] = []
        self._watcher: Watcher | None = None

    def begin(self, bot: Bot) -> None:
        """Start what CITEBOT_REFRESH asks for; `bot` tells the admins."""
        if self._settings.refresh.interval is not None:
            self._tasks.append(asyncio.create_task(self._run(self._settings.refresh.interval, bot)))
        if self._settings.refresh.watch:
            from bot.telegram.jobs.watcher import Watcher  # noqa: PLC0415 - few bots watch

            self._watcher = Watcher(self._files, lambda: self._load_files(bot))
            self._tasks.append(asyncio.create_task(self._watcher.run()))

    async def close(self) -> None:
        """End the tasks; `work` ends a load under way."""
        if self._watcher is not None:
            self._watcher.stop()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

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

    def _files(self) -> list[str]:
        """List the sources that may change without the bot; what admins send to it is loaded as it comes."""
        uploads = str(uploads_folder(self._settings.db))
        return [spec for spec in default_sources(self._engine, self._settings) if watchable(spec) and spec != uploads]

    async def _load_files(self, bot: Bot) -> bool:
        """Load the files that are watched, once no other load is under way; return whether that worked."""
        files = await asyncio.to_thread(self._files)
        if not files:
            return True
        task = self._work.begin(self._refresh(bot, files))
        await asyncio.wait({task})  # which, unlike `await task`, leaves it alone when cancelled
        return bool(task.result())

    async def _refresh(self, bot: Bot, files: Sequence[str] = ()) -> bool:
        """Load these files or all sources, log what failed, tell the admins what newly did; return whether it was done."""
        job = load_job("refresh", self._engine, self._settings, files)
        while (result := await self._work.follow(job, ignore_progress)).event == "busy":
            await self._work.wait_for_other_load(self._settings.db)
        if result.event != "refreshed":
            _LOG.warning("refresh: %s", result.text)
            return False
        failed = [Failure(*one) for one in json.loads(result.text)]
        for one in failed:
            _LOG.warning("refresh: %s: %s", one.name, one.reason)
        of_files = bool(files)
        new = [failure for failure in failed if failure not in self._failures[of_files]]
        self._failures[of_files] = frozenset(failed)
        for admin in sorted(self._settings.admins) if new else ():
            await _tell(bot, admin, load_messages.refresh_failed(new))
        return True


async def _tell(bot: Bot, admin: int, text: str) -> None:
    try:
        await bot.send_message(admin, text_html(text), parse_mode=ParseMode.HTML)
    except TelegramError as error:  # e.g. an admin who has never written to the bot
        _LOG.warning("An admin could not be told about failed sources: %s", error)
