"""Telegram HTML in, messages sent and edited."""

import asyncio
import logging
import time
from contextvars import ContextVar

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.telegram.sending.cures import call_until_cured

_LOG = logging.getLogger(__name__)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
BETWEEN_EDITS = 1.0  # seconds, at least
_LATE = 60.0  # seconds after which a reply names what it is for
several_wait: ContextVar[bool] = ContextVar("several_wait", default=False)  # messages of the chat that is served


def is_late(message: Message) -> bool:
    """Whether a reply must say what it is for: several messages wait, or this one is older than a minute."""
    return several_wait.get() or time.time() - message.date.timestamp() > _LATE


async def reply(
    to: Message, markup: str, keyboard: InlineKeyboardMarkup | None = None, *, quotes: bool = False
) -> Message:
    """Send one message to the chat and topic of another; raise TelegramError.

    In groups, or if it `quotes`, it is a reply to the other. What Telegram refuses is sent in another form, as far as there
    is one that it may take.
    """
    direct = to.direct_messages_topic
    return await call_until_cured(
        to.get_bot().send_message,
        chat_id=to.chat_id,
        text=markup,
        parse_mode=ParseMode.HTML,
        link_preview_options=_NO_PREVIEW,
        message_thread_id=to.message_thread_id if to.is_topic_message else None,
        direct_messages_topic_id=direct.topic_id if direct else None,
        reply_parameters=_reply_to(to) if quotes or to.chat.type != ChatType.PRIVATE else None,
        reply_markup=keyboard,
    )


async def send(bot: Bot, chat: int, markup: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Send a message that replies to none to a private chat; raise TelegramError."""
    await call_until_cured(
        bot.send_message,
        chat_id=chat,
        text=markup,
        parse_mode=ParseMode.HTML,
        link_preview_options=_NO_PREVIEW,
        reply_markup=keyboard,
    )


async def edit(message: Message, markup: str, keyboard: InlineKeyboardMarkup | None = None) -> bool:
    """Replace the text and the buttons of a message of the bot; return False if Telegram rejects that."""
    try:
        await call_until_cured(
            message.edit_text,
            text=markup,
            parse_mode=ParseMode.HTML,
            link_preview_options=_NO_PREVIEW,
            reply_markup=keyboard,
        )
    except TelegramError as error:
        if isinstance(error, BadRequest) and "not modified" in error.message.lower():
            return True
        _LOG.warning("A message could not be edited: %s", error)
        return False
    return True


def _reply_to(to: Message) -> ReplyParameters:
    return ReplyParameters(to.message_id, allow_sending_without_reply=True)


class LiveMessage:
    """A message that shows the progress of a job, edited at most every BETWEEN_EDITS seconds."""

    def __init__(self, message: Message, markup: str) -> None:
        """Take a message that was just sent with this markup."""
        self.message = message
        self._markup = markup
        self._edited = time.monotonic()

    async def show(self, markup: str) -> None:
        """Show this if it is new and the last edit was long enough ago; otherwise skip it."""
        if time.monotonic() - self._edited >= BETWEEN_EDITS:
            await self._edit(markup)

    async def finish(self, markup: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Always show this, after waiting if necessary."""
        await asyncio.sleep(self._edited + BETWEEN_EDITS - time.monotonic())
        await self._edit(markup, keyboard)

    async def _edit(self, markup: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        if markup == self._markup and keyboard is None:
            return
        if await edit(self.message, markup, keyboard):
            self._markup = markup
        self._edited = time.monotonic()  # the time it returned: after a slow edit the next one must still wait
