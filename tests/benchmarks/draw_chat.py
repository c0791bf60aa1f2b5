"""Draw README's picture of a chat from the transcript of a newcomer's first two minutes (needs the extra `plots`).

    python tests/benchmarks/draw_chat.py

Presses of buttons are left out, since what they show takes the place of a message.
"""

import io
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle
from matplotlib.textpath import TextToPath
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
TRANSCRIPT = ROOT / "tests" / "data" / "first_minutes" / "en.txt"
PICTURE = ROOT / ".github" / "telegram.png"

# Lengths are in pixels of a screen; a fine one draws SCALE by SCALE for each.
WIDTH, HEADER, MARGIN, PADDING, GAP, LINE, ROW = 420, 48, 10, 9, 8, 18.5, 30
WIDEST, QUOTE_INDENT, ROUND, BLANK = 350, 10, 9, 7
SIZE, SMALL = 13, 11
PER_INCH, SCALE, COLORS = 100, 2, 64
BACK, BLUE, OWN, THEIRS, BUTTON = "#d5dfc4", "#517da2", "#eeffde", "#ffffff", "#74916a"
QUOTE, QUOTE_BAR, TEXT = "#eaf2fb", "#4a90d9", "#101418"
THUMB = [
    (-6, 5), (-6, -1), (-3.5, -1), (-1, -6), (0.5, -6.5), (1.5, -5), (0.8, -1.8), (5, -1.8), (6, -0.6), (5, 4), (4, 5),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is drawn; `quoted` lines have a bar at their side."""

    text: str
    quoted: bool

    @property
    def height(self) -> float:
        return LINE if self.text else BLANK


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message: its lines, wrapped, and the rows of buttons below it."""

    lines: list[Line]
    rows: list[list[str]]
    own: bool  # written by the newcomer

    @property
    def text_height(self) -> float:
        return 2 * PADDING + sum(line.height for line in self.lines)

    @property
    def height(self) -> float:
        return self.text_height + len(self.rows) * (ROW + 3)

    @property
    def width(self) -> float:
        needed = max(width_of(line.text) + QUOTE_INDENT * line.quoted for line in self.lines)
        return max(needed + 2 * PADDING, WIDEST if self.rows else 0)


def read_bubbles(transcript: str) -> Iterator[Bubble]:
    """Read what was written, on either side."""
    pressed = False
    for said in re.split(r"\n\n(?=\S)", transcript.rstrip().replace("*", "")):
        head, _, body = said.partition("\n\n")
        if head.startswith("Newcomer"):
            pressed = not head.startswith("Newcomer: ")
            if not pressed:
                yield Bubble(wrapped(head.removeprefix("Newcomer: ")), [], own=True)
        elif not pressed:
            lines = textwrap.dedent(body).split("\n")
            rows = [line for line in lines if line.startswith("[")]
            texts = [line for line in lines if line not in rows]
            shown = [one for text in texts for one in wrapped(text)]
            yield Bubble(shown, [re.findall(r"\[(.+?)\]", row) for row in rows], own=False)


def wrapped(text: str) -> list[Line]:
    """Break a line of the transcript into lines that fit into a bubble."""
    quoted, room = text.startswith("> "), WIDEST - 2 * PADDING
    lines = [""]
    for word in text.removeprefix("> ").replace(" ·", "\xa0·").split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer) > room - QUOTE_INDENT * quoted:
            lines.append(word)
        else:
            lines[-1] = longer
    return [Line(line, quoted) for line in lines]


def width_of(text: str) -> float:
    """Measure a line."""
    return float(TextToPath().get_text_width_height_descent(text, FontProperties(size=SIZE), ismath=False)[0])


def draw(bubbles: list[Bubble]) -> Figure:
    """Draw messages below each other, the newcomer's at the right."""
    height = HEADER + GAP + sum(bubble.height + GAP for bubble in bubbles)
    figure = Figure((WIDTH / PER_INCH, height / PER_INCH), facecolor=BACK)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    axes.add_patch(Rectangle((0, 0), WIDTH, HEADER, color=BLUE))
    write(axes, 16, 18, "citebot", color="white", weight="bold")
    write(axes, 16, 35, "bot", color="#dbe6f0", size=SMALL)
    top: float = HEADER + GAP
    for bubble in bubbles:
        draw_bubble(axes, bubble, WIDTH - MARGIN - bubble.width if bubble.own else MARGIN, top)
        top += bubble.height + GAP
    return figure


def draw_bubble(axes: Axes, bubble: Bubble, left: float, top: float) -> None:
    """Draw one message."""
    box(axes, (left, top), bubble.width, bubble.text_height, OWN if bubble.own else THEIRS)
    y = top + PADDING
    for line in bubble.lines:
        if line.quoted:
            axes.add_patch(Rectangle((left + PADDING, y), bubble.width - 2 * PADDING, line.height, color=QUOTE, lw=0))
            axes.add_patch(Rectangle((left + PADDING, y), 3, line.height, color=QUOTE_BAR, lw=0))
        write(axes, left + PADDING + QUOTE_INDENT * line.quoted, y + line.height / 2, line.text)
        y += line.height
    y += PADDING
    for row in bubble.rows:
        each = (bubble.width - 3 * (len(row) - 1)) / len(row)
        for number, label in enumerate(row):
            draw_button(axes, label, left + number * (each + 3), y + 3, each)
        y += ROW + 3


def draw_button(axes: Axes, label: str, left: float, top: float, width: float) -> None:
    """Draw a button; no font of matplotlib has the thumbs."""
    box(axes, (left, top), width, ROW, BUTTON)
    x, y = left + width / 2, top + ROW / 2
    if label in "👍👎":
        up = 1 if label == "👍" else -1
        axes.add_patch(Polygon([(x + dx, y + up * dy) for dx, dy in THUMB], color="white", joinstyle="round", lw=1))
    else:
        write(axes, x, y, label, color="white", size=SMALL + 1, ha="center")


def box(axes: Axes, at: tuple[float, float], width: float, height: float, color: str) -> None:
    """Draw a box with round corners."""
    style = f"round,pad=0,rounding_size={ROUND}"
    axes.add_patch(FancyBboxPatch(at, width, height, boxstyle=style, color=color, lw=0))


def write(axes: Axes, x: float, y: float, text: str, **look: Any) -> None:
    """Write a line whose middle is at `y`; sizes are in pixels."""
    size = look.pop("size", SIZE) * 72 / PER_INCH
    axes.text(x, y, text, fontsize=size, va="center_baseline", **{"color": TEXT, **look})


if __name__ == "__main__":
    mpl.rc("text", hinting="none")  # so that lines are as wide as they were measured
    drawn = io.BytesIO()
    draw(list(read_bubbles(TRANSCRIPT.read_text(encoding="utf-8")))).savefig(drawn, dpi=PER_INCH * SCALE)
    Image.open(drawn).convert("RGB").quantize(COLORS).save(PICTURE, optimize=True)
