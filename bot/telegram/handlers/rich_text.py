"""A rich message (Bot API 10.1) -> its text, with the Markdown marks that tell headings, lists, tables and code.

python-telegram-bot 22.8 does not know rich messages: they are among a message's unknown fields, as JSON. A block of a
type that is unknown here too gives its text, its caption, and the blocks in it.
"""

import re
from collections.abc import Iterator
from typing import Any

from telegram import Message

UNREAD = frozenset({"thinking", "buttons", "button", "anchor", "divider"})  # types of blocks and pieces of text
NOTE_NUMBER = re.compile(r"\s*[\[(]?(?:\d{1,3}|[a-z*†‡])[\])]?\s*")
DEEPEST = 50  # pieces of text, or blocks, in each other


def rich_text(message: Message) -> str:
    """Return the text of a rich message; empty if it is none."""
    rich = message.api_kwargs.get("rich_message")
    return "\n\n".join(_blocks(rich.get("blocks"))) if isinstance(rich, dict) else ""


def _blocks(blocks: object, depth: int = 0) -> Iterator[str]:
    """Yield the paragraphs of blocks."""
    level = 1  # of the last heading
    for block in blocks if isinstance(blocks, list) and depth < DEEPEST else []:
        if not isinstance(block, dict) or block.get("type") in UNREAD:
            continue
        if block.get("type") == "heading":
            level = min(max(_number(block.get("size")), 1), 6)
        yield from filter(None, (part.strip() for part in _block(block, level, depth)))


def _block(block: dict[str, Any], level: int, depth: int) -> Iterator[str]:
    text, inner = _text(block.get("text")).strip(), _blocks(block.get("blocks"), depth + 1)
    match block.get("type"):
        case "heading":
            yield f"{'#' * level} {text}" if text else ""
        case "details":
            yield f"{'#' * min(level + 1, 6)} {_text(block.get('summary')).strip()}"
            yield from inner
        case "pre":
            yield f"```\n{text}\n```" if text else ""
        case "mathematical_expression":
            yield str(block.get("expression") or "")
        case "list":
            yield "\n".join(_items(block.get("items"), depth + 1))
        case "table":
            yield _text(block.get("caption"))
            yield "\n".join(_rows(block.get("cells")))
        case "blockquote" | "expandable_blockquote" | "pullquote":
            yield from (re.sub("^", "> ", part, flags=re.MULTILINE) for part in (text, *inner) if part)
            yield _text(block.get("credit"))
        case _:
            yield text
            yield from inner
            caption = block.get("caption")
            yield from (_text(caption.get(name)) for name in ("text", "credit") if isinstance(caption, dict))


def _items(items: object, depth: int) -> Iterator[str]:
    """Yield the lines of a list, what is in an item further in than its mark."""
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            number = _number(item.get("value"))
            lines = "\n".join(_blocks(item.get("blocks"), depth)).replace("\n", "\n  ")
            yield f"{f'{number}.' if number else '-'} {lines}" if lines else ""


def _rows(rows: object) -> Iterator[str]:
    """Yield the rows of a table, and a line below its header."""
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        cells = [cell for cell in row if isinstance(cell, dict)] if isinstance(row, list) else []
        if cells:
            yield f"| {' | '.join(' '.join(_text(cell.get('text')).split()) for cell in cells)} |"
        if number == 0 and cells and all(cell.get("is_header") for cell in cells):
            yield f"|{' --- |' * len(cells)}"


def _text(piece: object, depth: int = 0) -> str:
    """Return a piece of text without its formatting and without the numbers of its notes."""
    if isinstance(piece, str):
        return piece
    if isinstance(piece, list) and depth < DEEPEST:
        return "".join(_text(part, depth + 1) for part in piece)
    if not isinstance(piece, dict) or piece.get("type") in UNREAD or depth >= DEEPEST:
        return ""
    text = _text(
        next((piece[name] for name in ("text", "alternative_text", "expression") if name in piece), ""), depth + 1
    )
    return "" if piece.get("type") == "reference_link" and NOTE_NUMBER.fullmatch(text) else text


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
