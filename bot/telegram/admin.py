"""From an admin's /reload, or a store that is not there yet, to a load in a child process and words on how it goes."""

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from telegram import Message

import bot
from bot.filling import BETWEEN_LOOKS
from bot.rendering import words
from bot.rendering.telegram import text_html
from bot.settings import Settings
from bot.telegram.delivery import LiveMessage, reply
from retrieval.engine import Engine
from retrieval.errors import SourceError
from retrieval.store.locking import is_loading

_LOG = logging.getLogger(__name__)
_LONGEST_LINE = 2**24  # bytes: a report names every source that failed


class Admin:
    """What only admins may do, and the first load; one load at a time."""

    def __init__(self, settings: Settings) -> None:
        """Begin with no load under way."""
        self._settings = settings
        self._load: asyncio.Task[None] | None = None
        self._child: Process | None = None
        self._closing = False

    async def fill(self, engine: Engine, say: Callable[[str], None]) -> None:
        """Load the configured sources into a store that has never been loaded; `say` tells the operator.

        Waits for another process that does so already. The child that loads takes scikit-learn with it when it ends.
        Raises SourceError when nothing could be read.
        """
        if engine.generation():
            return
        say(words.first_load(self._settings.db, self._settings.articles))
        self._load = loading = asyncio.create_task(self._first_load(engine, say))
        await loading
        if not self._closing and not engine.generation():
            raise SourceError(words.NOTHING_READ)

    async def reload(self, message: Message) -> None:
        """Begin to read the configured sources again; goes on in a task of its own."""
        if self._load is not None and not self._load.done():
            await reply(message, text_html(words.LOAD_BUSY))
            return
        self._load = asyncio.create_task(self._reload(message))

    async def close(self) -> None:
        """End a load that is under way and tell who began it; the store keeps what it had."""
        self._closing = True
        if self._load is not None:
            _end(self._child)
            await self._load

    async def _first_load(self, engine: Engine, say: Callable[[str], None]) -> None:
        told = False
        while not self._closing and not engine.generation():
            ended_with = await self._follow(_nobody)
            if ended_with != words.LOAD_BUSY:
                for line in ended_with.splitlines():
                    say(line)
                return
            if not told:
                say(words.LOAD_AWAITED)
            told = True
            await self._wait_for_other_load()

    async def _wait_for_other_load(self) -> None:
        while is_loading(self._settings.db) and not self._closing:  # noqa: ASYNC110 - another process has no events
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _reload(self, message: Message) -> None:
        try:
            first = text_html(words.LOADING)
            live = LiveMessage(await reply(message, first), first)
            told = await self._follow(lambda text: live.show(text_html(f"{words.LOADING}\n{text}")))
            await live.finish(text_html(told))
        except Exception:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            _LOG.exception("a reload failed")

    async def _follow(self, show: Callable[[str], Awaitable[None]]) -> str:
        """Show the progress of a load, give the words that it ends with."""
        async with _loading(str(self._settings.db), *self._settings.articles) as self._child:
            if self._closing:
                return words.LOAD_STOPPED
            async for event, text in _events(self._child):
                if event != "progress":
                    return text
                await show(text)
        return words.LOAD_STOPPED if self._closing else words.LOAD_FAILED


async def _nobody(_: str) -> None:
    """Show progress to nobody."""


@asynccontextmanager
async def _loading(*arguments: str) -> AsyncIterator[Process]:
    """Run the loading child; it has ended when the block is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot.telegram.loading_child", *arguments),
        env=_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        start_new_session=True,  # Ctrl-C reaches the bot alone, and the bot ends its child
    )
    try:
        yield process
    finally:
        _end(process)
        await process.wait()


def _environment() -> dict[str, str]:
    """Make the child import the bot from where this one did, whatever lies in the working folder."""
    root = str(Path(bot.__file__).resolve().parent.parent)
    given = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": os.pathsep.join([root, given] if given else [root])}


def _end(process: Process | None) -> None:
    if process is not None:
        with suppress(ProcessLookupError):
            process.terminate()


async def _events(process: Process) -> AsyncIterator[tuple[str, str]]:
    if process.stdout is None:
        return
    async for line in process.stdout:
        event, text = json.loads(line)
        yield event, text
