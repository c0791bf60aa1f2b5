"""An HTML tree -> text with Markdown marks, which tell the kinds of its sentences as in a file written by hand.

Paragraphs are separated by blank lines. A heading, a list item and a table row are each a paragraph of their own.
"""

import re
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.etree import _Element

from retrieval.errors import ArticleError

HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
CELLS = ("td", "th")
BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "legend", "li", "main", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", *HEADINGS, *CELLS,
])  # fmt: skip
UNREAD = (
    "audio", "button", "canvas", "head", "iframe", "math", "nav", "noscript", "object", "script", "select", "style",
    "svg", "template", "textarea", "title", "video",
)  # fmt: skip
# In XHTML `<script/>` is closed; HTML would read what follows as a script.
SELF_CLOSED = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)(\w{1,10})\b([^<>]*)/>",
    re.IGNORECASE,
)
SPACES = re.compile(r"[ \t\n\r\f\v]+")  # a no-break space stays
MARKED = re.compile(r"- |1\. |#{1,6} |\| |```")  # a paragraph that takes no further mark of a list item


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
    _simplify(root)
    return "\n\n".join(_blocks(root))


def extracted_to_text(body: _Element) -> str:
    """Return the text of a body that trafilatura has extracted from a page, whose elements are renamed on the way."""
    for element in body.iter(etree.Element):
        _rename(element)
    blocks = list(_blocks(body))
    while blocks and blocks[-1].startswith("#"):  # a heading with nothing below it
        blocks.pop()
    return "\n\n".join(blocks)


def _simplify(root: _Element) -> None:
    """Leave of an HTML tree what feeds and books need: items are not numbered, quotations and terms not marked."""
    for element in list(root.iter(*UNREAD)):
        tag = "div" if _has_blocks(element) else "span"
        element.clear(keep_tail=True)
        element.tag = tag
    plain = {"ol": "ul", "blockquote": "div", "dt": "p", "dd": "p"}
    for element in root.iter(etree.Element):
        tag = element.tag
        if (tag == "tr" and not _is_data(element)) or (tag == "pre" and _has_blocks(element)):
            element.tag = "div"
        elif tag == "pre" and "\n" not in _code(element).strip():
            element.tag = "p"
        elif tag == "br" and next(element.iterancestors("li"), None) is not None:
            element.tag, element.text = "span", " "
        else:
            element.tag = plain.get(tag, tag)


def _rename(element: _Element) -> None:
    """Rename an element of trafilatura as in HTML."""
    rend, tag = element.get("rend") or "", element.tag
    if tag == "head":
        element.tag = rend if rend in HEADINGS else "h2"
    elif tag == "list":
        element.tag = "ol" if rend == "ol" else "ul"
    elif tag == "item":
        element.tag = "dt" if rend.startswith("dt") else "li"
    elif tag == "code":
        inline = element.getparent().tag in {"p", "li", "dt", "td", *HEADINGS} and "\n" not in (element.text or "")
        element.tag = "code" if inline else "pre"
    else:
        element.tag = {"row": "tr", "cell": "td", "lb": "br", "quote": "blockquote"}.get(tag, tag)


def _is_data(row: _Element) -> bool:
    """Whether a row holds data, not layout: it has two cells or more, without blocks in them."""
    cells = [element for element in row.iterdescendants() if element.tag in CELLS]
    return len(cells) > 1 and not any(map(_has_blocks, cells)) and all(cell.getparent() is row for cell in cells)


def _has_blocks(element: _Element) -> bool:
    return any(inner.tag in BLOCKS for inner in element.iterdescendants())


def _blocks(element: _Element) -> Iterator[str]:
    """Yield the paragraphs of an element; the text between two blocks is a paragraph too."""
    text = ""
    for piece in _pieces(element):
        if isinstance(piece, str):
            text += piece
        else:
            yield from _paragraphs(text)
            text = ""
            yield from _block(piece)
    yield from _paragraphs(text)


def _pieces(element: _Element) -> Iterator[str | _Element]:
    """Yield the text of an element, a newline for a line break, and the blocks in it whole."""
    yield SPACES.sub(" ", element.text or "")
    for child in element:
        if child.tag in BLOCKS:
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            yield from _pieces(child)
        yield SPACES.sub(" ", child.tail or "")


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of running text: two line breaks separate them, one separates lines."""
    for paragraph in re.split(r"\n *(?:\n *)+", text):
        lines = [_folded(line) for line in paragraph.split("\n")]
        if any(lines):
            yield "\n".join(filter(None, lines))


def _block(element: _Element) -> Iterator[str]:
    """Yield the paragraphs of a block, by what it is."""
    tag = element.tag
    if tag in HEADINGS:
        yield from _marked(HEADINGS[tag], _blocks(element) if _has_blocks(element) else [_line(element)])
    elif tag == "li":
        yield from _item(element)
    elif tag == "tr":
        yield from _row(element)
    elif tag == "pre":
        code = _code(element).strip("\n")
        yield from [f"```\n{code}\n```"] if code.strip() else []
    elif tag == "blockquote":
        yield from (block if block.startswith(("- ", "> ", "```")) else f"> {block}" for block in _blocks(element))
    elif tag != "dt":  # a term is put before its definition
        yield from _blocks(element)


def _line(element: _Element) -> str:
    """Return the text of an element in one line."""
    return _folded("".join(piece if isinstance(piece, str) else f" {_line(piece)} " for piece in _pieces(element)))


def _folded(text: str) -> str:
    return SPACES.sub(" ", text).strip()


def _item(item: _Element) -> Iterator[str]:
    """Yield the paragraphs of a list item; a term and its definition are one."""
    parent, previous = item.getparent(), item.getprevious()
    mark = f"{parent.index(item) + 1}." if parent.tag == "ol" else "-"
    term = next(_blocks(previous), "") if previous is not None and previous.tag == "dt" else ""
    yield from _marked(f"{mark} {term}:" if term else mark, _blocks(item))


def _marked(mark: str, blocks: Iterable[str]) -> Iterator[str]:
    """Put a mark before the first paragraph, unless it has one."""
    first, *rest = list(blocks) or [""]
    if first:
        yield first if MARKED.match(first) else f"{mark} {first}"
    yield from rest


def _row(row: _Element) -> Iterator[str]:
    """Yield the row of a table, one with a single filled cell as a paragraph."""
    cells = [_line(cell) for cell in row if cell.tag in CELLS] or [_line(row)]
    filled = [cell for cell in cells if cell]
    if filled:
        yield filled[0] if len(filled) == 1 else f"| {' | '.join(cells)} |"


def _code(pre: _Element) -> str:
    for line_break in pre.iter("br"):
        line_break.text = "\n"
    return "".join(pre.itertext()).replace("\r\n", "\n")
