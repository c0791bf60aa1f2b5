"""Inline queries and guest queries: what is put into chats that the bot is no member of."""

import re
from collections.abc import Callable
from typing import Any

from aiogram.methods import AnswerGuestQuery, AnswerInlineQuery
from aiogram.types import InlineQueryResultArticle, InputTextMessageContent

from fake_bot_api.errors import Refusal, Violation
from fake_bot_api.html import visible_text
from fake_bot_api.limits import check_markup
from fake_bot_api.request import Request
from fake_bot_api.world import World

RESULTS = 50
ID_BYTES = OFFSET_BYTES = 64
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def answer_inline_query(world: World, request: Request, method: AnswerInlineQuery) -> bool:
    """Offer messages to who types a query, once."""
    _answer_once(world, method.inline_query_id, world.inline_queries)
    if len(method.results) > RESULTS:
        raise Violation("Bad Request: RESULTS_TOO_MUCH")
    for result in method.results:
        check_result(result)
    if len({result.id for result in method.results}) < len(method.results):
        raise Violation("Bad Request: RESULT_ID_DUPLICATE")
    if len((method.next_offset or "").encode()) > OFFSET_BYTES:
        raise Violation("Bad Request: NEXT_OFFSET_INVALID")
    if method.button is not None:
        _check_button(method.button)
    return True


def answer_guest_query(world: World, request: Request, method: AnswerGuestQuery) -> dict[str, Any]:
    """Put a message into a chat in which the bot was mentioned, once."""
    _answer_once(world, method.guest_query_id, world.guest_queries)
    request.text, request.entities = check_result(method.result)
    return {"inline_message_id": f"guest{request.number}"}


def check_result(result: Any) -> tuple[str, list[dict[str, object]]]:
    """Return the text and the entities of an article with a text; raise Violation for what Telegram would refuse."""
    if not isinstance(result, InlineQueryResultArticle):
        raise Violation(f"this server knows articles only, no {type(result).__name__}")
    if not 1 <= len(result.id.encode()) <= ID_BYTES:
        raise Violation("Bad Request: RESULT_ID_INVALID")
    if not result.title.strip():
        raise Violation("Bad Request: ARTICLE_TITLE_EMPTY")
    content = result.input_message_content
    if not isinstance(content, InputTextMessageContent):
        raise Violation(f"this server knows text messages only, no {type(content).__name__}")
    check_markup(result.reply_markup)
    rows = result.reply_markup.inline_keyboard if result.reply_markup else []
    if any(button.callback_data is not None for row in rows for button in row):
        raise Violation("the bot does not answer presses of buttons in messages that it cannot see")
    return visible_text(content.message_text, content.parse_mode)


def _answer_once(world: World, query: str, known: set[str]) -> None:
    if query in world.answered:
        raise Violation("the query was answered before")
    if query not in known:
        raise Refusal(TOO_OLD)
    world.answered.add(query)


def _check_button(button: Any) -> None:
    if not button.text.strip() or (button.start_parameter is None) == (button.web_app is None):
        raise Violation("Bad Request: a button has a text, and a start parameter or an app")
    if button.start_parameter is not None and not START_PARAMETER.fullmatch(button.start_parameter):
        raise Violation("Bad Request: START_PARAM_INVALID")


INLINE_METHODS: dict[str, Callable[[World, Request, Any], Any]] = {
    "answerinlinequery": answer_inline_query,
    "answerguestquery": answer_guest_query,
}
