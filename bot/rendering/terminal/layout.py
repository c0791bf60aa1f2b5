"""Text of any script -> what fits a terminal: control characters replaced, cells counted, lines wrapped.

A cell is one column of the terminal; East Asian wide characters take two, combining marks none.
"""

import re
from collections.abc import Iterator, Sequence
from unicodedata import bidirectional, combining, east_asian_width

# Articles are not to be trusted: their escape sequences must not reach the terminal, and their bidirectional controls must
# not make them read as different text. Offsets stay as they are.
_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160), *_BIDI], "\ufffd") | dict.fromkeys(
    map(ord, "\t\n\v\f\r\x85\u2028\u2029"), " "
)
# Chinese and Japanese are written without spaces: a line may end after any character.
_UNSPACED = "\u2e80-\ua4cf\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd"
_NARROWEST_COLUMN = 12  # cells, of a table's column that is cut
_CHUNK = rf"\s+|[^\s{_UNSPACED}]+|[{_UNSPACED}]"  # compiled on first use, since that takes milliseconds


def printable(text: str) -> str:
    """Replace control characters one for one: line ends and tabs by spaces, the others by U+FFFD."""
    return text.translate(_CONTROLS)


def cells(text: str) -> int:
    """Return the width of a text in cells."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def is_right_to_left(text: str) -> bool:
    """Whether a text has right-to-left letters: the terminal reorders them, so they are neither wrapped nor styled."""
    return not text.isascii() and any(bidirectional(character) in {"R", "AL"} for character in text)


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield the lines of a text as offsets, none wider than `width` cells unless a single word is."""
    begin = end = used = 0
    for chunk in re.finditer(_CHUNK, text):
        taken = cells(chunk[0])
        if chunk[0].isspace():
            used += taken
            continue
        if end == begin or used + taken > width:
            if end > begin:
                yield begin, end
            begin, used = chunk.start(), 0
        end = chunk.end()
        used += taken
    if end > begin:
        yield begin, end


def table(rows: Sequence[Sequence[str]], width: int | None = None) -> Iterator[str]:
    """Align columns, two spaces apart; a table wider than `width` cells gets its widest columns cut.

    If that is not enough, each row becomes a paragraph, with the heading before each number.
    """
    clean = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(cells, column)) for column in zip(*clean, strict=True)]
    over = 0 if width is None else sum(widths) + 2 * len(widths) - 2 - width
    if width is not None and over > sum(max(one - _NARROWEST_COLUMN, 0) for one in widths):
        yield from _paragraphs(clean, width)
        return
    for _ in range(over):
        widths[widths.index(max(widths))] -= 1
    for row in clean:
        shown = (_pad(cell, columns) for cell, columns in zip(row, widths, strict=True))
        yield "  ".join(shown).rstrip()


def _paragraphs(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    headings, *rest = rows
    for row in rest:
        cells_of_row = (_with_heading(*both) for both in zip(headings, row, strict=True))
        text = " · ".join(filter(None, cells_of_row))
        for number, (start, end) in enumerate(wrap(text, width - 2)):
            yield ("  " if number else "") + text[start:end]


def _with_heading(heading: str, cell: str) -> str:
    cell = cell.strip()
    return f"{heading.strip().lower()} {cell}" if re.fullmatch(r"-?[0-9][0-9.,]*", cell) else cell


def _pad(text: str, width: int) -> str:
    """Pad a text with spaces to `width` cells, or cut it."""
    if cells(text) > width:
        kept = next(end for end in range(len(text), -1, -1) if cells(text[:end]) < width)
        text = text[:kept] + "…"
    return text + " " * (width - cells(text))


def _cells_of(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
