"""/digest weekly, /digest off: whether an admin gets a digest every week."""

import asyncio
import time

from telegram import Message

from bot.rendering import digest_messages
from bot.rendering.telegram.escaping import text_html
from bot.state import Digests
from bot.telegram.jobs.digest import WEEK
from bot.telegram.sending.replies import reply


class DigestHandlers:
    """The handler of /digest."""

    def __init__(self, digests: Digests) -> None:
        """The digests stay the caller's to close."""
        self._digests = digests

    async def digest(self, message: Message) -> None:
        """Order a digest, the first in a week, or end it."""
        _, *words = (message.text or "").lower().split()
        if words == ["weekly"]:
            await asyncio.to_thread(self._digests.order, message.chat_id, time.time() + WEEK)
            text = digest_messages.ORDERED
        elif words == ["off"]:
            was_ordered = await asyncio.to_thread(self._digests.cancel, message.chat_id)
            text = digest_messages.ENDED if was_ordered else digest_messages.NOT_ORDERED
        else:
            text = digest_messages.USAGE
        await reply(message, text_html(text))
