"""Updates in, as they arrive; stored on the disk, and passed on in the order of their arrival.

A commit takes milliseconds. Updates that arrive during one are committed together in the next, and neither commits nor
marks block the event loop.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.state import Inbox, StateError, StoredUpdate

_RETRY_PAUSE = 0.5  # seconds, while the file cannot be written

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class InboxWriter:
    """Writes to an inbox, mostly in a thread of its own."""

    def __init__(self, inbox: Inbox, on_stored: Callable[[Sequence[StoredUpdate]], None]) -> None:
        """Pass updates that are new to `on_stored`; the caller closes the inbox."""
        self._inbox = inbox
        self._on_stored = on_stored
        self._thread = ThreadPoolExecutor(1)
        self._lock = asyncio.Lock()  # one change at a time
        self._arrived: list[dict[str, Any]] = []  # for the next commit
        self._next_commit: asyncio.Task[None] | None = None
        self._commits: set[asyncio.Task[None]] = set()
        self._is_locked = False  # by another program, at the last mark: the next mark may have to wait
        self._is_closing = False

    async def write(self, updates: Sequence[dict[str, Any]]) -> None:
        """Return once the updates are on the disk; raise StateError if none of them could be stored."""
        self._arrived += updates
        if self._next_commit is None:
            self._next_commit = asyncio.create_task(self._commit())
            self._commits.add(self._next_commit)
            self._next_commit.add_done_callback(self._commits.discard)
        await asyncio.shield(
            self._next_commit
        )  # Telegram repeats nothing that is stored: a cancelled caller must not lose it

    async def _commit(self) -> None:
        async with self._lock:
            updates, self._arrived, self._next_commit = self._arrived, [], None
            self._on_stored(await self._in_thread(self._inbox.take, updates))

    async def read_waiting(self) -> list[StoredUpdate]:
        """Return what the last run left unanswered."""
        return await self._in_thread(self._inbox.waiting)

    async def mark(self, change: Callable[[], None]) -> None:
        """Record what became of an update; retry until that works or `finish` is called."""
        while True:
            try:
                async with self._lock:  # without it SQLite would wait for a commit, and block the event loop
                    if self._is_locked:
                        await self._in_thread(change)
                    else:
                        change()  # 50 microseconds, no more than it takes to wake the thread
                    self._is_locked = False
            except StateError as error:
                _LOG.error("The inbox cannot be written: %s", error)
            else:
                return
            if self._is_closing:
                return
            self._is_locked = True
            await asyncio.sleep(_RETRY_PAUSE)

    async def finish(self) -> None:
        """Wait until everything that arrived is stored; from now on marks are not retried."""
        self._is_closing = True
        await asyncio.gather(*self._commits, return_exceptions=True)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _in_thread(self, call: Callable[..., _Result], *args: object) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)
