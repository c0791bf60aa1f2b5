"""Stored updates in, passed to the handlers of the application; what to tell people when that fails for good."""

import asyncio
import logging
from collections.abc import Callable

from telegram import Message
from telegram.error import InvalidToken, TelegramError

from bot.rendering import messages, operator_messages
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import Own
from bot.state import DeadLetter, StoredUpdate
from bot.telegram.handlers import App
from bot.telegram.handlers.reader import texts_of
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.receiving.dispatcher import Unparsable
from bot.telegram.receiving.parsing import parse_update
from bot.telegram.sending.failures import Undelivered
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.replies import reply

_LOG = logging.getLogger(__name__)


class Processor:
    """Passes updates to the handlers of an application."""

    def __init__(
        self,
        application: App,
        rate_limiter: RateLimiter,
        alerts: Alerts,
        on_token_refused: Callable[[], None],
        *,
        longest_apology: float = 10.0,
    ) -> None:
        """Try for `longest_apology` seconds to tell people that there will be no answer."""
        self._application = application
        self._rate_limiter = rate_limiter
        self._alerts = alerts
        self._on_token_refused = on_token_refused
        self._longest_apology = longest_apology
        self._apologies: set[asyncio.Task[None]] = set()

    async def process(self, stored: StoredUpdate) -> None:
        """Pass an update to its handler; raise Unparsable, or whatever the handler raises."""
        update = parse_update(stored.update, self._application.bot)
        _LOG.info("received")
        if update.effective_chat is not None:
            self._rate_limiter.heard_from(update.effective_chat.id)
        try:
            await self._application.process_update(update)
        except InvalidToken:  # its text shows the token
            self._on_token_refused()
            raise Undelivered(operator_messages.REFUSED_BY_TELEGRAM) from None  # the next start tries again

    async def report_dead_letter(self, dead: DeadLetter, stored: StoredUpdate) -> None:
        """Tell the admins that an update was put aside, and its author that there will be no answer.

        The author is told in a separate task: that may take long, and the next update need not wait for it.
        """
        self._alerts.dead_letter(dead)
        try:
            update = parse_update(stored.update, self._application.bot)
        except Unparsable:
            return
        query = update.callback_query
        message = query.message if query else update.message
        if isinstance(message, Message):
            text = texts_of(update.effective_user)(messages.PRESS_FAILED if query else messages.FAILED)
            task = asyncio.create_task(self._apologize(message, text))
            self._apologies.add(task)
            task.add_done_callback(self._apologies.discard)

    async def close(self) -> None:
        """Wait until all authors have been told, or could not be."""
        await asyncio.gather(*self._apologies)

    async def _apologize(self, message: Message, text: Own) -> None:
        try:
            async with asyncio.timeout(self._longest_apology):
                await reply(message, own_html(text))
        except (TelegramError, TimeoutError) as error:
            _LOG.warning("The author could not be told either: %s", str(error) or "it took too long")
