"""/reload and the first load: both run in a child process and show their progress."""

import asyncio
import logging
from collections.abc import Callable

from telegram import Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.answer_html import text_html
from bot.settings import Settings
from bot.sources import POLL_INTERVAL, default_sources
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.confirmations import yes_or_no
from bot.telegram.jobs.runner import Job, JobResult, JobRunner, ignore_progress, load_job
from bot.telegram.sending.replies import LiveMessage, edit, reply
from retrieval import Engine
from retrieval.errors import SourceError, StoreError
from retrieval.store.lock import is_loading

_LOG = logging.getLogger(__name__)


class ReloadHandlers:
    """The first load, and the handlers of /reload."""

    def __init__(self, settings: Settings, engine: Engine, jobs: JobRunner, offers: Offers) -> None:
        """Load with `jobs`; the engine stays the caller's to close."""
        self._settings = settings
        self._engine = engine
        self._jobs = jobs
        self._offers = offers

    async def fill(self, say: Callable[[str], None]) -> None:
        """Load the configured sources into a store that has never been loaded; `say` informs the operator.

        Wait for another process that is already doing so. Raise SourceError if nothing could be read.
        """
        if self._engine.generation():
            return
        say(messages.first_load(self._settings.db, default_sources(self._engine, self._settings)))
        self._jobs.begin(self._first_load(say))
        await self._jobs.ended()
        if not self._jobs.is_closing and not self._engine.generation():
            raise SourceError(messages.NOTHING_READ)

    async def reload(self, message: Message) -> None:
        """Show what loading all sources again would change; with `now`, load them at once."""
        _, *rest = (message.text or "").split()
        if rest not in ([], ["now"]):
            await reply(message, text_html(admin_messages.RELOAD_USAGE))
            return
        if not self._jobs.begin(self._load_now(message) if rest else self._preview(message)):
            await reply(message, text_html(messages.LOAD_BUSY))

    async def load_previewed(self, press: Press, offer: Offer) -> None:
        """Load after a preview, unless the articles have changed since."""
        generation = await asyncio.to_thread(self._engine.generation)
        if generation != offer.details["generation"]:
            await press.expire(admin_messages.PREVIEW_TOO_OLD)
        elif not self._jobs.begin(self._load_previewed(press)):
            await press.expire(messages.LOAD_BUSY)

    async def _first_load(self, say: Callable[[str], None]) -> None:
        said = False
        while not self._jobs.is_closing and not self._engine.generation():
            ending = await self._jobs.follow(await self._job("load"), ignore_progress)
            if ending.text != messages.LOAD_BUSY:
                for line in ending.text.splitlines():
                    say(line)
                return
            if not said:
                say(messages.WAITING_FOR_LOAD)
            said = True
            await self._wait_for_other_load()

    async def _wait_for_other_load(self) -> None:
        while is_loading(self._settings.db) and not self._jobs.is_closing:  # noqa: ASYNC110 - another process has no events
            await asyncio.sleep(POLL_INTERVAL)

    async def _preview(self, message: Message) -> None:
        first = text_html(admin_messages.CHECKING)
        live = LiveMessage(await reply(message, first), first)
        ending = await self._follow("preview", live, admin_messages.CHECKING)
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
        """Run a job with all sources; errors of the store go to the log only, since they name a path."""
        try:
            job = await self._job(name)
        except StoreError:
            _LOG.exception("could not read the list of sources")
            return JobResult("failed", messages.LOAD_FAILED)
        return await self._jobs.show(job, live, heading)

    async def _job(self, name: str) -> Job:
        """Return a job with all sources."""
        more = {"state": str(self._settings.state), "caution": self._settings.caution}
        return await asyncio.to_thread(load_job, name, self._engine, self._settings) | more
