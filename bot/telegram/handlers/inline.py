"""Inline queries: `@bot question` typed in any chat, and which of the quotations that it offers was sent.

A query arrives at every pause in typing. None of them is recorded as a question: only what somebody has sent is, and
Telegram tells that only if /setinlinefeedback is on in @BotFather.
"""

import logging
import re
import time
from collections.abc import Sequence
from contextlib import suppress

from telegram import InlineQuery, InlineQueryResultArticle, InlineQueryResultsButton, Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ContextTypes

from bot.rendering import messages
from bot.rendering.ages import today
from bot.rendering.telegram.citation import Citing
from bot.settings import Settings
from bot.state import Recorder, Sender
from bot.telegram.handlers.access import MayAsk
from bot.telegram.handlers.answers import HITS
from bot.telegram.handlers.chat_engines import ChatEngines
from bot.telegram.handlers.flood_limit import Admission, FloodLimit
from bot.telegram.handlers.inline_results import quotation_id, quotation_result, single_quotations
from bot.telegram.handlers.questions import one_space
from bot.telegram.handlers.reader import texts_of
from bot.telegram.handlers.threads import Threads
from retrieval import EngineAway, QuestionTooSlow, SetsNotAsked
from retrieval.records import Answer, Intent

START = "inline"  # what the button above the results gives to /start
_PER_PAGE = 10
_SHORTEST = 3  # characters of a question
_CACHE = 60  # seconds for which Telegram may show the same results: articles may change
_WHILE_TYPING = 3  # queries for each question that a person may ask
_OFFSET = re.compile(r"[0-9]{1,2}|")

_LOG = logging.getLogger(__name__)


class InlineHandlers:
    """Handlers of inline queries and of the choice among their results."""

    def __init__(
        self, settings: Settings, may_ask: MayAsk, engines: ChatEngines, threads: Threads, recorder: Recorder | None
    ) -> None:
        """Everything stays the caller's to close; without a recorder, nothing is kept."""
        self._may_ask = may_ask
        self._engines = engines
        self._threads = threads
        self._recorder = recorder
        self._limit = FloodLimit(_WHILE_TYPING * settings.questions_per_minute)

    async def query(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Offer quotations for what somebody types; Telegram does not tell where."""
        query = update.inline_query
        if query is None:
            return
        question, user = one_space(query.query), query.from_user.id
        if not self._may_ask.allows(user, user):
            await self._offer(query, hint=messages.INLINE_NOT_ALLOWED)
        elif len(question) < _SHORTEST or not _OFFSET.fullmatch(query.offset):
            await self._offer(query, hint=messages.INLINE_HINT)
        elif self._limit.admit(user, time.time(), query.id) is not Admission.ANSWER:
            await self._offer(query, hint=messages.INLINE_TOO_MANY, cache=0)
        else:
            await self._offer_quotations(query, question, int(query.offset or 0))

    async def chosen(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Record a question whose answer somebody has sent to a chat."""
        chosen = update.chosen_inline_result
        if chosen is not None and self._may_ask.allows(chosen.from_user.id, chosen.from_user.id):
            user = chosen.from_user.id
            sender = Sender("telegram", user, sets=self._engines.sets(user))
            question = one_space(chosen.query)
            with suppress(QuestionTooSlow, SetsNotAsked):  # which was told when it was typed
                await self._threads.run(lambda: self._record(question, chosen.result_id, sender), question)

    def _record(self, question: str, result: str, sender: Sender) -> None:
        quotations = single_quotations(self._engines.of(sender.user).ask(question, HITS))
        sent = next((one for one in quotations if quotation_id(one) == result), None)
        if sent is not None and self._recorder is not None:
            self._recorder.record(sent, sender)

    async def _offer_quotations(self, query: InlineQuery, question: str, first: int) -> None:
        def compose() -> tuple[Answer, list[InlineQueryResultArticle], bool]:
            engine = self._engines.of(query.from_user.id)
            answer = engine.ask(question, HITS)
            citing = Citing(today(), engine.address, texts_of(query.from_user))
            quotations, end = single_quotations(answer), first + _PER_PAGE
            page = [quotation_result(one, citing) for one in quotations[first:end]]
            return answer, page, len(quotations) > end

        try:
            answer, page, has_more = await self._threads.run(compose, question)
        except QuestionTooSlow:
            await self._offer(query, hint=messages.INLINE_TOO_SLOW)
            return
        except EngineAway:  # nobody waits for long while typing
            await self._offer(query, hint=messages.INLINE_AWAY, cache=0)
            return
        except SetsNotAsked:
            await self._offer(query, hint=messages.INLINE_SETS_NOT_ASKED, cache=0)
            return
        following = str(first + _PER_PAGE) if has_more else ""
        if page or first:
            await self._offer(query, page, following=following)
        else:
            is_question = answer.intent is Intent.QUESTION
            await self._offer(query, hint=messages.ABSTENTION if is_question else messages.INLINE_HINT)

    async def _offer(
        self,
        query: InlineQuery,
        results: Sequence[InlineQueryResultArticle] = (),
        *,
        hint: str = "",
        following: str = "",
        cache: int = _CACHE,
    ) -> None:
        """Answer a query with results, or with a button that leads to the private chat and says why there are none."""
        text = texts_of(query.from_user)(hint)
        try:
            await query.answer(
                results,
                cache_time=cache,
                is_personal=True,  # in the language of whoever types
                next_offset=following,
                button=InlineQueryResultsButton(text, start_parameter=START) if text else None,
            )
        except InvalidToken:
            raise
        except TelegramError as error:  # by now somebody has typed on: a later try would be too late
            _LOG.info("an inline query was not answered: %s", error)
