"""From an admin's /reload to a load in a child process, and one message that tells how it goes."""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Message

from bot.rendering import words
from bot.rendering.telegram import text_html
from bot.settings import Settings
from bot.telegram.delivery import LiveMessage, reply

_LOG = logging.getLogger(__name__)
_LONGEST_LINE = 2**24  # bytes: a report names every source that failed


class Admin:
    """What only admins may do; one load at a time."""

    def __init__(self, settings: Settings) -> None:
        """Begin with no load under way."""
        self._settings = settings
        self._load: asyncio.Task[None] | None = None
        self._child: Process | None = None
        self._closing = False

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

    async def _reload(self, message: Message) -> None:
        try:
            first = text_html(words.LOADING)
            live = LiveMessage(await reply(message, first), first)
            await live.finish(text_html(await self._follow(live)))
        except Exception:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            _LOG.exception("a reload failed")

    async def _follow(self, live: LiveMessage) -> str:
        """Show the progress of a load, give the words that it ends with."""
        if self._closing:
            return words.LOAD_STOPPED
        async with _loading(str(self._settings.db), *self._settings.articles) as self._child:
            async for event, text in _events(self._child):
                if event != "progress":
                    return text
                await live.show(text_html(f"{words.LOADING}\n{text}"))
        return words.LOAD_STOPPED if self._closing else words.LOAD_FAILED


@asynccontextmanager
async def _loading(*arguments: str) -> AsyncIterator[Process]:
    """Run the loading child; it has ended when the block is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.telegram.loading_child", *arguments),
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
