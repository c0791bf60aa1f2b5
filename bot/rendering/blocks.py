"""The code block, list or table that a sentence introduces -> the lines of it that are shown."""

from textwrap import dedent

from bot.rendering.lengths import beginning

MOST_LINES, MOST_CHARACTERS = 12, 800


def block_lines(block: str) -> tuple[list[str], bool]:
    """Return the first lines without common indentation, and whether there are more."""
    lines = "\n".join(line.rstrip() for line in dedent(block.expandtabs(4)).split("\n")).strip("\n").split("\n")
    shown: list[str] = []
    for line in lines[:MOST_LINES]:
        if shown and sum(map(len, shown)) + len(line) > MOST_CHARACTERS:
            break
        shown.append(beginning(line, MOST_CHARACTERS))
    return shown, shown != lines
