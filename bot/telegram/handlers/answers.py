"""Presses of the buttons under an answer: more of it, its context, why it was chosen. Votes are in `votes`.

They work after a restart: the sentences that were cited are kept, and the question is asked again for what is not. If a
cited article has changed, the message says so.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from bot.rendering import messages
from bot.rendering.ages import today
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.answer_views import context_html, more_html, why_html
from bot.rendering.telegram.citation import Citing
from bot.rendering.telegram.escaping import MESSAGE_UNITS, text_html, units
from bot.state import Recorder, StoredAnswer
from bot.telegram.handlers.answer_buttons import Place, answer_keyboard, pages, read_place
from bot.telegram.handlers.buttons import Action, Press
from bot.telegram.handlers.chat_engines import ChatEngines
from bot.telegram.handlers.threads import Threads
from bot.telegram.sending.replies import edit
from retrieval import Engine
from retrieval.records import Answer, Intent, Snippet

HITS = 30  # ranked, so that something is left for further pages


class _Opened(NamedTuple):
    """A stored answer, and what a message shows of it."""

    stored: StoredAnswer
    place: Place
    engine: Engine  # of the chat


class AnswerHandlers:
    """Handlers of the buttons under answers; the store is read in threads."""

    def __init__(self, engines: ChatEngines, threads: Threads, recorder: Recorder | None) -> None:
        """Everything stays the caller's to close; without a recorder every answer is too old."""
        self._engines = engines
        self._threads = threads
        self._recorder = recorder

    async def show_page(self, press: Press) -> None:
        """Show a page of an answer instead."""
        await self._show(press, None, self._page_html)

    async def show_context(self, press: Press) -> None:
        """Show the passages that the sentences of a page stand in."""
        await self._show(press, Action.CONTEXT, self._context_html)

    async def show_why(self, press: Press) -> None:
        """Show an answer with what of the question was found where."""
        await self._show(press, Action.WHY, self._why_html)

    async def _show(self, press: Press, view: Action | None, render: Callable[[Answer, _Opened, Citing], str]) -> None:
        opened = await self._open(press)
        if opened is None:
            await press.expire(messages.ANSWER_FORGOTTEN)
            return
        await press.answer()

        def compose() -> tuple[str, Answer | None]:
            answer = self._as_given(opened)
            return (answer, None) if isinstance(answer, str) else (render(answer, opened, citing), answer)

        citing = Citing(today(), opened.engine.address, press.texts)
        html, answer = await self._threads.run(compose, opened.stored.question)
        if answer is None:
            await edit(press.message, _with_note(press.message.text_html, press.texts(html)))
            return
        place = opened.place
        await edit(press.message, html, answer_keyboard(answer, place.answer_id, citing, place.page, opened=view))

    async def _open(self, press: Press) -> _Opened | None:
        place = read_place(press.payload)
        if place is None or self._recorder is None:
            return None
        stored = await asyncio.to_thread(self._recorder.find, place.answer_id)
        return _Opened(stored, place, self._engines.of(press.message.chat_id)) if stored else None

    def _as_given(self, opened: _Opened) -> Answer | str:
        """Return an answer with the snippets that it had, or why that is impossible."""
        answer = opened.engine.ask(opened.stored.question, HITS)
        again = {(snippet.hit.article, snippet.hit.text): snippet for snippet in answer.snippets}
        given = []
        for cited in opened.stored.citations[: opened.place.shown]:
            if opened.engine.article(cited.article) is None:  # or it belongs to another set than the chat
                return messages.ARTICLE_REMOVED
            quoted = opened.engine.quoted(cited.article, cited.version, cited.start, cited.end)
            hit = opened.engine.cited(cited.version, cited.start) if quoted and quoted.current else None
            if hit is None:
                return messages.ARTICLE_CHANGED
            given.append(again.get((cited.article, cited.text)) or Snippet(hit, matched=()))
        certainty = answer.certainty if answer.answered else "perhaps"
        return replace(answer, intent=Intent.QUESTION, certainty=certainty, snippets=tuple(given), nearest=())

    def _page_html(self, answer: Answer, opened: _Opened, citing: Citing) -> str:
        page = opened.place.page
        found = pages(answer, page)
        if not page or page >= len(found):
            return answer_html(answer, citing)
        first = 1 + sum(map(len, found[:page]))
        if self._recorder:
            self._recorder.add(opened.place.answer_id, first, found[page])
        return more_html(found[page], citing)

    def _context_html(self, answer: Answer, opened: _Opened, citing: Citing) -> str:
        shown = pages(answer, opened.place.page)[-1]
        return context_html([(snippet, opened.engine.passage(snippet.hit)) for snippet in shown], citing)

    def _why_html(self, answer: Answer, opened: _Opened, citing: Citing) -> str:
        explanation = opened.engine.explain(opened.stored.question, HITS)
        return why_html(replace(explanation, answer=answer), citing)


def _with_note(shown: str, note: str) -> str:
    """Return a message with a note below it, or the note alone if there is no room."""
    noted = f"<i>{text_html(note)}</i>"
    whole = f"{shown}\n\n{noted}"
    return whole if units(whole) <= MESSAGE_UNITS else noted
