"""From an exception in a handler to a line in the log and one sentence to whoever waits for an answer."""

import logging

from telegram import Message, Update
from telegram.error import BadRequest, Conflict, NetworkError, TelegramError
from telegram.ext import ContextTypes

from bot.rendering import admin_words, words
from bot.rendering.telegram import text_html
from bot.telegram.delivery import reply
from bot.telegram.line import Refused

_LOG = logging.getLogger(__name__)


async def on_error(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Log first, then tell the user, unless it was Telegram that could not be reached."""
    error = context.error
    if isinstance(error, Refused):
        context.application.stop_running()  # run_bot says why
        return
    if not isinstance(update, Update):
        _log_polling(error)
        return
    _LOG.error("update %s was not answered", update.update_id, exc_info=error)
    query = update.callback_query
    message = query.message if query else update.message
    if not isinstance(message, Message) or _may_have_been_sent(error):
        return
    try:
        await reply(message, text_html(admin_words.PRESS_FAILED if query else words.FAILED))
    except TelegramError:
        _LOG.warning("nor could that be told", exc_info=True)


def _may_have_been_sent(error: Exception | None) -> bool:
    """After a time-out the message may exist, and to a user who blocked the bot nothing can be said."""
    return isinstance(error, TelegramError) and not isinstance(error, BadRequest)


def _log_polling(error: Exception | None) -> None:
    if isinstance(error, Conflict):
        _LOG.error("Another process polls with the same token; only one of the two gets a message.")
    elif isinstance(error, NetworkError):
        _LOG.warning("Telegram cannot be reached: %s; trying on.", error)
    else:
        _LOG.error("polling failed", exc_info=error)
