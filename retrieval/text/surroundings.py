"""The paragraphs of an article -> what surrounds each: its headings, and what belongs to its list, table or code block.

Only marks count, so that an article has the same surroundings whichever format it was read from.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile

from retrieval.records import NO_SURROUNDINGS, Span, Surroundings
from retrieval.text.faq import bare_question
from retrieval.text.kinds import bare
from retrieval.text.paragraphs import BULLET, NUMBERED, Mark, Paragraph, closes, fence_of

MOST_PATH = 300  # characters of the headings above a paragraph: of more, the outermost are left out
MOST_HEADER = 1000  # characters of a table's header; a longer one is no header
MOST_BLOCK = 2000  # characters of what a sentence introduces: of more, the last lines are left out
DEEPEST = 40  # columns of indentation that count
QUESTION_LEVEL = 7  # below every heading
HASHES = re.compile(r"(#{1,6})\s+")
CLOSING_HASHES = re.compile(r"\s#+$")
COLON = re.compile(r"[:：][\"'”’»)\]*_]*$")
ROWS = frozenset({Mark.HEADER, Mark.ROW})
MARKED = ROWS | {Mark.HEADING, Mark.QUESTION, Mark.ITEM, Mark.CODE}
WITHIN_ITEM = ROWS | {Mark.PLAIN, Mark.QUOTE, Mark.CODE, Mark.RULE}  # if indented
INTRODUCING = frozenset({Mark.PLAIN, Mark.QUOTE, Mark.ITEM})

Cut = tuple[int, int]  # half-open offsets
Spans = Iterator[tuple[int, Span | None]]  # with the paragraph that each is for


def find_surroundings(
    title: str, text: str, paragraphs: Sequence[Paragraph], last: Sequence[Cut]
) -> dict[int, Surroundings]:
    """Return what surrounds the paragraphs that anything does, numbered from 1; `last` is the last sentence of each."""
    if MARKED.isdisjoint({paragraph.mark for paragraph in paragraphs}):  # most articles
        return {}
    page = _Page(text, paragraphs, last)
    lists, tables, code = list(page.lists()), list(page.tables()), list(page.code())
    intros = dict(page.intros_of_items(lists)) | dict(page.intros(tables + code))
    headers = dict(page.headers(tables))
    introduced = dict(page.introduced(lists + list(page.sublists(lists)) + tables + code))
    found = {
        number + 1: Surroundings(section, intros.get(number), headers.get(number), introduced.get(number))
        for number, section in enumerate(page.sections(title))
    }
    return {number: around for number, around in found.items() if around != NO_SURROUNDINGS}


class _Page:
    """The paragraphs of an article, numbered from 0, and the blocks that some of them form."""

    def __init__(self, text: str, paragraphs: Sequence[Paragraph], last: Sequence[Cut]) -> None:
        self._text, self._paragraphs, self._last = text, paragraphs, last
        self._marks = [paragraph.mark for paragraph in paragraphs]

    def sections(self, title: str) -> Iterator[tuple[str, ...]]:
        """Yield the headings above each paragraph; a heading is the last one above itself."""
        path: list[tuple[int, str]] = []  # level and words
        known, shown = bare(title), tuple[str, ...]()
        for number, mark in enumerate(self._marks):
            if mark is Mark.HEADING or mark is Mark.QUESTION:
                level = self._level(number)
                while path and path[-1][0] >= level:
                    path.pop()
                path.append((level, self._words(number)))
                shown = _shortened([words for _, words in path if bare(words) not in {known, ""}])
            yield shown

    def _level(self, number: int) -> int:
        if self._marks[number] is Mark.QUESTION:
            return QUESTION_LEVEL
        hashes = HASHES.match(self._text, self._paragraphs[number].start)
        if hashes:
            return len(hashes[1])
        return 1 if self._text[self._paragraphs[number + 1].start] == "=" else 2  # the line below it

    def _words(self, number: int) -> str:
        """Return a heading or a question without its marks."""
        start, end, mark = self._paragraphs[number]
        text = " ".join(self._text[start:end].split()).replace("**", "").replace("`", "")
        return bare_question(text) if mark is Mark.QUESTION else CLOSING_HASHES.sub("", HASHES.sub("", text, count=1))

    def lists(self) -> Iterator[range]:
        """Yield each list, with what is indented and code between its items."""
        return self._blocks({Mark.ITEM}, self._end_of_list)

    def sublists(self, lists: Sequence[range]) -> Iterator[range]:
        """Yield the lists within items."""
        for number in (number for block in lists for number in block):
            depth = self._indentation(number) + 1
            if self._is_item(number) and self._is_item(number + 1, depth):
                yield range(number + 1, self._end_of_list(number + 1, depth))

    def tables(self) -> Iterator[range]:
        """Yield each table."""
        return self._blocks(ROWS, self._end_of_table)

    def code(self) -> Iterator[range]:
        """Yield each code block, its fences included."""
        return self._blocks({Mark.CODE}, self._end_of_code_block)

    def _blocks(self, marks: AbstractSet[Mark], end_of: Callable[[int], int]) -> Iterator[range]:
        end = 0
        for number, mark in enumerate(self._marks):
            if number >= end and mark in marks:
                end = end_of(number)
                yield range(number, end)

    def _end_of_list(self, first: int, depth: int = 0) -> int:
        """Return where a list ends whose items are indented by so many columns or more."""
        end = first + 1
        while end < len(self._marks):
            following = self._end_of_code(end)
            if self._is_item(following, depth):
                end = following + 1
            elif self._marks[end] in WITHIN_ITEM and self._indentation(end) > depth + 1:
                end = max(following, end + 1)
            else:
                break
        return end

    def _end_of_table(self, first: int) -> int:
        end = first + 1
        while end < len(self._marks) and (self._marks[end] is Mark.ROW or self._parts_header(end)):
            end += 1
        return end

    def _parts_header(self, number: int) -> bool:
        return self._marks[number] is Mark.RULE and self._text[self._paragraphs[number].start] == "|"

    def _end_of_code(self, first: int) -> int:
        """Return where the lines of code end that begin at a paragraph; the same if none do."""
        end = first
        while end < len(self._marks) and self._marks[end] is Mark.CODE:
            end += 1
        return end

    def _end_of_code_block(self, first: int) -> int:
        fence, *_ = fence_of(self._text, self._paragraphs[first])
        end = first + 1
        while not closes(fence, fence_of(self._text, self._paragraphs[end])):
            end += 1
        return end + 1

    def _is_item(self, number: int, depth: int = 0) -> bool:
        """Whether there is an item that is indented by so many columns or more."""
        within = number < len(self._marks) and self._marks[number] is Mark.ITEM
        return within and self._indentation(number) >= depth

    def _indentation(self, number: int) -> int:
        return len(self._white_before(number).expandtabs(4))

    def _white_before(self, number: int) -> str:
        start = self._paragraphs[number].start
        before = self._text[max(0, start - DEEPEST) : start]
        return before[len(before.rstrip(" \t")) :]

    def intros_of_items(self, lists: Sequence[range]) -> Spans:
        """Yield the sentence that introduces each item: that of the item it is part of, or of the whole list."""
        whole, end = None, 0
        for block in lists:
            whole = whole if self._continues_list(end, block) else self._intro(block)
            end = block.stop
            intro = whole
            above: list[
                tuple[int, Span]
            ] = []  # indentation and last sentence of the items that the next may be part of
            for number in block:
                if self._is_item(number):
                    depth = self._indentation(number)
                    while above and above[-1][0] >= depth:
                        above.pop()
                    intro = above[-1][1] if above else whole
                    above.append((depth, self._last_sentence(number)))
                yield number, intro

    def _continues_list(self, end: int, block: range) -> bool:
        """Whether a list goes on after the one that ended at a paragraph: by its number, or after a single paragraph."""
        between = self._marks[end : block.start]
        single = between == [Mark.PLAIN] and not self._ends_in_colon(end)
        numbered = NUMBERED.match(self._text, self._paragraphs[block.start].start)
        return end > 0 and Mark.HEADING not in between and bool(single or numbered)

    def intros(self, blocks: Sequence[range]) -> Spans:
        """Yield the sentence before each table or code block."""
        for block in blocks:
            intro = self._intro(block)
            yield from ((number, intro) for number in block)

    def _intro(self, block: range) -> Span | None:
        before = block.start - 1
        if before < 0 or self._marks[before] not in INTRODUCING:
            return None
        only_looks_like_a_list = len(block) == 1 and self._is_item(block.start) and not self._ends_in_colon(before)
        return None if only_looks_like_a_list else self._last_sentence(before)

    def _last_sentence(self, number: int) -> Span:
        start, end = self._last[number]
        bullet = BULLET.match(self._text, start, end) if start == self._paragraphs[number].start else None
        return self._span(bullet.end() if bullet and self._is_item(number) else start, end)

    def _ends_in_colon(self, number: int) -> bool:
        return COLON.search(self._text, *self._last[number]) is not None

    def headers(self, tables: Sequence[range]) -> Spans:
        """Yield the header of each row of a table that has one."""
        for block in tables:
            start, end, mark = self._paragraphs[block.start]
            if mark is Mark.HEADER and end - start <= MOST_HEADER and bare(self._text[start:end]):
                header = self._span(start, end)
                yield from ((number, header) for number in block[1:])

    def introduced(self, blocks: Sequence[range]) -> Spans:
        """Yield the block that a paragraph introduces with a colon at its end."""
        for block in blocks:
            before = block.start - 1
            if before >= 0 and self._marks[before] in INTRODUCING and self._ends_in_colon(before):
                yield before, self._content(block)

    def _content(self, block: range) -> Span | None:
        """Return a block without its fences, cut after its last line that fits; None if it is empty."""
        fenced = self._marks[block.start] is Mark.CODE
        inner = block[1:-1] if fenced else block
        if not inner:
            return None
        start = self._paragraphs[inner.start].start - (len(self._white_before(inner.start)) if fenced else 0)
        ends = (self._paragraphs[number].end for number in inner)
        end = max(takewhile(lambda end: end - start <= MOST_BLOCK, ends), default=start)
        return self._span(start, end) if end > start else None

    def _span(self, start: int, end: int) -> Span:
        return Span(start, end, self._text[start:end])


def _shortened(path: Sequence[str]) -> tuple[str, ...]:
    """Return the innermost headings that together are short enough."""
    room, kept = MOST_PATH, list[str]()
    for words in reversed(path):
        room -= len(words)
        if room < 0:
            break
        kept.append(words)
    return tuple(reversed(kept))
