"""Stored updates in, passed to the handlers of the application; what to tell people when that fails for good."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.error import InvalidToken, TelegramError

from bot.rendering import alert_messages, messages, operator_messages
from bot.rendering.ages import moment
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import Own
from bot.state import DeadLetter, StoredUpdate
from bot.telegram.handlers.application import App
from bot.telegram.handlers.flood_limit import Admission, FloodLimit
from bot.telegram.handlers.reader import texts_of
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.receiving.dispatcher import Unparsable
from bot.telegram.receiving.fair_queue import person_of
from bot.telegram.receiving.parsing import parse_update
from bot.telegram.sending.failures import Undelivered
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.replies import reply
from retrieval import EngineAway

_LONGEST_CLOSE = 2.0  # seconds
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
        may_ask: Callable[[Message], bool] = lambda _: True,
        longest_apology: float = 10.0,
    ) -> None:
        """Try for `longest_apology` seconds to tell people that there will be no answer."""
        self._application = application
        self._rate_limiter = rate_limiter
        self._alerts = alerts
        self._on_token_refused = on_token_refused
        self._longest_apology = longest_apology
        self._apologies: set[asyncio.Task[None]] = set()
        self._left_out = FloodLimit(1)
        self._may_ask = may_ask
        self._waiting: set[object] = set()  # who was told that the articles are being read
        self._kept: set[int] = set()  # ids of updates that wait for an engine
        self._is_away = False  # the engine, as the admins were told

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
        except EngineAway as error:
            self._keep(update, error)
            raise
        if stored.update_id in self._kept:
            self._kept.remove(stored.update_id)
            self._report_back()

    def _keep(self, update: Update, error: EngineAway) -> None:
        """Tell the admins that the articles cannot be reached, and somebody in a private chat that the answer comes later."""
        if not self._is_away:
            self._alerts.tell(alert_messages.engine_away(moment(datetime.now(UTC).isoformat()), str(error)))
        self._is_away = True
        message = update.message
        if update.update_id not in self._kept and message and message.chat.type == ChatType.PRIVATE:
            self._begin(message, texts_of(update.effective_user)(messages.ARTICLES_AWAY))
        self._kept.add(update.update_id)

    def _report_back(self) -> None:
        """Tell the admins, once, that the articles can be reached again."""
        if self._is_away:
            self._alerts.tell(alert_messages.engine_back(moment(datetime.now(UTC).isoformat())))
        self._is_away = False

    async def report_dead_letter(self, dead: DeadLetter, stored: StoredUpdate) -> None:
        """Tell the admins that an update was put aside, and its author that there will be no answer.

        The author is told in a separate task: that may take long, and the next update need not wait for it.
        """
        self._alerts.dead_letter(dead)
        update = self._parsed(stored.update)
        query = update.callback_query
        message = query.message if query else update.message
        if isinstance(message, Message):
            self._begin(message, texts_of(update.effective_user)(messages.PRESS_FAILED if query else messages.FAILED))

    def report_left_out(self, update: dict[str, Any]) -> None:
        """Tell somebody, once a minute, that an update was beyond their share; in a group only who pressed a button."""
        if self._left_out.admit(person_of(update), time.time()) is not Admission.ANSWER:
            return
        _LOG.warning("Somebody sends more than can be answered; what is beyond their share of the queue is left out.")
        parsed = self._parsed(update)
        to = parsed.callback_query or parsed.message
        if to is not None and (isinstance(to, CallbackQuery) or to.chat.type == ChatType.PRIVATE):
            self._begin(to, texts_of(parsed.effective_user)(messages.TOO_FAST))

    def report_first_load(self, update: dict[str, Any]) -> None:
        """Tell somebody in a private chat, once, that the answer has to wait for the articles to be read."""
        parsed, person = self._parsed(update), person_of(update)
        message = parsed.message
        if message is None or message.chat.type != ChatType.PRIVATE or person in self._waiting:
            return
        if self._may_ask(message):
            self._waiting.add(person)
            self._begin(message, texts_of(parsed.effective_user)(messages.FIRST_LOAD))

    def _parsed(self, update: dict[str, Any]) -> Update:
        """Parse an update; one that cannot be read has nobody to tell."""
        try:
            return parse_update(update, self._application.bot)
        except Unparsable:
            return Update(update["update_id"])

    async def close(self) -> None:
        """Wait a moment until all have been told, then give up."""
        told = asyncio.gather(*self._apologies, return_exceptions=True)
        await asyncio.wait([told], timeout=_LONGEST_CLOSE)
        told.cancel()

    def _begin(self, to: Message | CallbackQuery, text: Own) -> None:
        task = asyncio.create_task(self._tell(to, text))
        self._apologies.add(task)
        task.add_done_callback(self._apologies.discard)

    async def _tell(self, to: Message | CallbackQuery, text: Own) -> None:
        try:
            async with asyncio.timeout(self._longest_apology):
                await (reply(to, own_html(text)) if isinstance(to, Message) else to.answer(text))
        except (TelegramError, TimeoutError) as error:
            _LOG.warning("The author could not be told either: %s", str(error) or "it took too long")
