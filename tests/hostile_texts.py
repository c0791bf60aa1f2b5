"""Texts that cost time: a unit repeated, within a frame, and a long run followed by many stops."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isqrt

UNITS = (
    "क।", "؟ ", "۔", "॥ १ ", "։", "<!--", "字。", "「字。」", "a.b ", "a. ", "A. ", "1. ", "e.g. ", "z. B. ", "No. 5 ", "в 1931 г. ", "г. Он ",
    ". ", ".", "...", ". . ", "? ", "?!", " !", "; ", "“", '"', '" ', "'", "(", ")", "[", "[1]", " [1]", "((a.", "A (b. ", "“A. ", "«a» ", "a” ",
    " ", "\t", "\n", "\n\n", " \n", "\u00a0", "\u2028", "\x1c", "\u200b", "\u0301", "a\u0301", "\u0327\u0301", "\u05b0", "-", "- ", "- a\n", "* * ",
    "#", "# ", "# a\n", "> ", "> a\n", ">", "|", "| ", "| a |\n", "|-", "---\n", "```\n", "~~~\n", "```", "=\n", "a\n=\n", "a\n\n", "a\n", "A b\n", "1) a\n",
    "![", "![a]", "[a]: ", "[a]:b\n", "<!-- a -->\n", "a", "A", "ab ", "Ab ", "字", "ก", "ก ", "א", "ب", "1", "1,", "1.", "2020 ", "😀", ":) ", "a:) ", ".:) ", ". 😀",
    "https://a.b/c ", "a@b.c ", "_", "*", "**a** ", "`a` ", "Photo: ", "(Photo: ", "AP/", "By A B\n", "and ", "or to ", "Share ", "© ", "Q: a?\nA: b\n", "a; b, c: d ",
    "contributed to ", "we cookies ", "3 May 2020\n", "Related\n", "“A b c d e f g.”\n", "- “A.\n", "a? b! ", "a.\nb", "Dr. ", "Ph.D. ", "J.-P. ", "U.S. The ", "ﷺ", "ﬁ", "İ", "ß",
)  # fmt: skip
FRAMES = ("{}", "a {}b", "( {}", "{} end.")
RUNS, STOPS = (" ", "-", "a", '"', "(", "[", "|"), ("a.b ", "е. ", "1. ", ". ", "Dr. A ", "? ")
NESTED = (
    ("  ", "- a\n"),
    ("   ", "1. a\n"),
    ("> ", "a\n"),
    ("*", "* a\n"),
    (".", ". a\n"),
    ("  ", "a\n\n"),
    (":", ": a\n"),
    ("#", "# a\n"),
)
Make = Callable[[int], str]  # a number of characters -> a text of about so many


def repeated(unit: str, frame: str = "{}") -> Make:
    """Return a function that repeats a unit within a frame."""
    before, after = frame.split("{}")
    return lambda size: before + unit * (size // len(unit)) + after


def followed(run: str, stop: str) -> Make:
    """Return a function that makes a run, then stops: each as long as the other."""
    return lambda size: run * (size // 2) + stop * (size // 2 // len(stop))


def deeper(indent: str, line: str) -> Make:
    """Return a function that makes lines, each further in than the one before."""
    return lambda size: "".join(indent * depth + line for depth in range(isqrt(2 * size // len(indent))))


def hostile_texts() -> Iterator[tuple[str, Make]]:
    """Yield each text's name, and the function that makes it."""
    for frame in FRAMES:
        for unit in UNITS:
            yield f"{unit!r} in {frame!r}", repeated(unit, frame)
    for run in RUNS:
        for stop in STOPS:
            yield f"{run!r}, then {stop!r}", followed(run, stop)


@contextmanager
def cpu_limit(seconds: int) -> Iterator[None]:
    """Stop what takes minutes, as the square of a text's length does: all that is tested takes a second or two."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"It took more than {seconds} seconds of CPU.")

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
