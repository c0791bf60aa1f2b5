"""Blocks of readable text, with the marks that the splitter knows; shared by the readers of Markdown, rst and AsciiDoc.

An article's text is its blocks with a blank line between them. A block is a paragraph, a heading (`## `), an item
(`- ` or `3. `, two spaces a level), a quotation (`> `), a table (a row a line) or code between fences.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from retrieval.readers.signs import BEGIN, END, separator
from retrieval.records import Offsets

MARK = re.compile(r" *(?:#{1,6} |[-*+] |\d{1,9}\. |> |\||`{3})")
QUESTION_SIGNS = ("?", "？", "؟", "\u037e", "՞")  # the fourth is Greek
FENCES = re.compile(r"^`{3,}", re.MULTILINE)
FENCE_IN_PROSE = re.compile(r"^(?=[`~]{3})", re.MULTILINE)
WORD_JOINER = "\u2060"  # invisible
DEEPEST_HEADING = 6


def heading(level: int, text: str) -> str:
    """Return a heading, in one line."""
    return f"{'#' * min(max(level, 1), DEEPEST_HEADING)} {one_line(text)}"


def item(mark: str, depth: int, blocks: Sequence[str]) -> Iterator[str]:
    """Yield a list item: the first block with the mark (`-` or `3.`), unless it has one, and the others."""
    first, *rest = blocks or [""]
    if first:
        yield first if MARK.match(first) else f"{'  ' * depth}{mark} {first}"
    yield from rest


def definition(term: str, depth: int, blocks: Sequence[str]) -> Iterator[str]:
    """Yield a term with what is said of it."""
    first, *rest = blocks or [""]
    if MARK.match(first) or not first:
        yield from item("-", depth, [term])
        yield from blocks
    else:
        yield from item("-", depth, [f"{term}: {first}" if term else first, *rest])


def quote(block: str) -> str:
    """Return a quoted block; one that has a mark keeps it."""
    return block if MARK.match(block) else "\n".join(f"> {line}" for line in block.split("\n"))


def table(rows: Iterable[Sequence[str]], *, has_header: bool) -> str:
    """Return a table; a header of empty cells is left out."""
    lines = [[one_line(cell) for cell in row] for row in rows]
    if has_header and lines:
        header = lines[0]
        lines[:1] = [header, ["---"] * len(header)] if any(header) else []
    return "\n".join(f"| {' | '.join(row)} |" for row in lines if any(row))


def code_block(code: str) -> str:
    """Return code, unchanged, between fences that are longer than any in it; empty if it is blank."""
    fence = "`" * max(3, *(len(found) + 1 for found in FENCES.findall(code)), 0)
    return f"{fence}\n{code}\n{fence}" if code.strip() else ""


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of running text, in which a line feed is a line break that a reader sees."""
    for paragraph in re.split(r"\n *\n\s*", text):
        lines = [line.strip(" \t") for line in paragraph.split("\n")]
        whole = "\n".join(filter(None, lines))
        if whole:
            yield FENCE_IN_PROSE.sub(WORD_JOINER, whole)


def one_line(text: str) -> str:
    """Return a text with its line breaks as spaces."""
    return " ".join(text.split("\n")).strip()


def join_lines(lines: Iterable[str]) -> str:
    """Join the lines of a wrapped paragraph: with a space, but not between Chinese or Japanese characters."""
    whole = ""
    for line in map(str.strip, lines):
        whole += ("" if not whole else separator(whole, line)) + line
    return whole


def is_question(text: str) -> bool:
    """Whether a heading or a term asks something."""
    return text.rstrip().endswith(QUESTION_SIGNS)


def join_blocks(blocks: Iterable[str]) -> tuple[str, tuple[Offsets, ...]]:
    """Return the text of an article, and the stretches that `keep_whole` has marked."""
    unbroken = []
    before, *marked = "\n\n".join(filter(None, blocks)).split(BEGIN)
    pieces = [before]
    length = len(before)
    for whole, _, after in (piece.partition(END) for piece in marked):
        unbroken.append((length, length + len(whole)))
        pieces += [whole, after]
        length += len(whole) + len(after)
    return "".join(pieces), tuple(unbroken)
