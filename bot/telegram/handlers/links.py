"""Links that open a question in the private chat with the bot: `https://t.me/BOT?start=ID`, ID being a stored answer's."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Message

from bot.state import Recorder

_ANSWER_ID = re.compile(r"[0-9A-Z]{10}")
Reply = Callable[[Message], Coroutine[Any, Any, None]]
Answer = Callable[[Message, str], Coroutine[Any, Any, None]]


def link_to(bot_name: str, answer_id: str) -> str:
    """Return the link that asks the question of an answer again."""
    return f"https://t.me/{bot_name}?start={answer_id}"


class LinkHandlers:
    """The handler of /start, which is what Telegram sends when somebody follows a link."""

    def __init__(self, recorder: Recorder | None, answer: Answer, greet: Reply) -> None:
        """`answer` answers a question, `greet` anybody who followed no link to one."""
        self._recorder = recorder
        self._answer = answer
        self._greet = greet

    async def start(self, message: Message) -> None:
        """Answer the question that a link is about; greet if there is none, or if it is no longer known."""
        payload = (message.text or "").partition(" ")[2].strip()
        if self._recorder is not None and _ANSWER_ID.fullmatch(payload):
            stored = await asyncio.to_thread(self._recorder.find, payload)
            if stored is not None:
                await self._answer(message, stored.question)
                return
        await self._greet(message)
