"""/gaps: what was asked and not answered, for editors; a reply to one becomes an article.

A gap is known by the id of an answer in it, so that its buttons work after a restart. A reply that points to an article has
a sentence of it quoted under the question, with the source: the editor says which, since the ranking has failed here before.
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, User
from telegram.ext import filters

from bot.rendering import admin_messages, gap_messages, messages, operator_messages
from bot.rendering.as_json import article_json
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings, uploads_folder
from bot.sources import save_answer
from bot.state import Gap, Recorder
from bot.telegram.handlers.buttons import Action, Press, button
from bot.telegram.handlers.pointers import find_pointer
from bot.telegram.handlers.threads import Threads
from bot.telegram.handlers.uploads import NAME_UNITS, Sent, UploadLoader, begin_live
from bot.telegram.jobs.runner import asking_job
from bot.telegram.sending.replies import LiveMessage, edit, reply
from retrieval import Engine, QuestionTooSlow, make_article
from retrieval.errors import ArticleError, StoreError
from retrieval.records import Hit, StoredArticle

_LOG = logging.getLogger(__name__)
PAGE = 5  # gaps
_QUESTION_UNITS, _WORDINGS = 300, 8  # UTF-16 units of a question, and wordings of a gap, that are shown
_SENTENCES, _SENTENCE_UNITS = 3, 600  # of an article that was pointed to, to choose from
_GAP = re.compile(r"(?P<answer>[0-9A-Z]{10}):(?P<page>\d{1,4})")
_SENTENCE = re.compile(r"(?P<answer>[0-9A-Z]{10}):(?P<version>\d{1,12}):(?P<start>\d{1,12})")


class _Given(NamedTuple):
    """An answer to a gap."""

    text: str
    fields: Mapping[str, object]  # of the article that it becomes


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
        answer_id = gap_of(message.reply_to_message)
        if answer_id is None:
            await reply(message, text_html(gap_messages.WHICH_GAP))
            return
        questions = await self._questions_of(answer_id, or_made=message.edit_date is not None)
        if not questions:
            await reply(message, text_html(gap_messages.CLOSED))
            return
        pointer = await self._threads.run(lambda: find_pointer(message, self._engine))
        if pointer is not None and not pointer.quote:
            await self._ask_which(message, answer_id, questions[0], pointer.articles)
            return
        words = message.text or message.caption or ""
        given = _quotation(pointer.quote, pointer.articles[0]) if pointer else _answer(words, message.from_user)
        saved = await self._save(answer_id, questions[0], given)
        if isinstance(saved, Sent):
            self._jobs.begin(self._load(await self._jobs.open(message, admin_messages.ADDING), saved, questions))
        else:
            await reply(message, text_html(saved))

    async def quote(self, press: Press) -> None:
        """Answer a gap with a sentence that an editor has chosen."""
        await press.answer()
        found = _SENTENCE.fullmatch(press.payload)
        place = (int(found["version"]), int(found["start"])) if found else (0, 0)
        hit = await self._threads.run(lambda: self._current(*place))
        questions = await self._questions_of(found["answer"], or_made=True) if found and hit else ()
        if found is None or hit is None or not questions:
            await edit(press.message, text_html(gap_messages.CLOSED if hit else gap_messages.SENTENCE_GONE))
            return
        said = " ".join(part.text for part in (hit.lead, hit, hit.trail) if part)
        saved = await self._save(found["answer"], questions[0], _quotation(said, hit))
        if isinstance(saved, Sent):
            self._jobs.begin(self._load(await begin_live(press, admin_messages.ADDING), saved, questions))
        else:
            await edit(press.message, text_html(saved))

    async def _ask_which(
        self, message: Message, answer_id: str, question: str, articles: Sequence[StoredArticle]
    ) -> None:
        """Let an editor choose among the sentences of the articles that they point to."""
        if not articles:
            await reply(message, text_html(gap_messages.NO_SUCH_ADDRESS))
            return
        ids = [article.id for article in articles]
        best = await self._threads.run(lambda: self._engine.best_in(ids, question, _SENTENCES), question)
        owner = message.from_user.id if message.from_user else message.chat_id
        row = [
            button(str(number), Action.QUOTE, owner, f"{answer_id}:{hit.version}:{hit.start}")
            for number, hit in enumerate(best, 1)
        ]
        sentences = [shorten(hit.text, _SENTENCE_UNITS) for hit in best]
        text = gap_messages.which_sentence(shorten(messages.article_name(articles[0]), NAME_UNITS), sentences)
        await reply(message, text_html(text), InlineKeyboardMarkup([row]) if row else None)

    def _current(self, version: int, start: int) -> Hit | None:
        """Return the sentence that begins there, unless its article has changed."""
        hit = self._engine.cited(version, start)
        article = self._engine.article(hit.article) if hit else None
        return hit if hit and article and article.text[hit.start : hit.end] == hit.text else None

    async def _questions_of(self, answer_id: str, *, or_made: bool) -> tuple[str, ...]:
        """Return the wordings of a gap; of one that is closed by now, the heading of the article that was made for it."""
        article_id = _article_id(answer_id)
        gap = _with_answer(await self._find(), answer_id)
        made = await self._threads.run(lambda: self._engine.article(article_id)) if or_made and gap is None else None
        return gap.questions if gap else (made.title,) if made else ()

    async def _save(self, answer_id: str, question: str, given: _Given) -> Sent | str:
        """Save an answer as an article; return why that is impossible."""
        try:
            article = make_article(given.fields, _article_id(answer_id), question, given.text)
            line = article_json(article)
            saved = await self._threads.run(lambda: save_answer(uploads_folder(self._settings.db), answer_id, line))
        except ArticleError:
            return admin_messages.POST_WITHOUT_TEXT
        except OSError:
            _LOG.exception("could not save an answer")
            return admin_messages.not_saved(answer_id)
        return Sent(shorten(article.title, NAME_UNITS), saved)

    async def _load(self, live: LiveMessage, sent: Sent, questions: Sequence[str]) -> None:
        report = await self._loader.load(live, [sent])
        gaps: set[str] = set()
        with suppress(StoreError):  # the load is reported in any case
            gaps.update(
                question for gap in await self._find() for question in gap.questions
            )  # in the sets of the askers
        still = await self._threads.run(lambda: [one for one in questions if one in gaps or not self._is_answered(one)])
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


def _article_id(answer_id: str) -> str:
    return f"answers/{answer_id.lower()}"


def _answer(words: str, editor: User | None) -> _Given:
    """Return an answer in an editor's words, with who wrote it and when."""
    author = editor.full_name if editor else None
    return _Given(words.strip(), {"published": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "author": author})


def _quotation(said: str, source: StoredArticle | Hit) -> _Given:
    """Return what an article says as an answer: its title becomes a heading, and it is cited in place of the editor."""
    title = " ".join(source.title.split())
    fields = {"url": source.url, "published": source.published, "author": source.author}
    return _Given(f"# {title}\n\n{said}" if title else said, fields)


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
