"""A generation of the index: which segments make it up, which of their articles are no longer shown, and its statistics.

The index of a store is a folder:

    generations/00000007.json   the manifest of generation 7
    segments/k3x9w1qz/          a segment, named by chance, of one generation or of several

A manifest is written aside and put in place by one rename. Segments are never changed: an article that changes goes
into a segment of its own, and its earlier version is listed as dead. Mean lengths are frozen until segments are merged
anew; document frequencies are those of all segments together, dead articles included.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import get_ident
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELDS
from retrieval.index.segment import FORMAT, UNFINISHED, Segment, SegmentDamaged, check_segment, open_segment

ABANDONED = 3600.0  # seconds after which an unfinished segment is taken for the work of a killed process
_GONE = (0, 0)
GRACE = 60.0  # seconds for a new segment to be named by a manifest


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment of a generation."""

    segment: Segment
    dead: tuple[int, ...] = ()  # numbers of its articles that are no longer shown, ascending

    def only(self, versions: NDArray[np.int64]) -> "LiveSegment":
        """Show no article but those of some versions."""
        others = np.isin(self.segment.arrays["version"], versions, assume_unique=True, invert=True)
        others[list(self.dead)] = True
        return LiveSegment(self.segment, tuple(others.nonzero()[0].tolist()))


@dataclass(frozen=True, slots=True)
class Generation:
    """An opened generation."""

    number: int
    begun: str  # when the store began it: another store's generation of the same number has another
    means: dict[str, float]  # by field: length of its units, in terms
    segments: tuple[LiveSegment, ...]  # the largest segment first, as a rule; versions ascend over all of them
    written: tuple[int, int] = (0, 0)  # inode and time of the manifest that was opened

    def is_current(self, index: Path, number: int, begun: str) -> bool:
        """Tell whether this is a generation as it is on disk, and not from before its segments were merged anew."""
        written = _written(manifest_of(index, number))
        return (self.number, self.begun) == (number, begun) and written in (self.written, _GONE)

    @property
    def sentences(self) -> int:
        """Count the rows of all segments, dead ones included."""
        return sum(one.segment.sentences for one in self.segments)

    @property
    def languages(self) -> tuple[str, ...]:
        """Its articles' languages, the commonest first."""
        counted = sum((Counter(one.segment.languages) for one in self.segments), Counter[str]())
        return tuple(name for name, _ in counted.most_common())


def index_folder(store: Path) -> Path:
    """Name the folder of a store's index."""
    return Path(f"{store}.index")


def segments_folder(index: Path) -> Path:
    """Name the folder in which new segments are made."""
    return index / "segments"


@lru_cache(maxsize=64)  # each question asks for that of the current one
def manifest_of(index: Path, number: int) -> Path:
    """Name the manifest of a generation."""
    return index / "generations" / f"{number:08d}.json"


def write_generation(index: Path, generation: Generation) -> None:
    """Put the manifest of a generation in place, or another in its place."""
    place = manifest_of(index, generation.number)
    place.parent.mkdir(parents=True, exist_ok=True)
    segments = [{"name": one.segment.folder.name, "dead": one.dead} for one in generation.segments]
    stamp = {"format": FORMAT, "generation": generation.number, "begun": generation.begun}
    aside = place.with_name(f"{UNFINISHED}{os.getpid()}-{get_ident()}-{place.name}")
    aside.write_text(json.dumps(stamp | {"means": generation.means, "segments": segments}), encoding="utf-8")
    aside.replace(place)


def open_generation(index: Path, number: int, begun: str, opened: Iterable[Segment] = ()) -> Generation:
    """Open a generation; segments that are open already are taken over.

    Raises SegmentDamaged where it is missing, of another format or store, or where one of its segments cannot be opened.
    """
    place = manifest_of(index, number)
    known = {segment.folder: segment for segment in opened}
    try:
        written = _written(place)
        manifest = json.loads(place.read_text(encoding="utf-8"))
        if (manifest["format"], manifest["generation"], manifest["begun"]) != (FORMAT, number, begun):
            raise SegmentDamaged(f"{place} is of another format, generation or store")
        means = {field.name: float(manifest["means"][field.name]) for field in FIELDS}
        shown = tuple(_shown(segments_folder(index), entry, known) for entry in manifest["segments"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegmentDamaged(f"{place} cannot be read: {error}") from error
    return Generation(number, begun, means, shown, written)


def _written(place: Path) -> tuple[int, int]:
    """Say which file stands in a place."""
    try:
        status = place.stat()
    except FileNotFoundError:
        return _GONE
    return status.st_ino, status.st_mtime_ns


def _shown(folder: Path, entry: dict[str, Any], known: dict[Path, Segment]) -> LiveSegment:
    place = folder / str(entry["name"])
    segment = known.get(place) or open_segment(place)
    dead = tuple(int(article) for article in entry["dead"])
    if dead and not 0 <= dead[0] <= dead[-1] < len(segment.arrays["version"]):
        raise SegmentDamaged(f"{place} has no article {dead[-1]}")
    return LiveSegment(segment, dead)


def check_generation(index: Path, number: int, begun: str) -> None:
    """Read every byte of a generation; raise SegmentDamaged where a checksum does not hold."""
    for one in open_generation(index, number, begun).segments:
        check_segment(one.segment.folder)


def without(shown: Iterable[LiveSegment], closed: Sequence[int]) -> tuple[LiveSegment, ...]:
    """Mark the articles of some versions, by their rows in the store, as dead; a segment without living ones is left out."""
    found = []
    for one in shown:
        versions = one.segment.arrays["version"]
        places = versions.searchsorted(closed)
        here = [int(at) for at, row in zip(places, closed, strict=True) if at < len(versions) and versions[at] == row]
        dead = sorted({*one.dead, *here})
        if len(dead) < len(versions):
            found.append(LiveSegment(one.segment, tuple(dead)))
    return tuple(found)


def remove_unused(index: Path, keep: frozenset[int]) -> None:
    """Delete all generations but those to keep, and the segments that none of these names.

    A reader that has one open goes on reading it. What is still being written, by a process that builds a damaged index
    again, is left for an hour.
    """
    import shutil  # noqa: PLC0415 - what only answers is spared it

    named: set[str] = set()
    for place in (index / "generations").glob("*"):
        if place.stem.isdigit() and int(place.stem) in keep:
            named |= _named(place)
        elif place.stem.isdigit() or _age(place) > ABANDONED:
            place.unlink(missing_ok=True)
    for folder in index.glob("[0-9.]*"):  # of earlier formats
        shutil.rmtree(folder, ignore_errors=True)
    for folder in segments_folder(index).glob("*"):
        if folder.name not in named and _age(folder) > (ABANDONED if folder.name.startswith(UNFINISHED) else GRACE):
            shutil.rmtree(folder, ignore_errors=True)


def _named(place: Path) -> set[str]:
    try:
        return {str(entry["name"]) for entry in json.loads(place.read_text(encoding="utf-8"))["segments"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _age(path: Path) -> float:
    """Give how long ago a file or folder was changed, in seconds; 0 when it has just gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
