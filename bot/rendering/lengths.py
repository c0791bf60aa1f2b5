"""Lengths as Telegram counts them, in UTF-16 units, and cuts between characters as people see them."""

import re

ELLIPSIS = "…"
_BEFORE_WORDS = re.compile(r"\s+|[。！？；，、]")


def utf16_units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, most: int) -> str:
    """Cut a text to at most `most` UTF-16 units, with an ellipsis if it was longer."""
    return text if utf16_units(text) <= most else beginning(text, most - 1) + ELLIPSIS


def beginning(text: str, most: int) -> str:
    """Return the longest beginning of at most `most` UTF-16 units, up to the end of a word if there are words."""
    whole = _whole_graphemes(text, max(most, 0))
    if whole == text:
        return text
    whole_words, space, _ = whole.rpartition(" ")
    return whole_words.rstrip() if space and len(whole_words) > len(whole) // 2 else whole


def ending(text: str, most: int) -> str:
    """Return the longest ending of at most `most` UTF-16 units that begins with a word or a clause."""
    if utf16_units(text) <= most:
        return text
    tail = text[len(text) - most :] if most > 0 else ""
    begun = (tail[match.end() :] for match in _BEFORE_WORDS.finditer(tail))
    return next((words for words in begun if utf16_units(words) <= most), "")


def _whole_graphemes(text: str, most: int) -> str:
    """Cut within no flag, family or letter with its marks, unless that alone is longer: a pile of marks is no letter."""
    start = text[: most + 1]  # one more, so that a grapheme that goes on is too long
    if start.isascii():
        return start[:most]
    import regex  # noqa: PLC0415 - takes some time, and most texts need no cut

    end = units = 0
    for grapheme in regex.finditer(r"\X", start):
        units += utf16_units(grapheme[0])
        if units > most:
            break
        end = grapheme.end()
    return start[:end] or text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")
