"""From an admin's /reload, or a store that is not there yet, to a load in a child process and words on how it goes."""

import asyncio
import logging
from collections.abc import Callable

from telegram import Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.answer import text_html
from bot.settings import Settings
from bot.sources import POLL_INTERVAL, default_sources
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.confirmations import yes_or_no
from bot.telegram.jobs.runner import Job, JobResult, JobRunner, ignore_progress, load_job
from bot.telegram.sending.messages import LiveMessage, edit, reply
from retrieval import Engine
from retrieval.errors import SourceError, StoreError
from retrieval.store.lock import is_loading

_LOG = logging.getLogger(__name__)


class ReloadHandlers:
    """The first load, and those that admins ask for."""

    def __init__(self, settings: Settings, engine: Engine, work: JobRunner, offers: Offers) -> None:
        """Load by means of `work`; the engine stays the caller's to close."""
        self._settings = settings
        self._engine = engine
        self._work = work
        self._offers = offers

    async def fill(self, say: Callable[[str], None]) -> None:
        """Load the configured sources into a store that has never been loaded; `say` tells the operator.

        Waits for another process that does so already. The child that loads takes scikit-learn with it when it ends.
        Raises SourceError when nothing could be read.
        """
        if self._engine.generation():
            return
        say(messages.first_load(self._settings.db, default_sources(self._engine, self._settings)))
        self._work.begin(self._first_load(say))
        await self._work.ended()
        if not self._work.is_closing and not self._engine.generation():
            raise SourceError(messages.NOTHING_READ)

    async def reload(self, message: Message) -> None:
        """Begin to show what reading all sources again would change; with `now` read them at once."""
        _, *rest = (message.text or "").split()
        if rest not in ([], ["now"]):
            await reply(message, text_html(admin_messages.RELOAD_USAGE))
            return
        if not self._work.begin(self._load_now(message) if rest else self._preview(message)):
            await reply(message, text_html(messages.LOAD_BUSY))

    async def load_previewed(self, press: Press, offer: Offer) -> None:
        """Load what an admin has seen the preview of, unless the articles have changed since."""
        generation = await asyncio.to_thread(self._engine.generation)
        if generation != offer.details["generation"]:
            await press.is_stale(admin_messages.PREVIEW_TOO_OLD)
        elif not self._work.begin(self._load_previewed(press)):
            await press.is_stale(messages.LOAD_BUSY)

    async def _first_load(self, say: Callable[[str], None]) -> None:
        told = False
        while not self._work.is_closing and not self._engine.generation():
            ending = await self._work.follow(await self._job("load"), ignore_progress)
            if ending.text != messages.LOAD_BUSY:
                for line in ending.text.splitlines():
                    say(line)
                return
            if not told:
                say(messages.LOAD_AWAITED)
            told = True
            await self._wait_for_other_load()

    async def _wait_for_other_load(self) -> None:
        while is_loading(self._settings.db) and not self._work.is_closing:  # noqa: ASYNC110 - another process has no events
            await asyncio.sleep(POLL_INTERVAL)

    async def _preview(self, message: Message) -> None:
        first = text_html(admin_messages.LOOKING)
        live = LiveMessage(await reply(message, first), first)
        ending = await self._follow("preview", live, admin_messages.LOOKING)
        if ending.event != "preview":
            await live.finish(text_html(ending.text))
            return
        generation = await asyncio.to_thread(self._engine.generation)
        token = await asyncio.to_thread(self._offers.make, "reload", message.chat_id, generation=generation)
        await live.finish(
            ending.text, yes_or_no(message.chat_id, token, admin_messages.LOAD, admin_messages.DO_NOT_LOAD)
        )

    async def _load_now(self, message: Message) -> None:
        first = text_html(messages.LOADING)
        await self._load(LiveMessage(await reply(message, first), first))

    async def _load_previewed(self, press: Press) -> None:
        await press.answer()
        first = text_html(messages.LOADING)
        await edit(press.message, first)
        await self._load(LiveMessage(press.message, first))

    async def _load(self, live: LiveMessage) -> None:
        ending = await self._follow("load", live, messages.LOADING)
        await live.finish(text_html(ending.text))

    async def _follow(self, name: str, live: LiveMessage, heading: str) -> JobResult:
        """Do a job with all sources; a store that cannot be used is told to the log, for it names a path."""
        try:
            job = await self._job(name)
        except StoreError:
            _LOG.exception("the sources cannot be told")
            return JobResult("failed", messages.LOAD_FAILED)
        return await self._work.show(job, live, heading)

    async def _job(self, name: str) -> Job:
        """Describe a job with all sources."""
        more = {"state": str(self._settings.state), "caution": self._settings.caution}
        return await asyncio.to_thread(load_job, name, self._engine, self._settings) | more
