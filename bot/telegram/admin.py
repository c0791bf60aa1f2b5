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

    async def reload(self, message: Message) -> None:
        """Begin to read the configured sources again; goes on in a task of its own."""
        if self._load is not None and not self._load.done():
            await reply(message, text_html(words.LOAD_BUSY))
            return
        self._load = asyncio.create_task(self._reload(message))

    async def close(self) -> None:
        """End a load that is under way; the store keeps what it had."""
        if self._load is not None:
            self._load.cancel()
            with suppress(asyncio.CancelledError):
                await self._load

    async def _reload(self, message: Message) -> None:
        try:
            first = text_html(words.LOADING)
            live = LiveMessage(await reply(message, first), first)
            try:
                await live.finish(text_html(await self._follow(live)))
            except asyncio.CancelledError:
                await live.finish(text_html(words.LOAD_STOPPED))
                raise
        except Exception:  # noqa: BLE001 - a task of its own: nobody else would hear of it
            _LOG.exception("a reload failed")

    async def _follow(self, live: LiveMessage) -> str:
        """Show the progress of a load, give the words that it ends with."""
        async with _child(str(self._settings.db), *self._settings.articles) as process:
            async for event, text in _events(process):
                if event != "progress":
                    return text
                await live.show(text_html(f"{words.LOADING}\n{text}"))
        return words.LOAD_FAILED


@asynccontextmanager
async def _child(*arguments: str) -> AsyncIterator[Process]:
    """Run the loading child; it has ended when the block is left, by force if it has to be."""
    command = (sys.executable, "-m", "bot.telegram.loading_child", *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _events(process: Process) -> AsyncIterator[tuple[str, str]]:
    if process.stdout is None:
        return
    async for line in process.stdout:
        event, text = json.loads(line)
        yield event, text
