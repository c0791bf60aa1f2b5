"""An HTML tree -> its text as a reader sees it, in blocks with Markdown marks that tell what each of them is.

Blocks are separated by blank lines, the rows of a table by line breaks. Pages, feeds and books are read alike.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from retrieval.errors import ArticleError
from retrieval.readers.html_code import code_of, is_prose, prepare_code
from retrieval.readers.html_elements import HEADINGS, LISTS, folded, has_blocks, line_of, pieces, remove, rename_unnamed
from retrieval.readers.html_questions import mark_questions
from retrieval.readers.html_tables import is_layout, table_rows

# In XHTML `<script/>` is closed; HTML would read what follows as a script.
SELF_CLOSED = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)(\w{1,10})\b([^<>]*)/>",
    re.IGNORECASE,
)
BREAKS = re.compile(r"\n *(?:\n *)+")
MARKED = re.compile(r" *(?:- |\d+\. |#{1,6} |> |\| |```)")  # a block that takes no mark of a list item
FOOTNOTE = re.compile(r"\s*\[(?:\d{1,3}|[a-z]|note \d+)\]\s*")
NOTE = r"[\[(]?(?:\d{1,3}|[a-z*†‡])[\])]?"
LINKED_NOTE = re.compile(rf"\s*{NOTE}(?:\s*[,;–-]\s*{NOTE})*\s*")
NOTE_TARGET = re.compile(r"#_?(?:fn|en|ftn|edn|foot|end|note)[\w.:-]*\d", re.IGNORECASE)
NOTE_CLASS = re.compile(r"note-?ref|fn-?ref", re.IGNORECASE)
BACK = re.compile(r"\s*[↩↑^⏎]\ufe0e?\s*")  # from a note to where it was referred to
NOTE_TYPE = "{http://www.idpf.org/2007/ops}type"
ANCHORS = frozenset(["", "#", "¶", "§", "🔗", "¤"])  # what the links of headings to themselves show
HEADING_MARKS = str.maketrans("", "", "¶\u200b\u00ad")  # anchors, and places where a word may be broken
LONGEST_HEADING = 150  # characters; what is longer is a paragraph
LONGEST_SENTENCE = 80  # characters of a heading that ends in a full stop


class Block(NamedTuple):
    """A paragraph, heading, list item, table row or piece of code, and the element that it is all or a part of."""

    text: str  # with its mark
    element: _Element


def html_to_text(markup: str) -> str:
    """Return the text of a piece of HTML; plain text comes back with its white space folded.

    Raise ArticleError for what lxml does not read to its end: elements 256 deep, or 10 MB in one.
    """
    closed = SELF_CLOSED.sub(r"<\1\2></\1>", markup.replace("\0", ""))
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(b"<html><body>" + closed.encode("utf-8", "replace"), parser)
    if parser.error_log.filter_from_fatals():
        raise ArticleError("Its HTML is nested too deep, or too long, to be an article.")
    if root is None:
        return ""
    prepare(root)
    return join_blocks(read_blocks(root))


def prepare(root: _Element) -> None:
    """Make a tree ready to be read, in place: odd names go, questions become headings; notes, anchors and line numbers go."""
    rename_unnamed(root)
    mark_questions(root)
    prepare_code(root)
    for element in list(root.iter("sup", "a", "span")):
        if _is_note(element) or _is_anchor(element):
            remove(element)
    for heading in root.iter(*HEADINGS):
        for part in heading.iter():
            part.text, part.tail = (text and text.translate(HEADING_MARKS) for text in (part.text, part.tail))


def _is_note(element: _Element) -> bool:
    """Whether an element is the number of a note, or the way back from one."""
    kind = f"{element.get('role')} {element.get(NOTE_TYPE)} {element.get('epub:type')}"
    if "noteref" in kind or "backlink" in kind:
        return True
    if element.tag == "span":
        return False
    text = "".join(element.itertext())
    if element.tag == "sup":
        linked = element.find(".//a") is not None or element.getparent().tag == "a"
        return (LINKED_NOTE if linked else FOOTNOTE).fullmatch(text) is not None
    target = element.get("href") or ""
    named = NOTE_TARGET.search(target) or NOTE_CLASS.search(element.get("class") or "")
    return "#" in target and (
        BACK.fullmatch(text) is not None or (named is not None and LINKED_NOTE.fullmatch(text) is not None)
    )


def _is_anchor(element: _Element) -> bool:
    """Whether an element is a heading's link to itself."""
    within = next(element.iterancestors(*HEADINGS, "dt"), None) is not None
    return within and element.tag == "a" and len(element) == 0 and (element.text or "").strip() in ANCHORS


def join_blocks(blocks: Iterable[Block]) -> str:
    """Join blocks into a text: the rows of one table by line breaks, all else by blank lines."""
    parts: list[str] = []
    previous = None
    for block in blocks:
        table = next(block.element.iterancestors("table"), None) if block.element.tag == "tr" else None
        parts += ["\n" if table is not None and table is previous else "\n\n", block.text]
        previous = table
    return "".join(parts[1:])


def read_blocks(element: _Element, depth: int = 0) -> Iterator[Block]:
    """Yield the blocks of an element; the text between two of them is one too. `depth` counts the lists around it."""
    text = ""
    for piece in pieces(element):
        if isinstance(piece, str):
            text += piece
        else:
            yield from _paragraphs(text, element)
            text = ""
            yield from _read_block(piece, depth)
    yield from _paragraphs(text, element)


def _paragraphs(text: str, element: _Element) -> Iterator[Block]:
    """Yield the paragraphs of running text: two line breaks separate them, one separates lines."""
    for paragraph in BREAKS.split(text):
        lines = [folded(line) for line in paragraph.split("\n")]
        if any(lines):
            yield Block("\n".join(filter(None, lines)), element)


def _read_block(element: _Element, depth: int) -> Iterator[Block]:
    """Yield the blocks of an element by what it is."""
    tag = element.tag
    if tag in HEADINGS:
        yield from _heading(element)
    elif tag in LISTS:
        yield from _list(element, depth)
    elif tag == "dl":
        yield from _definitions(element, depth)
    elif tag == "table" and not is_layout(element):
        yield from (Block(text, row) for row, text in table_rows(element))
    elif tag in {"pre", "code"}:
        yield from _code(element)
    elif tag == "blockquote":
        yield from _marked("> ", read_blocks(element, depth), every=True)
    else:
        yield from read_blocks(element, depth)


def _heading(element: _Element) -> Iterator[Block]:
    """Yield a heading; one as long as a paragraph is a paragraph."""
    blocks = list(read_blocks(element)) if has_blocks(element) else [Block(line_of(element), element)]
    text = blocks[0].text if blocks else ""
    if not text:
        yield from blocks[1:]
    elif len(text) > LONGEST_HEADING or (len(text) > LONGEST_SENTENCE and text.endswith((".", "。"))):
        yield from blocks
    else:
        yield from _marked(f"{'#' * int(element.tag[1])} ", blocks)


def _list(element: _Element, depth: int) -> Iterator[Block]:
    """Yield the items of a list, two spaces further in for each list around it."""
    start = element.get("start") or "1"
    number = int(start) if start.isdecimal() and len(start) < 5 else 1  # noqa: PLR2004
    for child in element:
        if child.tag == "li":
            mark = f"{number}. " if element.tag == "ol" else "- "
            yield from _marked("  " * depth + mark, read_blocks(child, depth + 1), folds=True)
            number += 1
        else:
            yield from _read_block(child, depth + 1)


def _definitions(element: _Element, depth: int) -> Iterator[Block]:
    """Yield the terms of a list, each with what is said of it: `- term: definition`."""
    terms: list[str] = []
    mark = "  " * depth + "- "
    for child in _entries(element):
        if child.tag == "dt":
            terms.append(line_of(child))
            continue
        blocks = _read_block(child, depth + 1)
        if terms and child.tag == "dd":
            yield from _marked(f"{mark}{', '.join(filter(None, terms))}: ", blocks, folds=True, alone=True)
        else:
            yield from (Block(mark + term, child) for term in terms)
            yield from blocks
        terms = []
    yield from (Block(mark + term, element) for term in terms if term)


def _entries(element: _Element) -> Iterator[_Element]:
    """Yield the terms and definitions of a list, out of the divisions that group them."""
    for child in element:
        if child.tag == "div" and child.find("dt") is not None:
            yield from child
        else:
            yield child


def _marked(
    mark: str, blocks: Iterable[Block], *, every: bool = False, folds: bool = False, alone: bool = False
) -> Iterator[Block]:
    """Put a mark before the first block, or `every` one, unless it has a mark.

    `folds` joins its lines; with `alone`, the mark stands as a block of its own before a marked one.
    """
    for number, block in enumerate(blocks):
        if number and not every:
            yield block
        elif MARKED.match(block.text):
            yield from [Block(mark.rstrip(), block.element)] if alone else []
            yield block
        else:
            yield Block(mark + (block.text.replace("\n", " ") if folds else block.text), block.element)


def _code(element: _Element) -> Iterator[Block]:
    """Yield a piece of code in a fence, and text that was wrapped by hand as paragraphs."""
    text = code_of(element)
    if not text.strip():
        return
    if is_prose(element, text):
        yield from (Block(part.strip(), element) for part in re.split(r"\n[ \t]*\n", text) if part.strip())
        return
    fence = "```"
    while fence in text:
        fence += "`"
    yield Block(f"{fence}\n{text}\n{fence}", element)
