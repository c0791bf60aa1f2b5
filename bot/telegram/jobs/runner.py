"""A job in, its result out: one job at a time, in the order in which they were begun, each in a child process."""

import asyncio
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from telegram import Message

import bot
from bot.rendering import admin_messages, operator_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import PREFIX, Settings
from bot.sources import POLL_INTERVAL, default_sources
from bot.telegram.jobs.offline import network_is_refused
from bot.telegram.sending.replies import LiveMessage, reply
from retrieval import Engine
from retrieval.store.lock import is_loading

_LOG = logging.getLogger(__name__)
_LONGEST_CANCEL = 10.0  # seconds that a cancelled job gets to end by itself
_LONGEST_LINE = 2**24  # bytes: a report lists every source that failed

# "job" is its name, "db" and "engine" say where the articles are; the rest depends on the job. Passed on as JSON.
Job = dict[str, Any]
Show = Callable[[str], Awaitable[None]]


class JobResult(NamedTuple):
    """How a job ended."""

    event: str  # "done", "failed", or one that only this job has
    text: str


class JobRunner:
    """Runs the jobs that change the articles, in child processes so that they never slow down an answer."""

    def __init__(self) -> None:
        """Start without a job."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turn = asyncio.Lock()  # held by the task whose turn it is; the others queue
        self._child: Process | None = None
        self._is_cancelled = False  # the job whose turn it is
        self.is_closing = False

    @property
    def is_under_way(self) -> bool:
        """Whether a job is under way, so that the next one would wait."""
        return bool(self._tasks)

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do work in a task, once all work that was begun before has ended; the task returns None if the work fails."""
        task = asyncio.create_task(self._in_turn(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def ended(self) -> None:
        """Wait until all work has ended."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """End the job under way, start no other, and tell who began them; the store keeps its articles."""
        self.is_closing = True
        _end(self._child)
        await self.ended()

    def cancel(self) -> bool:
        """End the job under way as Ctrl-C does, so that the next load continues; return False if there is none."""
        if not self._turn.locked():
            return False
        self._is_cancelled = True
        if self._child is not None and self._child.returncode is None:
            self._child.send_signal(signal.SIGINT)
            asyncio.get_running_loop().call_later(_LONGEST_CANCEL, _end, self._child)
        return True

    async def follow(self, job: Job, show: Show) -> JobResult:
        """Run a job in a child process and pass its progress to `show`.

        The event is "busy" if another process is loading.
        """
        async with _child_process(job) as self._child:
            if self.is_closing or self._is_cancelled:
                return JobResult("failed", self._why_ended())
            async for event, text in _events(self._child):
                if event != "progress":
                    return JobResult(event, text)
                await show(text)
        return JobResult("failed", self._why_ended())

    def _why_ended(self) -> str:
        if self.is_closing:
            return operator_messages.LOAD_STOPPED
        return operator_messages.LOAD_CANCELLED if self._is_cancelled else operator_messages.LOAD_FAILED

    async def read(self, job: Job) -> JobResult:
        """Run a job that only reads, whatever else is under way."""
        async with _child_process(job) as child:
            async for event, text in _events(child):
                return JobResult(event, text)
        return JobResult("failed", operator_messages.LOAD_FAILED)

    async def open(self, message: Message, heading: str) -> LiveMessage:
        """Reply to a command with the message that will show its job: the heading, or that it waits for its turn."""
        markup = text_html(admin_messages.WAITS if self.is_under_way else heading)
        return LiveMessage(await reply(message, markup), markup)

    async def show(self, job: Job, live: LiveMessage, heading: str) -> JobResult:
        """Run a job and show its progress below a heading; if another process is loading, wait for it."""
        await live.show(text_html(heading))
        while True:
            result = await self.follow(job, lambda text: live.show(text_html(f"{heading}\n{text}")))
            if result.event != "busy":
                return result
            await live.finish(text_html(operator_messages.WAITING_FOR_LOAD))
            await self.wait_for_other_load(Path(job["db"]))
            if self._is_cancelled:
                return JobResult("failed", operator_messages.LOAD_CANCELLED)

    async def wait_for_other_load(self, db: Path) -> None:
        """Wait while another process is loading, until the bot stops or the job is cancelled."""
        while is_loading(db) and not (self.is_closing or self._is_cancelled):  # noqa: ASYNC110 - another process has no events
            await asyncio.sleep(POLL_INTERVAL)

    async def _in_turn(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - work has its own result
        try:
            async with self._turn:
                self._is_cancelled = False
                return await work
        except Exception:  # noqa: BLE001 - nobody else would learn of it
            _LOG.exception("A change to the articles failed.")
        finally:
            work.close()  # if its turn never came


def new_job(name: str, settings: Settings) -> Job:
    """Return a job on the articles, to which others add what it needs."""
    return {"job": name, "db": str(settings.db), "engine": settings.engine}


def load_job(name: str, engine: Engine, settings: Settings, specs: Sequence[str] | None = None) -> Job:
    """Return a job that reads these sources, or else all; raise StoreError if the store cannot be read."""
    specs = specs or default_sources(engine, settings)
    return new_job(name, settings) | {"specs": specs, "allow_private": settings.allow_private}


def asking_job(name: str, settings: Settings) -> Job:
    """Return a job that asks what people have asked again."""
    asking = {"state": str(settings.state), "caution": settings.caution, "sets": settings.sets}
    return new_job(name, settings) | asking


async def ignore_progress(_: str) -> None:
    """Show no progress."""


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
    """Return variables that make the child import the same code as this process, whatever is in the working folder.

    Settings such as the token are not among them: the job says what the child needs.
    """
    root = str(Path(bot.__file__).resolve().parent.parent)
    existing = os.environ.get("PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {"PYTHONPATH": os.pathsep.join([root, existing] if existing else [root])}


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
