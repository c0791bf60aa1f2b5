"""The body that was found in a web page goes in, as trafilatura's tree; its text comes out, marked as Markdown marks it.

Paragraphs are parted by blank lines. A heading, an item of a list and a row of a table are each a paragraph of its own,
and their marks tell the kinds of their sentences, as they do in a file that was written by hand.
"""

import re
from collections.abc import Iterator

from lxml.etree import _Element

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
