"""From updates as they come to letters that are dealt with: in order in each chat, the chats side by side.

An update is in the inbox before anybody hears that it was taken, and leaves it when it has been answered. At most
`workers` have a place at once, which is how many may be answered twice when the process is killed; of what is answered by
several messages, those before the last are sent again as well where it waited for its time between them.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from telegram.error import RetryAfter, TelegramError

from bot.state import DeadLetter, Inbox, StateError, StoredUpdate
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.receiving.inbox_writer import InboxWriter
from bot.telegram.sending.errors import Undelivered, seconds_to_wait
from bot.telegram.slots import Places, Turn, update_in_hand


def chat_of(update: dict[str, Any]) -> object:
    """Say which updates are to be answered in order: those of a chat, else of a person, else each by itself."""
    for kind, content in update.items():
        if not isinstance(content, dict):
            continue
        message = content.get("message") if kind == "callback_query" else content
        for found in (_id_in(message, "chat"), _id_in(content, "chat"), _id_in(content, "from")):
            if found is not None:
                return found
    return ("update", update.get("update_id"))


def _id_in(content: object, name: str) -> int | None:
    inner = content.get(name) if isinstance(content, dict) else None
    found = inner.get("id") if isinstance(inner, dict) else None
    return found if isinstance(found, int) else None


MOST_QUEUED = 1000  # updates; the others wait with Telegram
MOST_TRIES = 3
_BETWEEN_TRIES = 0.5  # seconds, after a handler failed
_PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)  # seconds, while Telegram cannot be reached
_BETWEEN_LOOKS = 0.05  # seconds, at least, at whether the time of a turn is over: it stands still now and then
_SLACK = 1.0  # seconds that a handler has to end when it is told to
_LONGEST_STOP = 75.0  # seconds
_LONGEST_ASIDE = 3.0  # seconds that a stop leaves to what only waits for its time, and can do so till the next start

_LOG = logging.getLogger(__name__)

Handle = Callable[[StoredUpdate], Awaitable[None]]
OnDead = Callable[[DeadLetter, StoredUpdate], Awaitable[None]]


class Unparsable(Exception):
    """The library cannot make an update of a letter."""


class TooLong(Exception):
    """A handler has not come to its end in time."""


class Dispatcher:
    """Hands letters to `handle`, and decides what becomes of those that it could not deal with."""

    def __init__(
        self, inbox: Inbox, handle: Handle, workers: int, *, metrics: Metrics, on_dead: OnDead, longest: float = 60.0
    ) -> None:
        """Have at most `workers` in hand, each for at most `longest` seconds; the inbox stays the caller's to close."""
        self._inbox = inbox
        self._handle = handle
        self._metrics = metrics
        self._on_dead = on_dead
        self._longest = longest
        self._places = Places(workers)
        self._intake = InboxWriter(inbox, self._queue)
        self._chats: dict[object, deque[StoredUpdate]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: dict[asyncio.Task[None], Turn] = {}  # those with a letter in hand
        self._failures: Counter[int] = Counter()  # by letter: also those that the inbox could not note
        self._is_stopping = False

    @property
    def queued(self) -> int:
        """Count the letters that are not in hand."""
        return sum(map(len, self._chats.values())) - len(self._busy)

    @property
    def in_hand(self) -> int:
        """Count the letters that are in hand."""
        return len(self._busy)

    @property
    def is_full(self) -> bool:
        """Tell whether what comes in should wait with Telegram."""
        return self.queued >= MOST_QUEUED

    async def receive(self, updates: Sequence[dict[str, Any]]) -> None:
        """Take updates in; they are on the disk when this returns. Raises LedgerError: then nothing was taken."""
        await self._intake.take(updates)

    async def start(self) -> None:
        """Begin with what the last run has left."""
        self._serve_all(await self._intake.waiting())

    async def stop(self) -> None:
        """Begin nothing new and finish what is in hand, for at most _LONGEST_STOP seconds; the rest stays in the inbox."""
        self._is_stopping = True
        await self._intake.finish()
        end = time.monotonic() + _LONGEST_STOP
        while self._tasks:
            is_late = time.monotonic() > end
            for task in list(self._tasks):
                turn = self._busy.get(task)
                if turn is None or turn.aside_for > _LONGEST_ASIDE or is_late:
                    task.cancel()
            await asyncio.wait(self._tasks, timeout=_BETWEEN_LOOKS)
        self._intake.close()

    def _queue(self, letters: Sequence[StoredUpdate]) -> None:
        """Take up what is new."""
        self._metrics.received(len(letters))
        self._serve_all(letters)

    def _serve_all(self, letters: Sequence[StoredUpdate]) -> None:
        for letter in letters:
            chat = chat_of(letter.update)
            if chat in self._chats:
                self._chats[chat].append(letter)
            else:
                self._chats[chat] = deque([letter])
                task = asyncio.create_task(self._serve(chat))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _serve(self, chat: object) -> None:
        """Deal with the letters of one chat, one after the other."""
        letters = self._chats[chat]
        try:
            while letters and not self._is_stopping:
                await self._deal_with(letters[0])
                letters.popleft()
        finally:
            del self._chats[chat]

    async def _deal_with(self, letter: StoredUpdate) -> None:
        """Try until a letter is answered or put aside; between two tries it is not in hand."""
        update_in_hand.set(letter.update_id)
        tries = 0
        while (pause := await self._try(letter, tries)) is not None:
            if self._is_stopping:
                return
            tries += 1
            await asyncio.sleep(pause)

    async def _try(self, letter: StoredUpdate, tries: int) -> float | None:
        """Take a letter in hand; give the seconds before the next try, None when it is dealt with."""
        async with Turn(self._places, self._longest) as turn:
            task = asyncio.current_task()
            if self._is_stopping or task is None:
                return 0.0
            self._busy[task] = turn
            try:
                return await self._judge(letter, turn, tries)
            finally:
                del self._busy[task]

    async def _judge(self, letter: StoredUpdate, turn: Turn, tries: int) -> float | None:
        if tries == 0:
            self._metrics.stage("waiting", time.time() - letter.received)
        try:
            await self._in_time(letter, turn)
        except Unparsable as error:
            await self._put_aside(letter, f"cannot be read: {error}")
        except TooLong:
            await self._put_aside(letter, f"took longer than {self._longest:g} s")
        except Undelivered as error:
            _LOG.warning("Telegram cannot be reached (%s); the update is tried again.", error)
            return _PAUSES[min(tries, len(_PAUSES) - 1)]
        except RetryAfter as error:
            return seconds_to_wait(error)
        except TelegramError as error:
            _LOG.warning("the reply did not arrive, or it is not known whether it did: %s", error)
            await self._done(letter)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises
            return await self._failed(letter, error)
        else:
            await self._done(letter)
        return None

    async def _in_time(self, letter: StoredUpdate, turn: Turn) -> None:
        """Let a letter be handled in a task of its own, which is given up when its time is over; raises TooLong."""
        task = asyncio.create_task(self._handled(letter, turn))
        try:
            while not task.done() and turn.left > 0:
                await asyncio.wait({task}, timeout=max(turn.left, _BETWEEN_LOOKS))
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_SLACK)
            raise TooLong
        if task.cancelled():
            raise RuntimeError("something that the handler waited for was cancelled")
        task.result()

    async def _handled(self, letter: StoredUpdate, turn: Turn) -> None:
        turn.is_current()
        await self._handle(letter)

    async def _failed(self, letter: StoredUpdate, error: Exception) -> float | None:
        _LOG.error("update %s was not answered", letter.update_id, exc_info=error)
        reason = f"{type(error).__name__}: {error}"
        self._failures[letter.update_id] += 1
        failed = self._failures[letter.update_id]
        with suppress(StateError):
            failed = max(failed, self._inbox.failed(letter.update_id, reason))
        if failed < MOST_TRIES:
            return _BETWEEN_TRIES
        self._failures[letter.update_id] = failed
        await self._put_aside(letter, reason)
        return None

    async def _put_aside(self, letter: StoredUpdate, reason: str) -> None:
        tries = self._failures.pop(letter.update_id, 0)
        _LOG.error("update %s is put aside: %s", letter.update_id, reason)
        await self._intake.mark(lambda: self._inbox.put_aside(letter.update_id, reason))
        self._metrics.dead_letter()
        try:
            await self._on_dead(DeadLetter(letter.update_id, datetime.now(UTC), reason, tries), letter)
        except Exception:  # noqa: BLE001 - the next one is answered all the same
            _LOG.exception("that update %s was put aside could not be told", letter.update_id)

    async def _done(self, letter: StoredUpdate) -> None:
        self._failures.pop(letter.update_id, None)
        await self._intake.mark(lambda: self._inbox.done(letter.update_id))
