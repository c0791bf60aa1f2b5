"""/add and /sources: add, list and remove what every load reads."""

import asyncio
from collections.abc import Callable
from hashlib import blake2b

from telegram import InlineKeyboardMarkup, Message

from bot.rendering import admin_messages, operator_messages
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import text_html
from bot.rendering.telegram.source_list import MOST, source_name, sources_html
from bot.settings import Settings, uploads_folder
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Action, Press, button
from bot.telegram.handlers.confirmations import choices
from bot.telegram.jobs.runner import JobRunner, ignore_progress, new_job
from bot.telegram.sending.replies import LiveMessage, edit, reply
from retrieval import Engine, with_https
from retrieval.records import StoredSource

_BUTTONS_PER_ROW = 5
_NAME_UNITS = 1000  # UTF-16 units of a source's name


class SourceHandlers:
    """Handlers of /add, /sources and its buttons."""

    def __init__(self, settings: Settings, engine: Engine, jobs: JobRunner, offers: Offers) -> None:
        """The engine stays the caller's to close."""
        self._settings = settings
        self._engine = engine
        self._jobs = jobs
        self._offers = offers
        self._uploads = str(uploads_folder(settings.db))

    async def add(self, message: Message) -> None:
        """Add the address of a page, feed or sitemap, and load it; paths of this machine are for its operator."""
        _, *rest = (message.text or "").split()
        url = with_https(rest[0]) if len(rest) == 1 else None
        if url is None:
            await reply(message, text_html(admin_messages.ADD_USAGE))
        else:
            self._jobs.begin(self._add(await self._jobs.open(message, operator_messages.LOADING), url))

    async def list(self, message: Message) -> None:
        """List the sources, with a button to remove each."""
        sources = await asyncio.to_thread(self._engine.sources)
        configured = self._settings.articles if self._settings.configured else ()
        numbers = [
            button(str(number), Action.SOURCE, message.chat_id, _digest(source.spec))
            for number, source in enumerate(sources[:MOST], 1)
        ]
        rows = [numbers[begin : begin + _BUTTONS_PER_ROW] for begin in range(0, len(numbers), _BUTTONS_PER_ROW)]
        markup = sources_html(sources, configured, self._uploads)
        await reply(message, markup, InlineKeyboardMarkup(rows) if rows else None)

    async def confirm_remove(self, press: Press) -> None:
        """Ask an admin to confirm before a source is removed."""
        source = await self._find(lambda one: _digest(one.spec) == press.payload)
        if source is None:
            await press.answer(admin_messages.SOURCE_GONE)
            return
        await press.answer()
        token = await asyncio.to_thread(self._offers.make, "source", press.owner, spec=source.spec)
        name = shorten(source_name(source.spec, self._uploads), _NAME_UNITS)
        keyboard = choices(press.owner, token, yes=admin_messages.REMOVE, no=admin_messages.KEEP)
        await edit(press.message, text_html(admin_messages.really_remove(name, source.articles)), keyboard)

    async def remove(self, press: Press, offer: Offer) -> None:
        """Remove a source after confirmation; its articles are kept."""
        spec = offer.details["spec"]
        if await self._find(lambda one: one.spec == spec) is None:
            await press.expire(admin_messages.SOURCE_GONE)
            return
        await press.answer()
        ending = await self._jobs.follow(new_job("remove source", self._settings) | {"spec": spec}, ignore_progress)
        await edit(press.message, text_html(ending.text))

    async def _add(self, live: LiveMessage, spec: str) -> None:
        more = {"spec": spec, "allow_private": self._settings.allow_private}
        ending = await self._jobs.show(new_job("add", self._settings) | more, live, operator_messages.LOADING)
        await live.finish(text_html(ending.text))

    async def _find(self, matches: Callable[[StoredSource], bool]) -> StoredSource | None:
        return next(filter(matches, await asyncio.to_thread(self._engine.sources)), None)


def _digest(spec: str) -> str:
    """Return sixteen hexadecimal digits for a source of any length."""
    return blake2b(spec.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
