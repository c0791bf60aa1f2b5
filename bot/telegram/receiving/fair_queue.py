"""Updates that wait, by chat: in a chat everybody has their turn, and nobody takes the room of others.

A tenth of the room is for those who need little of it. Of what else is free a person may take a quarter, a chat all:
of 1,000 places the first who sends too much gets 180, the next 144. What is little enough is never left out; when the
queue is full, it waits at Telegram.
"""

from collections import Counter
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple

from bot.state import StoredUpdate

Update = dict[str, Any]  # as Telegram sent it
_LITTLE = 10  # updates of a person or a chat
_KEPT = 10  # this part of the room is for those who have little
_SHARE = 4  # a person may take this part of what else is free


class FairQueue:
    """What waits in all chats."""

    def __init__(self, most: int) -> None:
        """Have room for `most` updates; what the last run left is taken in any case."""
        self._most = most
        self._lines: dict[object, _Line] = {}
        self._persons: Counter[object] = Counter()  # updates that wait, by person

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    @property
    def is_full(self) -> bool:
        """Whether further updates should wait at Telegram."""
        return len(self) >= self._most

    def share_out(self, updates: Sequence[Update]) -> tuple[list[Update], list[Update]]:
        """Part new updates into those for which there is room, and those beyond the share of a person or a chat."""
        free, fitting, beyond = self._most - self._most // _KEPT - len(self), list[Update](), list[Update]()
        persons, chats = self._persons.copy(), Counter({chat: len(line) for chat, line in self._lines.items()})
        for update in updates:
            person, chat = person_of(update), chat_of(update)
            if _SHARE * persons[person] >= max(free, _SHARE * _LITTLE) or chats[chat] >= max(free, _LITTLE):
                beyond.append(update)
            else:
                persons[person], chats[chat], free = persons[person] + 1, chats[chat] + 1, free - 1
                fitting.append(update)
        return fitting, beyond

    def add(self, stored: StoredUpdate) -> object:
        """Take an update; return its chat."""
        chat, person = chat_of(stored.update), person_of(stored.update)
        self._lines.setdefault(chat, _Line()).add(stored, person)
        self._persons[person] += 1
        return chat

    def waiting(self, chat: object) -> int:
        """Return how many updates of a chat wait, the first included."""
        return len(self._lines.get(chat, ()))

    def first(self, chat: object) -> StoredUpdate:
        """Return the update of a chat whose turn it is, until it is removed."""
        return self._lines[chat].places[0].stored

    def remove_first(self, chat: object) -> None:
        """Let the next update of a chat have its turn."""
        self._forget(self._lines[chat].remove_first().person)

    def remove(self, chat: object) -> None:
        """Forget a chat with all that waits there."""
        for place in self._lines.pop(chat).places:
            self._forget(place.person)

    def _forget(self, person: object) -> None:
        self._persons[person] -= 1
        if not self._persons[person]:
            del self._persons[person]


class _Place(NamedTuple):
    """A place in the line of a chat; the least comes first."""

    turn: int
    number: int  # in the order of arrival
    person: object
    stored: StoredUpdate


class _Line:
    """What waits in a chat: a person's updates in their order, the next of everybody before the one after next of any."""

    def __init__(self) -> None:
        self.places: list[_Place] = []  # a heap
        self._arrived = 0
        self._latest: dict[object, int] = {}  # the turn of the latest update, by person

    def __len__(self) -> int:
        return len(self.places)

    def add(self, stored: StoredUpdate, person: object) -> None:
        now = self.places[0].turn if self.places else 1
        turn = self._latest[person] = max(now, 1 + self._latest.get(person, 0))
        self._arrived += 1
        heappush(self.places, _Place(turn, self._arrived, person, stored))

    def remove_first(self) -> _Place:
        return heappop(self.places)


def chat_of(update: Update) -> object:
    """Return what an update must be kept in order with: its chat, else its sender, else itself alone."""
    return _found(update, "chat", "from")


def person_of(update: Update) -> object:
    """Return who caused an update: the chat in whose name somebody writes, else its sender, else its chat."""
    return _found(update, "sender_chat", "from", "chat")


def _found(update: Update, *names: str) -> object:
    """Return the first id in an update's content, the chat of a press being that of its message; else the update's own."""
    for kind, content in update.items():
        if not isinstance(content, dict):
            continue
        if kind == "callback_query" and isinstance(message := content.get("message"), dict):
            content = content | {"chat": message.get("chat", content.get("chat"))}  # noqa: PLW2901
        for name in names:
            if (id_ := _id_in(content, name)) is not None:
                return id_
    return ("update", update.get("update_id"))


def _id_in(content: dict[str, Any], name: str) -> int | None:
    inner = content.get(name)
    found = inner.get("id") if isinstance(inner, dict) else None
    return found if isinstance(found, int) else None
