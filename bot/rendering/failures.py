"""Questions that were answered wrongly -> Markdown: what was wanted beside what was said."""

import math
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from bot.rendering.operator_messages import count
from retrieval.evaluation import RANKS, Gold, Outcome, is_correct

_SAID = 3  # hits
_WORST_FIRST = ("sure", "perhaps", "none")
_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def failures_markdown(outcomes: Iterable[Outcome]) -> str:
    """List the wrong ones, the most certain mistakes first."""
    wrong = [one for one in outcomes if one.wrong]
    wrong.sort(key=lambda one: (_WORST_FIRST.index(one.certainty), -one.confidence))
    parts = [f"# {count(len(wrong), 'question')} answered wrongly\n", *map(_failure, wrong)]
    return "\n".join(parts)


def _failure(outcome: Outcome) -> str:
    question = outcome.question
    about = " · ".join(filter(None, [question.id, question.collection, question.kind, outcome.language]))
    said = f"Said: **{outcome.certainty}** (in store {outcome.p_in_store:.2f}, right {outcome.confidence:.2f})"
    rows = zip_longest(_wanted(outcome), _said(outcome), fillvalue="")
    lines = [
        f"## {_plain(question.question)}\n",
        f"{_plain(about)} · {_verdict(outcome)}\n",
        f"| Wanted | {said} |",
        "|---|---|",
    ]
    return "\n".join([*lines, *(f"| {left} | {right} |" for left, right in rows), ""])


def _verdict(outcome: Outcome) -> str:
    if not outcome.question.gold:
        return "should have been refused"
    place = (
        f"right one not among the first {RANKS}" if math.isinf(outcome.rank) else f"right one at rank {outcome.rank:g}"
    )
    return place if outcome.answered else f"refused, {place}"


def _wanted(outcome: Outcome) -> Iterator[str]:
    for one in outcome.question.gold:
        offsets = f" [{one.start}, {one.end})" if isinstance(one, Gold) else ""
        yield f"{_plain(one.text)}{offsets} ({_plain(one.article)})".strip()
    if not outcome.question.gold:
        yield "no answer"


def _said(outcome: Outcome) -> Iterator[str]:
    for rank, hit in enumerate(outcome.hits[:RANKS], 1):
        right = is_correct(hit, outcome.question.gold)
        if rank <= _SAID or rank == outcome.rank:
            yield f"{rank}. {'✓ ' * right}{_plain(hit.text)} ({_plain(hit.article)})"


def _plain(text: str) -> str:
    """Return a text on one line, its Markdown escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
