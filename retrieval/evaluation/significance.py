"""Two runs over the same questions -> which is better, and whether that could be chance.

The interval of the difference is a paired bootstrap over questions. The p-value is that of a randomisation test on the
differences (Fisher 1935; Smucker, Allan and Carterette 2007): if the runs were alike, each question's two gains might
as well be swapped, and p is how often a random swapping gives a difference as large as the one seen, either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.metrics import SEED, interval
from retrieval.evaluation.outcomes import Outcome

SWAPPINGS = 10_000
DRAWS = 2000
SURE = 0.05  # p below which a difference counts as more than chance
_PIECE = 100  # swappings made at once


@dataclass(frozen=True, slots=True)
class Difference:
    """How one figure differs between two runs, over the questions with gold."""

    figure: str
    a: float
    b: float
    interval: tuple[float, float]  # of b - a, 95 %
    p: float  # two-sided
    better: int  # questions with which b does better
    worse: int

    @property
    def significant(self) -> bool:
        """Whether the difference is more than chance would often make."""
        return self.p < SURE


def compare(first: Sequence[Outcome], second: Sequence[Outcome]) -> tuple[Difference, ...]:
    """Compare two runs over the same questions in the same order: their MRR and P@1; () without gold."""
    ranks = np.array(
        [(one.rank, other.rank) for one, other in zip(first, second, strict=True) if one.question.gold], np.float64
    )
    if not len(ranks):
        return ()
    return _difference("mrr", 1 / ranks), _difference("p1", (ranks == 1).astype(np.float64))


def _difference(figure: str, gains: NDArray[np.float64]) -> Difference:
    """Compare the gains of two runs, shape (n, 2)."""
    change = gains[:, 1] - gains[:, 0]
    generator = np.random.default_rng(SEED)
    drawn = [change[generator.integers(0, len(change), len(change))].mean() for _ in range(DRAWS)]
    return Difference(
        figure=figure, a=float(gains[:, 0].mean()), b=float(gains[:, 1].mean()), interval=interval(drawn),
        p=_chance(change, generator), better=int((change > 0).sum()), worse=int((change < 0).sum()),
    )  # fmt: skip


def _chance(change: NDArray[np.float64], generator: np.random.Generator) -> float:
    """Give how often random swapping makes a difference as large as the one seen; the one seen counts among them."""
    seen = abs(change.sum()) - 1e-9
    changed = change[change != 0]  # swapping equals changes nothing
    as_large = 0
    for _ in range(SWAPPINGS // _PIECE):
        signs = generator.integers(0, 2, (_PIECE, len(changed)), np.int8) * 2 - 1
        as_large += int((np.abs(signs @ changed) >= seen).sum())
    return (1 + as_large) / (1 + SWAPPINGS)
