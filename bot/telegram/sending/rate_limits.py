"""Messages sent so far in, seconds until the next one may go to a chat out.

Telegram's limits are 1 message a second in a chat, 20 a minute in a group, and 30 a second over all chats
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this). It counts by its own clock, on which a
message may arrive late and the next one early: the windows here are a little longer than Telegram's, and begin with the
reply as soon as there is one, since the message must have arrived before that. Times are seconds of a monotonic clock.
"""

from bisect import insort
from typing import NamedTuple

MARGIN = 0.06  # seconds by which the travel times of two messages may differ
_IDLE = 120.0  # seconds after which a chat is forgotten


class Limit(NamedTuple):
    """At most `most` messages in any `seconds`."""

    most: int
    seconds: float


IN_CHAT = Limit(1, 1.0)
IN_GROUP = Limit(20, 60.0)
OVERALL = Limit(30, 1.0)


class _Window:
    """The recent messages that count towards one limit."""

    def __init__(self, limit: Limit) -> None:
        self._most, self._seconds = limit.most, limit.seconds + MARGIN
        self._times: list[float] = []  # at most `most`, the latest last

    @property
    def latest(self) -> float:
        return self._times[-1]

    def free_at(self) -> float:
        """Return the time from which the next message is within the limit."""
        return self._times[0] + self._seconds if len(self._times) == self._most else 0.0

    def add(self, at: float) -> None:
        insort(self._times, at)
        del self._times[: -self._most]

    def move(self, sent: float, answered: float) -> None:
        """Count a message at a later time, if it still counts."""
        if sent in self._times:
            self._times.remove(sent)
            insort(self._times, answered)


class RateLimits:
    """Counts what was sent, and what Telegram has forbidden for a while."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self._overall = _Window(OVERALL)
        self._chats: dict[int, tuple[_Window, ...]] = {}
        self._held: dict[int | None, float] = {}  # until when, by chat; None = all chats
        self._tidied = 0.0

    def due(self, chat: int, now: float) -> float:
        """Return the seconds until a message may go to a chat; 0 if it may go now."""
        overall = max(self._overall.free_at(), self._held.get(None, 0.0))
        return max(overall - now, self.due_in_chat(chat, now))

    def due_in_chat(self, chat: int, now: float) -> float:
        """Return the seconds until a message could go to a chat if there were no others."""
        free = (window.free_at() for window in self._chats.get(chat, ()))
        return max(0.0, self._held.get(chat, 0.0) - now, *(at - now for at in free))

    def held_for(self, chat: int, now: float) -> float:
        """Return the seconds for which Telegram still forbids messages to a chat, or to all."""
        return max(self._held.get(chat, 0.0), self._held.get(None, 0.0)) - now

    def spend(self, chat: int, now: float) -> None:
        """Count a message that goes to a chat now."""
        if chat not in self._chats:
            limits = (IN_CHAT, IN_GROUP) if chat < 0 else (IN_CHAT,)
            self._chats[chat] = tuple(map(_Window, limits))
        for window in (self._overall, *self._chats[chat]):
            window.add(now)
        if now - self._tidied > _IDLE:
            self._tidy(now)

    def answered(self, chat: int, sent: float, now: float) -> None:
        """Count a message at the time of its reply instead of when it was sent."""
        for window in (self._overall, *self._chats.get(chat, ())):
            window.move(sent, now)

    def hold(self, chat: int | None, until: float, now: float) -> None:
        """Send nothing to a chat until then, as Telegram asked; to no chat at all if `chat` is None or another is held too."""
        others = any(end > now for held, end in self._held.items() if held not in (chat, None))
        self._held[chat] = max(until, self._held.get(chat, 0.0))
        if others:
            self._held[None] = max(until, self._held.get(None, 0.0))

    def _tidy(self, now: float) -> None:
        self._chats = {chat: windows for chat, windows in self._chats.items() if now - windows[-1].latest < _IDLE}
        self._held = {chat: end for chat, end in self._held.items() if end > now}
        self._tidied = now
