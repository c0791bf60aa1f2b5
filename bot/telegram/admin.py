"""From an admin's /reload, or a store that is not there yet, to a load in a child process and words on how it goes."""

import asyncio
from collections.abc import Callable
from typing import Any

from telegram import Message

from bot.filling import BETWEEN_LOOKS
from bot.reading_list import what_to_read
from bot.rendering import words
from bot.rendering.telegram import text_html
from bot.settings import Settings
from bot.telegram.delivery import LiveMessage, reply
from bot.telegram.work import Work, load_job, nobody
from retrieval.engine import Engine
from retrieval.errors import SourceError
from retrieval.store.locking import is_loading


class Admin:
    """The first load, and those that admins ask for."""

    def __init__(self, settings: Settings, engine: Engine, work: Work) -> None:
        """Load by means of `work`."""
        self._settings = settings
        self._engine = engine
        self._work = work

    async def fill(self, engine: Engine, say: Callable[[str], None]) -> None:
        """Load the configured sources into a store that has never been loaded; `say` tells the operator.

        Waits for another process that does so already. The child that loads takes scikit-learn with it when it ends.
        Raises SourceError when nothing could be read.
        """
        if engine.generation():
            return
        say(words.first_load(self._settings.db, what_to_read(engine, self._settings)))
        self._work.begin(self._first_load(engine, say))
        await self._work.ended()
        if not self._work.is_closing and not engine.generation():
            raise SourceError(words.NOTHING_READ)

    async def reload(self, message: Message) -> None:
        """Begin to read the configured sources again; goes on in a task of its own."""
        if not self._work.begin(self._reload(message)):
            await reply(message, text_html(words.LOAD_BUSY))

    async def _first_load(self, engine: Engine, say: Callable[[str], None]) -> None:
        told = False
        while not self._work.is_closing and not engine.generation():
            ending = await self._work.follow(self._load(), nobody)
            if ending.text != words.LOAD_BUSY:
                for line in ending.text.splitlines():
                    say(line)
                return
            if not told:
                say(words.LOAD_AWAITED)
            told = True
            await self._wait_for_other_load()

    async def _wait_for_other_load(self) -> None:
        while is_loading(self._settings.db) and not self._work.is_closing:  # noqa: ASYNC110 - another process has no events
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _reload(self, message: Message) -> None:
        first = text_html(words.LOADING)
        live = LiveMessage(await reply(message, first), first)
        ending = await self._work.show(self._load(), live, words.LOADING)
        await live.finish(text_html(ending.text))

    def _load(self) -> dict[str, Any]:
        """Describe the job of reading all sources."""
        return load_job("load", self._engine, self._settings)
