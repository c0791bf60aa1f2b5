"""Questions and their answers: what opens an answer, in an accordion or a list of terms, becomes a heading above it."""

import re
from itertools import chain, islice

from lxml.etree import _Element

from retrieval.readers.html_elements import HEADINGS, label_of, names_of

OPENERS = ("summary", "button", "dt", "label", "a", "p", "div", "span")  # what questions stand in besides headings
QUESTION = re.compile(r".*[?？؟\u037e][\s\"”»’)]*", re.DOTALL)
NAMED_QUESTION = re.compile(
    r"(?:^|[\s_-])(?:faq|question|accordion|toggle|collaps(?:e|ible)|expand(?:er|able)?|panel-title|panel-heading)"
    r"(?:$|[\s_-])|(?:accordion|faq)",
    re.IGNORECASE,
)
TOGGLES = ("aria-controls", "aria-expanded", "data-target", "data-bs-target", "data-toggle", "data-bs-toggle")
NO_QUESTION = re.compile(
    r"(?:read|show|view|see|load|learn)\b.*|.*\b(?:more|less|all|menu|share|close|copy|mehr|weniger|más|menos|plus|moins"
    r"|ещё|далее|teilen|compartir|partager)\W*",
    re.IGNORECASE,
)
SHORTEST_ANSWER = 2  # characters
MOST_WRAPPERS = 4  # around a question, with the answer behind them


def controlled_ids(root: _Element) -> frozenset[str]:
    """Return the ids of the panels that something on the page opens."""
    ids = []
    for element in root.iter("button", "a", "div", "span", "summary", "label", *HEADINGS):
        named = [element.get(name) or "" for name in ("aria-controls", "data-target", "data-bs-target")]
        if any(element.get(name) is not None for name in TOGGLES):
            named.append(element.get("href") or "")
        ids += [name.strip().lstrip("#") for names in named for name in names.split()]
    return frozenset(filter(None, ids))


def mark_questions(root: _Element) -> None:
    """Make headings of the questions of a page, in place, each one level below the heading that it stands under."""
    level = 1
    for element in list(root.iter(*HEADINGS, *OPENERS)):
        if element.tag in HEADINGS:
            level = int(element.tag[1])
        elif next(element.iterancestors(*HEADINGS), None) is not None:
            element.tag = "span" if element.tag in {"button", "label"} else element.tag
        elif _is_question(element):
            holds_heading = any(inner.tag in HEADINGS for inner in element.iterdescendants())
            element.tag = "div" if holds_heading else f"h{min(level + 1, 6)}"


def _is_question(element: _Element) -> bool:
    tag = element.tag
    toggle = any(element.get(name) is not None for name in TOGGLES) or element.get("role") in {"button", "tab"}
    candidate = toggle or tag in {"summary", "button", "dt", "label"}
    if not candidate and not (_is_bold(element) if tag == "p" else NAMED_QUESTION.search(names_of(element))):
        return False
    text = label_of(element)
    if tag in {"summary", "dt"}:
        return bool(text) if tag == "summary" else QUESTION.fullmatch(text) is not None
    asks = QUESTION.fullmatch(text) is not None or (toggle and bool(text) and NO_QUESTION.fullmatch(text) is None)
    return asks and _has_answer(element)


def _is_bold(paragraph: _Element) -> bool:
    """Whether all of a paragraph is bold."""
    bold = next(paragraph.iter("b", "strong"), None)
    return bold is not None and label_of(bold) == label_of(paragraph)


def _has_answer(element: _Element) -> bool:
    """Whether what stands right behind an element, or behind a wrapper of it, is text and not links."""
    for wrapper in islice(chain([element], element.iterancestors()), MOST_WRAPPERS):
        panel = wrapper.getnext()
        if panel is not None:
            text = sum(len(piece.strip()) for piece in panel.itertext())
            links = sum(len(piece.strip()) for link in panel.iter("a") for piece in link.itertext())
            return text >= SHORTEST_ANSWER and links * 2 < text
    return False
