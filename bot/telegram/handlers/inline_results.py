"""Answers -> messages for chats that the bot need not be in: people choose one of them, or a mention is answered by one."""

from dataclasses import replace
from itertools import chain

from telegram import InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions
from telegram.constants import ParseMode

from bot.rendering import messages
from bot.rendering.lengths import shorten
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.citation import Citing
from bot.rendering.terminal.layout import printable
from bot.telegram.handlers.answer_buttons import answer_keyboard, pages
from retrieval.records import Answer, Hit, Snippet

MOST_QUOTATIONS = 20
_TITLE_UNITS = 100
_DESCRIPTION_UNITS = 250


def single_quotations(answer: Answer) -> list[Answer]:
    """Return what an answer quotes, and what fits less well, as answers that quote one sentence each."""
    if not answer.answered:
        return []
    first, *others = list(chain.from_iterable(pages(answer, MOST_QUOTATIONS)))[:MOST_QUOTATIONS]
    return [_quoting(answer, first), *(replace(_quoting(answer, one), certainty="perhaps") for one in others)]


def _quoting(answer: Answer, snippet: Snippet) -> Answer:
    return replace(answer, snippets=(snippet,))


def quotation_id(answer: Answer) -> str:
    """Return an id by which a quotation is found again as long as its article stays as it is."""
    hit = answer.snippets[0].hit
    return f"{hit.version}-{hit.start}"


def quotation_result(answer: Answer, citing: Citing) -> InlineQueryResultArticle:
    """Return a quotation to choose: its article and the sentence, and the message that is sent."""
    hit = answer.snippets[0].hit
    keyboard = answer_keyboard(answer, None, citing)
    return message_result(
        quotation_id(answer), _title(hit), answer_html(answer, citing), keyboard, _shown(hit.text, _DESCRIPTION_UNITS)
    )


def message_result(
    id_: str, title: str, html: str, keyboard: InlineKeyboardMarkup | None, description: str | None = None
) -> InlineQueryResultArticle:
    """Return a message to be put into a chat."""
    content = InputTextMessageContent(html, ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True))
    return InlineQueryResultArticle(id_, title, content, reply_markup=keyboard, description=description)


def _title(hit: Hit) -> str:
    return _shown(messages.title(hit), _TITLE_UNITS)


def _shown(text: str, most: int) -> str:
    return printable(shorten(text, most))
