"""From a letter of the inbox to the handlers that meet it; what comes of a letter that none could."""

import asyncio
import logging
from collections.abc import Callable

from telegram import Message, Update
from telegram.error import InvalidToken, TelegramError

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.answer import text_html
from bot.state import DeadLetter, StoredUpdate
from bot.telegram.handlers import App
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.receiving.dispatcher import Unparsable
from bot.telegram.sending.errors import Undelivered
from bot.telegram.sending.messages import reply
from bot.telegram.sending.rate_limiter import RateLimiter

_LOG = logging.getLogger(__name__)


class Processor:
    """Gives letters to the handlers of an application."""

    def __init__(
        self,
        application: App,
        courier: RateLimiter,
        alarms: Alerts,
        refused: Callable[[], None],
        *,
        longest_sorry: float = 10.0,
    ) -> None:
        """Call `refused` when Telegram refuses the token; try for `longest_sorry` seconds to tell that there is no answer."""
        self._application = application
        self._courier = courier
        self._alarms = alarms
        self._refused = refused
        self._longest_sorry = longest_sorry
        self._tellings: set[asyncio.Task[None]] = set()

    async def handle(self, letter: StoredUpdate) -> None:
        """Let the handlers meet a letter; raises Unparsable, and whatever a handler raises."""
        update = self._parse(letter)
        _LOG.info("received")
        if update.effective_chat is not None:
            self._courier.heard_from(update.effective_chat.id)
        try:
            await self._application.process_update(update)
        except InvalidToken:
            self._refused()
            raise Undelivered(
                messages.REFUSED_BY_TELEGRAM
            ) from None  # the next start tries again; the text had the token

    async def give_up(self, dead: DeadLetter, letter: StoredUpdate) -> None:
        """Tell the admins of a letter that was put aside, and who wrote it that there will be no answer.

        That is told in a task of its own: it may take long, and the next letter need not wait for it.
        """
        self._alarms.dead_letter(dead)
        try:
            update = self._parse(letter)
        except Unparsable:
            return
        query = update.callback_query
        message = query.message if query else update.message
        if isinstance(message, Message):
            text = admin_messages.PRESS_FAILED if query else messages.FAILED
            telling = asyncio.create_task(_say_sorry(message, text, self._longest_sorry))
            self._tellings.add(telling)
            telling.add_done_callback(self._tellings.discard)

    async def close(self) -> None:
        """Wait until everybody has been told who is to be told, or could not be."""
        await asyncio.gather(*self._tellings)

    def _parse(self, letter: StoredUpdate) -> Update:
        try:
            return Update.de_json(letter.update, self._application.bot)
        except Exception as error:  # the library raises whatever comes of a field that is not what it should be
            raise Unparsable(f"{type(error).__name__}: {error}") from error


async def _say_sorry(message: Message, text: str, longest: float) -> None:
    try:
        async with asyncio.timeout(longest):
            await reply(message, text_html(text))
    except (TelegramError, TimeoutError) as error:
        _LOG.warning("nor could that be told: %s", str(error) or "it took too long")
