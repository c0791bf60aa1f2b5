"""Figures of a run -> tables: the times of each engine, and each goal next to what was measured."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engines import ALL_FIELDS, ANSWER

SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000


@dataclass(slots=True)
class Figures:
    """What was measured at one size, by the name of the engine; empty if it was not asked for."""

    sentences: int
    median: dict[str, float] = field(default_factory=dict)  # CPU milliseconds of a question
    p99: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)  # questions
    build: dict[str, float] = field(default_factory=dict)  # CPU seconds
    disk: dict[str, float] = field(default_factory=dict)  # bytes a sentence
    memory: dict[str, float] = field(default_factory=dict)  # MB, without mapped files
    start: dict[str, float] = field(default_factory=dict)  # CPU milliseconds of a process
    change: dict[str, float] = field(default_factory=dict)  # CPU milliseconds


Measured = Mapping[int, Figures]  # by the size asked for
Figure = Callable[[Measured, int], float]  # raises KeyError if it was not measured


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to be reached at a size."""

    what: str
    size: int
    floor: float
    aim: float
    figure: Figure
    rising: bool = False  # more is better

    def verdict(self, value: float) -> str:
        """Return what was reached: "aim", "floor" or "MISSED"."""
        sign = -1 if self.rising else 1
        return "aim" if sign * value <= sign * self.aim else "floor" if sign * value <= sign * self.floor else "MISSED"


def ratio(kind: str, over: str, under: str) -> Figure:
    """Divide one engine's figure by another's."""
    return lambda measured, size: getattr(measured[size], kind)[over] / getattr(measured[size], kind)[under]


def plain(kind: str, name: str = "citebot") -> Figure:
    """Take one engine's figure."""
    return lambda measured, size: getattr(measured[size], kind)[name]


def growth(measured: Measured, size: int) -> float:
    """Return the exponent by which the time of a search grows from a tenth of the size to the size."""
    small, large = measured[size // 10], measured[size]
    times = math.log(large.median[ALL_FIELDS] / small.median[ALL_FIELDS])
    return times / math.log(large.sentences / small.sentences)


GOALS = (
    Goal("all fields: tantivy's time over citebot's", LARGE, 2, 5, ratio("median", "tantivy", ALL_FIELDS), True),
    Goal("answer, over tantivy", LARGE, 1.0, 0.5, ratio("median", ANSWER, "tantivy")),
    Goal("answer, over linear_kernel", SMALL, 0.65, 0.4, ratio("median", ANSWER, "sklearn, linear_kernel")),
    Goal("growth of all fields, exponent", LARGE, 0.75, 0.6, growth),
    Goal("process, over importing numpy", LARGE, 3, 2, ratio("start", "citebot ask", "import numpy")),
    Goal("memory serving, MB", LARGE, 150, 80, plain("memory")),
    Goal("index on disk, bytes per sentence", LARGE, 350, 250, plain("disk")),
    Goal("build: bm25s's time over citebot's", LARGE, 1, 2, ratio("build", "bm25s", "citebot"), True),
    Goal("a changed article is found, ms", LARGE, 60, 15, plain("change")),
)


def engine_table(figures: Figures) -> Iterator[str]:
    """Yield the lines of the table of one size."""
    yield f"{figures.sentences:,} sentences: CPU ms per question, and the ratio to citebot's search of all fields"
    if figures.median:
        yield f"{'':26}{'median':>10}{'p99':>10}{'ratio':>10}{'questions':>11}"
    own = figures.median.get(ALL_FIELDS)
    for name, median in figures.median.items():
        times = f"{median / own:.2f}" if own else "-"
        yield f"{name:26}{median:10.3f}{figures.p99[name]:10.3f}{times:>10}{figures.asked[name]:11}"
    for kind, unit in {
        "build": "CPU s to build", "disk": "bytes per sentence on disk", "memory": "MB held while serving, without mapped files",
        "start": "CPU ms of a process", "change": "CPU ms until a changed article is found",
    }.items():  # fmt: skip
        found = getattr(figures, kind)
        if found:
            yield f"{unit}: " + " · ".join(f"{name} {number(value)}" for name, value in found.items())


def goal_table(measured: Measured) -> Iterator[str]:
    """Yield the lines of the goals: the figure at each size, and what is reached at the size of the goal."""
    sizes = "".join(f"{size:>11,}" for size in measured)
    yield f"{'':45}{sizes}{'floor':>9}{'aim':>7}  at"
    for goal in GOALS:
        values = {size: value for size in measured if (value := _value(goal, measured, size)) is not None}
        cells = "".join(f"{number(values[size]) if size in values else '-':>11}" for size in measured)
        verdict = goal.verdict(values[goal.size]) if goal.size in values else ""
        yield f"{goal.what:45}{cells}{goal.floor:9g}{goal.aim:7g}  {goal.size:,} {verdict}".rstrip()


def _value(goal: Goal, measured: Measured, size: int) -> float | None:
    try:
        return goal.figure(measured, size)
    except KeyError:
        return None


def number(value: float) -> str:
    """Write a figure with three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
