"""A load that changes answers -> messages to those who wait for them.

Whatever loads, this bot or another program: when the store shows another generation, and once at the start, each question
that somebody waits for is asked again. What they were told is noted after the message was sent, so that a kill repeats
at most the message being sent, and loses none.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from telegram import Bot, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.rendering import messages
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import escape, own_html
from bot.rendering.texts import Texts, texts_in
from bot.state import Watch, Watches
from bot.telegram.sending.replies import send
from retrieval import Engine
from retrieval.errors import RetrievalError
from retrieval.records import Hit

_LOG = logging.getLogger(__name__)
INTERVAL = 2.0  # seconds between looks at the number of the generation, which take microseconds
_QUESTION_UNITS, _QUOTE_UNITS = 300, 600

Compose = Callable[[str, int, Texts], tuple[str, InlineKeyboardMarkup | None]]
"""A question, whose it is and their words -> the message that answers it, recorded; called in a thread."""


class Notices:
    """Tells people that the answer they wait for is another one."""

    def __init__(self, engine: Engine, watches: Watches, compose: Compose) -> None:
        """Everything stays the caller's to close."""
        self._engine, self._watches, self._compose = engine, watches, compose
        self._task: asyncio.Task[None] | None = None

    def begin(self, bot: Bot) -> None:
        """Start looking."""
        self._task = asyncio.create_task(self._run(bot))

    async def close(self) -> None:
        """Stop looking; what was not sent is sent after the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, bot: Bot) -> None:
        seen = -1
        while True:
            try:
                generation = await asyncio.to_thread(self._engine.generation)
                if generation != seen and await self._tell_all(bot):
                    seen = generation
            except RetrievalError as error:
                _LOG.warning("People who wait for answers cannot be told now: %s", error)
            except Exception:  # noqa: BLE001 - the next look may succeed
                _LOG.exception("People who wait for answers cannot be told now.")
            await asyncio.sleep(INTERVAL)

    async def _tell_all(self, bot: Bot) -> bool:
        """Ask each question again and tell who waits; return whether all could be told."""
        told = [await self._tell(bot, watch) for watch in await asyncio.to_thread(self._watches.all)]
        return all(told)

    async def _tell(self, bot: Bot, watch: Watch) -> bool:
        first = (await asyncio.to_thread(self._engine.ask, watch.question)).first
        if _is_as_before(watch, first):
            return True
        texts = texts_in(watch.language)
        html, keyboard = await asyncio.to_thread(self._compose, watch.question, watch.chat, texts)
        try:
            await send(bot, watch.chat, f"{_heading(watch, first, texts)}\n\n{html}", keyboard)
        except Forbidden:  # they blocked the bot
            await asyncio.to_thread(self._watches.remove_all, watch.chat)
            return True
        except BadRequest as error:
            _LOG.warning("A notice was refused: %s", error)
        except TelegramError as error:
            _LOG.info("A notice waits: %s", error)
            return False
        await asyncio.to_thread(self._watches.told, watch, *((first.article, first.text) if first else (None, None)))
        return True


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
