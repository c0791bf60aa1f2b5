"""From updates as they come to letters on the disk, and back to the disk what became of them; the loop waits for neither.

A commit that waits for the disk takes milliseconds. What comes meanwhile is committed together, in the next one.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.state import Inbox, StateError, StoredUpdate

_BETWEEN_TRIES = 0.5  # seconds, while the file cannot be written

_LOG = logging.getLogger(__name__)


class InboxWriter:
    """Changes an inbox, most of the time in a thread of its own; what is new goes to `queue`, in the order it came."""

    def __init__(self, inbox: Inbox, queue: Callable[[Sequence[StoredUpdate]], None]) -> None:
        """Have nothing to take yet; the inbox stays the caller's to close."""
        self._inbox = inbox
        self._queue = queue
        self._writer = ThreadPoolExecutor(1)
        self._commit = asyncio.Lock()  # one change at a time
        self._arrived: list[dict[str, Any]] = []  # for the next commit
        self._next: asyncio.Task[None] | None = None
        self._commits: set[asyncio.Task[None]] = set()
        self._is_held = False  # by another program, when the last mark was made: the next one may have to wait
        self._is_closing = False

    async def take(self, updates: Sequence[dict[str, Any]]) -> None:
        """Put updates on the disk, where they are when this returns. Raises LedgerError: then nothing was taken."""
        self._arrived += updates
        if self._next is None:
            self._next = asyncio.create_task(self._take_arrived())
            self._commits.add(self._next)
            self._next.add_done_callback(self._commits.discard)
        await asyncio.shield(self._next)  # once it is on the disk nobody brings it again: who gives up must not lose it

    async def waiting(self) -> list[StoredUpdate]:
        """Give what the last run has left."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._inbox.waiting)

    async def mark(self, change: Callable[[], None]) -> None:
        """Change what the inbox says of a letter, again and again until it can be changed or all is to end."""
        while True:
            try:
                async with self._commit:  # else it would wait in SQLite for the disk, and the loop with it
                    if self._is_held:
                        await asyncio.get_running_loop().run_in_executor(self._writer, change)
                    else:
                        change()  # 50 microseconds, as long as it would take to wake the thread
                    self._is_held = False
            except StateError as error:
                _LOG.error("the inbox cannot be written: %s", error)
            else:
                return
            if self._is_closing:
                return
            self._is_held = True
            await asyncio.sleep(_BETWEEN_TRIES)

    async def finish(self) -> None:
        """Wait until what has come is on the disk; marks are not tried again from now on."""
        self._is_closing = True
        await asyncio.gather(*self._commits, return_exceptions=True)

    def close(self) -> None:
        """End the thread."""
        self._writer.shutdown()

    async def _take_arrived(self) -> None:
        async with self._commit:
            updates, self._arrived, self._next = self._arrived, [], None
            letters = await asyncio.get_running_loop().run_in_executor(self._writer, self._inbox.take, updates)
            self._queue(letters)
