"""The buttons under an answer: their data name the stored answer, the snippets that it showed, and a page of further ones.

They are for everybody who may ask where the answer stands.
"""

import re
from dataclasses import dataclass

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.rendering import messages
from bot.rendering.lengths import shorten
from bot.rendering.notices import is_out_of_scope
from bot.rendering.telegram.answer_views import copied_text
from bot.rendering.telegram.citation import Citing
from bot.telegram.handlers.buttons import ANYBODY, Action, button
from retrieval import next_snippets
from retrieval.records import Answer, Snippet

_LABEL_UNITS = 40  # UTF-16 units: a phone shows no more in one line
_PAYLOAD = re.compile(r"(?P<answer>[0-9A-Z]{10}):(?P<shown>[1-9]):(?P<page>[0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Place:
    """What a message shows: a page of an answer, 0 being the answer itself."""

    answer_id: str
    shown: int  # snippets of the answer itself
    page: int


def read_place(payload: str) -> Place | None:
    """Return what a button is about; None for data that no button of ours has."""
    found = _PAYLOAD.fullmatch(payload)
    return Place(found["answer"], int(found["shown"]), int(found["page"])) if found else None


def pages(answer: Answer, most: int) -> list[tuple[Snippet, ...]]:
    """Return the pages of an answer: its snippets, then further ones, at most `most` pages of them."""
    found = [answer.snippets]
    while len(found) <= most:
        shown = [(snippet.hit.article, snippet.hit.start) for page in found for snippet in page]
        if not (more := next_snippets(answer.hits, shown)):
            break
        found.append(more)
    return found


def answer_keyboard(
    answer: Answer,
    answer_id: str | None,
    citing: Citing,
    page: int = 0,
    *,
    opened: Action | None = None,
    asker: int | None = None,
) -> InlineKeyboardMarkup | None:
    """Return the buttons of a page; the one that `opened` what is shown now leads back. None if there are none.

    Of an answer that was not recorded only the text can be copied. A follow-up can be asked again as it stands. Who asks
    in private, the `asker`, can tell the editors what the articles do not answer.
    """
    rows = _rows(answer, answer_id, citing, page, opened)
    if asker is not None and answer_id is not None and not answer.answered and not is_out_of_scope(answer):
        rows.append([button(citing.texts(messages.TELL_EDITORS), Action.TELL, asker, answer_id)])
    if answer.carried:
        label = shorten(citing.texts(messages.WITHOUT, words=citing.texts.listed(answer.carried)), _LABEL_UNITS)
        rows.append([button(label, Action.ALONE, ANYBODY, "")])
    return InlineKeyboardMarkup(rows) if rows else None


def _rows(
    answer: Answer, answer_id: str | None, citing: Citing, page: int, opened: Action | None
) -> list[list[InlineKeyboardButton]]:
    shown, texts = pages(answer, page + 1) if answer.answered else [], citing.texts
    if page >= len(shown):
        return []
    copy = InlineKeyboardButton(texts(messages.COPY), copy_text=CopyTextButton(copied_text(shown[page][0], citing)))
    if answer_id is None:
        return [[copy]]

    def to(label: str, action: Action, number: int = page) -> InlineKeyboardButton:
        return button(texts(label), action, ANYBODY, f"{answer_id}:{len(answer.snippets)}:{number}")

    views = [(messages.IN_CONTEXT, Action.CONTEXT)] + ([(messages.WHY, Action.WHY)] if not page else [])
    row = [to(messages.BACK, Action.MORE) if opened is action else to(label, action) for label, action in views]
    row += [to(messages.BACK, Action.MORE, page - 1)] if page and opened is None else []
    row += [to(messages.MORE, Action.MORE, page + 1)] if page + 1 < len(shown) else []
    votes = [to(messages.HELPFUL, Action.HELPFUL), to(messages.NOT_HELPFUL, Action.NOT_HELPFUL)]
    return [row, [copy, *votes]]
