"""What tests hold in their hands: users who write to the bot, and a view of what the bot did."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
TOKEN = "123456:FAKE-TOKEN-OF-THE-TESTS"
USERNAME = "cite_test_bot"
PATIENCE = 20.0  # seconds


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
    return {button["text"]: button["callback_data"] for row in rows for button in row}


def quotations(request: dict[str, Any]) -> list[str]:
    """What a message quotes."""
    return parts_of(request, "blockquote")


class FakeTelegram:
    """A server in a process of its own, on a port that the system picks when it is 0; `close` ends it."""

    def __init__(self, port: int = 0) -> None:
        command = [sys.executable, "-m", "fake_bot_api", "--token", TOKEN, "--username", USERNAME, "--port", str(port)]
        self.process = subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, text=True)
        first_line = self.process.stdout.readline()
        if not first_line:
            self.close()
            raise RuntimeError("the fake Bot API server did not start")
        self.port = int(first_line)
        self.root = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.root}/bot"

    def close(self) -> None:
        """End the process, by force after five seconds."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def call(self, method: str, token: str = TOKEN, **fields: Any) -> dict[str, Any]:
        """Be the bot: call a method as a form, what is no text as JSON."""
        form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
        return self._http(f"/bot{token}/{method}", urllib.parse.urlencode(form).encode())

    def push(self, **update: Any) -> dict[str, Any]:
        """Queue an update; ids and dates that it lacks are filled in."""
        pushed = self._http("/control/updates", json.dumps(update).encode(), "application/json")
        assert "error" not in pushed, pushed["error"]
        return pushed

    def revoke(self) -> None:
        """The owner of the bot revokes its token."""
        self._http("/control/revoke", b"{}", "application/json")

    def write(self, text: str, user: int = 7, chat: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A user writes to the bot in private, or in the chat given; gives the message."""
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}
        message = {"from": sender, "chat": chat or private_chat(user), "text": text, **more}
        if entities := entities_of(text):
            message["entities"] = entities
        return self.push(message=message)["message"]

    def send_document(self, name: str, content: bytes, user: int, **more: Any) -> dict[str, Any]:
        """A user sends a file to the bot in private; gives the message."""
        file_id = self._http("/control/files", content, "application/octet-stream")["file_id"]
        document = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_name": name, "file_size": len(content)}
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}"}
        message = {"from": sender, "chat": private_chat(user), "document": document, **more}
        return self.push(message=message)["message"]

    def press(self, button: str, shown: dict[str, Any], user: int) -> dict[str, Any]:
        """A user presses the button with this text below a message of the bot; gives the callback query."""
        data = buttons(shown)[button]
        return self.press_data(data, shown, user)

    def press_data(self, data: str, shown: dict[str, Any], user: int) -> dict[str, Any]:
        """A user's program says that a button with these data was pressed, whether there is one or not."""
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}"}
        query = {"from": sender, "message": shown, "data": data}
        return self.push(callback_query=query)["callback_query"]

    def message(self, chat: int, message_id: int) -> dict[str, Any]:
        """Show a message as it is now."""
        return self._http(f"/control/message?chat={chat}&message={message_id}")

    def shown(self, chat: int, beginning: str) -> dict[str, Any]:
        """Wait for a message in a chat, sent or edited, whose text begins so; gives it as it is now."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for sent in reversed(self.conversation(chat)):
                if sent["result_id"] and (found := self.message(chat, sent["result_id"]))["text"].startswith(beginning):
                    return found
            self.requests(count=len(self.requests()) + 1, wait=0.5)
        raise AssertionError(f"no message {beginning!r} in {self.conversation(chat)}")

    def answer_to(self, query: dict[str, Any]) -> str:
        """Wait for what the bot says to who pressed a button; empty when it says nothing."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for one in self.requests("answerCallbackQuery"):
                if one["code"] == 200 and one["parameters"]["callback_query_id"] == query["id"]:
                    return one["parameters"].get("text", "")
            self.requests(count=len(self.requests()) + 1, wait=0.5)
        raise AssertionError(f"the callback query {query['id']} was not answered")

    def requests(self, method: str = "", after: int = 0, count: int = 0, wait: float = 0) -> list[dict[str, Any]]:
        """What the bot asked for, as soon as there are `count` requests or `wait` seconds are over."""
        query = urllib.parse.urlencode({"method": method, "after": after, "count": count, "wait": wait})
        return self._http(f"/control/requests?{query}")

    def conversation(self, chat: int, method: str = "") -> list[dict[str, Any]]:
        """What the bot asked for in one chat so far."""
        return [one for one in self.requests(method) if one["parameters"].get("chat_id") == chat]

    def replies(self, chat: int, count: int = 1) -> list[dict[str, Any]]:
        """All messages that the bot sent to a chat, as soon as there are `count`; fails for more and for less."""
        end = time.monotonic() + PATIENCE
        while len(found := self.conversation(chat, "sendMessage")) < count and time.monotonic() < end:
            self.requests(count=len(self.requests()) + 1, wait=0.5)
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

    def _http(self, path: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded") -> Any:
        request = urllib.request.Request(self.root + path, body, {"Content-Type": kind} if body is not None else {})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE + 60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)
