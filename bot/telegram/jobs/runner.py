"""A job in, its result out: one job at a time, each in a child process."""

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
from bot.rendering.telegram.answer_html import text_html
from bot.settings import Settings
from bot.sources import default_sources
from bot.telegram.jobs.offline import network_is_refused
from bot.telegram.sending.replies import LiveMessage
from retrieval import Engine
from retrieval.errors import StoreError

_LOG = logging.getLogger(__name__)
_LONGEST_LINE = 2**24  # bytes: a report lists every source that failed

Job = dict[str, Any]  # "job" is its name, "db" the store; the rest depends on the job. Passed on as JSON.
Show = Callable[[str], Awaitable[None]]


class JobResult(NamedTuple):
    """How a job ended."""

    event: str  # "done", "failed", or one that only this job has
    text: str


class JobRunner:
    """Runs the jobs that change the articles, in child processes so that they never slow down an answer."""

    def __init__(self) -> None:
        """Start without a job."""
        self._task: asyncio.Task[None] | None = None
        self._child: Process | None = None
        self.is_closing = False

    @property
    def is_under_way(self) -> bool:
        """Whether a job is under way."""
        return self._task is not None and not self._task.done()

    def begin(self, work: Coroutine[Any, Any, None]) -> bool:
        """Start work in a task; return False if a job is under way or the bot is stopping."""
        if self.is_under_way or self.is_closing:
            work.close()
            return False
        self._task = asyncio.create_task(_log_failure(work))
        return True

    async def ended(self) -> None:
        """Wait for the job under way, if any."""
        if self._task is not None:
            await self._task

    async def close(self) -> None:
        """End the job under way and tell whoever started it; the store keeps its articles."""
        self.is_closing = True
        _end(self._child)
        await self.ended()

    async def follow(self, job: Job, show: Show) -> JobResult:
        """Run a job in a child process and pass its progress to `show`."""
        async with _child_process(job) as self._child:
            if self.is_closing:
                return JobResult("failed", messages.LOAD_STOPPED)
            async for event, text in _events(self._child):
                if event != "progress":
                    return JobResult(event, text)
                await show(text)
        return JobResult("failed", messages.LOAD_STOPPED if self.is_closing else messages.LOAD_FAILED)

    async def show(self, job: Job, live: LiveMessage, heading: str) -> JobResult:
        """Run a job and show its progress below a heading."""
        return await self.follow(job, lambda text: live.show(text_html(f"{heading}\n{text}")))


def load_job(name: str, engine: Engine, settings: Settings) -> Job:
    """Return a job that reads all sources."""
    try:
        specs = default_sources(engine, settings)
    except StoreError:  # the child will report it
        specs = settings.articles
    return {"job": name, "db": str(settings.db), "specs": specs, "allow_private": settings.allow_private}


async def ignore_progress(_: str) -> None:
    """Show no progress."""


async def _log_failure(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001 - nobody else would learn of it
        _LOG.exception("A change to the articles failed.")


@asynccontextmanager
async def _child_process(job: Job) -> AsyncIterator[Process]:
    """Run a child process with a job; end it with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot.telegram.jobs.child"),
        env=_environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        start_new_session=True,  # Ctrl-C reaches only the bot, which ends its child itself
    )
    try:
        await _send(process, job)
        yield process
    finally:
        _end(process)
        await process.wait()


async def _send(process: Process, job: Job) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has ended, which its missing output will show
            process.stdin.write(json.dumps(job | {"offline": network_is_refused()}).encode())
            await process.stdin.drain()
            process.stdin.close()


def _environment() -> dict[str, str]:
    """Make the child import the same code as this process, whatever is in the working folder."""
    root = str(Path(bot.__file__).resolve().parent.parent)
    existing = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": os.pathsep.join([root, existing] if existing else [root])}


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
