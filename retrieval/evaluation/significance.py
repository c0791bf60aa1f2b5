"""Compare two runs over the same questions, and test whether the difference could be chance.

The interval of the difference is a paired bootstrap over questions. The p-value comes from a randomisation test on the
differences (Fisher 1935; Smucker, Allan and Carterette 2007): if the runs were equally good, each question's two gains
could be swapped, so p is how often random swaps give a difference at least as large as the observed one, two-sided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.metrics import SEED, interval_of_mean
from retrieval.evaluation.outcomes import Outcome

RANDOMISATIONS = 10_000
DRAWS = 2000
SIGNIFICANCE_LEVEL = 0.05
_BATCH = 100  # randomisations at once


@dataclass(frozen=True, slots=True)
class Difference:
    """How one metric differs between two runs, over the questions that it counts for; more of it is better."""

    figure: str
    a: float
    b: float
    interval: tuple[float, float]  # of b - a, 95 %
    p: float  # two-sided
    better: int  # questions on which b does better
    worse: int

    @property
    def significant(self) -> bool:
        """Whether p is below the significance level."""
        return self.p < SIGNIFICANCE_LEVEL


def compare(first: Sequence[Outcome], second: Sequence[Outcome]) -> tuple[Difference, ...]:
    """Compare two runs over the same questions in the same order.

    Of the questions with gold: MRR, P@1 and how many are answered; of those without: how many are refused. A metric
    without questions is left out.
    """
    pairs = list(zip(first, second, strict=True))
    with_gold = [pair for pair in pairs if pair[0].question.gold]
    ranks = np.array([[one.rank for one in pair] for pair in with_gold], np.float64)
    gains = {
        "mrr": 1 / ranks,
        "p1": ranks == 1,
        "answered": [[one.answered for one in pair] for pair in with_gold],
        "refused_unanswerable": [[one.refused for one in pair] for pair in pairs if not pair[0].question.gold],
    }
    return tuple(difference(figure, np.array(some, np.float64)) for figure, some in gains.items() if len(some))


def difference(figure: str, gains: NDArray[np.float64]) -> Difference:
    """Compare the gains of two runs, shape (n, 2)."""
    change = gains[:, 1] - gains[:, 0]
    generator = np.random.default_rng(SEED)
    interval = interval_of_mean(change, generator, DRAWS)
    return Difference(
        figure=figure, a=float(gains[:, 0].mean()), b=float(gains[:, 1].mean()), interval=interval,
        p=_p_value(change, generator), better=int((change > 0).sum()), worse=int((change < 0).sum()),
    )  # fmt: skip


def _p_value(change: NDArray[np.float64], generator: np.random.Generator) -> float:
    """Return the share of random swaps that differ at least as much as observed; the observed one counts among them."""
    observed = abs(change.sum()) - 1e-9
    changed = change[change != 0]  # swapping equal gains changes nothing
    extreme = 0
    for _ in range(RANDOMISATIONS // _BATCH):
        signs = generator.integers(0, 2, (_BATCH, len(changed)), np.int8) * 2 - 1
        extreme += int((np.abs(signs @ changed) >= observed).sum())
    return (1 + extreme) / (1 + RANDOMISATIONS)
