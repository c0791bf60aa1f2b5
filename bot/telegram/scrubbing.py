"""From what somebody wrote to the same without phone numbers, addresses of mail and @names, unit for unit as long.

Entities count UTF-16 units, so each replaced character becomes as many as it had: a letter `x`, a digit `0`.
"""

import re
from collections.abc import Iterable
from typing import Any

_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"\+\d[\d ()/.-]{5,}\d|(?<![\w.])(?!(?:1|2)\d{3}-)\(?\d[\d ()/-]{7,}\d(?!\w)"
)  # a year begins no number
_NAME = re.compile(r"@\w+")
_FEWEST_DIGITS = 9  # of a phone number without +; a date has eight, two years too
_PERSONAL = frozenset({"mention", "text_mention", "phone_number", "email"})  # entities that cover such a thing


def scrub(text: str, username: str, entities: Iterable[Any] = ()) -> str:
    """Replace what tells who somebody is; mentions of the bot, by its username in lower case, become `bot_alias`.

    `entities` are those of the text, as JSON; what is none is skipped.
    """
    for start, end in sorted(_spans(entities), reverse=True):
        text = _within(text, start, end, username)
    text = _MAIL.sub(lambda found: blanked(found[0]), text)
    text = _PHONE.sub(_blanked_phone, text)
    return _NAME.sub(lambda found: _named(found[0], username), text)


def bot_alias(username: str) -> str:
    """Give what stands for the bot's username: as long, and it ends in `bot` as each must."""
    return "x" * (len(username) - 3) + "bot"


def blanked(text: str) -> str:
    """Replace letters and digits; what is between them stays, except for what is no ASCII."""
    return "".join(map(_blank, text))


def _blank(character: str) -> str:
    if character.isdecimal():
        return "0" * _units(character)
    if character.isascii() and not character.isalpha():
        return character
    return "x" * _units(character)


def _spans(entities: Iterable[Any]) -> Iterable[tuple[int, int]]:
    for entity in entities:
        if isinstance(entity, dict) and entity.get("type") in _PERSONAL:
            offset, length = entity.get("offset"), entity.get("length")
            if isinstance(offset, int) and isinstance(length, int) and offset >= 0 and length > 0:
                yield offset, offset + length


def _within(text: str, start: int, end: int, username: str) -> str:
    """Replace what stands between two offsets in UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    parts = units[: 2 * start], units[2 * start : 2 * end], units[2 * end :]
    before, covered, after = (part.decode("utf-16-le", "surrogatepass") for part in parts)
    return before + (covered if _is_bot(covered, username) else blanked(covered)) + after


def _blanked_phone(found: re.Match[str]) -> str:
    digits = sum(character.isdecimal() for character in found[0])
    return blanked(found[0]) if found[0].startswith("+") or digits >= _FEWEST_DIGITS else found[0]


def _named(name: str, username: str) -> str:
    return f"@{bot_alias(username)}" if _is_bot(name, username) else blanked(name).replace("0", "x")


def _is_bot(name: str, username: str) -> bool:
    return bool(username) and name.lower() == f"@{username}"


def _units(character: str) -> int:
    return len(character.encode("utf-16-le", "surrogatepass")) // 2
