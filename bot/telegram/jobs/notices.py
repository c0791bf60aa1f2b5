"""A load that changes answers -> messages to those who wait for them.

Whatever loads, this bot or another program: when the store shows another generation, and once at the start, each question
that somebody waits for is asked again; a new one is asked at once, since it may be answered by now. What they were told is
noted after the message was sent, so that a kill repeats at most the message being sent, and loses none.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from telegram import Bot, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.rendering import messages
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import escape, own_html
from bot.rendering.texts import Texts, texts_in
from bot.state import Watch, Watches
from bot.telegram.jobs.background import Background
from bot.telegram.sending.failures import Undelivered, seconds_to_wait
from bot.telegram.sending.replies import send
from retrieval import Engine, QuestionTooSlow, SetsNotAsked
from retrieval.errors import RetrievalError
from retrieval.records import Hit

_LOG = logging.getLogger(__name__)
INTERVAL = 2.0  # seconds between looks at the generation and the watches, which take microseconds
FAILURE_PAUSE = 10.0  # seconds before the next try, after one failed
_QUESTION_UNITS, _QUOTE_UNITS = 300, 600

Compose = Callable[[str, int, Texts], tuple[str, InlineKeyboardMarkup | None, Hit | None]]
"""A question, whose it is and their words -> the message that answers it, recorded, and what it cites first; in a thread."""


class Notices(Background):
    """Tells people that the answer they wait for is another one."""

    def __init__(
        self,
        engine: Engine,
        engine_of: Callable[[int], Engine],
        watches: Watches,
        compose: Compose,
        may_ask: Callable[[int, int], bool],
    ) -> None:
        """Everything stays the caller's to close; who may not ask (a person, in a chat) by now is not told.

        `engine_of` is what a person's chat is answered from.
        """
        self._engine_of = engine_of
        self._engine, self._watches, self._compose, self._may_ask = engine, watches, compose, may_ask
        self._not_noted: dict[int, Watch] = {}  # what was told, by the id of the watch, but could not be noted

    async def _run(self, bot: Bot) -> None:
        seen, latest = -1, 0  # the generation, and the last watch, of which everybody was told
        while True:
            pause = FAILURE_PAUSE
            try:
                generation = await asyncio.to_thread(self._engine.generation)
                watches = await asyncio.to_thread(self._watches.all, latest if generation == seen else 0)
                for watch in watches:
                    await self._tell(bot, watch)
                seen, latest = generation, max([latest, *(watch.id for watch in watches)])
                pause = INTERVAL
            except RetrievalError as error:
                _LOG.warning("People who wait for answers cannot be told now: %s", error)
            except Exception:  # noqa: BLE001 - the next look may succeed
                _LOG.exception("People who wait for answers cannot be told now.")
            await asyncio.sleep(pause)

    async def _tell(self, bot: Bot, watch: Watch) -> None:
        """Ask a question again and tell who waits for the answer, if it is another one."""
        if told := self._not_noted.get(watch.id):
            await self._note(told)
            if told.once:
                return
            watch = told
        if not self._may_ask(watch.chat, watch.chat):
            return
        try:
            first = (await asyncio.to_thread(self._engine_of(watch.chat).ask, watch.question)).first
            if _is_as_before(watch, first) or not await self._is_wanted(watch):
                return
            texts = texts_in(watch.language)
            html, keyboard, first = await asyncio.to_thread(self._compose, watch.question, watch.chat, texts)
        except (QuestionTooSlow, SetsNotAsked) as error:  # which keeps nobody else waiting
            _LOG.warning("Somebody who waits for an answer cannot be told: %s", error)
            return
        if await self._send(bot, watch, f"{_heading(watch, first, texts)}\n\n{html}", keyboard):
            article, quote = (first.article, first.text) if first else (None, None)
            await self._note(replace(watch, article=article, quote=quote))

    async def _send(self, bot: Bot, watch: Watch, html: str, keyboard: InlineKeyboardMarkup | None) -> bool:
        """Send a notice as soon as Telegram takes it, but once; return False if nobody wants it any more."""
        while await self._is_wanted(watch):
            try:
                await send(bot, watch.chat, html, keyboard)
            except (Forbidden, BadRequest) as error:
                if isinstance(error, Forbidden) or "chat not found" in error.message.lower():
                    await asyncio.to_thread(self._watches.remove_all, watch.chat)  # they blocked the bot, or are gone
                    return False
                _LOG.warning("A notice was refused: %s", error)
                return True
            except RetryAfter as error:
                await asyncio.sleep(seconds_to_wait(error))
            except (Undelivered, InvalidToken):
                _LOG.info("A notice waits until Telegram can be reached.")
                await asyncio.sleep(FAILURE_PAUSE)
            except TelegramError as error:
                _LOG.warning("A notice was refused, or may not have arrived: %s", error)
                return True
            else:
                return True
        return False

    async def _is_wanted(self, watch: Watch) -> bool:
        """Whether somebody still waits, and may: they may have ended it, had everything deleted, or been blocked."""
        if not self._may_ask(watch.chat, watch.chat):
            return False
        of_person = await asyncio.to_thread(self._watches.of, watch.chat)
        return watch.id in {one.id for one in of_person}

    async def _note(self, told: Watch) -> None:
        """Note what somebody was told; remember it as long as that fails, so that they are not told again."""
        self._not_noted[told.id] = told
        await asyncio.to_thread(self._watches.told, told)
        del self._not_noted[told.id]


def _is_as_before(watch: Watch, first: Hit | None) -> bool:
    """Whether the same sentence comes first; who waits for any answer is not told that there is none."""
    if first is None:
        return watch.article is None
    return (first.article, first.text) == (watch.article, watch.quote)


def _heading(watch: Watch, first: Hit | None, texts: Texts) -> str:
    question = shorten(watch.question, _QUESTION_UNITS)
    if watch.quote is None:
        return own_html(texts(messages.NOW_ANSWERED, question=question))
    was = f"<blockquote>{escape(shorten(watch.quote, _QUOTE_UNITS))}</blockquote>"
    now = messages.ANSWER_NOW if first else messages.NO_ANSWER_NOW
    return f"{own_html(texts(messages.ANSWER_CHANGED, question=question))}\n{was}\n{own_html(texts(now))}"
