"""The body that was found in a web page goes in, as trafilatura's tree; its text comes out, marked as Markdown marks it.

Paragraphs are parted by blank lines. A heading, an item of a list and a row of a table are each a paragraph of its own,
and their marks tell the kinds of their sentences, as they do in a file that was written by hand.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element

from retrieval.errors import ArticleError

HEADINGS = {"h1": "#", "h2": "##", "h3": "###", "h4": "####", "h5": "#####", "h6": "######"}
CELLS = ("cell", "td", "th")
ROWS = ("row", "tr")
BLOCKS = frozenset(
    {"head", "list", "item", "quote", "table", "p", "div", "code", "ul", "ol", "li", "caption", *ROWS, *CELLS}
)
SOFT = " \t\n\r\f\v\u3000"  # what a browser shows as one space, and the indent of Chinese paragraphs
BREAK = "\u2028"  # stands for <br> until white space is settled


def page_text(body: _Element) -> str:
    """Give the text of a body; empty when there is none."""
    blocks = list(_blocks(body))
    while blocks and blocks[-1].startswith("#"):  # a heading over nothing
        blocks.pop()
    return "\n\n".join(blocks)


def _blocks(element: _Element) -> Iterator[str]:
    """Yield the paragraphs of an element; what stands between its blocks is a paragraph too."""
    held = element.text or ""
    for child in element:
        if child.tag in BLOCKS and not (child.tag == "code" and not _is_code_block(child)):
            yield from _paragraphs(held)
            yield from _block(child)
            held = child.tail or ""
        else:
            held += _inline(child) + (child.tail or "")
    yield from _paragraphs(held)


def _block(element: _Element) -> Iterator[str]:
    """Yield the paragraphs of a block by what it is."""
    if element.tag == "head":
        text = _line(_inline(element))
        if text:
            yield f"{HEADINGS.get(element.get('rend') or '', '##')} {text}"
    elif element.tag in {"list", "ul", "ol"}:
        yield from _items(element)
    elif element.tag == "table":
        yield from _rows(element)
    elif element.tag == "code":
        yield f"```\n{''.join(_with_breaks(element)).strip(chr(10))}\n```"
    elif element.tag == "quote":
        yield from (block if block.startswith(("- ", "> ", "```")) else f"> {block}" for block in _blocks(element))
    else:
        yield from _blocks(element)


def _items(element: _Element) -> Iterator[str]:
    """Yield the items of a list; a term and what is said of it are one."""
    term = ""
    numbered = element.get("rend") == "ol" or element.tag == "ol"
    for number, item in enumerate(element, start=1):
        first, *rest = list(_blocks(item)) or [""]
        if (item.get("rend") or "").startswith("dt"):
            term = first
            continue
        if first:
            mark = f"{number}." if numbered else "-"
            yield first if first.startswith(("- ", "1. ")) else f"{mark} {f'{term}: ' if term else ''}{first}"
        term = ""
        yield from rest


def _rows(table: _Element) -> Iterator[str]:
    """Yield the rows of a table, one of a single cell as a paragraph."""
    for row in table.iter(*ROWS, "caption"):
        cells = [_line(_inline(cell)) for cell in row if cell.tag in CELLS] or [_line(_inline(row))]
        filled = [cell for cell in cells if cell]
        if len(filled) == 1:
            yield filled[0]
        elif filled:
            yield f"| {' | '.join(cells)} |"


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of running text: two breaks part them, one parts lines."""
    for paragraph in re.split(rf"{BREAK}[{SOFT}]*(?:{BREAK}[{SOFT}]*)+", text):
        lines = [_line(line) for line in paragraph.split(BREAK)]
        if any(lines):
            yield "\n".join(filter(None, lines))


def _line(text: str) -> str:
    return re.sub(rf"[{SOFT}]+", " ", text.replace(BREAK, " ")).strip(SOFT + "\xa0")


def _inline(element: _Element) -> str:
    """Give the running text of an element, breaks as BREAK."""
    if element.tag == "lb":
        return BREAK
    parts = [element.text or ""]
    for child in element:
        gap = " " if child.tag in BLOCKS and child.tag != "code" else ""
        parts += [gap, _inline(child), gap, child.tail or ""]
    return "".join(parts)


def _is_code_block(element: _Element) -> bool:
    return element.getparent().tag not in {"p", "item", "cell", "head"} or "\n" in (element.text or "")


def _with_breaks(element: _Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield "\n" if child.tag == "lb" else ""
        yield from _with_breaks(child)
        yield child.tail or ""


MARKUP_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
UNREAD = frozenset(
    [
        "audio",
        "button",
        "canvas",
        "head",
        "iframe",
        "math",
        "nav",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
    ]
)
MARKUP_CELLS = frozenset({"td", "th"})
MARKUP_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
# In XHTML `<script/>` is closed; HTML would take what follows for a script.
SELF_CLOSED = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)(\w{1,10})\b([^<>]*)/>",
    re.IGNORECASE,
)
SPACES = re.compile(r"[ \t\n\r\f]+")  # those that HTML folds: a no-break space stays
BREAKS = re.compile(r" ?\n ?")


def text_of_markup(markup: str) -> str:
    """Return the text of a piece of HTML, without white space around it; plain text comes back as it is, folded.

    Raises ArticleError for what lxml does not read to its end: elements 256 deep, or 10 MB in one.
    """
    closed = SELF_CLOSED.sub(r"<\1\2></\1>", markup.replace("\0", ""))
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(b"<html><body>" + closed.encode("utf-8", "replace"), parser)
    if parser.error_log.filter_from_fatals():
        raise ArticleError("Its HTML is nested too deep, or too long, to be an article.")
    if root is None:
        return ""
    page = _Page()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        page.open(element) if event == "start" else page.close(element)
    page.end_paragraph()
    return "\n\n".join(page.paragraphs)


class _Page:
    """The paragraphs so far, and the pieces of the one that is open."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.pieces: list[str] = []
        self.mark = ""  # of the open paragraph
        self.row: etree._Element | None = None  # of a table, while its cells are put side by side
        self.unread = 0  # how many elements deep in what is not read
        self.raw = 0  # how many elements deep in text whose line breaks count

    def open(self, element: etree._Element) -> None:
        """Take in the beginning of an element."""
        tag = element.tag
        self.unread += tag in UNREAD
        if self.row is None and tag in MARKUP_BLOCKS:
            self.end_paragraph()
            self.mark = MARKUP_HEADINGS.get(tag, "- " if tag == "li" else self.mark)
        if tag == "pre":
            self.raw += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag == "tr" and _is_of_data(element):
            self.row, self.mark = element, "| "
        self.take(element.text)

    def close(self, element: etree._Element) -> None:
        """Take in the end of an element and what follows it."""
        tag = element.tag
        self.unread -= tag in UNREAD
        if element is self.row:
            self.row = None
        if self.row is not None and tag in MARKUP_CELLS:
            self.pieces.append(" | ")
        elif self.row is None and (tag in MARKUP_BLOCKS or tag in MARKUP_CELLS):
            self.end_paragraph()
        self.raw -= tag == "pre"
        self.take(element.tail)

    def take(self, text: str | None) -> None:
        """Take in text of the open paragraph."""
        if text and not self.unread:
            self.pieces.append(text.replace("\r\n", "\n") if self.raw else SPACES.sub(" ", text))

    def end_paragraph(self) -> None:
        """Close the open paragraph, if there is anything in it; a mark waits for its text."""
        text = "".join(self.pieces)
        self.pieces.clear()
        if not text.strip():
            return
        mark, self.mark = self.mark, ""
        if self.raw:
            self.paragraphs.append(f"```\n{text.strip()}\n```" if "\n" in text.strip() else text.strip())
        else:
            self.paragraphs += (mark + part for part in _parts(text, whole=bool(mark)))


def _parts(text: str, *, whole: bool) -> Iterator[str]:
    """Part a paragraph at two line breaks or more; one that has a mark is one line."""
    lines = BREAKS.sub("\n", re.sub(" +", " ", text)).strip()
    if whole:
        yield lines.replace("\n", " ").replace("  ", " ")
    else:
        yield from (part.strip() for part in re.split(r"\n{2,}", lines))


def _is_of_data(row: etree._Element) -> bool:
    """Tell a row of data from one that only arranges a page: two cells or more, and no paragraphs in them."""
    within = [element.tag for element in row.iterdescendants()]
    return sum(tag in MARKUP_CELLS for tag in within) > 1 and MARKUP_BLOCKS.isdisjoint(within)
