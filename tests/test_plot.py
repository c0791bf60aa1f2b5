"""The picture of an evaluation: its figures are right, and it is a PNG of the size that was meant."""

import math
import struct

import pytest

from retrieval.evaluation import Gold, Outcome, Question

plot = pytest.importorskip("bot.rendering.plot", exc_type=ImportError)


def outcomes(*ranks, gold=True):
    question = Question(None, "q", (Gold("a", 0, 9),) if gold else ())
    return [
        Outcome(question, "en", frozenset({"who"}), rank, "sure", 1 / (1 + n), 1 / (1 + n))
        for n, rank in enumerate(ranks)
    ]


def test_the_bars_are_the_shares_of_the_questions_with_gold():
    shares = plot.rank_shares([*outcomes(1, 1, 2, math.inf), *outcomes(math.inf, gold=False)])
    assert shares.tolist() == [0.5, 0.25, *[0] * 8, 0.25]
    assert plot.rank_shares([]).tolist() == [0] * 11


@pytest.mark.parametrize("runs", [{"a": outcomes(1, 3)}, {"a": outcomes(1, 2), "b": outcomes(2, math.inf)}, {"a": []}])
def test_one_run_or_two_are_drawn_into_a_png(tmp_path, runs):
    plot.draw(runs, tmp_path / "p.png")
    head = (tmp_path / "p.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">II", head[16:24]) == (1320, 552)
