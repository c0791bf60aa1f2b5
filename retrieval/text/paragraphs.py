"""Article text -> its paragraphs, each with the mark of its layout.

Layout is read from the text alone, so that an article has the same paragraphs whether it comes from a file, from JSONL
or from an export: Markdown marks count everywhere, and a single line break joins lines only in wrapped text.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import NamedTuple

from retrieval.text.faq import ANSWER, end_of_question

WRAP = range(50, 121)  # characters: the widths at which people and editors wrap text
ENOUGH_WRAPPED = 0.6  # share of line breaks at which the next word would not have fitted
ENOUGH_BROKEN = 0.25  # share of line breaks in the middle of a sentence
LONGEST_HEADING = 200  # characters


class Mark(Enum):
    """What the layout says about a paragraph."""

    PLAIN = auto()
    HEADING = auto()
    QUESTION = auto()  # "Q: ..."
    ITEM = auto()  # of a list
    HEADER = auto()  # the first row of a table, with a line of dashes below it
    ROW = auto()  # of a table
    QUOTE = auto()
    IMAGE = auto()
    CODE = auto()
    RULE = auto()  # a line between parts, or a link target: nothing to read


class Paragraph(NamedTuple):  # twice as fast to make as a dataclass, and made for each line
    """A paragraph or line, without white space at either end: `text[start:end]`."""

    start: int
    end: int
    mark: Mark


FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})\s*(.*)")
DASHES = r"\|(?=[ :|]*-)[ :|-]+|(?=[ :|-]*?---)[ :|-]+"  # between the header of a table and its rows
BULLET = re.compile(r"([-*+•‣◦▪●·]|\(?\d{1,3}[.)]|\(?[a-z]\))[ \t]+")  # of an item
LINE_MARKS = (  # the first that matches a whole stripped line
    (Mark.RULE, re.compile(rf"([-*_=~] ?){{3,}}|{DASHES}|\[[^\]^]+\]:\s*\S+.*|<!--.*-->")),
    (Mark.HEADING, re.compile(rf"#{{1,6}}[ \t]+\S.{{0,{LONGEST_HEADING}}}")),
    (Mark.IMAGE, re.compile(r"\[?!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])(\]\([^)]*\))?")),
    (Mark.ITEM, re.compile(rf"{BULLET.pattern}\S.*")),
    (Mark.ROW, re.compile(r"\|.+\|")),
    (Mark.QUOTE, re.compile(r">.*")),
)
NUMBERED = re.compile(r"(?!1[.)])\d{1,3}[.)]")
SENTENCE_END = re.compile(r"[.!?…:。！？؟۔।॥:;]['\"”’»)\]*_]*$")
UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


def split_paragraphs(text: str) -> list[Paragraph]:
    """Split a text at blank lines, at marked lines, and at line breaks that are not from wrapping."""
    lines = _marked_lines(text)
    blocks = list(_blocks(text, lines))
    width = _wrapping(text, blocks)
    return [paragraph for block in blocks for paragraph in _paragraphs(text, block, width)]


def _lines(text: str) -> Iterator[Paragraph]:
    """Yield each line, stripped; a blank line is empty."""
    start = 0
    for line in text.splitlines(keepends=True):
        left = start + len(line) - len(line.lstrip())
        right = max(left, start + len(line.rstrip()))
        start += len(line)
        yield from _marked(left, right, line.strip())


def _marked(left: int, right: int, line: str) -> Iterator[Paragraph]:
    """Yield a line with its mark; one with a question and its answer counts as two."""
    asked = end_of_question(line)
    if not asked:
        yield Paragraph(left, right, _mark(line))
        return
    yield Paragraph(left, left + asked, Mark.QUESTION)
    if answer := line[asked:].lstrip():
        yield Paragraph(right - len(answer), right, Mark.PLAIN)


def _mark(line: str) -> Mark:
    if not line or (line[0].isalpha() and line[1:2] != ")"):  # most lines
        return Mark.PLAIN
    return next((mark for mark, pattern in LINE_MARKS if pattern.fullmatch(line)), Mark.PLAIN)


def _marked_lines(text: str) -> list[Paragraph]:
    """Return the lines, with the marks that depend on other lines: code, and the headers of tables."""
    lines = list(_lines(text))
    if "```" in text or "~~~" in text:
        for number in _code(text, lines):
            lines[number] = lines[number]._replace(mark=Mark.CODE)
    if "|" in text:
        for number in _headers(text, lines):
            lines[number] = lines[number]._replace(mark=Mark.HEADER)
    return lines


def _code(text: str, lines: Sequence[Paragraph]) -> Iterator[int]:
    """Yield the numbers of the lines of closed code fences; an unclosed one is an ordinary line."""
    found = ((number, fence_of(text, line)) for number, line in enumerate(lines))
    fences = [(number, fence) for number, fence in found if fence[0]]
    unclosed, end = {"`": len(text), "~": len(text)}, -1  # from how many signs on no fence is closed any more
    for place, (number, (signs, _)) in enumerate(fences):
        if number > end and len(signs) < unclosed[signs[0]]:
            later = map(fences.__getitem__, range(place + 1, len(fences)))
            end = next((below for below, fence in later if closes(signs, fence)), end)
            if end > number:
                yield from range(number, end + 1)
            else:
                unclosed[signs[0]] = len(signs)


def fence_of(text: str, line: Paragraph) -> tuple[str, str]:
    """Return the signs of a code fence and what follows them; two empty strings if the line is none."""
    found = FENCE.fullmatch(text, line.start, line.end)
    return (found[1], found[2]) if found else ("", "")


def closes(signs: str, fence: tuple[str, str]) -> bool:
    """Whether a fence closes one that was opened with these signs."""
    return fence[0].startswith(signs) and not fence[1]


def _headers(text: str, lines: Sequence[Paragraph]) -> Iterator[int]:
    """Yield the numbers of the rows that a line of dashes follows."""
    shown = (number for number, line in enumerate(lines) if line.start < line.end)
    for number, below in pairwise(shown):
        dashes = lines[below].mark is Mark.RULE and text[lines[below].start] == "|"
        if dashes and lines[number].mark is Mark.ROW:
            yield number


def _blocks(text: str, lines: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    """Group lines that may be one paragraph: plain lines, and lines that continue a list item or a quotation."""
    block: list[Paragraph] = []
    for line in lines:
        if line.start == line.end:
            yield from _closed(block)
            block = []
        elif line.mark is Mark.RULE and len(block) == 1 and _underlines(text, line):
            yield [Paragraph(block[0].start, block[0].end, Mark.HEADING)]
            block = [line]
        elif block and _continues(text, block, line):
            block.append(line)
        else:
            yield from _closed(block)
            block = [line]
    yield from _closed(block)


def _closed(block: list[Paragraph]) -> Iterator[list[Paragraph]]:
    if block:
        yield block


def _underlines(text: str, line: Paragraph) -> bool:
    return re.fullmatch(r"=+|-{2,}", text[line.start : line.end]) is not None


def _continues(text: str, block: Sequence[Paragraph], line: Paragraph) -> bool:
    first, last = block[0].mark, block[-1]
    if line.mark is Mark.PLAIN and first is Mark.QUESTION:
        return not (SENTENCE_END.search(text, last.start, last.end) or ANSWER.match(text, line.start))
    if line.mark is Mark.PLAIN:
        return first in {Mark.PLAIN, Mark.ITEM, Mark.QUOTE}
    if line.mark is Mark.ITEM and first is Mark.PLAIN and NUMBERED.match(text, line.start):
        # In "on the\n12. of August" the number starts no list: the line before is full and does not end a sentence.
        return last.end - last.start >= WRAP.start and not SENTENCE_END.search(text, last.start, last.end)
    return line.mark is first is Mark.QUOTE


def _wrapping(text: str, blocks: Sequence[Sequence[Paragraph]]) -> int:
    """Return the width at which the text was wrapped, in characters; 0 if it was not wrapped.

    In wrapped text the next word would not have fitted at nearly every line break, and many are in mid-sentence.
    """
    breaks = [pair for block in blocks for pair in pairwise(block)]
    lengths = (line.end - line.start for pair in breaks for line in pair if "://" not in text[line.start : line.end])
    width = max(lengths, default=0)
    if width not in WRAP:
        return 0
    full = sum(_full(text, *pair, width) for pair in breaks)
    broken = sum(_broken(text, *pair) for pair in breaks)
    return width if full >= ENOUGH_WRAPPED * len(breaks) and broken >= ENOUGH_BROKEN * len(breaks) else 0


def _full(text: str, line: Paragraph, following: Paragraph, width: int) -> bool:
    """Whether the first word of the following line would not have fitted on this one."""
    word = 0 if UNSPACED.match(text, following.start) else len(text[following.start : following.end].split(None, 1)[0])
    return line.end - line.start + 1 + word > width


def _broken(text: str, line: Paragraph, following: Paragraph) -> bool:
    """Whether a line break is in mid-sentence: nothing ends before it, and nothing begins after it."""
    first = text[following.start : following.end].lstrip("> ")[:1]
    begins = first.isupper() or not first.isalpha()
    return not begins and not SENTENCE_END.search(text, line.start, line.end)


def _paragraphs(text: str, block: Sequence[Paragraph], width: int) -> Iterator[Paragraph]:
    """Yield the paragraphs of a block: lines are joined if they were wrapped or a sentence continues."""
    start, mark = block[0].start, block[0].mark
    for line, following in pairwise(block):
        wrapped = width > 0 and _full(text, line, following, width)
        if not (wrapped or _continues_sentence(text, line, following)):
            yield Paragraph(start, line.end, mark)
            start, mark = following.start, Mark.PLAIN if mark is Mark.QUESTION else mark
    yield Paragraph(start, block[-1].end, mark)


def _continues_sentence(text: str, line: Paragraph, following: Paragraph) -> bool:
    """Whether a sentence continues after the line break: a long line, then a lower-case letter."""
    first = text[following.start : following.end].lstrip("> ")[:1]
    return first.islower() and line.end - line.start >= WRAP.start - 10 and _broken(text, line, following)
