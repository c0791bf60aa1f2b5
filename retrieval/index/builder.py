"""Build the index of a generation: from all articles, or from the index before it and what a load has changed."""

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
from retrieval.index.merger import mean_lengths, merge
from retrieval.index.merger_input import MergeInput
from retrieval.index.segment import UNFINISHED, Segment, open_segment
from retrieval.index.tokens import TokenCollector
from retrieval.records import Version

CHUNK = 100_000  # sentences held in memory at once
STALE = 0.1  # share of the sentences that are dead or outside the first segment before all segments are merged
GROWTH = 4  # a new segment absorbs those before it that have at most this many times its sentences


def build_index(versions: Iterable[Version], index: Path, number: int, begun: str = "") -> None:
    """Build a generation from all its articles, ordered by their versions' rows in the store.

    `begun` is when the store began the generation.
    """
    segments, means = _new_segment(versions, segments_folder(index))
    write_generation(index, Generation(number, begun, means, tuple(map(LiveSegment, segments))))


def extend_index(
    before: Generation, new: Iterable[Version], closed: Sequence[int], index: Path, *, number: int, begun: str
) -> None:
    """Build a generation from the one before it, the new and changed articles, and the rows of the versions that have
    ended.
    """
    living = without(before.segments, closed)
    added, means = _new_segment(new, segments_folder(index), before.means if living else None)
    if added:
        living = _absorb([*living, *map(LiveSegment, added)], means, segments_folder(index))
    write_generation(index, Generation(number, begun, means, living))


def renew_index(index: Path, number: int, begun: str) -> None:
    """Merge the segments of a generation into one with mean lengths of its own, if too much has changed since the last
    time.
    """
    generation = open_generation(index, number, begun)
    known = sum(map(_living_sentences, generation.segments[:1]))  # the mean lengths are of the first segment
    if generation.sentences - known > STALE * generation.sentences:
        inputs = list(map(_input, generation.segments))
        means = mean_lengths(inputs)
        segment = open_segment(merge(inputs, segments_folder(index), means))
        write_generation(index, Generation(number, begun, means, (LiveSegment(segment),)))


def _new_segment(
    versions: Iterable[Version], folder: Path, means: Means | None = None
) -> tuple[list[Segment], dict[str, float]]:
    """Make a segment of articles, [] if there are none; without `means`, it gets mean lengths of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=UNFINISHED, dir=folder) as aside:
        chunks = list(_chunks(versions, Path(aside)))
        means = dict(means or mean_lengths(chunks))
        return [open_segment(merge(chunks, folder, means))] if chunks else [], means


def _chunks(versions: Iterable[Version], aside: Path) -> Iterator[MergeInput]:
    """Invert articles chunk by chunk; all chunks but the last go to disk, so that memory holds only one."""
    tokens = TokenCollector()
    for version in versions:
        if len(tokens) >= CHUNK:
            chunk = invert(tokens.take())
            yield _input(LiveSegment(open_segment(merge([chunk], aside, mean_lengths([chunk])))))
        tokens.add(version)
    last = tokens.take()
    if len(last.version):
        yield invert(last)


def _absorb(living: Sequence[LiveSegment], means: Means, folder: Path) -> tuple[LiveSegment, ...]:
    """Merge the last segment with those before it that are not much larger, so that there are never many.

    The first is left alone because the mean lengths come from it; `renew_index` merges all in time.
    """
    first, sentences = len(living) - 1, _living_sentences(living[-1])
    while first > 1 and _living_sentences(living[first - 1]) <= GROWTH * sentences:
        first -= 1
        sentences += _living_sentences(living[first])
    if first == len(living) - 1:
        return tuple(living)
    merged = merge(list(map(_input, living[first:])), folder, means)
    return (*living[:first], LiveSegment(open_segment(merged)))


def _input(living: LiveSegment) -> MergeInput:
    alive = np.ones(len(living.segment.arrays["version"]), np.bool_)
    alive[list(living.dead)] = False
    return MergeInput(living.segment.arrays, living.segment.languages, None if alive.all() else alive)


def _living_sentences(living: LiveSegment) -> int:
    """Count the sentences of a segment's living articles."""
    arrays = living.segment.arrays
    first = arrays["paragraph.first"][arrays["article.first"]]
    return living.segment.sentences - int(np.diff(first)[list(living.dead)].sum())
