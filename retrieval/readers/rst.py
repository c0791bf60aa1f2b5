"""A reStructuredText file -> one article, whose text is what a reader of the page sees."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree

from retrieval.errors import ArticleError
from retrieval.readers import blocks
from retrieval.readers.article import make_article, optional_text
from retrieval.readers.decoding import read_text_file
from retrieval.readers.file_names import date_from_name, title_from_name
from retrieval.readers.front_matter import split_front_matter
from retrieval.readers.rst_syntax import add_unknown_syntax
from retrieval.readers.signs import GONE, RESERVED, WRAP, close_gaps, keep_whole, unwrap, without_marks
from retrieval.readers.stated_fields import article_fields
from retrieval.readers.text import MAX_TITLE
from retrieval.records import Article

SECONDS_PER_MB = 10.0  # of processor time that a file may take besides the seconds for an article; it takes about 3
SETTINGS = {
    "file_insertion_enabled": False, "raw_enabled": False, "_disable_config": True, "report_level": 5, "halt_level": 5,
    "doctitle_xform": False, "docinfo_xform": False, "syntax_highlight": "none", "smart_quotes": False, "line_length_limit": 10_000_000,
    "input_encoding": "unicode",
}  # fmt: skip
COMMENT_FIELD = re.compile(r"\A(?:\.\. [a-z]+:(?!:).*\n)+")  # of Nikola
FIELD = re.compile(r"\.\. ([a-z]+):(.*)")
UNREAD = (
    nodes.comment, nodes.substitution_definition, nodes.target, nodes.system_message, nodes.raw, nodes.meta, nodes.docinfo,
    nodes.pending, nodes.image, nodes.decoration, nodes.transition, nodes.label,
)  # fmt: skip
NOT_IN_TEXT = (nodes.footnote_reference, nodes.citation_reference, nodes.image, nodes.system_message, nodes.raw)
REFERENCE = re.compile(r"[`_|]+")


def read_rst(path: Path, source_id: str, url: str | None) -> Iterator[Article]:
    """Yield the article of a reStructuredText file. Raise UnreadableSource, ArticleError and OSError."""
    original = read_text_file(path)
    fields, body = split_front_matter(original)
    document = parse_rst(body)
    stated = dict([*_comment_fields(body), *_take_fields(document)])
    page = RstReader(document)
    text, unbroken = blocks.join_blocks(page.blocks())
    if not text:
        raise ArticleError("It has no text, at most what a site's generator fills in. Leave it out.")
    fields = article_fields(stated) | fields
    title = optional_text(fields, "title") or page.title[:MAX_TITLE] or title_from_name(source_id, path)
    fields.setdefault("url", url)
    fields.setdefault("published", date_from_name(source_id, path))
    yield make_article(fields | {"original": original, "unbroken": unbroken}, source_id, title, text)


def parse_rst(text: str) -> nodes.document:
    """Return the document that a text describes. Raise ArticleError if it is nested too deep."""
    add_unknown_syntax()
    try:
        return publish_doctree(RESERVED.sub("", text), settings_overrides=SETTINGS)
    except RecursionError as error:
        raise ArticleError("It is nested too deep to be an article.") from error


def _comment_fields(text: str) -> Iterator[tuple[str, str]]:
    block = COMMENT_FIELD.match(text)
    for found in FIELD.finditer(block[0] if block else ""):
        yield found[1], found[2].strip()


def _take_fields(document: nodes.document) -> Iterator[tuple[str, str]]:
    """Yield the fields at the top of a document, above its title or below; take them out of it."""
    sections = [node for node in document.children if isinstance(node, nodes.section)]
    for parent in [document, *sections[:1]]:
        first = next((node for node in parent.children if not isinstance(node, (*UNREAD, nodes.title))), None)
        if isinstance(first, nodes.field_list):
            for field in first:
                yield field[0].astext(), field[1].astext()
            parent.remove(first)


class RstReader:
    """Reads a document of docutils; `title` is its first heading of level 1, once its blocks are read."""

    def __init__(self, document: nodes.document) -> None:
        """Take the document."""
        self.title = ""
        self._document = document
        self._level = 0  # of the section
        self._depth = 0  # of lists
        self._readers: dict[type[nodes.Element], Callable[[nodes.Element], Iterator[str]]] = {
            nodes.section: self._section,
            nodes.title: self._heading,
            nodes.paragraph: self._paragraph,
            nodes.rubric: self._paragraph,
            nodes.caption: self._paragraph,
            nodes.attribution: self._paragraph,
            nodes.bullet_list: self._list,
            nodes.enumerated_list: self._list,
            nodes.definition_list_item: self._definition,
            nodes.field: self._field,
            nodes.option_list_item: self._field,
            nodes.literal_block: self._code,
            nodes.doctest_block: self._code,
            nodes.math_block: self._code,
            nodes.line_block: self._lines,
            nodes.block_quote: self._quote,
            nodes.table: self._table,
            nodes.topic: self._topic,
        }

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the document."""
        return self._blocks(self._document)

    def _blocks(self, parents: Iterable[nodes.Node]) -> Iterator[str]:
        for node in parents:
            reader = self._readers.get(type(node))
            if reader:
                yield from reader(node)
            elif isinstance(node, nodes.Element) and not isinstance(node, UNREAD):
                yield from self._blocks(node)

    def _section(self, section: nodes.Element) -> Iterator[str]:
        self._level += 1
        yield from self._blocks(section)
        self._level -= 1

    def _heading(self, title: nodes.Element) -> Iterator[str]:
        """Yield a heading, or the title of a box."""
        text = blocks.one_line(_inline(title))
        if not isinstance(title.parent, nodes.section | nodes.document):
            yield blocks.heading(self._level + 1, text) if blocks.is_question(text) else text
            return
        if self._level == 1:
            self.title = self.title or without_marks(text)
        yield blocks.heading(self._level, text)

    def _paragraph(self, paragraph: nodes.Element) -> Iterator[str]:
        return blocks.paragraphs(_inline(paragraph))

    def _list(self, items: nodes.Element) -> Iterator[str]:
        number, depth = int(items.get("start", 1)), self._depth
        for count, item in enumerate(items):
            self._depth = depth + 1
            mark = f"{number + count}." if isinstance(items, nodes.enumerated_list) else "-"
            yield from blocks.item(mark, depth, list(self._blocks(item)))
        self._depth = depth

    def _definition(self, item: nodes.Element) -> Iterator[str]:
        term = blocks.one_line(
            " ".join(_inline(part) for part in item if isinstance(part, nodes.term | nodes.classifier))
        )
        said = list(self._blocks(part for part in item if isinstance(part, nodes.definition)))
        if blocks.is_question(term):
            yield blocks.heading(max(self._level, 1) + 1, term)
            yield from said
        else:
            yield from blocks.definition(term, self._depth, said)

    def _field(self, field: nodes.Element) -> Iterator[str]:
        """Yield a field or an option of a program with what is said of it."""
        names = field[0].children if isinstance(field[0], nodes.option_group) else [field[0]]
        name = ", ".join(blocks.one_line(_inline(part)) for part in names)
        return blocks.definition(name, self._depth, list(self._blocks(field[1])))

    def _code(self, code: nodes.Element) -> Iterator[str]:
        yield blocks.code_block(code.astext())

    def _lines(self, lines: nodes.Element) -> Iterator[str]:
        whole = [line for line in lines.findall(nodes.line) if isinstance(line, nodes.line)]
        yield from blocks.paragraphs("\n".join(map(_inline, whole)))

    def _quote(self, quote: nodes.Element) -> Iterator[str]:
        return map(blocks.quote, self._blocks(quote))

    def _table(self, table: nodes.Element) -> Iterator[str]:
        yield from (_inline(title) for title in table if isinstance(title, nodes.title))
        heads = [self._row(row) for head in table.findall(nodes.thead) for row in head]
        rows = [self._row(row) for body in table.findall(nodes.tbody) for row in body]
        yield blocks.table([*heads, *rows], has_header=bool(heads))

    def _row(self, row: nodes.Element) -> Sequence[str]:
        return [blocks.one_line(" ".join(self._blocks(entry))) for entry in row]

    def _topic(self, topic: nodes.Element) -> Iterator[str]:
        return iter(()) if "contents" in topic["classes"] else self._blocks(topic)


def _inline(node: nodes.Node) -> str:
    return unwrap(close_gaps("".join(_pieces(node))))


def _pieces(node: nodes.Node) -> Iterator[str]:
    """Yield the text of inline nodes."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield child.astext().replace("\n", WRAP)
        elif isinstance(child, nodes.literal | nodes.reference):
            yield keep_whole(unwrap("".join(_pieces(child))))
        elif isinstance(child, nodes.problematic):  # what only the site's generator knows
            yield GONE if child.astext().startswith("|") else REFERENCE.sub("", child.astext())
        elif isinstance(child, NOT_IN_TEXT):
            yield GONE
        else:
            yield from _pieces(child)
