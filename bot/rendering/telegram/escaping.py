"""Text <-> Telegram HTML. All text of articles is escaped here and nowhere else."""

import html
import re

from bot.rendering.lengths import shorten, utf16_units
from bot.rendering.terminal.layout import printable
from bot.rendering.texts import Own

MESSAGE_UNITS = 4096


def text_html(text: str) -> str:
    """Show plain text, cut to what fits into a message."""
    return escape(shorten(text, MESSAGE_UNITS))


def own_html(text: Own) -> str:
    """Show words of the bot, cut to what fits into a message; what they quote stays isolated."""
    return _escaped(shorten(text, MESSAGE_UNITS))


def escape(text: str) -> str:
    """Escape text for an element: markup as references, no control characters, no surrogates."""
    return _escaped("\n".join(map(printable, text.split("\n"))))


def _escaped(text: str) -> str:
    return html.escape(re.sub("[\ud800-\udfff]", "\ufffd", text), quote=False)


def one_line(text: str) -> str:
    """Escape text for an element, line ends as spaces."""
    return escape(printable(text))


def to_plain(markup: str) -> str:
    """Return Telegram HTML as a reader sees it."""
    return html.unescape(re.sub(r"<[^<>]*>", "", markup))


def units(markup: str) -> int:
    """Return the length of Telegram HTML as Telegram counts it: in UTF-16 units, after parsing the entities."""
    return utf16_units(to_plain(markup))
