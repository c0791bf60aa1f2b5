"""Sentences of a paragraph, and stretches of the text that must stay whole -> sentences that do not part them.

Markdown shows what a code span or link is; the text alone does not: in `httpx.Client(...)` a sentence seems to end.
"""

from bisect import bisect_left
from collections.abc import Sequence

from retrieval.records import Offsets


def rejoin(sentences: Sequence[Offsets], unbroken: Sequence[Offsets]) -> Sequence[Offsets]:
    """Join sentences of which one ends, or the next begins, inside an unbroken stretch; both are in order."""
    if not unbroken or len(sentences) < 2:  # noqa: PLR2004
        return sentences
    joined = [sentences[0]]
    for start, end in sentences[1:]:
        if _is_inside(joined[-1][1], unbroken) or _is_inside(start, unbroken):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _is_inside(place: int, unbroken: Sequence[Offsets]) -> bool:
    """Whether a place is strictly inside a stretch."""
    before = bisect_left(unbroken, (place, place)) - 1  # the last stretch that starts before it
    return before >= 0 and place < unbroken[before][1]
