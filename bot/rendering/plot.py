"""Plots of an evaluation: the rank of the first correct hit, and the calibration of the confidence.

Importing this module raises ImportError without matplotlib, which is an extra.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from retrieval.evaluation import RANKS, Outcome
from retrieval.evaluation.metrics import confidence_bins

_SIZE = 11.0, 4.6  # inches
_DOTS = 120  # per inch
_COLOURS = "#1f5fa8", "#d9822b"  # distinct to colour-blind readers and in grey
_MARKS = "o", "s"

Runs = Mapping[str, Sequence[Outcome]]  # one or two, by name


def draw(runs: Runs, path: Path) -> None:
    """Draw one or two runs into a PNG file."""
    figure = Figure(figsize=_SIZE, layout="constrained")
    ranks, calibration = figure.subplots(1, 2)
    _draw_ranks(ranks, runs)
    _draw_calibration(calibration, runs)
    figure.savefig(path, format="png", dpi=_DOTS)


def _draw_ranks(axes: Axes, runs: Runs) -> None:
    places = np.arange(RANKS + 1)
    width = 0.8 / len(runs)
    for number, (name, outcomes) in enumerate(runs.items()):
        shares = 100 * rank_shares(outcomes)
        bars = axes.bar(places + (number - (len(runs) - 1) / 2) * width, shares, width, color=_COLOURS[number])
        bars.set_label(name)
        if len(runs) == 1:
            axes.bar_label(bars, [f"{share:.0f}" if share >= 1 else "" for share in shares], padding=2, fontsize=8)
    axes.set_xticks(places, [*map(str, range(1, RANKS + 1)), "none"])
    axes.set(title="Rank of the first correct hit", xlabel="rank", ylabel="% of the questions with an answer")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def rank_shares(outcomes: Sequence[Outcome]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the shares of the questions with gold whose first correct hit has rank 1, 2, ... 10, or none: (11,)."""
    ranks = [one.rank for one in outcomes if one.question.gold]
    counts = [sum(rank == place for rank in ranks) for place in (*range(1, RANKS + 1), math.inf)]
    return np.array(counts, np.float64) / max(len(ranks), 1)


def _draw_calibration(axes: Axes, runs: Runs) -> None:
    axes.plot([0, 100], [0, 100], color="#999999", linestyle=":", label="perfectly calibrated")
    for number, (name, outcomes) in enumerate(runs.items()):
        parts = (
            confidence_bins([one.confidence for one in outcomes], [one.rank == 1 for one in outcomes])
            if outcomes
            else []
        )
        axes.plot(
            [100 * part.sure.mean() for part in parts], [100 * part.right.mean() for part in parts],
            color=_COLOURS[number], marker=_MARKS[number], label=name,
        )  # fmt: skip
    axes.set(
        title="Calibration of the confidence",
        xlabel="confidence in the first hit (%)",
        ylabel="first hits that are correct (%)",
    )
    axes.set(xlim=(-2, 102), ylim=(-2, 102), aspect="equal")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")
