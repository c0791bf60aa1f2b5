"""/gaps: what was asked and not answered, for editors; a reply to one becomes an article.

A gap is known by the id of an answer in it, so that its buttons work after a restart.
"""

import asyncio
import json
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.ext import filters

from bot.rendering import admin_messages, gap_messages, messages, operator_messages
from bot.rendering.as_json import article_json
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings, uploads_folder
from bot.sources import save_answer
from bot.state import Gap, Recorder
from bot.telegram.handlers.buttons import Action, Press, button
from bot.telegram.handlers.threads import Threads
from bot.telegram.handlers.uploads import NAME_UNITS, Sent, UploadLoader
from bot.telegram.jobs.runner import asking_job
from bot.telegram.sending.replies import LiveMessage, edit, reply
from retrieval import Engine, QuestionTooSlow, make_article
from retrieval.errors import ArticleError, StoreError

_LOG = logging.getLogger(__name__)
PAGE = 5  # gaps
_QUESTION_UNITS, _WORDINGS = 300, 8  # UTF-16 units of a question, and wordings of a gap, that are shown
_GAP = re.compile(r"(?P<answer>[0-9A-Z]{10}):(?P<page>\d{1,4})")


class RepliesToGap(filters.MessageFilter):
    """The message replies to one that shows a gap, or the list of them."""

    def __init__(self) -> None:
        """Take nothing: the buttons of a gap name it."""
        super().__init__("replies_to_gap")

    def filter(self, message: Message) -> bool:
        """Look for the buttons of a gap, or of the list."""
        replied = message.reply_to_message
        return gap_of(replied) is not None or any(one.startswith(Action.GAP) for one in _buttons_of(replied))


def gap_of(message: Message | None) -> str | None:
    """Return the id of an answer in the gap that a message of the bot shows; None if it shows none."""
    found = next((one for one in _buttons_of(message) if one.startswith(Action.DISMISS)), "").partition(":")[2]
    match = _GAP.fullmatch(found)
    return match["answer"] if match else None


def _buttons_of(message: Message | None) -> list[str]:
    """Return what the buttons below a message do."""
    keyboard = message.reply_markup if message else None
    return [str(one.callback_data) for row in keyboard.inline_keyboard for one in row] if keyboard else []


class GapHandlers:
    """Handlers of /gaps, its buttons, and replies to gaps."""

    def __init__(
        self, settings: Settings, engine: Engine, threads: Threads, loader: UploadLoader, recorder: Recorder | None
    ) -> None:
        """Everything stays the caller's to close; without a recorder there are no gaps."""
        self._settings, self._engine, self._threads = settings, engine, threads
        self._loader, self._jobs, self._recorder = loader, loader.jobs, recorder

    async def show_list(self, message: Message) -> None:
        """List the gaps, the most asked first."""
        gaps = await self._find()
        owner = message.from_user.id if message.from_user else message.chat_id
        await reply(message, *_page(gaps, 0, owner, self._settings.keep_days))

    async def show_page(self, press: Press) -> None:
        """Show another page instead."""
        number = int(press.payload) if press.payload.isdecimal() else 0
        await press.answer()
        await edit(press.message, *_page(await self._find(), number, press.owner, self._settings.keep_days))

    async def show(self, press: Press) -> None:
        """Show a gap with all its wordings, and how to close it."""
        found = _GAP.fullmatch(press.payload)
        await press.answer()
        gap = _with_answer(await self._find(), found["answer"]) if found else None
        if found is None or gap is None:
            await edit(press.message, text_html(gap_messages.CLOSED))
            return
        back = button(admin_messages.BACK_TO_LIST, Action.GAPS, press.owner, found["page"])
        dismiss = button(gap_messages.DISMISS, Action.DISMISS, press.owner, press.payload)
        text = gap_messages.whole(gap, [shorten(one, _QUESTION_UNITS) for one in gap.questions[:_WORDINGS]])
        await edit(press.message, text_html(text), InlineKeyboardMarkup([[back, dismiss]]))

    async def dismiss(self, press: Press) -> None:
        """Take a gap off the list for good; who waits for an answer goes on waiting."""
        found = _GAP.fullmatch(press.payload)
        await press.answer()
        gaps = await self._find()
        gap = _with_answer(gaps, found["answer"]) if found else None
        if found is None or gap is None:
            await edit(press.message, text_html(gap_messages.CLOSED))
            return
        if self._recorder is not None:
            await asyncio.to_thread(self._recorder.dismiss, gap.answers)
        rest = [one for one in gaps if one is not gap]
        await edit(press.message, *_page(rest, int(found["page"]), press.owner, self._settings.keep_days))

    async def answer(self, message: Message) -> None:
        """Make an article of a reply to a gap, load it, and say which of the questions it answers.

        An edited reply takes the place of the article that was made of it, also when the gap is closed by now.
        """
        answer_id, text = gap_of(message.reply_to_message), message.text or message.caption or ""
        if answer_id is None:
            await reply(message, text_html(gap_messages.WHICH_GAP))
            return
        article_id = f"answers/{answer_id.lower()}"
        gap = _with_answer(await self._find(), answer_id)
        made = await self._threads.run(lambda: self._engine.article(article_id)) if message.edit_date else None
        questions = gap.questions if gap else (made.title,) if made else ()
        if not questions:
            await reply(message, text_html(gap_messages.CLOSED))
            return
        author = message.from_user.full_name if message.from_user else None
        fields = {"published": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "author": author}
        try:
            article = make_article(fields, article_id, questions[0], text.strip())
            saved = await self._threads.run(
                lambda: save_answer(uploads_folder(self._settings.db), answer_id, article_json(article))
            )
        except ArticleError:
            await reply(message, text_html(admin_messages.POST_WITHOUT_TEXT))
            return
        except OSError:
            _LOG.exception("could not save an answer")
            await reply(message, text_html(admin_messages.not_saved(answer_id)))
            return
        live = await self._jobs.open(message, admin_messages.ADDING)
        self._jobs.begin(self._load(live, Sent(shorten(article.title, NAME_UNITS), saved), questions))

    async def _load(self, live: LiveMessage, sent: Sent, questions: Sequence[str]) -> None:
        report = await self._loader.load(live, [sent])
        still = await self._threads.run(lambda: [asked for asked in questions if not self._is_answered(asked)])
        outcome = gap_messages.what_is_answered(len(questions) - len(still), still[:_WORDINGS])
        await live.finish(text_html(f"{report}\n\n{outcome}"))

    def _is_answered(self, question: str) -> bool:
        try:
            return self._engine.ask(question).answered
        except QuestionTooSlow:
            return False

    async def _find(self) -> list[Gap]:
        """Find the gaps in a child process: grouping imports scikit-learn, and takes the processor.

        Raise StoreError if that fails: an editor must not be told that there are none.
        """
        result = await self._jobs.read(asking_job("gaps", self._settings))
        if result.event != "gaps":
            raise StoreError(result.text)
        found = json.loads(result.text)
        return [Gap(**one | {"questions": tuple(one["questions"]), "answers": tuple(one["answers"])}) for one in found]


def _with_answer(gaps: list[Gap], answer_id: str) -> Gap | None:
    return next((gap for gap in gaps if answer_id in gap.answers), None)


def _page(gaps: list[Gap], number: int, owner: int, keep_days: int) -> tuple[str, InlineKeyboardMarkup | None]:
    """Return a page, or else the last one, and its buttons: one for each gap, then the previous and the next page."""
    if not gaps:
        return text_html(operator_messages.nothing_asked(unanswered=True, keep_days=keep_days)), None
    number = min(number, (len(gaps) - 1) // PAGE)
    first = number * PAGE
    shown = gaps[first : first + PAGE]
    lines = [
        gap_messages.line(at, gap, shorten(gap.questions[0], _QUESTION_UNITS))
        for at, gap in enumerate(shown, first + 1)
    ]
    opens = [
        button(str(at), Action.GAP, owner, f"{gap.answers[0]}:{number}") for at, gap in enumerate(shown, first + 1)
    ]
    turns: list[InlineKeyboardButton] = []
    if number:
        turns.append(button(messages.PREVIOUS, Action.GAPS, owner, str(number - 1)))
    if first + PAGE < len(gaps):
        turns.append(button(messages.NEXT, Action.GAPS, owner, str(number + 1)))
    text = "\n".join([gap_messages.heading(len(gaps)), "", *lines])
    return text_html(text), InlineKeyboardMarkup([row for row in (opens, turns) if row])
