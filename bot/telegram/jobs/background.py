"""What goes on beside the answers until the bot ends."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress

from telegram import Bot


class Background(ABC):
    """Work in a task of its own."""

    _task: asyncio.Task[None] | None = None

    def begin(self, bot: Bot) -> None:
        """Start the work."""
        self._task = asyncio.create_task(self._run(bot))

    async def close(self) -> None:
        """End it; what was not sent is sent after the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @abstractmethod
    async def _run(self, bot: Bot) -> None:
        """Work without an end."""
