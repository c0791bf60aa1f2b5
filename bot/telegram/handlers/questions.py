"""From a message that asks something to one message that answers it."""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from datetime import datetime
from typing import TypeVar

from telegram import Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.answer import answer_html, text_html
from bot.state import Recorder, Sender
from bot.telegram.handlers.access import without_mentions
from bot.telegram.handlers.flood_limit import Admission, FloodLimit
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.sending.messages import reply
from retrieval import Engine
from retrieval.records import Answer, Intent

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class QuestionHandlers:
    """Answers in threads of its executor, so that the event loop stays free."""

    def __init__(
        self,
        engine: Engine,
        executor: Executor,
        recorder: Recorder | None = None,
        *,
        limit: FloodLimit | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """All stay the caller's to close; without a recorder nothing is kept of what is asked."""
        self._limit = limit or FloodLimit(0)
        self._metrics = metrics or Metrics()
        self._engine = engine
        self._recorder = recorder
        self._executor = executor

    async def command(self, message: Message) -> None:
        """Answer `/ask question`; say how it is used when there is no question."""
        _, *rest = (message.text or "").split(None, 1)
        if rest:
            await self._answer(message, rest[0])
        else:
            await reply(message, text_html(messages.ASK_USAGE))

    async def private(self, message: Message) -> None:
        """Answer what was written to the bot alone."""
        await self._answer(message, message.text or "")

    async def addressed(self, message: Message) -> None:
        """Answer what was said to the bot in a group: a mention of it, or a reply to it."""
        await self._answer(message, without_mentions(message))

    async def _answer(self, message: Message, question: str) -> None:
        asker = _asker(message)
        if not await self._is_within_limit(message, asker.user or message.chat_id):
            return
        await reply(message, await self._in_thread(lambda: self._compose(_one_space(question), asker)))

    async def _is_within_limit(self, message: Message, person: int) -> bool:
        """Tell whether a question is to be answered; whoever asks too much is told once."""
        verdict = self._limit.take(person, message.date.timestamp(), (message.chat_id, message.message_id))
        if verdict is Admission.TELL:
            seconds = self._limit.seconds(person, time.time())
            await reply(message, text_html(admin_messages.too_many_questions(self._limit.per_minute, seconds)))
        return verdict is Admission.GO

    def _compose(self, question: str, asker: Sender) -> str:
        begun = time.perf_counter()
        answer = self._engine.ask(question)
        answer_id = self._recorder.record(answer, asker) if self._recorder is not None else None
        seconds = time.perf_counter() - begun
        _log(answer, answer_id, seconds)
        self._metrics.stage("answering", seconds)
        if answer.intent == Intent.QUESTION:
            self._metrics.question(answered=answer.answered, confidence=answer.confidence)
        today = datetime.now().astimezone().date()
        return answer_html(answer, store_is_empty=not answer.hits and self._engine.is_empty(), today=today)

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, copy_context().run, work)


def _asker(message: Message) -> Sender:
    """Say who asks; a message in the name of a chat is from nobody in particular."""
    user = None if message.sender_chat or message.from_user is None else message.from_user.id
    return Sender("telegram", user, message.chat_id)


def _log(answer: Answer, answer_id: str | None, seconds: float) -> None:
    """Log what came of a question: neither what was asked nor who asked."""
    outcome = (
        ("answered" if answer.answered else "abstained") if answer.intent == Intent.QUESTION else answer.intent.value
    )
    _LOG.info("composed", extra={"answer": answer_id, "outcome": outcome, "milliseconds": round(1000 * seconds, 1)})


def _one_space(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
