"""What tests hold in their hands: users who write to the bot, and a view of what the bot did."""

import json
import multiprocessing
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

from fake_bot_api.pace import limits_broken
from fake_bot_api.process import run_server

TOKEN = "123456:FAKE-TOKEN-OF-THE-TESTS"
USERNAME = "cite_test_bot"
PATIENCE = 20.0  # seconds

# aiogram takes four seconds of processor time to import: one process imports it, and each server is a fork of that.
SERVERS = multiprocessing.get_context("forkserver")
SERVERS.set_forkserver_preload(["aiogram.methods", "aiohttp.web"])


def private_chat(user: int) -> dict[str, Any]:
    """The chat of one person with the bot."""
    return {"id": user, "type": "private", "first_name": f"User {user}"}


def group(chat: int, *, forum: bool = False) -> dict[str, Any]:
    """A supergroup, `chat` is negative."""
    return {"id": chat, "type": "supergroup", "title": f"Group {chat}"} | ({"is_forum": True} if forum else {})


def entities_of(text: str) -> list[dict[str, Any]]:
    """Mark the commands and mentions of a message as Telegram does (for text of one UTF-16 unit a character)."""
    found, at = [], 0
    for word in text.split(" "):
        kind = {"/": "bot_command", "@": "mention"}.get(word[:1])
        if kind == "mention" or (kind and at == 0):
            found.append({"type": kind, "offset": at, "length": len(word.rstrip(",.:!?"))})
        at += len(word) + 1
    return found


def parts_of(request: dict[str, Any], kind: str) -> list[str]:
    """The parts of a message that was sent which one kind of entity covers."""
    text = request["text"].encode("utf-16-le")
    spans = [(one["offset"], one["offset"] + one["length"]) for one in request["entities"] if one["type"] == kind]
    return [text[2 * start : 2 * end].decode("utf-16-le") for start, end in spans]


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """The data of the buttons below a message, by what is written on them."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row if "callback_data" in button}


def copied(message: dict[str, Any]) -> str:
    """What the button that copies puts on the clipboard."""
    rows = message["reply_markup"]["inline_keyboard"]
    return next(button["copy_text"]["text"] for row in rows for button in row if "copy_text" in button)


def quotations(request: dict[str, Any]) -> list[str]:
    """What a message quotes."""
    return parts_of(request, "blockquote")


class FakeTelegram:
    """A server in a process of its own, on a port that the system picks when it is 0; `close` ends it."""

    def __init__(self, port: int = 0, *, strict_limits: bool = False) -> None:
        ours, theirs = SERVERS.Pipe()
        self.process = SERVERS.Process(
            target=run_server, args=(theirs, TOKEN, USERNAME, port, strict_limits), daemon=True
        )
        self.process.start()
        theirs.close()
        try:
            self.port = ours.recv()
        except EOFError:
            self.close()
            raise RuntimeError("the fake Bot API server did not start") from None
        self.root = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.root}/bot"

    def close(self) -> None:
        """End the process, by force after five seconds."""
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def call(self, method: str, token: str = TOKEN, **fields: Any) -> dict[str, Any]:
        """Be the bot: call a method as a form, what is no text as JSON."""
        form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
        return self._http(f"/bot{token}/{method}", urllib.parse.urlencode(form).encode())

    def push(self, **update: Any) -> dict[str, Any]:
        """Queue an update; ids and dates that it lacks are filled in."""
        pushed = self._http("/control/updates", json.dumps(update).encode(), "application/json")
        assert "error" not in pushed, pushed["error"]
        return pushed

    def put(self, anything: Any, *, numbered: bool = True) -> Any:
        """Queue what may be no update at all, unchecked; `numbered` gives it the next update_id."""
        return self._http(f"/control/anything{'?numbered=1' if numbered else ''}", json.dumps(anything).encode())

    def fault(self, kind: str, method: str = "*", **rule: Any) -> None:
        """Let the next request of a method meet a fault; see fake_bot_api.faults.Fault for the rest of the rule."""
        ordered = self._http("/control/faults", json.dumps([{"kind": kind, "method": method, **rule}]).encode())
        assert "error" not in ordered, ordered["error"]

    def faults(self) -> list[dict[str, Any]]:
        """The faults that no request has met yet."""
        return self._http("/control/faults")

    def clear_faults(self) -> None:
        """Let everything go well from now on."""
        self._http("/control/faults", verb="DELETE")

    def webhook_target(self, url: str) -> None:
        """Post updates to http://127.0.0.1:<port>, the reverse proxy so to say, while the bot has set a webhook."""
        self._http("/control/webhook-target", json.dumps({"target": url}).encode())

    def posts(self, after: int = 0, count: int = 0, wait: float = 0) -> list[dict[str, Any]]:
        """What was posted to the webhook's target and answered, as soon as there are `count` or `wait` is over."""
        return self._http(f"/control/posts?after={after}&count={count}&wait={wait}")

    def limits_broken(self, after: int = 0) -> list[str]:
        """Where the bot wrote faster than Telegram allows, by this server's clock and without tolerance."""
        return limits_broken(self.requests(after=after))

    def revoke(self) -> None:
        """The owner of the bot revokes its token."""
        self._http("/control/revoke", b"{}", "application/json")

    def switch(self, **abilities: bool) -> None:
        """The owner of the bot switches something on or off in @BotFather, by its name in getMe."""
        self._http("/control/me", json.dumps(abilities).encode())

    def type_inline(self, text: str, user: int = 7, offset: str = "") -> dict[str, Any]:
        """A user types the bot's name and a text in some other chat; return what the bot offers, once it does."""
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}
        query = self.push(inline_query={"from": sender, "query": text, "offset": offset, "chat_type": "group"})
        return self._answer("answerInlineQuery", "inline_query_id", query["inline_query"]["id"])["parameters"]

    def choose(self, result: dict[str, Any], text: str, user: int = 7) -> None:
        """A user sends one of the messages that were offered for a text, and the owner wants the bot to know that."""
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}
        self.push(chosen_inline_result={"result_id": result["id"], "from": sender, "query": text})

    def mention(self, text: str, chat: dict[str, Any], user: int = 7, **more: Any) -> str:
        """A user mentions the bot in a chat that it is no member of; return the id of the guest query."""
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}
        message = {"from": sender, "chat": chat, "text": text, "entities": entities_of(text), **more}
        return self.push(guest_message=message)["guest_message"]["guest_query_id"]

    def guest_answer(self, query: str) -> dict[str, Any]:
        """Wait for the answer to a guest query."""
        return self._answer("answerGuestQuery", "guest_query_id", query)

    def write(
        self, text: str, user: int = 7, chat: dict[str, Any] | None = None, *, language: str = "en", **more: Any
    ) -> dict[str, Any]:
        """A user writes to the bot in private, or in the chat given; return the message."""
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": language}
        message = {"from": sender, "chat": chat or private_chat(user), "text": text, **more}
        if entities := entities_of(text):
            message["entities"] = entities
        return self.push(message=message)["message"]

    def send_document(
        self, name: str, content: bytes, user: int, *, tells_size: bool = True, **more: Any
    ) -> dict[str, Any]:
        """A user sends a file to the bot in private; return the message. The Bot API need not tell its size."""
        file_id = self._http("/control/files", content, "application/octet-stream")["file_id"]
        document = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_name": name}
        document |= {"file_size": len(content)} if tells_size else {}
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}"}
        message = {"from": sender, "chat": private_chat(user), "document": document, **more}
        return self.push(message=message)["message"]

    def send_album(self, files: dict[str, bytes], user: int) -> list[dict[str, Any]]:
        """A user sends several files at once: each is an update of its own; return the messages."""
        group = str(uuid.uuid4().int % 2**53)
        return [self.send_document(name, content, user, media_group_id=group) for name, content in files.items()]

    def press(self, button: str, shown: dict[str, Any], user: int, **sender: Any) -> dict[str, Any]:
        """A user presses the button with this text below a message of the bot; return the callback query."""
        data = buttons(shown)[button]
        return self.press_data(data, shown, user, **sender)

    def press_data(self, data: str, shown: dict[str, Any], user: int, **more: Any) -> dict[str, Any]:
        """A user's program says that a button with these data was pressed, whether there is one or not."""
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}", **more}
        query = {"from": sender, "message": shown, "data": data}
        return self.push(callback_query=query)["callback_query"]

    def message(self, chat: int, message_id: int) -> dict[str, Any]:
        """Show a message as it is now."""
        return self._http(f"/control/message?chat={chat}&message={message_id}")

    def delete(self, chat: int, message_id: int) -> None:
        """Somebody deletes a message, or the topic that it began."""
        self._http(f"/control/message?chat={chat}&message={message_id}", verb="DELETE")

    def shown(self, chat: int, beginning: str) -> dict[str, Any]:
        """Wait for a message in a chat, sent or edited, whose text begins so; return it as it is now."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for sent in reversed(seen := self.conversation(chat)):
                if sent["result_id"] and (found := self.message(chat, sent["result_id"])).get("text", "").startswith(
                    beginning
                ):
                    return found
            self.requests(count=len(seen) + 1, wait=0.5, chat=chat)
        raise AssertionError(f"no message {beginning!r} in {self.conversation(chat)}")

    def answer_to(self, query: dict[str, Any]) -> str:
        """Wait for what the bot says to who pressed a button; empty when it says nothing."""
        return self._answer("answerCallbackQuery", "callback_query_id", query["id"])["parameters"].get("text", "")

    def _answer(self, method: str, field: str, query: str) -> dict[str, Any]:
        """Wait for the answer to a query that the server has accepted."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for one in (seen := self.requests(method)):
                if one["code"] == 200 and one["parameters"][field] == query:
                    return one
            self.requests(method, count=len(seen) + 1, wait=0.5)
        raise AssertionError(f"{method}: the query {query} was not answered")

    def requests(
        self, method: str = "", after: int = 0, count: int = 0, wait: float = 0, chat: int | str = ""
    ) -> list[dict[str, Any]]:
        """What the bot asked for, as soon as there are `count` requests or `wait` seconds are over."""
        fields = {"method": method, "after": after, "count": count, "wait": wait, "chat": chat}
        return self._http(f"/control/requests?{urllib.parse.urlencode(fields)}")

    def conversation(self, chat: int, method: str = "") -> list[dict[str, Any]]:
        """What the bot asked for in one chat so far."""
        return self.requests(method, chat=chat)

    def replies(self, chat: int, count: int = 1) -> list[dict[str, Any]]:
        """All messages that the bot sent to a chat, as soon as there are `count`; fails for more and for less."""
        found = self.requests("sendMessage", count=count, wait=PATIENCE, chat=chat)
        assert len(found) == count, f"{len(found)} replies instead of {count}: {found}"
        return found

    def commands(self) -> dict[str, list[dict[str, Any]]]:
        """The menus by scope."""
        return self._http("/control/commands")

    def violations(self) -> list[str]:
        """What the bot sent that the Bot API refuses, in words."""
        return [
            f"{one['method']} {one['parameters']}: {one['description']}" for one in self.requests() if one["violation"]
        ]

    def _http(
        self, path: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded", verb: str = ""
    ) -> Any:
        headers = {"Content-Type": kind} if body is not None else {}
        request = urllib.request.Request(self.root + path, body, headers, method=verb or None)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE + 60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)
