"""Stored updates in, each processed and marked as done: in order within a chat, the chats in parallel.

What is beyond somebody's share of the queue (fair_queue.py) is left out before it is stored, and told. An update stays in
the inbox until it is answered or put aside, so a killed process loses none. At most `workers` updates may be sending at a
time (see sending/slots.py); only those can be answered twice after a kill, as can the earlier messages of an answer that
waited between two.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from telegram.error import RetryAfter, TelegramError

from bot.state import DeadLetter, Inbox, StateError, StoredUpdate
from bot.telegram.monitoring.logs import current_update
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.receiving.fair_queue import FairQueue
from bot.telegram.receiving.inbox_writer import InboxWriter
from bot.telegram.sending.failures import Undelivered, seconds_to_wait
from bot.telegram.sending.replies import several_wait
from bot.telegram.sending.slots import SendSlot
from retrieval import EngineAway

MOST_WAITING = 1000  # updates; more of them wait at Telegram
MOST_TRIES = 3
_LONGEST = 300.0  # seconds for one try, which may wait for Telegram's limits: a minute in a busy group
_FAILURE_PAUSE = 0.5  # seconds before the next try, after a handler failed
_OUTAGE_PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)  # seconds between tries while Telegram, or an engine, cannot be reached
_CANCEL_GRACE = 1.0  # seconds that a cancelled handler gets to end
_LONGEST_STOP = 5.0  # seconds that a stop waits for what is being sent; the next start sends it again
_LONGEST_UNSENT = 2.0  # seconds that a stop waits for what has not been sent: the next start can do that
_STOP_INTERVAL = 0.05  # seconds between two checks of a stop

_LOG = logging.getLogger(__name__)

Process = Callable[[StoredUpdate], Coroutine[Any, Any, None]]
OnDeadLetter = Callable[[DeadLetter, StoredUpdate], Awaitable[None]]
OnUpdate = Callable[[dict[str, Any]], None]


class Unparsable(Exception):
    """The library cannot read an update."""


class TookTooLong(Exception):
    """A handler did not end in time."""


class Dispatcher:
    """Passes each update to `process`, and decides what becomes of those that fail."""

    def __init__(
        self,
        inbox: Inbox,
        process: Process,
        workers: int,
        *,
        metrics: Metrics,
        on_dead_letter: OnDeadLetter,
        on_left_out: OnUpdate = lambda _: None,
        longest: float = _LONGEST,
    ) -> None:
        """Let at most `workers` updates send at once, and each try take `longest` seconds; the caller closes the inbox."""
        self._inbox = inbox
        self._process = process
        self._metrics = metrics
        self._on_dead_letter = on_dead_letter
        self._on_left_out = on_left_out
        self._longest = longest
        self._free_slots = asyncio.Semaphore(workers)
        self._writer = InboxWriter(inbox, self._enqueue)
        self._queue = FairQueue(MOST_WAITING)  # what is not yet done
        self._tasks: dict[object, asyncio.Task[None]] = {}  # by chat
        self._in_hand: dict[object, SendSlot] = {}  # those that are being processed
        self._failures: Counter[int] = Counter()  # by update: also those that the inbox could not record
        self._is_stopping = False
        self._released = asyncio.Event()
        self._released.set()
        self._on_held: OnUpdate = lambda _: None

    @property
    def in_hand(self) -> int:
        """The number of updates that are being processed."""
        return len(self._in_hand)

    @property
    def queued(self) -> int:
        """The number of updates that wait: for an earlier one in their chat, or for the next try."""
        return len(self._queue) - self.in_hand

    @property
    def is_full(self) -> bool:
        """Whether further updates should wait at Telegram."""
        return self._queue.is_full

    def hold(self, on_held: OnUpdate) -> None:
        """Keep what comes waiting until `release`; `on_held` is called with each update once it is stored."""
        self._released.clear()
        self._on_held = on_held

    def release(self) -> None:
        """Begin with what was kept waiting."""
        self._released.set()

    async def start(self) -> None:
        """Begin with what the last run left unanswered."""
        self._enqueue(await self._writer.read_waiting(), are_new=False)

    async def receive(self, updates: Sequence[dict[str, Any]]) -> None:
        """Store updates, which then arrive at `_enqueue`; raise StateError if none of them could be stored."""
        fitting, beyond = self._queue.share_out(updates)
        self._metrics.left_out(len(beyond))
        for one in beyond:
            self._on_left_out(one)
        if fitting:
            await self._writer.write(fitting)

    def _enqueue(self, stored: Sequence[StoredUpdate], *, are_new: bool = True) -> None:
        """Queue updates by chat, and serve the chats that were idle."""
        if are_new:
            self._metrics.received(len(stored))
        for one in () if self._is_stopping else stored:
            if are_new and not self._released.is_set():
                self._on_held(one.update)
            chat = self._queue.add(one)
            if chat not in self._tasks:
                self._tasks[chat] = asyncio.create_task(self._serve(chat))

    async def _serve(self, chat: object) -> None:
        """Process the updates of one chat, one after the other, each until it is done or put aside."""
        tries = 0
        try:
            await self._released.wait()
            while (waiting := self._queue.waiting(chat)) and not self._is_stopping:
                stored = self._queue.first(chat)
                several_wait.set(several_wait.get() or waiting > 1)  # until none waits any more
                current_update.set(stored.update_id)
                if not tries:
                    self._metrics.stage("waiting", time.time() - stored.received)
                with SendSlot(self._free_slots) as self._in_hand[chat]:
                    processing = asyncio.create_task(self._process(stored))
                    pause = await self._settle(stored, processing, tries)
                del self._in_hand[chat]
                if pause is None:
                    self._queue.remove_first(chat)
                    tries = 0
                else:
                    tries += 1
                    await asyncio.sleep(pause)
        finally:
            self._in_hand.pop(chat, None)
            self._queue.remove(chat)
            del self._tasks[chat]

    async def _settle(self, stored: StoredUpdate, processing: asyncio.Task[None], tries: int) -> float | None:
        """Wait for an update to be processed; return the seconds before the next try, None if it is done or put aside."""
        try:
            await self._in_time(processing)
        except Unparsable as error:
            await self._put_aside(stored, f"cannot be read: {error}")
        except TookTooLong:
            await self._put_aside(stored, f"took longer than {self._longest:g} s")
        except Undelivered as error:
            _LOG.warning("Telegram cannot be reached (%s); the update will be retried.", error)
            return _OUTAGE_PAUSES[min(tries, len(_OUTAGE_PAUSES) - 1)]
        except RetryAfter as error:
            return seconds_to_wait(error)
        except EngineAway as error:  # however long it lasts
            _LOG.warning("The articles cannot be reached (%s); the update will be retried.", error)
            return _OUTAGE_PAUSES[min(tries, len(_OUTAGE_PAUSES) - 1)]
        except TelegramError as error:
            _LOG.warning("The reply did not arrive, or may not have arrived: %s", error)
            await self._done(stored)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises
            return await self._failed(stored, error)
        else:
            await self._done(stored)
        return None

    async def _in_time(self, processing: asyncio.Task[None]) -> None:
        """Wait for a task; cancel it and raise TookTooLong if it takes too long."""
        try:
            await asyncio.wait({processing}, timeout=self._longest)
        finally:
            is_late = processing.cancel()
        if is_late:
            await asyncio.wait({processing}, timeout=_CANCEL_GRACE)
            raise TookTooLong
        if processing.cancelled():
            raise RuntimeError("something the handler waited for was cancelled")
        processing.result()

    async def _failed(self, stored: StoredUpdate, error: Exception) -> float | None:
        """Count a failure; return the seconds before the next try, None if that was the last."""
        _LOG.error("Update %s was not answered.", stored.update_id, exc_info=error)
        reason = f"{type(error).__name__}: {error}"
        self._failures[stored.update_id] += 1
        failures = self._failures[stored.update_id]
        with suppress(StateError):
            failures = max(failures, self._inbox.failed(stored.update_id, reason))
        if failures < MOST_TRIES:
            return _FAILURE_PAUSE
        self._failures[stored.update_id] = failures
        await self._put_aside(stored, reason)
        return None

    async def _put_aside(self, stored: StoredUpdate, reason: str) -> None:
        tries = self._failures.pop(stored.update_id, 0)
        _LOG.error("Update %s is put aside: %s", stored.update_id, reason)
        await self._writer.mark(lambda: self._inbox.put_aside(stored.update_id, reason))
        self._metrics.dead_letter()
        try:
            await self._on_dead_letter(DeadLetter(stored.update_id, datetime.now(UTC), reason, tries), stored)
        except Exception:  # noqa: BLE001 - the next update is answered all the same
            _LOG.exception("Nobody could be told that update %s was put aside.", stored.update_id)

    async def _done(self, stored: StoredUpdate) -> None:
        self._failures.pop(stored.update_id, None)
        await self._writer.mark(lambda: self._inbox.done(stored.update_id))

    async def stop(self, on_given_up: Callable[[], None] = lambda: None) -> None:
        """Begin nothing new, and finish what is being sent; the rest stays in the inbox.

        `on_given_up` is called as soon as the handlers of that rest have been cancelled: to end their work in threads
        earlier would make them answer that it failed.
        """
        self._is_stopping = True
        await self._writer.finish()
        begun = time.monotonic()
        while self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=_STOP_INTERVAL)
            waited = time.monotonic() - begun
            if waited >= _LONGEST_UNSENT + 2 * _STOP_INTERVAL:  # cancelled below, in an earlier turn
                on_given_up()
            for chat, task in self._tasks.items():
                if waited >= self._longest_stop(chat):
                    task.cancel()
        on_given_up()
        self._writer.close()

    def _longest_stop(self, chat: object) -> float:
        slot = self._in_hand.get(chat)
        if slot is None:  # between two tries
            return 0.0
        return _LONGEST_STOP if slot.is_held else _LONGEST_UNSENT
