"""An AsciiDoc file -> one article, whose text is what a reader of the page sees.

This knows the syntax that documentation commonly uses. Files are not included, and conditions not decided: what stands
under them is read.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from retrieval.errors import ArticleError
from retrieval.readers import blocks
from retrieval.readers.adoc_inline import inline_text
from retrieval.readers.article import make_article, optional_text
from retrieval.readers.decoding import read_text_file
from retrieval.readers.file_names import date_from_name, title_from_name
from retrieval.readers.front_matter import split_front_matter
from retrieval.readers.signs import RESERVED, without_marks
from retrieval.readers.stated_fields import article_fields
from retrieval.readers.text import MAX_TITLE
from retrieval.records import Article

SECONDS_PER_MB = 4.0  # of processor time that a file may take besides the seconds for an article
HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*)")
AUTHOR = re.compile(r"([^\W\d][^<:]*?)(?:\s*<[^<>]*>)?(?:;.*)?")
REVISION = re.compile(r"(?:v[\w.-]+,?\s*)?(\d{4}-\d\d-\d\d).*")
ATTRIBUTE = re.compile(r":!?([\w-]+)!?:(?:[ \t]+(.*))?")
COMMENT = re.compile(r"//(?!/).*")
STYLE = re.compile(r"\[(?!\[)(.*)\]|\[\[[^\]]+\]\]")
TITLE = re.compile(r"\.(?![.\s])(.+)")
FENCE = re.compile(r"-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|/{4,}|--|[|,:!]={3,}|`{3}\w*")
MACRO = re.compile(r"[\w-]+::[^\s\[]*\[.*\]|toc::\[\]")
RULE = re.compile(r"'{3,}|<{3,}|[-*]{3}")
ITEM = re.compile(r"\s*(?:(\*{1,6}|-)|(\.{1,6}|\d{1,4}\.|[a-zA-Z]\.)|<(?:\d+|\.)>)[ \t]+(\S.*)")
TERM = re.compile(r"\s*(\S.*?)(:{2,4}|;;)(?:[ \t]+(.*))?")
LABEL = re.compile(r"(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):[ \t]+")
TASK = re.compile(r"\[[ x*]\][ \t]+")
CELL = re.compile(r"(?:(?<![^\s|])(?:(?:\d+(?:\.\d+)?|\.\d+)[+*])?[<^>]?(?:\.[<^>])?[adehlmsv]?)?(?<!\\)\|")
COLUMNS = re.compile(r"""cols="?(?:(\d+)\*|([^"\]]+))""")


def read_adoc(path: Path, source_id: str, url: str | None) -> Iterator[Article]:
    """Yield the article of an AsciiDoc file. Raise UnreadableSource, ArticleError and OSError."""
    original = read_text_file(path)
    fields, body = split_front_matter(original)
    page = AdocReader(RESERVED.sub("", body))
    try:
        text, unbroken = blocks.join_blocks(page.blocks())
    except RecursionError as error:
        raise ArticleError("It is nested too deep to be an article.") from error
    if not text:
        raise ArticleError("It has no text, at most what a site's generator fills in. Leave it out.")
    fields = article_fields(page.stated) | fields
    title = optional_text(fields, "title") or page.title[:MAX_TITLE] or title_from_name(source_id, path)
    fields.setdefault("url", url)
    fields.setdefault("published", date_from_name(source_id, path))
    yield make_article(fields | {"original": original, "unbroken": unbroken}, source_id, title, text)


class AdocReader:
    """Reads a text; `title` and what its head states (`stated`) are known once its blocks are read."""

    def __init__(self, text: str) -> None:
        """Take a text without front matter."""
        self.title = ""
        self.stated: dict[str, object] = {}
        self._lines = [line.rstrip() for line in text.split("\n")]
        self._at = 0
        self._attributes: dict[str, str] = {}
        self._level = 1
        self._marks: list[str] = []  # of the lists that are open, outermost first
        self._counts: list[int] = []  # of their items
        self._style = self._caption = ""  # of the next block

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the text."""
        while self._at < len(self._lines):
            yield from self._block(self._lines[self._at])

    def _block(self, line: str) -> Iterator[str]:
        """Yield what begins at the next line; move behind it."""
        self._at += 1
        if not line or COMMENT.fullmatch(line) or RULE.fullmatch(line) or self._is_attribute(line):
            return
        if line == "+":  # what follows is a part of the list item
            yield from self._block(self._next_line())
        elif heading := HEADING.fullmatch(line):
            yield from self._heading(len(heading[1]), heading[2])
        elif (style := STYLE.fullmatch(line)) and self._next_line():
            self._style = style[1] or self._style
        elif TITLE.fullmatch(line) and not ITEM.fullmatch(line):
            self._caption = line[1:]
        else:
            yield from self._content(line)
            self._style = self._caption = ""

    def _content(self, line: str) -> Iterator[str]:
        if FENCE.fullmatch(line):
            self._end_lists()
            yield from self._fenced(line)
        elif MACRO.fullmatch(line):
            yield from self._paragraph(self._caption if line.startswith("image::") else "")
        elif item := ITEM.fullmatch(line):
            yield from self._item(item)
        elif (term := TERM.fullmatch(line)) and "://" not in term[1]:
            yield from self._definition(term)
        elif line[0] in " \t" or self._style.startswith(("source", "listing", "literal")):
            yield blocks.code_block(dedent("\n".join([line, *self._lines_to_blank()])))
        else:
            self._end_lists()
            text = LABEL.sub("", "\n".join([line, *self._lines_to_blank()]), 1)
            quoted = self._style.startswith(("quote", "verse"))
            text = text.replace("\n", " +\n") if self._style.startswith("verse") else text
            yield from self._title()
            yield from map(blocks.quote, self._paragraph(text)) if quoted else self._paragraph(text)

    def _next_line(self) -> str:
        return self._lines[self._at] if self._at < len(self._lines) else ""

    def _is_attribute(self, line: str) -> bool:
        attribute = ATTRIBUTE.fullmatch(line)
        if attribute:
            value = attribute[2] or ""
            self._attributes[attribute[1]] = value
            self.stated.setdefault({"revdate": "date", "docdate": "date"}.get(attribute[1], attribute[1]), value)
        return attribute is not None

    def _lines_to_blank(self) -> Iterator[str]:
        """Take the lines up to one that is blank or begins a block."""
        while (line := self._next_line()) and line != "+" and not FENCE.fullmatch(line):
            if any(pattern.fullmatch(line) for pattern in (STYLE, COMMENT, MACRO)):
                return
            self._at += 1
            yield line

    def _lines_to(self, fence: str) -> list[str]:
        """Take the lines up to a closing fence, or to the end."""
        start, closing = self._at, "```" if fence.startswith("```") else fence
        while self._at < len(self._lines) and self._lines[self._at] != closing:
            self._at += 1
        self._at += 1
        return self._lines[start : self._at - 1]

    def _inline(self, text: str) -> str:
        return inline_text(text, self._attributes)

    def _paragraph(self, text: str) -> Iterator[str]:
        notes = re.findall(r"footnote:[\w-]*\[((?:\\\]|[^\]])*)\]", text)
        yield from blocks.paragraphs(self._inline(re.sub(r"\s*footnote:[\w-]*\[(?:\\\]|[^\]])*\]", "", text)))
        yield from map(self._inline, filter(None, notes))

    def _heading(self, level: int, text: str) -> Iterator[str]:
        self._end_lists()
        text = blocks.one_line(self._inline(text.rstrip("=# ")))
        self._level = level
        if level == 1 and not self.title:
            self.title = without_marks(text)
            self._head()
        yield blocks.heading(level, text)

    def _head(self) -> None:
        """Take the lines of author and revision below the title."""
        for name, pattern in (("author", AUTHOR), ("date", REVISION)):
            found = pattern.fullmatch(self._next_line())
            if found:
                self.stated[name] = found[1]
                self._at += 1

    def _title(self) -> Iterator[str]:
        """Yield the title of a block: a heading if the block can be unfolded, or the title asks something."""
        title, self._caption = blocks.one_line(self._inline(self._caption)), ""
        folded = blocks.is_question(title) or "%collapsible" in self._style
        if title:
            yield blocks.heading(self._level + 1, title) if folded else title

    def _fenced(self, fence: str) -> Iterator[str]:
        lines, sign = self._lines_to(fence), fence[0]
        if sign in "/+":  # comments, and what is passed to the browser as it is
            return
        yield from self._title()
        if sign in "|,:!":
            yield self._table(lines, sign)
        elif sign in ".`" or (sign == "-" and (fence != "--" or self._style.startswith("source"))):
            yield blocks.code_block("\n".join(lines))
        elif self._style.startswith("verse"):
            yield from map(blocks.quote, blocks.paragraphs(self._inline(" +\n".join(lines))))
        else:
            yield from map(blocks.quote, self._inner(lines)) if sign == "_" else self._inner(lines)

    def _inner(self, lines: list[str]) -> Iterator[str]:
        """Yield the blocks of a block."""
        outer = self._lines, self._at
        self._style = self._caption = ""
        self._lines, self._at = lines, 0
        yield from self.blocks()
        self._lines, self._at = outer

    def _end_lists(self) -> None:
        if self._lines[self._at - 2 : self._at - 1] != ["+"]:
            self._marks, self._counts = [], []

    def _item(self, item: re.Match[str]) -> Iterator[str]:
        mark = re.sub(r"\w+", "1", item[1] or item[2] or "<>")
        known = self._marks.index(mark) if mark in self._marks else len(self._marks)
        self._marks[known:] = [mark]
        self._counts[known:] = [(self._counts[known] if known < len(self._counts) else 0) + 1]
        text = "\n".join([TASK.sub("", item[3], 1), *self._lines_of_item()])
        yield from blocks.item("-" if item[1] else f"{self._counts[known]}.", known, list(self._paragraph(text)))

    def _lines_of_item(self) -> Iterator[str]:
        while (line := self._next_line()) and not (ITEM.fullmatch(line) or TERM.fullmatch(line)):
            if line == "+" or FENCE.fullmatch(line) or STYLE.fullmatch(line) or TITLE.fullmatch(line):
                return
            self._at += 1
            yield line.strip()

    def _definition(self, term: re.Match[str]) -> Iterator[str]:
        while not term[3] and not self._next_line() and self._at < len(self._lines) - 1:
            self._at += 1
        said = [*self._paragraph("\n".join([term[3] or "", *self._lines_of_item()]).strip())]
        name = blocks.one_line(self._inline(term[1]))
        if blocks.is_question(name):
            yield blocks.heading(self._level + 1, name)
            yield from said
        else:
            yield from blocks.definition(name, len(self._marks), said)

    def _table(self, lines: list[str], sign: str) -> str:
        filled = [line for line in lines if line]
        if sign in ",:":
            rows = list(csv.reader(filled, delimiter=sign))
        else:
            cells = [self._cell(cell) for cell in CELL.split("\n".join(filled))[1:]]
            columns = COLUMNS.search(self._style)
            counted = int(columns[1]) if columns and columns[1] else len(columns[2].split(",")) if columns else 0
            count = counted or max(len(CELL.split(filled[0])) - 1 if filled else 0, 1)
            rows = [cells[start : start + count] for start in range(0, len(cells), count)]
        header = "header" in self._style or (len(lines) > 1 and bool(lines[0]) and not lines[1])
        return blocks.table(rows, has_header=header)

    def _cell(self, source: str) -> str:
        return self._inline(source.strip().replace("\\|", "|"))
