"""Versions of articles -> the index of a generation: all of it anew, or what a load has changed beside what was there."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from retrieval.index.bm25 import Means
from retrieval.index.inverter import invert
from retrieval.index.manifest import (
    Generation,
    LiveSegment,
    open_generation,
    segments_folder,
    without,
    write_generation,
)
from retrieval.index.merger import merge, own_means
from retrieval.index.merger_input import MergePart
from retrieval.index.segment import UNFINISHED, Segment, open_segment
from retrieval.index.tokens import TokenCollector
from retrieval.records import Version

CHUNK = 100_000  # sentences that are held in memory at once
STALE = 0.1  # share of the sentences that are dead or outside of the first segment, before all are merged
GROWTH = 4  # a new segment takes in those before it that have no more than so many times its sentences


def build_index(versions: Iterable[Version], index: Path, number: int, begun: str = "") -> None:
    """Build a generation from all its articles, which come ordered by their versions' rows in the store.

    `begun` is when the store began the generation.
    """
    segment, means = _segment(versions, segments_folder(index))
    write_generation(index, Generation(number, begun, means, tuple(map(LiveSegment, segment))))


def extend_index(
    before: Generation, new: Iterable[Version], closed: Sequence[int], index: Path, *, number: int, begun: str
) -> None:
    """Build a generation from the one before it, the articles that are new or have changed, and the rows of the versions
    that are no longer shown.
    """
    shown = without(before.segments, closed)
    segment, means = _segment(new, segments_folder(index), before.means if shown else None)
    if segment:
        shown = _gathered([*shown, *map(LiveSegment, segment)], means, segments_folder(index))
    write_generation(index, Generation(number, begun, means, shown))


def renew_index(index: Path, number: int, begun: str) -> None:
    """Merge the segments of a generation into one, with statistics of its own, where that was last done too long ago."""
    generation = open_generation(index, number, begun)
    known = sum(map(_living, generation.segments[:1]))  # the statistics are of the first segment
    if generation.sentences - known > STALE * generation.sentences:
        parts = [_part(one, generation.means) for one in generation.segments]
        means = own_means(parts)
        segment = open_segment(merge(parts, segments_folder(index), means))
        write_generation(index, Generation(number, begun, means, (LiveSegment(segment),)))


def _segment(
    versions: Iterable[Version], folder: Path, means: Means | None = None
) -> tuple[list[Segment], dict[str, float]]:
    """Make a segment of articles, [] where there are none; the means are its own where none are given."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=UNFINISHED, dir=folder) as aside:
        parts = list(_parts(versions, Path(aside)))
        means = dict(means or own_means(parts))
        return [open_segment(merge(parts, folder, means))] if parts else [], means


def _parts(versions: Iterable[Version], aside: Path) -> Iterator[MergePart]:
    """Invert articles chunk by chunk; all chunks but the last are put aside, so that memory holds no more than one."""
    rows = TokenCollector()
    for version in versions:
        if len(rows) >= CHUNK:
            part = invert(rows.take())
            means = own_means([part])
            yield _part(LiveSegment(open_segment(merge([part], aside, means))), means)
        rows.add(version)
    last = rows.take()
    if len(last.version):
        yield invert(last)


def _gathered(shown: Sequence[LiveSegment], means: Means, folder: Path) -> tuple[LiveSegment, ...]:
    """Merge the last segment with those before it that are not much larger, so that there are never many.

    The first, which the statistics are of, is left alone: where so much is new, all are about to be merged anew.
    """
    first, sentences = len(shown) - 1, _living(shown[-1])
    while first > 1 and _living(shown[first - 1]) <= GROWTH * sentences:
        first -= 1
        sentences += _living(shown[first])
    if first == len(shown) - 1:
        return tuple(shown)
    merged = merge([_part(one, means) for one in shown[first:]], folder, means)
    return (*shown[:first], LiveSegment(open_segment(merged)))


def _part(one: LiveSegment, means: Means) -> MergePart:
    alive = np.ones(len(one.segment.arrays["version"]), np.bool_)
    alive[list(one.dead)] = False
    return MergePart(one.segment.arrays, one.segment.languages, means, None if alive.all() else alive)


def _living(one: LiveSegment) -> int:
    """Count the sentences of a segment that are shown."""
    arrays = one.segment.arrays
    first = arrays["paragraph.first"][arrays["article.first"]]
    return one.segment.sentences - int(np.diff(first)[list(one.dead)].sum())
