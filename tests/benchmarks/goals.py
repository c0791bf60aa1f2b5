"""Figures of a run -> tables: each engine's times, and each goal beside what was measured."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engines import ALL_FIELDS, ANSWER, SENTENCE_FIELD

SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000


@dataclass(slots=True)
class Figures:
    """What was measured at one size; each by the name of the engine, and empty where that was not asked for."""

    sentences: int
    median: dict[str, float] = field(default_factory=dict)  # CPU milliseconds of a question
    p99: dict[str, float] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)  # questions
    build: dict[str, float] = field(default_factory=dict)  # CPU seconds
    disk: dict[str, float] = field(default_factory=dict)  # bytes a sentence
    memory: dict[str, float] = field(default_factory=dict)  # MB that are no file's
    start: dict[str, float] = field(default_factory=dict)  # CPU milliseconds of a process
    change: dict[str, float] = field(default_factory=dict)  # CPU milliseconds


Measured = Mapping[int, Figures]  # by the size that was asked for
Figure = Callable[[Measured, int], float]  # raises KeyError where it was not measured


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be reached at a size."""

    what: str
    size: int
    floor: float
    aim: float
    figure: Figure
    rising: bool = False  # whether more is better

    def verdict(self, value: float) -> str:
        """Say what is reached."""
        sign = -1 if self.rising else 1
        return "aim" if sign * value <= sign * self.aim else "floor" if sign * value <= sign * self.floor else "MISSED"


def ratio(kind: str, over: str, under: str) -> Figure:
    """Divide one engine's figure by another's."""
    return lambda measured, size: getattr(measured[size], kind)[over] / getattr(measured[size], kind)[under]


def plain(kind: str, name: str = "citebot") -> Figure:
    """Take a figure as it is."""
    return lambda measured, size: getattr(measured[size], kind)[name]


def growth(measured: Measured, size: int) -> float:
    """Give the exponent by which a search of all fields grows from the size a tenth as large."""
    small, large = measured[size // 10], measured[size]
    times = math.log(large.median[ALL_FIELDS] / small.median[ALL_FIELDS])
    return times / math.log(large.sentences / small.sentences)


GOALS = (
    Goal("sentence field: tantivy takes times as long", LARGE, 8, 12, ratio("median", "tantivy", SENTENCE_FIELD), True),
    Goal("  bm25s with numba", LARGE, 3, 4, ratio("median", "bm25s, numba", SENTENCE_FIELD), True),
    Goal("  bm25-turbo", LARGE, 10, 15, ratio("median", "bm25-turbo", SENTENCE_FIELD), True),
    Goal("  linear_kernel", LARGE, 150, 300, ratio("median", "sklearn, linear_kernel", SENTENCE_FIELD), True),
    Goal("all fields: tantivy takes times as long", LARGE, 2, 5, ratio("median", "tantivy", ALL_FIELDS), True),
    Goal("answer, over tantivy", LARGE, 1.0, 0.5, ratio("median", ANSWER, "tantivy")),
    Goal("answer, over linear_kernel", SMALL, 0.65, 0.4, ratio("median", ANSWER, "sklearn, linear_kernel")),
    Goal("growth of all fields, exponent", LARGE, 0.75, 0.6, growth),
    Goal("process, over importing numpy", LARGE, 3, 2, ratio("start", "citebot ask", "import numpy")),
    Goal("memory serving, MB", LARGE, 150, 80, plain("memory")),
    Goal("index on disk, bytes a sentence", LARGE, 350, 250, plain("disk")),
    Goal("build: bm25s takes times as long", LARGE, 1, 2, ratio("build", "bm25s", "citebot"), True),
    Goal("a changed article is seen, ms", LARGE, 60, 15, plain("change")),
)


def engine_table(figures: Figures) -> Iterator[str]:
    """Lay out the engines of one size, those that answer questions first."""
    yield f"{figures.sentences:,} sentences: CPU ms a question, and its ratio to citebot's sentence field"
    if figures.median:
        yield f"{'':26}{'median':>10}{'p99':>10}{'ratio':>10}{'questions':>11}"
    own = figures.median.get(SENTENCE_FIELD)
    for name, median in figures.median.items():
        times = f"{median / own:.2f}" if own else "-"
        yield f"{name:26}{median:10.3f}{figures.p99[name]:10.3f}{times:>10}{figures.asked[name]:11}"
    for kind, unit in {
        "build": "CPU s to build", "disk": "bytes a sentence on disk", "memory": "MB held serving, no file's",
        "start": "CPU ms of a process", "change": "CPU ms until a changed article is seen",
    }.items():  # fmt: skip
        found = getattr(figures, kind)
        if found:
            yield f"{unit}: " + " · ".join(f"{name} {number(value)}" for name, value in found.items())


def goal_table(measured: Measured) -> Iterator[str]:
    """Lay out the goals: the figure at each size, and whether floor or aim is reached at the size they are set for."""
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
    """Write a figure with three places that say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
