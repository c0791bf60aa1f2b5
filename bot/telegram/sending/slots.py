"""Limit how many updates may be sending at once, and so how many may be answered twice when the process is killed.

A message that was sent is sent again if the process is killed before its update is marked as done in the inbox.
"""

import asyncio
from contextvars import ContextVar
from typing import Self


class SendSlot:
    """One update's right to send: taken before a message goes out, released while waiting and once the update is done."""

    def __init__(self, free: asyncio.Semaphore) -> None:
        """Share `free` with all other updates."""
        self.is_held = False
        self._free = free
        self._is_closed = False
        self._taking = asyncio.Lock()  # several tasks of one update share one slot

    def __enter__(self) -> Self:
        """Make this the slot of the running task and of the tasks it starts."""
        _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True
        self.release()

    async def take(self) -> None:
        """Wait for a slot; a task that outlives its update needs none."""
        async with self._taking:
            if self.is_held or self._is_closed:
                return
            await self._free.acquire()
            self.is_held = True
            if self._is_closed:  # the update was given up in the meantime
                self.release()

    def release(self) -> None:
        """Let another update send."""
        if self.is_held:
            self.is_held = False
            self._free.release()


_current: ContextVar[SendSlot | None] = ContextVar("send_slot", default=None)


async def take_slot() -> None:
    """Wait until the current update may send; outside of any update nothing limits sending."""
    if (slot := _current.get()) is not None:
        await slot.take()


def release_slot() -> None:
    """Let another update send while the current one waits."""
    if (slot := _current.get()) is not None:
        slot.release()
