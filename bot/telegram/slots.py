"""A turn is one update in hand: it takes one of a few places, and its time is limited.

Whatever waits for its time (a limit of Telegram's, a pause before the next try) steps aside: it gives its place to
others, and its own clock stands still.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Self

update_in_hand: ContextVar[int | None] = ContextVar("update_in_hand", default=None)
"""The id of the update that the running task answers; tasks that it begins keep it, for the log."""


class Places:
    """Places for a few; whoever comes back to one stands behind at most one of those who come new."""

    def __init__(self, number: int) -> None:
        """Begin with all of them free."""
        self._free = asyncio.Semaphore(number)
        self._door = asyncio.Lock()  # those who come new wait in front of it, as long as their queue may be

    async def enter(self) -> None:
        """Take a place for the first time."""
        async with self._door:
            await self._free.acquire()

    async def come_back(self) -> None:
        """Take a place again: what is composed is to be sent before the next is composed."""
        await self._free.acquire()

    def leave(self) -> None:
        """Give a place to the next one."""
        self._free.release()


class Turn:
    """One update in hand, from entering the block to leaving it."""

    def __init__(self, places: Places, longest: float) -> None:
        """Use one of `places` for at most `longest` seconds."""
        self._places = places
        self._until = longest  # time.monotonic() once it has begun
        self._aside_since: float | None = None
        self._has_place = False
        self._is_over = False

    async def __aenter__(self) -> Self:
        await self._places.enter()
        self._has_place = True
        self._until += time.monotonic()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_over = True
        self._give_place()

    @property
    def left(self) -> float:
        """Give the seconds that are left, negative when there are none."""
        return self._until - (self._aside_since or time.monotonic())

    @property
    def aside_for(self) -> float:
        """Give the seconds for which it has been aside, 0 when it is not."""
        return 0.0 if self._aside_since is None else time.monotonic() - self._aside_since

    def is_current(self) -> None:
        """Make this the turn of the running task and of the tasks that it begins."""
        _current.set(self)

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Do without the place as long as the block lasts; a turn that is over, or aside already, has none to give."""
        if self._is_over or self._aside_since is not None:
            yield
            return
        self._aside_since = time.monotonic()
        self._give_place()
        try:
            yield
        finally:
            await self._come_back()

    async def _come_back(self) -> None:
        try:
            await self._places.come_back()
            self._has_place = True
        finally:
            self._until += time.monotonic() - (self._aside_since or 0)
            self._aside_since = None
            if self._is_over:  # it was given up meanwhile
                self._give_place()

    def _give_place(self) -> None:
        if self._has_place:
            self._has_place = False
            self._places.leave()


_current: ContextVar[Turn | None] = ContextVar("turn", default=None)


@asynccontextmanager
async def aside() -> AsyncIterator[None]:
    """Let the turn of the running task step aside; outside of any turn there is nothing to give."""
    turn = _current.get()
    if turn is None:
        yield
        return
    async with turn.aside():
        yield
