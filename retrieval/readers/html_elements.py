"""What the elements of HTML are, and the text of one: the vocabulary of the other modules that read HTML."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

HEADINGS = tuple(f"h{level}" for level in range(1, 7))
CELLS = ("td", "th")
LISTS = ("ul", "ol", "menu", "dir")
BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "p", "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", *LISTS, *HEADINGS, *CELLS,
])  # fmt: skip
UNREAD = frozenset([
    "audio", "button", "canvas", "dialog", "head", "iframe", "math", "nav", "noscript", "object", "rp", "rt", "rtc",
    "script", "select", "style", "svg", "template", "textarea", "title", "video",
])  # fmt: skip
UNCOUNTED = frozenset(["head", "script", "select", "style", "textarea"])
SPACES = re.compile(r"[ \t\n\r\f\v]+")  # a no-break space stays
NAME = re.compile(r"[a-z_][\w.-]*", re.IGNORECASE | re.ASCII)
LONGEST_LABEL = 300  # characters
# What an element is about, is in or goes without is said in words like these: `category-cookies`, `has-toc`.
QUALIFIED = re.compile(
    r"(?:^|(?<=\s)|--)(?:category|tag|tagged|has|no|without|with|theme|is|not)[-_]\S*", re.IGNORECASE
)


class Size(NamedTuple):
    """Characters in an element, without white space around its pieces of text."""

    text: int  # outside of links
    links: int

    @property
    def link_share(self) -> float:
        """The share of its characters that are in links."""
        return self.links / (self.text + self.links) if self.links else 0.0


def measure(tree: _Element) -> dict[_Element, Size]:
    """Count the characters in each element, but not those of scripts."""
    elements = list(tree.iter(etree.Element))
    texts, links = dict.fromkeys(elements, 0), dict.fromkeys(elements, 0)
    for element in reversed(elements):  # inner ones first
        texts[element] += len((element.text or "").strip())
        if element.tag in UNCOUNTED:
            texts[element] = links[element] = 0
        elif element.tag == "a":
            texts[element], links[element] = 0, texts[element] + links[element]
        parent = element.getparent()
        if parent is not None:
            texts[parent] += texts[element] + len((element.tail or "").strip())
            links[parent] += links[element]
    return {element: Size(texts[element], links[element]) for element in elements}


def pieces(element: _Element) -> Iterator[str | _Element]:
    """Yield the text of an element, a newline for a line break, and the blocks in it whole."""
    yield SPACES.sub(" ", element.text or "")
    for child in element:
        if child.tag in UNREAD:
            yield "\n\n" if has_blocks(child) else ""
        elif child.tag in BLOCKS or is_code_block(child):
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            yield from pieces(child)
        yield SPACES.sub(" ", child.tail or "")


def has_blocks(element: _Element) -> bool:
    """Whether an element has more than running text in it."""
    return any(inner.tag in BLOCKS for inner in element.iterdescendants())


def is_code_block(element: _Element) -> bool:
    """Whether an element is code of several lines outside of a <pre>."""
    return element.tag == "code" and element.find(".//br") is not None


def line_of(element: _Element) -> str:
    """Return the text of an element in one line; semicolons separate the items of lists."""
    line = ""
    for piece in pieces(element):
        if isinstance(piece, str):
            line += piece
        elif piece.tag == "li" and line.strip():
            line = f"{line.rstrip()}{'' if line.rstrip()[-1] in '.,;:!?' else ';'} {line_of(piece)}"
        else:
            line += f" {line_of(piece)} "
    return folded(line)


def folded(text: str) -> str:
    """Fold the white space of a text."""
    return SPACES.sub(" ", text).strip()


def label_of(element: _Element) -> str:
    """Return the text of an element that is a short label; empty if it is longer."""
    text = ""
    for piece in element.itertext():
        text += piece
        if len(text) > LONGEST_LABEL * 2:  # white space counts too
            return ""
    return folded(text) if len(folded(text)) <= LONGEST_LABEL else ""


def names_of(element: _Element) -> str:
    """Return the classes and the id of an element."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def own_names_of(element: _Element) -> str:
    """Return the classes and the id that say what an element is, not what it is about or goes without."""
    return QUALIFIED.sub("", names_of(element))


def rename_unnamed(root: _Element) -> None:
    """Call elements spans whose names no XML can have, such as `o:p`: a copy of one cannot be made."""
    for element in root.iter(etree.Element):
        if not NAME.fullmatch(element.tag):
            element.tag = "span"


def remove(element: _Element) -> None:
    """Take an element out of its tree, but leave the text behind it."""
    tail = element.tail
    element.clear()
    element.tag, element.tail = "span", tail
