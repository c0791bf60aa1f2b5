"""A piece of HTML that is all article (an entry of a feed, a chapter of a book) goes in; its plain text comes out.

Whole pages, of which most is not the article, are read by `html`. Blank lines part the paragraphs; headings, items of
lists and rows of tables carry the marks that the splitter knows: `#`, `-`, `|`.
"""

import re
from collections.abc import Iterator

from lxml import etree

from retrieval.errors import ArticleError

BLOCKS = frozenset(
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
CELLS = frozenset({"td", "th"})
HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
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
        if self.row is None and tag in BLOCKS:
            self.end_paragraph()
            self.mark = HEADINGS.get(tag, "- " if tag == "li" else self.mark)
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
        if self.row is not None and tag in CELLS:
            self.pieces.append(" | ")
        elif self.row is None and (tag in BLOCKS or tag in CELLS):
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
    return sum(tag in CELLS for tag in within) > 1 and BLOCKS.isdisjoint(within)
