"""/ask and plain questions: each gets one answer."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import replace
from typing import Any, TypeVar

from telegram import InlineKeyboardMarkup, Message
from telegram.constants import ChatType

from bot.rendering import messages
from bot.rendering.ages import today
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.citation import Citing
from bot.rendering.telegram.escaping import text_html
from bot.state import Contexts, Recorder, Sender, StateError, Talk
from bot.telegram.handlers.access import without_mentions
from bot.telegram.handlers.answer_buttons import answer_keyboard
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.flood_limit import Admission, FloodLimit
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.sending.replies import is_late, reply
from retrieval import Engine
from retrieval.records import Answer, Context, Intent

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class QuestionHandlers:
    """Handlers of questions; they answer in threads of the executor, so that the event loop stays free."""

    def __init__(
        self,
        engine: Engine,
        executor: Executor,
        recorder: Recorder | None = None,
        *,
        show_help: Callable[[Message], Coroutine[Any, Any, None]],
        limit: FloodLimit | None = None,
        metrics: Metrics | None = None,
        contexts: Contexts | None = None,
    ) -> None:
        """Everything stays the caller's to close; without a recorder, questions are not kept, and without contexts each
        question stands alone.

        `show_help` replies to those who ask for help in a private chat.
        """
        self._help = show_help
        self._limit = limit or FloodLimit(0)
        self._metrics = metrics or Metrics()
        self._engine = engine
        self._recorder = recorder
        self._contexts = contexts
        self._executor = executor

    async def ask(self, message: Message) -> None:
        """Answer `/ask question`; explain its use if there is no question."""
        _, *rest = (message.text or "").split(None, 1)
        if rest:
            await self._answer(message, rest[0])
        else:
            await reply(message, text_html(messages.ASK_USAGE))

    async def private(self, message: Message) -> None:
        """Answer a message in a private chat."""
        await self._answer(message, message.text or "")

    async def in_group(self, message: Message) -> None:
        """Answer a message in a group that mentions the bot or replies to it."""
        await self._answer(message, without_mentions(message))

    async def example(self, press: Press) -> None:
        """Answer the question that is written on a button."""
        question, chat = press.label, press.message.chat_id
        if not question:
            await press.expire(messages.BUTTON_TOO_OLD)
        elif self._limit.admit(press.owner, time.time(), press.query.id) is not Admission.ANSWER:
            seconds = self._limit.retry_after(press.owner, time.time())
            await press.answer(messages.too_many_questions(self._limit.per_minute, seconds))
        else:
            await press.answer()
            sender = Sender("telegram", press.owner, chat)
            answer, html, keyboard = await self._in_thread(lambda: self._compose(question, sender, None))
            sent = await reply(press.message, html, keyboard)
            talk = replace(_talk(press.message), user=press.owner)
            await self._in_thread(lambda: self._keep(talk, sent.message_id, answer.context))

    async def _answer(self, message: Message, question: str) -> None:
        sender = _sender(message)
        if not await self._is_within_limit(message, sender.user or message.chat_id):
            return
        answer, html, keyboard = await self._in_thread(
            lambda: self._compose(_one_space(question), sender, self._context(message))
        )
        if answer.intent is Intent.HELP and message.chat.type == ChatType.PRIVATE:
            await self._help(message)
            return
        sent = await reply(message, html, keyboard, quotes=is_late(message))
        if answer.context is not None:
            await self._in_thread(lambda: self._keep(_talk(message), sent.message_id, answer.context))

    async def forget(self, message: Message) -> None:
        """Let the next question stand alone, as `/new` asks."""
        await self._in_thread(lambda: self._keep(_talk(message), None, None))
        await reply(message, text_html(messages.FORGOTTEN))

    def _keep(self, talk: Talk, sent: int | None, context: Context | None) -> None:
        try:
            if self._contexts is not None:
                self._contexts.keep(talk, sent, context)
        except StateError as error:
            _LOG.warning("What was asked is not remembered for a follow-up: %s", error)

    def _context(self, message: Message) -> Context | None:
        """Return what a question is read in the light of: the answer that it replies to, else the question before it."""
        replied = message.reply_to_message.message_id if message.reply_to_message else None
        try:
            return self._contexts.find(_talk(message), replied) if self._contexts else None
        except StateError as error:
            _LOG.warning("The question before is not known: %s", error)
            return None

    async def _is_within_limit(self, message: Message, person: int) -> bool:
        """Whether to answer a question; whoever asks too many is warned once."""
        admission = self._limit.admit(person, message.date.timestamp(), (message.chat_id, message.message_id))
        if admission is Admission.WARN:
            seconds = self._limit.retry_after(person, time.time())
            await reply(message, text_html(messages.too_many_questions(self._limit.per_minute, seconds)))
        return admission is Admission.ANSWER

    def _compose(
        self, question: str, sender: Sender, context: Context | None
    ) -> tuple[Answer, str, InlineKeyboardMarkup | None]:
        started = time.perf_counter()
        answer = self._engine.ask(question, context=context)
        asked = replace(answer, question=answer.context.text) if answer.context and answer.carried else answer
        answer_id = self._recorder.record(asked, sender) if self._recorder is not None else None
        seconds = time.perf_counter() - started
        _log(answer, answer_id, seconds)
        self._metrics.stage("answering", seconds)
        if answer.intent == Intent.QUESTION:
            self._metrics.question(answer.certainty, answer.confidence)
        citing = Citing(today(), self._engine.address)
        html = answer_html(answer, citing, store_is_empty=not answer.hits and self._engine.is_empty())
        return answer, html, answer_keyboard(answer, answer_id, citing)

    async def _in_thread(self, function: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, copy_context().run, function)


def _sender(message: Message) -> Sender:
    """Return who asks; a message in the name of a chat has no user."""
    user = None if message.sender_chat or message.from_user is None else message.from_user.id
    return Sender("telegram", user, message.chat_id)


def _talk(message: Message) -> Talk:
    """Return whose conversation a message belongs to, and where: in a group a topic and a person, in private a chat."""
    topic = message.message_thread_id if message.is_topic_message else None
    return Talk(message.chat_id, topic, _sender(message).user)


def _log(answer: Answer, answer_id: str | None, seconds: float) -> None:
    """Log the outcome, but neither the question nor who asked."""
    outcome = (
        ("answered" if answer.answered else "abstained") if answer.intent == Intent.QUESTION else answer.intent.value
    )
    _LOG.info(
        "answer composed", extra={"answer": answer_id, "outcome": outcome, "milliseconds": round(1000 * seconds, 1)}
    )


def _one_space(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
