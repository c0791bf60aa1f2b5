"""Waiting for an answer: the button under what the articles do not answer, /watch, and /watching with its buttons.

All of it in private: the bot writes to the person. `jobs.notices` tells them.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable

from telegram import InlineKeyboardMarkup, Message

from bot.rendering import messages
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import Own, Texts
from bot.state import Contexts, Recorder, Talk, Watch, Watches
from bot.telegram.handlers.addressing import question_in
from bot.telegram.handlers.buttons import Action, Press, button
from bot.telegram.handlers.chat_engines import ChatEngines
from bot.telegram.handlers.questions import one_space
from bot.telegram.handlers.reader import say, texts_of
from bot.telegram.handlers.threads import Threads
from bot.telegram.sending.replies import edit, reply
from retrieval import QuestionTooSlow

_QUESTION_UNITS = 300  # of a question in a list
_NUMBER = re.compile(r"\d{1,18}")
_PER_ROW = 5


class WatchHandlers:
    """Handlers of what people wait for."""

    def __init__(
        self,
        engines: ChatEngines,
        threads: Threads,
        recorder: Recorder | None,
        contexts: Contexts,
        watches: Watches,
        *,
        is_within_limit: Callable[[Message, int], Awaitable[bool]],
    ) -> None:
        """Everything stays the caller's to close; the limit is that of a person's questions, and warns them."""
        self._engines, self._threads, self._is_within_limit = engines, threads, is_within_limit
        self._recorder, self._contexts, self._watches = recorder, contexts, watches

    async def tell_editors(self, press: Press) -> None:
        """Remember to write to somebody once the question above is answered."""
        stored = await asyncio.to_thread(self._recorder.find, press.payload) if self._recorder else None
        if stored is None:
            await press.expire(messages.ANSWER_FORGOTTEN)
            return
        wish = Watch(0, press.owner, press.texts.language, stored.question, None, None, once=True)
        is_kept = await asyncio.to_thread(self._watches.add, wish)
        await press.expire(messages.EDITORS_TOLD if is_kept else messages.WATCHES_TOO_MANY)

    async def watch(self, message: Message) -> None:
        """Watch the answer to the question in the command, else to what it replies to, else to the latest question."""
        replied = message.reply_to_message.message_id if message.reply_to_message else None
        talk = Talk(message.chat_id, None, message.from_user.id if message.from_user else None)
        before = await self._threads.run(lambda: self._contexts.find(talk, replied))
        typed = one_space(question_in(message))
        asked, light = (typed, before) if typed else (before.text if before else "", None)
        if not await self._is_within_limit(message, message.chat_id):
            return
        try:
            engine = self._engines.of(message.chat_id)
            answer = await self._threads.run(lambda: engine.ask(asked, context=light), asked)
        except QuestionTooSlow:
            await say(message, messages.TOO_SLOW)
            return
        if answer.context is None:
            await say(message, messages.WATCH_USAGE)
            return
        texts, question, first = texts_of(message.from_user), answer.context.text, answer.first
        article, quote = (first.article, first.text) if first else (None, None)
        wish = Watch(0, message.chat_id, texts.language, question, article, quote, once=False)
        is_kept = await asyncio.to_thread(self._watches.add, wish)
        said = texts(messages.WATCHED, question=_short(question)) if is_kept else texts(messages.WATCHES_TOO_MANY)
        await reply(message, own_html(said))

    async def watching(self, message: Message) -> None:
        """List what a person waits for, each with a button to end it."""
        markup, keyboard = await self._listed(message.chat_id, texts_of(message.from_user))
        await reply(message, markup, keyboard)

    async def end(self, press: Press) -> None:
        """End a watch, and show the others."""
        if _NUMBER.fullmatch(press.payload):
            await asyncio.to_thread(self._watches.remove, int(press.payload), press.owner)
        await press.answer(messages.WATCH_ENDED)
        markup, keyboard = await self._listed(press.owner, press.texts)
        await edit(press.message, markup, keyboard)

    async def _listed(self, chat: int, texts: Texts) -> tuple[str, InlineKeyboardMarkup | None]:
        """Return the questions that a person waits for, numbered, and a button for each."""
        watches = await asyncio.to_thread(self._watches.of, chat)
        if not watches:
            return own_html(texts(messages.WATCHES_NONE)), None
        lines = [f"{number}. {texts.isolated(_short(watch.question))}" for number, watch in enumerate(watches, 1)]
        ends = [button(str(number), Action.UNWATCH, chat, str(watch.id)) for number, watch in enumerate(watches, 1)]
        rows = [ends[begin : begin + _PER_ROW] for begin in range(0, len(ends), _PER_ROW)]
        text = Own("\n".join([texts(messages.WATCHES_LIST), "", *lines]))
        return own_html(text), InlineKeyboardMarkup(rows)


def _short(question: str) -> str:
    return shorten(question, _QUESTION_UNITS)
