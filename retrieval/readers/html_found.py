"""What trafilatura found of a page, as lines and runs of words, and which blocks of the page are among it."""

import re
from dataclasses import dataclass

from lxml.etree import _Element

from retrieval.readers.html_elements import CELLS, line_of
from retrieval.readers.html_text import Block

WORD = re.compile(r"[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af]+")
RUN = 4  # words
ENOUGH_FOUND = 0.6  # share of the runs of words of a block


@dataclass(frozen=True, slots=True)
class Known:
    """What trafilatura found: its lines, and all runs of a few words."""

    size: int  # characters of its words
    lines: frozenset[str]
    runs: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, found: _Element) -> "Known":
        """Take the words out of a tree."""
        elements = ((element, "".join(element.itertext())) for element in found.iter())
        lines = {squeezed(text or "") for element, whole in elements for text in (whole, element.text, element.tail)}
        lines.discard("")
        text = " ".join(found.itertext())
        return cls(len(squeezed(text)), frozenset(lines), frozenset(_runs(text)))

    def has(self, block: Block) -> bool:
        """Whether a block was found, nearly whole."""
        if block.element.tag == "tr":
            cells = [squeezed(line_of(cell)) for cell in block.element if cell.tag in CELLS]
            cells = [cell for cell in cells if cell]
            return sum(cell in self.lines for cell in cells) * 2 >= len(cells)
        runs = _runs(block.text)
        enough = len(runs) > 1 and sum(run in self.runs for run in runs) >= ENOUGH_FOUND * len(runs)
        return enough or squeezed(block.text) in self.lines


def _runs(text: str) -> list[tuple[str, ...]]:
    words = WORD.findall(text)
    return list(zip(*(words[n:] for n in range(RUN)), strict=False))


def squeezed(text: str) -> str:
    """Return the words of a text, with nothing between them."""
    return "".join(WORD.findall(text))
