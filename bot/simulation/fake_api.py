"""Answer the bot's requests as Telegram would and keep them; nothing is sent, and every chat and message exists."""

import json
import time
from http import HTTPStatus
from itertools import count
from typing import Any, NamedTuple

from telegram import User
from telegram.request import BaseRequest, RequestData

from bot.rendering.terminal.calls import shown_text

_FIRST_MESSAGE_ID = 1_000_001  # usually above those in the updates
_NO_FILE = "Bad Request: wrong file_id or the file is temporarily unavailable"


class Call(NamedTuple):
    """A request that would have been sent."""

    method: str  # of the Bot API
    parameters: dict[str, Any]


class FakeApi(BaseRequest):
    """Answers every request but downloads as if it had succeeded."""

    def __init__(self, bot: User) -> None:
        """Answer as Telegram would answer this bot."""
        self._bot = bot.to_dict()
        self._calls: list[Call] = []
        self._message_ids = count(_FIRST_MESSAGE_ID)

    @property
    def read_timeout(self) -> float:
        """Seconds; never waited for."""
        return 1.0

    async def initialize(self) -> None:
        """Do nothing: there is no connection to open."""

    async def shutdown(self) -> None:
        """Do nothing: there is no connection to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_: Any,  # noqa: ANN401 - timeouts
        **__: Any,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        """Return the status code and the body of a response."""
        if method == "GET":  # a download
            return _refused(HTTPStatus.NOT_FOUND, "Not Found")
        call = Call(url.rpartition("/")[2], dict(request_data.parameters) if request_data else {})
        if call.method == "getMe":
            return _accepted(self._bot)
        self._calls.append(call)
        return _refused(HTTPStatus.BAD_REQUEST, _NO_FILE) if call.method == "getFile" else _accepted(self._result(call))

    def take_calls(self) -> list[Call]:
        """Return the calls since the last time, in order."""
        calls, self._calls = self._calls, []
        return calls

    def _result(self, call: Call) -> object:
        """Return the message that a call sends or edits, True for most other calls."""
        if call.method == "answerGuestQuery":
            return {"inline_message_id": "simulated"}
        makes_message = call.method.startswith(("send", "edit")) and call.method != "sendChatAction"
        return self._message(call) if makes_message else True

    def _message(self, call: Call) -> dict[str, Any]:
        chat = int(call.parameters["chat_id"])
        keyboard = call.parameters.get("reply_markup")
        message = {
            "message_id": call.parameters.get("message_id") or next(self._message_ids),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
            "from": self._bot,
            "text": shown_text(call.parameters),
        }
        return message | ({"reply_markup": keyboard} if keyboard else {})


def _accepted(result: object) -> tuple[int, bytes]:
    return HTTPStatus.OK, json.dumps({"ok": True, "result": result}).encode()


def _refused(code: int, description: str) -> tuple[int, bytes]:
    return code, json.dumps({"ok": False, "error_code": code, "description": description}).encode()
