"""Code in a page: a <pre> or what highlighters make of one, its lines as they are, without their numbers."""

import re

from lxml.etree import _Element

from retrieval.readers.html_elements import BLOCKS, UNREAD, names_of, remove

LINE_NUMBERS = re.compile(
    r"(?:^|[\s_-])(?:linenos?|linenumbers?|line-?numbers?|line-numbers-rows|lineno|linenodiv|gutter|rouge-gutter|ln-num"
    r"|hljs-ln-numbers|blob-num|ln)(?:$|[\s_-])",
    re.IGNORECASE,
)
HIGHLIGHTED = re.compile(r"(?:^|[\s_-])(?:hljs-ln|blob-wrapper|js-file-line-container|syntaxhighlighter)(?:$|[\s_-])")
NUMBERS = re.compile(r"[\d\s.:]*")
SENTENCE = re.compile(r"\b\w+ \w+ \w+[^\n]*[.!?…。]['\"”’)]*(?:\s|$)")
PROSE_SIGNS = frozenset(".,;:!?'\"-–—()“”‘’«»…।。、")
ENOUGH_PROSE = 0.97  # share of characters that are letters, white space and punctuation
ENOUGH_WORDS = 12


def prepare_code(root: _Element) -> None:
    """Remove the numbers of lines, and make highlighted code a <pre>, in place."""
    for element in list(root.iter("td", "th", "span", "div", "pre", "code", "a", "ol")):
        names = names_of(element)
        if LINE_NUMBERS.search(names) and NUMBERS.fullmatch("".join(element.itertext())):
            remove(element)
    for element in root.iter("table", "div"):
        if HIGHLIGHTED.search(names_of(element)) and element.find(".//pre") is None:
            element.tag = "pre"


def code_of(element: _Element) -> str:
    """Return the text of an element with all its white space; each block within is a line of its own."""
    return "".join(_code(element)).replace("\r\n", "\n").strip("\n")


def _code(element: _Element) -> list[str]:
    parts = [element.text or ""]
    for child in element:
        if child.tag == "br":
            parts.append("\n")
        elif child.tag not in UNREAD:
            inner = "".join(_code(child))
            ends = child.tag in BLOCKS and child.tag not in {"td", "th"} and not inner.endswith("\n")
            parts += [inner, "\n" if ends and inner else ""]
        parts.append(child.tail or "")
    return parts


def is_prose(element: _Element, text: str) -> bool:
    """Whether a <pre> holds text wrapped by hand: sentences, of hardly anything but letters and punctuation."""
    if element.tag != "pre" or element.find(".//code") is not None or element.find(".//span") is not None:
        return False
    usual = sum(character.isalnum() or character.isspace() or character in PROSE_SIGNS for character in text)
    return usual >= ENOUGH_PROSE * len(text) and len(text.split()) >= ENOUGH_WORDS and bool(SENTENCE.search(text))
