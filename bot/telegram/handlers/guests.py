"""Mentions of the bot in chats that it is no member of: each gets one answer, and the chat stays closed to the bot."""

import logging
from functools import partial

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, Message
from telegram.error import BadRequest

from bot.rendering import messages
from bot.rendering.ages import today
from bot.rendering.telegram.citation import Citing
from bot.rendering.telegram.escaping import own_html
from bot.telegram.handlers.access import MayAsk
from bot.telegram.handlers.addressing import asks_in_group, is_addressed, question_in
from bot.telegram.handlers.answer_buttons import answer_keyboard
from bot.telegram.handlers.flood_limit import Admission, FloodLimit
from bot.telegram.handlers.inline_results import message_result
from bot.telegram.handlers.links import link_to
from bot.telegram.handlers.questions import Composed, QuestionHandlers, one_space, sender_of
from bot.telegram.handlers.reader import texts_of, why_unanswered
from bot.telegram.handlers.threads import Threads
from retrieval import Engine, QuestionTooSlow, SetsNotAsked

_LOG = logging.getLogger(__name__)


class GuestHandlers:
    """The handler of mentions where the bot is a guest: whether it answers depends on who wrote; a chat can only be blocked."""

    def __init__(
        self, may_ask: MayAsk, limit: FloodLimit, questions: QuestionHandlers, engine: Engine, threads: Threads
    ) -> None:
        """Count a person's questions here together with those elsewhere; the engine stays the caller's."""
        self._may_ask = may_ask
        self._limit = limit
        self._questions = questions
        self._engine = engine
        self._threads = threads

    async def mentioned(self, message: Message) -> None:
        """Answer a question of somebody who may ask; keep silent otherwise."""
        sender, query = sender_of(message), message.guest_query_id
        person = sender.user or 0  # who writes in the name of a chat may ask only if everybody may
        if not query or self._may_ask.blocks(message) or not self._may_ask.allows(person, person):
            return
        at = message.date.timestamp()
        if self._limit.admit(sender.user or message.chat_id, at, (message.chat_id, query)) is not Admission.ANSWER:
            return
        try:
            result = await self._threads.run(partial(self._result, message), question_in(message))
        except (QuestionTooSlow, SetsNotAsked) as error:
            text = texts_of(message.from_user)(why_unanswered(error))
            result = message_result("1", question_in(message), own_html(text), None)
        if result is not None:
            try:
                await message.get_bot().answer_guest_query(query, result)
            except BadRequest as error:  # the query is too old
                _LOG.info("a mention was not answered: %s", error)

    def _result(self, message: Message) -> InlineQueryResultArticle | None:
        question, sender = one_space(question_in(message)), sender_of(message)
        is_wanted = partial(asks_in_group, question, is_addressed=is_addressed(message))
        composed = self._questions.compose(
            question, sender, texts_of(message.from_user), is_wanted=is_wanted, person=sender.user
        )
        if composed is None:
            return None
        return message_result("1", question, composed.html, self._keyboard(composed, message.get_bot().username))

    def _keyboard(self, composed: Composed, bot_name: str) -> InlineKeyboardMarkup | None:
        """Return a button to copy the answer, and one to see more in the private chat: others would not work here."""
        copy = answer_keyboard(composed.answer, None, Citing(today(), self._engine.address, composed.texts))
        if copy is None or composed.id is None:
            return copy
        more = InlineKeyboardButton(composed.texts(messages.MORE_IN_PRIVATE), url=link_to(bot_name, composed.id))
        return InlineKeyboardMarkup([[*copy.inline_keyboard[0], more]])
