"""/reload, /cancel, and the first load: loads run in a child process and show their progress."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence

from telegram import Message

from bot.rendering import admin_messages, operator_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.sources import sources_of_first_load
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.confirmations import choices
from bot.telegram.jobs.runner import Job, JobResult, JobRunner, ignore_progress, load_job
from bot.telegram.sending.replies import LiveMessage, edit, reply
from retrieval import Engine
from retrieval.errors import EngineAway, SourceError, StoreError

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
        """Load the configured sources into a store that has never been loaded, but into no engine; `say` informs the operator.

        Wait for another process that is already doing so, but not for an engine that is away. Raise SourceError if nothing
        could be read, or nothing is to be.
        """
        try:
            if await asyncio.to_thread(self._engine.generation):
                return
        except EngineAway as error:  # what is asked waits for it
            say(str(error))
            return
        if self._settings.engine:  # which others ask too, and whose address may be mistyped
            say(operator_messages.empty_engine(self._settings))
            return
        say(operator_messages.first_load(self._settings, sources_of_first_load(self._engine, self._settings)))
        self._jobs.begin(self._first_load(say))
        await self._jobs.ended()
        if not self._jobs.is_closing and not self._engine.generation():
            raise SourceError(operator_messages.NOTHING_READ)

    async def reload(self, message: Message) -> None:
        """Show what loading all sources again would change; with `now`, load them at once."""
        _, *rest = (message.text or "").split()
        if not rest:
            self._jobs.begin(self._preview(await self._jobs.open(message, admin_messages.CHECKING)))
        elif rest == ["now"]:
            self._jobs.begin(self._load(await self._jobs.open(message, operator_messages.LOADING)))
        else:
            await reply(message, text_html(admin_messages.RELOAD_USAGE))

    async def cancel(self, message: Message) -> None:
        """End the load, or whatever else changes the articles, that is under way."""
        is_ended = self._jobs.cancel()
        await reply(message, text_html(admin_messages.CANCELLING if is_ended else admin_messages.NOTHING_TO_CANCEL))

    async def load_previewed(self, press: Press, offer: Offer) -> None:
        """Load after a preview, unless the articles have changed since."""
        await self._load_offered(press, offer, prune=[])

    async def load_and_remove(self, press: Press, offer: Offer) -> None:
        """Load after a preview, and remove the articles that it found to have vanished, and no others."""
        await self._load_offered(press, offer, prune=offer.details["vanished"])

    async def _first_load(self, say: Callable[[str], None]) -> None:
        said = False
        while not self._jobs.is_closing and not self._engine.generation():
            ending = await self._jobs.follow(await self._job("load"), ignore_progress)
            if ending.event != "busy":
                for line in ending.text.splitlines():
                    say(line)
                return
            if not said:
                say(operator_messages.WAITING_FOR_LOAD)
            said = True
            await self._jobs.wait_for_other_load(self._settings.db)

    async def _preview(self, live: LiveMessage) -> None:
        ending = await self._follow("preview", live, admin_messages.CHECKING)
        if ending.event != "preview":
            await live.finish(text_html(ending.text))
            return
        preview = json.loads(ending.text)
        vanished = preview["vanished"]
        generation = await asyncio.to_thread(self._engine.generation)
        owner = live.message.chat_id
        token = await asyncio.to_thread(self._offers.make, "reload", owner, generation=generation, vanished=vanished)
        keyboard = choices(
            owner,
            token,
            yes=admin_messages.LOAD if preview["changes"] else None,
            other=admin_messages.load_and_remove(len(vanished), loads=preview["changes"]) if vanished else None,
            no=admin_messages.CANCEL,
        )
        await live.finish(preview["html"], keyboard)

    async def _load_offered(self, press: Press, offer: Offer, prune: list[str]) -> None:
        generation = await asyncio.to_thread(self._engine.generation)
        if generation != offer.details["generation"]:
            await press.expire(admin_messages.PREVIEW_TOO_OLD)
            return
        await press.answer()
        first = text_html(operator_messages.LOADING)
        await edit(press.message, first)
        await self._load(LiveMessage(press.message, first), prune)

    async def _load(self, live: LiveMessage, prune: Sequence[str] = ()) -> None:
        ending = await self._follow("load", live, operator_messages.LOADING, prune=list(prune))
        await live.finish(text_html(ending.text))

    async def _follow(self, name: str, live: LiveMessage, heading: str, **more: object) -> JobResult:
        """Run a job with all sources; errors of the store go to the log only, since they name a path."""
        try:
            job = await self._job(name)
        except StoreError:
            _LOG.exception("could not read the list of sources")
            return JobResult("failed", operator_messages.LOAD_FAILED)
        if not job["specs"]:
            return JobResult("failed", admin_messages.NOTHING_TO_RELOAD)
        return await self._jobs.show(job | more, live, heading)

    async def _job(self, name: str) -> Job:
        """Return a job with all sources."""
        more = {"state": str(self._settings.state), "caution": self._settings.caution}
        return await asyncio.to_thread(load_job, name, self._engine, self._settings) | more
