"""/ask and plain questions: each gets one answer."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from telegram import InlineKeyboardMarkup, Message
from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.rendering import messages
from bot.rendering.ages import today
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.citation import Citing
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import Texts, texts_for
from bot.state import Contexts, Recorder, Sender, StateError, Talk
from bot.telegram.handlers.addressing import Command, asks_in_group, is_addressed, question_in
from bot.telegram.handlers.answer_buttons import answer_keyboard
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.chat_engines import ChatEngines
from bot.telegram.handlers.edits import GivenAnswers
from bot.telegram.handlers.flood_limit import Admission, FloodLimit
from bot.telegram.handlers.reader import say, texts_of, why_unanswered
from bot.telegram.handlers.threads import Threads
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.sending.replies import edit, is_late, reply
from retrieval import QuestionTooSlow, SetsNotAsked, asks, languages_of
from retrieval.records import Answer, Context, Hit, Intent

_LOG = logging.getLogger(__name__)


class QuestionHandlers:
    """Handlers of questions; they answer in threads, so that the event loop stays free."""

    def __init__(
        self,
        engines: ChatEngines,
        threads: Threads,
        recorder: Recorder | None = None,
        *,
        show_help: Callable[[Message, Texts], Coroutine[Any, Any, None]],
        on_upgrade: Callable[[int, int], None],
        limit: FloodLimit | None = None,
        metrics: Metrics | None = None,
        contexts: Contexts | None = None,
    ) -> None:
        """Everything stays the caller's to close; without a recorder, questions are not kept, and without contexts each
        question stands alone.

        `show_help` replies, in a language, to those who ask for help in a private chat; `on_upgrade` learns that a group,
        by its id, has become a supergroup.
        """
        self._help = show_help
        self._on_upgrade = on_upgrade
        self._given = GivenAnswers()
        self._limit = limit or FloodLimit(0)
        self._metrics = metrics or Metrics()
        self._engines = engines
        self._recorder = recorder
        self._contexts = contexts
        self._threads = threads

    async def ask(self, message: Message) -> None:
        """Answer `/ask question`, or `/ask` as a reply to a question; explain its use if there is no question."""
        question = question_in(message)
        if question.strip():
            await self.answer(message, question)
        else:
            await say(message, messages.ASK_USAGE)

    async def private(self, message: Message) -> None:
        """Answer a message in a private chat."""
        await self.answer(message, question_in(message))

    async def in_group(self, message: Message) -> None:
        """Answer a message in a group that mentions the bot or replies to it, if it asks something."""
        question = question_in(message)
        await self.answer(message, question, partial(asks_in_group, question, is_addressed=is_addressed(message)))

    async def overheard(self, message: Message) -> None:
        """Answer a question in a group that is put to nobody, if the answer is certain; keep silent otherwise."""
        question = question_in(message)
        if asks(question):
            await self.answer(message, question, lambda answer: answer.certainty == "sure", is_warned=False)

    async def edited(self, message: Message) -> None:
        """Answer a question that was corrected, in place of its earlier answer."""
        if Command("ask").filter(message):
            await self.ask(message)
        elif message.chat.type == ChatType.PRIVATE:
            await self.private(message)
        else:
            await self.in_group(message)

    async def example(self, press: Press) -> None:
        """Answer the question that is written on a button."""
        question, chat = press.label, press.message.chat_id
        if not question:
            await press.expire(messages.BUTTON_TOO_OLD)
        elif self._limit.admit(press.owner, time.time(), press.query.id) is not Admission.ANSWER:
            seconds = self._limit.retry_after(press.owner, time.time())
            await press.answer(messages.too_many_questions(self._limit.per_minute, seconds, press.texts))
        else:
            await press.answer()
            sender, reader = Sender("telegram", press.owner, chat), press.texts
            composed = await self._threads.run(lambda: self.compose(question, sender, reader), question)
            if composed is not None:
                sent = await self._deliver(press.message, composed)
                talk = replace(_talk(press.message), user=press.owner)
                await self._keep(talk, sent.message_id, composed.answer.context)

    async def alone(self, press: Press) -> None:
        """Answer a follow-up again, in place of its answer, without what was added to it."""
        sent, talk = press.message, replace(_talk(press.message), user=press.owner)
        context = await self._threads.run(lambda: self._find(talk, sent.message_id, only=True))
        if context is None:
            await press.expire(messages.ANSWER_FORGOTTEN)
            return
        await press.answer()
        sender, reader = Sender("telegram", press.owner, sent.chat_id), press.texts
        question = context.question
        composed = await self._threads.run(lambda: self.compose(question, sender, reader), question)
        if composed is not None and await edit(sent, composed.html, composed.keyboard) and composed.answer.context:
            await self._keep(talk, sent.message_id, composed.answer.context)

    async def answer(
        self,
        message: Message,
        question: str,
        is_wanted: Callable[[Answer], bool] = lambda _: True,
        *,
        is_warned: bool = True,
    ) -> None:
        """Answer a question, or edit its earlier answer; an answer that is not wanted is neither shown nor recorded."""
        sender, given = sender_of(message), self._given.find(message)
        if given is not None and given.question == question:
            return  # something else of the message was edited
        if not await self.is_within_limit(message, sender.user or message.chat_id, is_warned=is_warned):
            return
        reader = texts_of(message.from_user)
        try:
            composed = await self._threads.run(
                lambda: self.compose(one_space(question), sender, reader, self._context(message), is_wanted), question
            )
        except (QuestionTooSlow, SetsNotAsked) as error:  # it would be the next time too
            if is_warned:
                await say(message, why_unanswered(error))
            return
        if composed is None:
            return
        if composed.answer.intent is Intent.HELP and message.chat.type == ChatType.PRIVATE:
            await self._help(message, composed.texts)
            return
        is_edited = given is not None and await edit(given.answer, composed.html, composed.keyboard)
        if given is not None and is_edited:
            sent = given.answer
        else:
            sent = await self._deliver(message, composed, quotes=is_late(message))
        self._given.keep(message, question, sent)
        if composed.answer.context is not None:
            await self._keep(_talk(message), sent.message_id, composed.answer.context)

    async def _deliver(self, message: Message, composed: "Composed", *, quotes: bool = False) -> Message:
        try:
            sent = await reply(message, composed.html, composed.keyboard, quotes=quotes)
        except (BadRequest, ChatMigrated, Forbidden) as error:
            if self._recorder is not None:
                await self._threads.run(partial(self._recorder.undelivered, composed.id, error.message))
            raise
        if sent.chat_id != message.chat_id:
            self._on_upgrade(message.chat_id, sent.chat_id)
        return sent

    async def forget(self, message: Message) -> None:
        """Let the next question stand alone, as `/new` asks."""
        await self._keep(_talk(message), None, None)
        await say(message, messages.FORGOTTEN)

    async def _keep(self, talk: Talk, sent: int | None, context: Context | None) -> None:
        """Keep a context, not behind the questions that wait for the executor: if killed, the bot would answer again."""
        try:
            if self._contexts is not None:
                await asyncio.to_thread(self._contexts.keep, talk, sent, context)
        except StateError as error:
            _LOG.warning("What was asked is not remembered for a follow-up: %s", error)

    def _context(self, message: Message) -> Context | None:
        """Return what a question is read in the light of: the answer that it replies to, else the question before it."""
        replied = message.reply_to_message.message_id if message.reply_to_message else None
        return self._find(_talk(message), replied)

    def _find(self, talk: Talk, message: int | None, *, only: bool = False) -> Context | None:
        try:
            return self._contexts.find(talk, message, only=only) if self._contexts else None
        except StateError as error:
            _LOG.warning("The question before is not known: %s", error)
            return None

    async def is_within_limit(self, message: Message, person: int, *, is_warned: bool = True) -> bool:
        """Whether to answer a question; whoever asks too many is warned once."""
        at = message.edit_date or message.date
        admission = self._limit.admit(person, at.timestamp(), (message.chat_id, message.message_id, message.edit_date))
        if admission is Admission.WARN and is_warned:
            seconds = self._limit.retry_after(person, time.time())
            text = messages.too_many_questions(self._limit.per_minute, seconds, texts_of(message.from_user))
            await reply(message, own_html(text))
        return admission is Admission.ANSWER

    def compose(
        self,
        question: str,
        sender: Sender,
        reader: Texts,
        context: Context | None = None,
        is_wanted: Callable[[Answer], bool] = lambda _: True,
        *,
        person: int | None = None,
    ) -> "Composed | None":
        """Answer a question, in a thread, and record it; None if the answer is not wanted.

        It is answered from the sets of the chat that it is asked in, or else of the `person` who asks in a foreign one.
        """
        started, where = time.perf_counter(), sender.chat
        if person is not None and not self._engines.sets(where):
            where = person
        engine = self._engines.of(where)
        answer = engine.ask(question, context=context)
        if not is_wanted(answer):
            return None
        asked = replace(answer, question=answer.context.text) if answer.context and answer.carried else answer
        seconds = time.perf_counter() - started
        sender = replace(sender, sets=self._engines.sets(where))
        answer_id = self._recorder.record(asked, sender, 1000 * seconds) if self._recorder is not None else None
        _log(answer, answer_id, seconds)
        self._metrics.stage("answering", seconds)
        if answer.intent == Intent.QUESTION:
            self._metrics.question(answer.certainty, answer.confidence)
        texts = reader if answer.answered else texts_for(languages_of(question), reader)
        citing = Citing(today(), engine.address, texts)
        html = answer_html(answer, citing, store_is_empty=not answer.hits and engine.is_empty())
        asker = sender.user if sender.user == sender.chat else None
        return Composed(answer, answer_id, texts, html, answer_keyboard(answer, answer_id, citing, asker=asker))

    def compose_notice(
        self, question: str, user: int, reader: Texts
    ) -> tuple[str, InlineKeyboardMarkup | None, Hit | None]:
        """Answer a question that somebody waits for, in a thread, and record it; also return what is cited first."""
        composed = self.compose(question, Sender("telegram", user, user, is_told=True), reader)
        return (composed.html, composed.keyboard, composed.answer.first) if composed else ("", None, None)


class Composed(NamedTuple):
    """An answer, and the message that shows it."""

    answer: Answer
    id: str | None  # None if it was not recorded
    texts: Texts  # in which it is shown
    html: str
    keyboard: InlineKeyboardMarkup | None


def sender_of(message: Message) -> Sender:
    """Return who asks; a message in the name of a chat has no user."""
    user = None if message.sender_chat or message.from_user is None else message.from_user.id
    return Sender("telegram", user, message.chat_id)


def _talk(message: Message) -> Talk:
    """Return whose conversation a message belongs to, and where: in a group a topic and a person, in private a chat."""
    topic = message.message_thread_id if message.is_topic_message else None
    return Talk(message.chat_id, topic, sender_of(message).user)


def _log(answer: Answer, answer_id: str | None, seconds: float) -> None:
    """Log the outcome, but neither the question nor who asked."""
    outcome = (
        ("answered" if answer.answered else "abstained") if answer.intent == Intent.QUESTION else answer.intent.value
    )
    _LOG.info(
        "answer composed", extra={"answer": answer_id, "outcome": outcome, "milliseconds": round(1000 * seconds, 1)}
    )


def one_space(text: str) -> str:
    """Return a text on one line, with one space between words."""
    return re.sub(r"\s+", " ", text).strip()
