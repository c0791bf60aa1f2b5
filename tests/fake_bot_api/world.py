"""What the server knows: the bot, chats, messages, updates that wait for it, and every request it made."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from aiogram.types import Update
from pydantic import ValidationError

from fake_bot_api.errors import Violation
from fake_bot_api.faults import Faults
from fake_bot_api.pace import Pace
from fake_bot_api.request import Request

DEFAULT_OFF = ("chat_member", "message_reaction", "message_reaction_count")
CARRIERS = ("message", "edited_message", "channel_post", "edited_channel_post")


@dataclass(slots=True)
class Webhook:
    """Where updates are posted to: an https address, the secret that goes along, how many posts at once."""

    url: str
    secret: str | None
    max_connections: int
    last_error_date: int = 0  # seconds since 1970
    last_error_message: str = ""

    def failed(self, message: str) -> None:
        """Keep how the last post that was not taken ended."""
        self.last_error_date, self.last_error_message = int(time.time()), message


class World:
    """The state of one server, changed by one event loop only."""

    def __init__(self, token: str, username: str, *, strict_limits: bool = False) -> None:
        self.token = token
        self.me = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Cite",
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "supports_guest_queries": False,
        }
        self.started = time.monotonic()
        self.changed = asyncio.Condition()
        self.requests: list[Request] = []
        self.settled: list[Request] = []  # in the order in which they were answered
        self.faults = Faults()
        self.pace = Pace() if strict_limits else None
        self.updates: list[Any] = []  # whole updates, unless a test has put in something else
        self.repeated: list[Any] = []  # given again although they are confirmed
        self.webhook: Webhook | None = None
        self.webhook_target = ""  # of the form http://127.0.0.1:8080
        self.posts: list[Request] = []  # to the target
        self.allowed: list[str] | None = None  # None = never said: all but DEFAULT_OFF
        self.polls = 0
        self.chats: dict[int, dict[str, Any]] = {}
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.migrated: dict[int, int] = {}  # groups that became supergroups: the old id and the new one
        self.topics: set[tuple[int, int]] = set()  # chat and thread
        self.deleted: set[tuple[int, int]] = set()  # messages, and topics by their first message
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}  # by file id
        self.pressed: set[str] = set()  # ids of callback queries
        self.inline_queries: set[str] = set()  # ids
        self.guest_queries: set[str] = set()  # the same
        self.answered: set[str] = set()  # ids of queries of all kinds that the bot has answered
        self._update_id = 1000
        self._message_id = 100

    @property
    def now(self) -> float:
        """Seconds since the server started."""
        return time.monotonic() - self.started

    def record(self, method: str, parameters: dict[str, Any]) -> Request:
        """Record a request before it is checked."""
        request = Request(len(self.requests) + 1, method, parameters, self.now)
        self.requests.append(request)
        return request

    async def settle(self, request: Request) -> None:
        """Make an answered request visible to the tests."""
        request.answered = self.now
        self.settled.append(request)
        await self.notify()

    def begin_post(self, update: Any) -> Request:
        """Record that an update is posted to the webhook."""
        request = Request(len(self.posts) + 1, "webhook", {"update": update}, self.now)
        self.posts.append(request)
        return request

    async def notify(self) -> None:
        """Wake all who wait for a change."""
        async with self.changed:
            self.changed.notify_all()

    def next_message_id(self) -> int:
        """Message ids count upwards."""
        self._message_id += 1
        return self._message_id

    def put(self, anything: Any, *, numbered: bool) -> Any:
        """Queue what may be no update, unchecked; `numbered` gives it the next update_id."""
        if numbered:
            self._update_id += 1
            anything["update_id"] = self._update_id
        self.updates.append(anything)
        return anything

    def push(self, update: dict[str, Any]) -> dict[str, Any]:
        """Queue an update with the ids and dates it lacks; raise Violation if Telegram never sends such an update."""
        self._update_id += 1
        update.setdefault("update_id", self._update_id)
        for carrier in CARRIERS:
            if carrier in update:
                self._take_message(update[carrier])
        if "callback_query" in update:
            self._take_press(update["callback_query"])
        self._take_query(update)
        try:
            Update.model_validate(update)
        except ValidationError as error:
            raise Violation(f"the test pushed what is no update: {error}") from error
        if self._wanted(next(key for key in update if key != "update_id")):
            self.updates.append(update)
        return update

    def _take_message(self, message: dict[str, Any]) -> None:
        message.setdefault("message_id", self.next_message_id())
        message.setdefault("date", int(time.time()))
        if message.get("is_topic_message"):
            self.topics |= {(message["chat"]["id"], message["message_thread_id"])} - self.deleted
        self.remember(message)
        if "migrate_to_chat_id" in message:
            self.migrated[message["chat"]["id"]] = message["migrate_to_chat_id"]
            self.remember(
                message | {"chat": message["chat"] | {"id": message["migrate_to_chat_id"], "type": "supergroup"}}
            )

    def _take_press(self, query: dict[str, Any]) -> None:
        """A button was pressed: what is sent along is the message with it as it is now, however old it is."""
        query.setdefault("id", str(self._update_id))
        query.setdefault("chat_instance", "1")
        message = query.get("message", {})
        known = self.messages.get((message.get("chat", {}).get("id"), message.get("message_id")))
        if known is not None:
            query["message"] = known
        self.pressed.add(query["id"])

    def _take_query(self, update: dict[str, Any]) -> None:
        """An inline query, or a mention where the bot is no member: the chat stays unknown to it."""
        if "inline_query" in update:
            self._check_switch("supports_inline_queries")
            update["inline_query"].setdefault("id", str(self._update_id))
            self.inline_queries.add(update["inline_query"]["id"])
        if "guest_message" in update:
            self._check_switch("supports_guest_queries")
            defaults = {"message_id": self.next_message_id(), "date": int(time.time())}
            update["guest_message"] = defaults | {"guest_query_id": str(self._update_id)} | update["guest_message"]
            self.guest_queries.add(update["guest_message"]["guest_query_id"])

    def _check_switch(self, name: str) -> None:
        if not self.me[name]:
            raise Violation(f"Telegram never sends this while {name} is off: switch it on first")

    def remember(self, message: dict[str, Any]) -> None:
        """A message makes its chat known and can be replied to."""
        chat = message["chat"]
        self.chats[chat["id"]] = chat
        if (chat["id"], message["message_id"]) not in self.deleted:
            self.messages[chat["id"], message["message_id"]] = message

    def delete(self, chat: int, message_id: int) -> None:
        """Somebody deletes a message, and with the first message of a topic the whole topic; updates may still tell of it."""
        self.deleted.add((chat, message_id))
        self.messages.pop((chat, message_id), None)
        self.topics.discard((chat, message_id))

    def _wanted(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in DEFAULT_OFF
