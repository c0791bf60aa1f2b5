"""Whom the bot speaks to, and in which language."""

from telegram import Message, User

from bot.rendering import messages
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import Texts, texts_in
from bot.telegram.sending.replies import reply
from retrieval import QuestionTooSlow, SetsNotAsked


def texts_of(user: User | None) -> Texts:
    """Return the bot's words in the language of somebody's Telegram."""
    return texts_in(user.language_code if user else None)


def why_unanswered(error: QuestionTooSlow | SetsNotAsked) -> str:
    """Say why a question gets no answer, for that error; to be translated."""
    return messages.SETS_NOT_ASKED if isinstance(error, SetsNotAsked) else messages.TOO_SLOW


async def say(message: Message, text: str) -> None:
    """Reply with a text of the bot, in the language of whoever sent the message."""
    await reply(message, own_html(texts_of(message.from_user)(text)))
