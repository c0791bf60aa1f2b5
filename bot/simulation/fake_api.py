"""What the bot asks of Telegram -> what Telegram would answer; nothing is sent, and each call is kept.

The one place that stands for Telegram in a simulation; chats and messages are believed to exist.
"""

import json
import time
from http import HTTPStatus
from itertools import count
from typing import Any, NamedTuple

from telegram import User
from telegram.request import BaseRequest, RequestData

from bot.rendering.terminal.calls import shown_text

_FIRST_MESSAGE = 1_000_001  # its id; those of a recording are lower, as a rule
_NOT_THERE = "Bad Request: wrong file_id or the file is temporarily unavailable"


class Call(NamedTuple):
    """What would have been sent."""

    method: str  # of the Bot API
    parameters: dict[str, Any]


class FakeApi(BaseRequest):
    """Answers every call of the Bot API as if it had been obeyed."""

    def __init__(self, bot: User) -> None:
        """Say that the bot is this one."""
        self._bot = bot.to_dict()
        self._calls: list[Call] = []
        self._ids = count(_FIRST_MESSAGE)

    @property
    def read_timeout(self) -> float:
        """Seconds; nothing is waited for."""
        return 1.0

    async def initialize(self) -> None:
        """There is nothing to open."""

    async def shutdown(self) -> None:
        """There is nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_: Any,  # noqa: ANN401 - the time limits
        **__: Any,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        """Give the code and the body of a reply."""
        if method == "GET":  # a download
            return HTTPStatus.NOT_FOUND, _refusal(HTTPStatus.NOT_FOUND, "Not Found")
        call = Call(url.rpartition("/")[2], dict(request_data.parameters) if request_data else {})
        if call.method == "getMe":
            return HTTPStatus.OK, _result(self._bot)
        self._calls.append(call)
        if call.method == "getFile":
            return HTTPStatus.BAD_REQUEST, _refusal(HTTPStatus.BAD_REQUEST, _NOT_THERE)
        return HTTPStatus.OK, _result(self._result_of(call))

    def take(self) -> list[Call]:
        """Give the calls since the last time, in their order."""
        calls, self._calls = self._calls, []
        return calls

    def _result_of(self, call: Call) -> object:
        """Give the message that a call sends or changes, true for a call that does neither."""
        makes_message = call.method.startswith(("send", "edit")) and call.method != "sendChatAction"
        return self._message(call) if makes_message else True

    def _message(self, call: Call) -> dict[str, Any]:
        chat = int(call.parameters["chat_id"])
        keyboard = call.parameters.get("reply_markup")
        message = {
            "message_id": call.parameters.get("message_id") or next(self._ids),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
            "from": self._bot,
            "text": shown_text(call.parameters),
        }
        return message | ({"reply_markup": keyboard} if keyboard else {})


def _result(result: object) -> bytes:
    return json.dumps({"ok": True, "result": result}).encode()


def _refusal(code: int, description: str) -> bytes:
    return json.dumps({"ok": False, "error_code": code, "description": description}).encode()
