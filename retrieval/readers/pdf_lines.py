"""Lines of PDF pages -> paragraphs.

A PDF knows where each word stands, but not its paragraphs. They follow from the lines: what is at the edge of most
pages is not text, a word hyphenated at the end of a line is one word, and a paragraph ends in a line that is not full.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

EDGE = 2  # lines at the top and bottom of a page that may be a running head or a page number
MIN_PAGES = 3  # with a running head
FULL = 0.8  # of the usual line length; from here on a line is full
HEADING = 0.7  # of the usual line length; up to here a line may be a heading
MAX_HEADING = 100  # characters
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xa0": " "})
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
PAGE_NUMBER = re.compile(
    r"[-–—\s]*(?:\d{1,4}|[ivxlc]{1,7})[-–—\s]*|(?:page|seite|pág(?:ina|\.)?|p\.|стр\.)\s*\d{1,4}(?:\s*(?:/|of|von|de|из)\s*\d{1,4})?"
    r"|\d{1,4}\s*(?:/|of|von|de|из)\s*\d{1,4}",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?…:。！？؟۔।॥]['\"”’»)\]]*(?:\d{1,2}|\[\d{1,3}\])?$")
END_NUMBER = re.compile(r"^\d+\s+|\s+(?:[ivxlc]+|\d+(?:\s*/\s*\d+)?)$")
LEADER = re.compile(r"(?:\s?[.·…]){5,}\s*\w{1,5}$")  # dots in a table of contents
INNER_END = re.compile(r"(?:[.!?…؟۔।॥]['\"”’»)\]]*\s+|[。！？][”’」』）]*\s*)(?=\S)")
ITEM = re.compile(r"(?:[-•‣◦▪●·*–]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+\S")
BULLET = re.compile(r"^[•‣◦▪●·–]\s+")
HYPHENATED = re.compile(r"([^\W\d_]{2,})[-\xad\u2010]$")  # a word that continues in the next line
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]$")


def join_lines(pages: Iterable[str]) -> str:
    """Return the text of a document, with blank lines between paragraphs; empty if there is none."""
    lines = [_lines(page) for page in pages]
    edges = _running_heads(lines)
    kept = [line for page in lines for line in _without_edges(page, edges)]
    compounds = frozenset(re.findall(r"\w+-\w+", "\n".join(kept).lower()))
    usual = _usual_length(kept)
    return "\n\n".join(_paragraph(group, compounds) for group in _groups(kept, usual))


def split_unfinished(text: str) -> tuple[str, str]:
    """Split a text after its last complete sentence; the rest continues elsewhere, or is a heading of what follows."""
    end = max((end.end() for end in INNER_END.finditer(text)), default=0)
    return (text, "") if SENTENCE_END.search(text) or not end else (text[:end].rstrip(), text[end:])


def join_texts(unfinished: str, text: str) -> str:
    """Join an unfinished text and its continuation; a heading stays a paragraph of its own."""
    last = unfinished.rpartition("\n\n")[2]
    continues = last and text and (HYPHENATED.search(last) or text[0].islower() or len(last) > MAX_HEADING)
    return _join(unfinished, text, frozenset()) if continues else "\n\n".join(filter(None, (unfinished, text)))


def _lines(page: str) -> list[str]:
    """Return the lines of a page; empty ones stay, since they separate paragraphs."""
    clean = CONTROLS.sub("", page.translate(LIGATURES))
    return [" ".join(line.split()) for line in clean.split("\n")]


def _running_heads(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the shapes of lines at the edge of half of the pages or more."""
    if len(pages) < MIN_PAGES:
        return frozenset()
    counts = Counter(edge for page in pages for edge in {_shape(page[place]) for place in _edges(page)})
    return frozenset(edge for edge, count in counts.items() if edge and count >= max(MIN_PAGES, len(pages) / 2))


def _edges(page: Sequence[str]) -> list[int]:
    """Return the indices of the lines at the top and bottom of a page."""
    printed = [place for place, line in enumerate(page) if line]
    return sorted({*printed[:EDGE], *printed[-EDGE:]})


def _shape(line: str) -> str:
    """Return a line without its page number."""
    return END_NUMBER.sub(" #", line.lower())


def _without_edges(page: Sequence[str], running: frozenset[str]) -> list[str]:
    """Return the lines of a page without running heads, page numbers, tables of contents, and blank lines at its ends."""
    edges = set(_edges(page))
    kept = [
        line
        for place, line in enumerate(page)
        if not (place in edges and (_shape(line) in running or PAGE_NUMBER.fullmatch(line))) and not LEADER.search(line)
    ]
    printed = [place for place, line in enumerate(kept) if line]
    return kept[printed[0] : printed[-1] + 1] if printed else []


def _usual_length(lines: Sequence[str]) -> int:
    """Return the length of a full line in characters: nine in ten are no longer."""
    lengths = sorted(len(line) for line in lines if line)
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def _groups(lines: Sequence[str], usual: int) -> Iterator[list[str]]:
    """Yield the lines of each paragraph."""
    group: list[str] = []
    for line, following in pairwise([*lines, ""]):
        if line:
            group.append(line)
        if group and (not line or not following or _ends_between(line, following, usual)):
            yield group
            group = []


def _ends_between(line: str, following: str, usual: int) -> bool:
    """Whether a paragraph ends between two lines."""
    if ITEM.match(following):
        return True
    if HYPHENATED.search(line) or following[0].islower():
        return False
    if SENTENCE_END.search(line):
        return len(line) < FULL * usual
    return len(line) < min(HEADING * usual, MAX_HEADING)  # a heading


def _paragraph(lines: Sequence[str], compounds: frozenset[str]) -> str:
    """Join lines, and the words that were hyphenated between them."""
    text = BULLET.sub("- ", lines[0])
    for line in lines[1:]:
        text = _join(text, line, compounds)
    return text.replace("\xad", "")


def _join(text: str, line: str, compounds: frozenset[str]) -> str:
    hyphenated = HYPHENATED.search(text)
    if hyphenated and line[0].isalpha():
        rest = re.match(r"\w+", line)
        compound = f"{hyphenated[1]}-{rest[0]}".lower() if rest else ""
        keep_hyphen = text[-1] == "-" and (compound in compounds or not line[0].islower())
        return text + line if keep_hyphen else text[:-1] + line
    return text + line if UNSPACED.search(text) else f"{text} {line}"
