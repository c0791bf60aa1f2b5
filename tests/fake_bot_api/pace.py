"""Requests with the times of their arrival in; where they came faster than Telegram lets a bot write, out.

One a second to a chat, 30 a second to all, 20 a minute to a group; a window begins with a request and holds what
comes less than its length later. What the server refused for haste (429) counts as well.
"""

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

COUNTED = ("send", "edit", "forward", "copy")


class Limit(NamedTuple):
    """At most `most` messages in `seconds`."""

    most: int
    seconds: float


CHAT = Limit(1, 1.0)
OVERALL = Limit(30, 1.0)
GROUP = Limit(20, 60.0)


def is_counted(method: str) -> bool:
    """Whether requests of a method count against the limits."""
    return method.lower().startswith(COUNTED)


def limits_on(chat: int) -> list[tuple[int | None, Limit]]:
    """Return the limits that a message to a chat counts against, each with its chat (None: all chats)."""
    limits: list[tuple[int | None, Limit]] = [(chat, CHAT), (None, OVERALL)]
    return [*limits, (chat, GROUP)] if chat < 0 else limits


def limits_broken(requests: Iterable[dict[str, Any]]) -> list[str]:
    """Name each message that was one too many for a window, and each that came before a 429 allowed it."""
    judged = [one for one in requests if one["code"] in (200, 429) and is_counted(one["method"])]
    counted = sorted((one for one in judged if "chat_id" in one["parameters"]), key=lambda one: one["at"])
    return [*_too_many(counted), *_too_early(counted)]


def _too_many(requests: list[dict[str, Any]]) -> Iterator[str]:
    earlier: dict[tuple[int | None, Limit], list[float]] = defaultdict(list)
    for one in requests:
        for whose, limit in limits_on(one["parameters"]["chat_id"]):
            times = earlier[whose, limit]
            times.append(one["at"])
            if len(times) > limit.most and (span := one["at"] - times[-1 - limit.most]) < limit.seconds:
                place = "all chats" if whose is None else f"chat {whose}"
                yield f"{limit.most + 1} to {place} within {span:.3f} s, the last is request {one['number']}"


def _too_early(requests: list[dict[str, Any]]) -> Iterator[str]:
    allowed: dict[int, float] = {}
    for one in requests:
        chat = one["parameters"]["chat_id"]
        if one["at"] < (moment := allowed.get(chat, 0.0)):
            yield f"request {one['number']} to chat {chat} came {moment - one['at']:.3f} s before its 429 was over"
        if one["retry_after"]:
            allowed[chat] = one["answered"] + one["retry_after"]


class Pace:
    """The limits as the server keeps them itself: what it refuses does not count here."""

    def __init__(self) -> None:
        self._taken: dict[tuple[int | None, Limit], deque[float]] = defaultdict(deque)

    def take(self, chat: int, at: float) -> int:
        """Count a message that came at this time (seconds); 0, or the whole seconds until one may come again."""
        windows = [(self._taken[whose, limit], limit) for whose, limit in limits_on(chat)]
        wait = max(self._over(window, limit, at) for window, limit in windows)
        if wait > 0:
            return math.ceil(wait)
        for window, _ in windows:
            window.append(at)
        return 0

    def _over(self, window: deque[float], limit: Limit, at: float) -> float:
        while window and at - window[0] >= limit.seconds:
            window.popleft()
        return window[0] + limit.seconds - at if len(window) >= limit.most else 0.0
