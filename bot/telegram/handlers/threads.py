"""What takes long, run in threads, so that the event loop stays free."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from contextvars import copy_context
from typing import TypeVar

LONG = 200  # characters of a question: what people ask is shorter, and what is longer may take a hundred times as long
_LONG_SHARE = 4  # of so many threads one may answer long questions

_Result = TypeVar("_Result")


class Threads:
    """Threads of an executor; long questions wait for each other, and leave most threads to all others."""

    def __init__(self, executor: Executor, workers: int) -> None:
        """Use an executor of so many threads, which stays the caller's to close."""
        self._executor = executor
        self._long = asyncio.Semaphore(max(1, workers // _LONG_SHARE))

    async def run(self, function: Callable[[], _Result], question: str = "") -> _Result:
        """Return what a function returns; `question` is what it asks, if anything."""
        async with self._long if len(question) > LONG else nullcontext():
            return await asyncio.get_running_loop().run_in_executor(self._executor, copy_context().run, function)
