"""The text of rich messages, each checked against an independent model of the Bot API."""

from datetime import UTC, datetime

import pytest
from telegram import Chat, Message

from bot.telegram.handlers.rich_text import rich_text

LIST = [
    {"label": "1.", "value": 1, "blocks": [{"type": "paragraph", "text": "Tar"}]},
    {"label": "•", "blocks": [{"type": "paragraph", "text": "Rope"}, {"type": "list", "items": [
        {"label": "•", "blocks": [{"type": "paragraph", "text": "Hemp"}]}]}]},
]  # fmt: skip
CELL = {"align": "left", "valign": "top"}
ROWS = [
    [CELL | {"text": "Boat", "is_header": True}, CELL | {"text": "Built", "is_header": True}],
    [CELL | {"text": "Agathe"}, CELL | {"text": ["18", "98"]}],
]
NOTED = [
    "It sailed",
    {"type": "superscript", "text": {"type": "reference_link", "text": "[1]", "reference_name": "n"}},
    ".",
]
DRAWN = [
    {"type": "custom_emoji", "custom_emoji_id": "7", "alternative_text": "⛵"},
    " of ",
    {"type": "mathematical_expression", "expression": "x^2"},
]


def text_of(blocks, depth=0):
    message = {"blocks": blocks}
    if not depth:
        from aiogram.types import RichMessage  # takes four seconds, which the collection of tests need not wait for

        RichMessage.model_validate(message)
    return rich_text(Message(1, datetime.now(UTC), Chat(1, "private"), api_kwargs={"rich_message": message}))


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "paragraph", "text": ["A ", {"type": "bold", "text": [{"type": "italic", "text": "b"}, "c"]}]}, "A bc"),
        ({"type": "paragraph", "text": NOTED}, "It sailed."),
        ({"type": "footer", "text": DRAWN}, "⛵ of x^2"),
        ({"type": "heading", "text": "Boats", "size": 3}, "### Boats"),
        ({"type": "pre", "text": "a = 1\nb", "language": "py"}, "```\na = 1\nb\n```"),
        ({"type": "list", "items": LIST}, "1. Tar\n- Rope\n  - Hemp"),
        ({"type": "table", "cells": ROWS, "caption": "Fleet"}, "Fleet\n\n| Boat | Built |\n| --- | --- |\n| Agathe | 1898 |"),
        ({"type": "blockquote", "blocks": [{"type": "paragraph", "text": "Q.\nR."}], "credit": "Ida"}, "> Q.\n> R.\n\nIda"),
        ({"type": "pullquote", "text": "Q."}, "> Q."),
        ({"type": "details", "summary": "More", "blocks": [{"type": "paragraph", "text": "X."}]}, "## More\n\nX."),
        ({"type": "photo", "photo": [], "caption": {"text": "Pier", "credit": "Ida"}}, "Pier\n\nIda"),
        ({"type": "thinking", "text": "Hm."}, ""),
        ({"type": "divider"}, ""),
    ],
)  # fmt: skip
def test_a_block_is_read_as_people_see_it(block, text):
    assert text_of([block]) == text


def test_what_is_unknown_or_damaged_gives_what_text_it_has():
    deep = "x"
    for _ in range(500):
        deep = {"type": "bold", "text": deep}
    blocks = [{"type": "new", "text": "A.", "blocks": [{"type": "newer", "text": {"type": "new", "text": "B."}}]}, 5, {"type": "list", "items": 3},
              {"type": "table", "cells": [[None], 7]}, {"type": "paragraph", "text": deep}, {"type": "paragraph", "text": None}]  # fmt: skip
    assert text_of(blocks, depth=1) == "A.\n\nB."
    assert text_of("no blocks", depth=1) == ""
