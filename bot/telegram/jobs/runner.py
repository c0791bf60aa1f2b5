"""From a job to the child process that does it, one job at a time, and to what it ends with."""

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import bot
from bot.rendering import messages
from bot.rendering.telegram.answer import text_html
from bot.settings import Settings
from bot.sources import what_to_read
from bot.telegram.jobs.offline import network_is_refused
from bot.telegram.sending.messages import LiveMessage
from retrieval import Engine
from retrieval.errors import StoreError

_LOG = logging.getLogger(__name__)
_LONGEST_LINE = 2**24  # bytes: a report names every source that failed

Job = dict[str, Any]  # as JSON: "job" is its name, "db" the store; the rest is the job's own
Show = Callable[[str], Awaitable[None]]


class Ending(NamedTuple):
    """What a job ended with."""

    event: str  # "done" with words, another of the job's own, or "failed"
    text: str


class JobRunner:
    """What changes the articles: one job at a time, each in a child process, so that it never slows an answer."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._task: asyncio.Task[None] | None = None
        self._child: Process | None = None
        self.is_closing = False

    @property
    def is_under_way(self) -> bool:
        """Tell whether something is being done."""
        return self._task is not None and not self._task.done()

    def begin(self, doing: Coroutine[Any, Any, None]) -> bool:
        """Do something in a task of its own, unless something is under way or the bot is about to end."""
        if self.is_under_way or self.is_closing:
            doing.close()
            return False
        self._task = asyncio.create_task(_logged(doing))
        return True

    async def ended(self) -> None:
        """Wait until nothing is under way."""
        if self._task is not None:
            await self._task

    async def close(self) -> None:
        """End what is under way and tell who began it; the store keeps what it had."""
        self.is_closing = True
        _end(self._child)
        await self.ended()

    async def follow(self, job: Job, show: Show) -> Ending:
        """Do a job in a child process and show its progress."""
        async with _working(job) as self._child:
            if self.is_closing:
                return Ending("failed", messages.LOAD_STOPPED)
            async for event, text in _events(self._child):
                if event != "progress":
                    return Ending(event, text)
                await show(text)
        return Ending("failed", messages.LOAD_STOPPED if self.is_closing else messages.LOAD_FAILED)

    async def show(self, job: Job, live: LiveMessage, heading: str) -> Ending:
        """Do a job and show its progress below a heading."""
        return await self.follow(job, lambda text: live.show(text_html(f"{heading}\n{text}")))


def load_job(name: str, engine: Engine, settings: Settings) -> Job:
    """Describe a job of reading all sources."""
    try:
        specs = what_to_read(engine, settings)
    except StoreError:  # the child meets the same, and has words for it
        specs = settings.articles
    return {"job": name, "db": str(settings.db), "specs": specs, "allow_private": settings.allow_private}


async def nobody(_: str) -> None:
    """Show progress to nobody."""


async def _logged(doing: Coroutine[Any, Any, None]) -> None:
    try:
        await doing
    except Exception:  # noqa: BLE001 - a task of its own: nobody else would hear of it
        _LOG.exception("a change of the articles failed")


@asynccontextmanager
async def _working(job: Job) -> AsyncIterator[Process]:
    """Run the child with a job; it has ended when the block is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot.telegram.jobs.child"),
        env=_environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        start_new_session=True,  # Ctrl-C reaches the bot alone, and the bot ends its child
    )
    try:
        await _give(process, job)
        yield process
    finally:
        _end(process)
        await process.wait()


async def _give(process: Process, job: Job) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended: that it says nothing is noticed
            process.stdin.write(json.dumps(job | {"offline": network_is_refused()}).encode())
            await process.stdin.drain()
            process.stdin.close()


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
