"""A generation of the index: its segments, which of their articles are deleted, and its mean lengths.

The index of a store is a folder:

    generations/00000007.json   the manifest of generation 7
    segments/k3x9w1qz/          a segment, with a random name, of one or more generations

A manifest is written under another name and renamed when complete. Segments never change: a changed article goes into a
segment of its own, and its earlier version is listed as dead. Mean lengths stay the same until all segments are merged;
document frequencies are those of all segments together, dead articles included.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import get_ident
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELDS
from retrieval.index.segment import FORMAT, UNFINISHED, Segment, SegmentDamaged, check_segment, open_segment

ABANDONED = 3600.0  # seconds after which an unfinished segment must be from a killed process
_GONE = (0, 0)
GRACE = 60.0  # seconds that a new segment may wait for a manifest that names it


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment of a generation."""

    segment: Segment
    dead: tuple[int, ...] = ()  # numbers of its deleted articles, ascending

    def only(self, versions: NDArray[np.int64]) -> "LiveSegment":
        """Return the segment with only the articles of these versions alive."""
        others = np.isin(self.segment.arrays["version"], versions, assume_unique=True, invert=True)
        others[list(self.dead)] = True
        return LiveSegment(self.segment, tuple(others.nonzero()[0].tolist()))


@dataclass(frozen=True, slots=True)
class Generation:
    """An opened generation."""

    number: int
    begun: str  # when the store began it; tells it from the same number of another store
    means: dict[str, float]  # by field: mean length of its units, in terms
    segments: tuple[LiveSegment, ...]  # usually the largest first; versions ascend over all of them
    written: tuple[int, int] = (0, 0)  # inode and time of the manifest

    def is_current(self, index: Path, number: int, begun: str) -> bool:
        """Whether this is the generation that is on disk, and not one from before its segments were merged."""
        written = _written(manifest_of(index, number))
        return (self.number, self.begun) == (number, begun) and written in (self.written, _GONE)

    @property
    def sentences(self) -> int:
        """Count the rows of all segments, those of dead articles included."""
        return sum(one.segment.sentences for one in self.segments)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its articles, the most common first."""
        counted = sum((Counter(one.segment.languages) for one in self.segments), Counter[str]())
        return tuple(name for name, _ in counted.most_common())


def index_folder(store: Path) -> Path:
    """Return the folder of a store's index."""
    return Path(f"{store}.index")


def segments_folder(index: Path) -> Path:
    """Return the folder of an index's segments."""
    return index / "segments"


def find_obstacle(index: Path) -> str:
    """Return what is in the place of an index's folder, and what to do about it; "" if nothing is."""
    if index.is_dir() or not os.path.lexists(index):
        return ""
    what = "a link that leads nowhere" if index.is_symlink() else "not a folder"
    return f"{index} is {what}. Move it away; the next question builds the index anew."


@lru_cache(maxsize=64)  # every question needs the current one
def manifest_of(index: Path, number: int) -> Path:
    """Return the path of a generation's manifest."""
    return index / "generations" / f"{number:08d}.json"


def write_generation(index: Path, generation: Generation) -> None:
    """Write the manifest of a generation, or replace it."""
    place = manifest_of(index, generation.number)
    place.parent.mkdir(parents=True, exist_ok=True)
    segments = [{"name": one.segment.folder.name, "dead": one.dead} for one in generation.segments]
    stamp = {"format": FORMAT, "generation": generation.number, "begun": generation.begun}
    _replace(place, stamp | {"means": generation.means, "segments": segments})


def _replace(place: Path, manifest: dict[str, Any]) -> None:
    aside = place.with_name(f"{UNFINISHED}{os.getpid()}-{get_ident()}-{place.name}")
    try:
        aside.write_text(json.dumps(manifest), encoding="utf-8")
        aside.replace(place)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def open_generation(index: Path, number: int, begun: str, opened: Iterable[Segment] = ()) -> Generation:
    """Open a generation, with the segments that are already open.

    Raise SegmentDamaged if it is missing, of another format or store, or if one of its segments cannot be opened.
    """
    place = manifest_of(index, number)
    known = {segment.folder: segment for segment in opened}
    try:
        written = _written(place)
        manifest = json.loads(place.read_text(encoding="utf-8"))
        if (manifest["format"], manifest["generation"], manifest["begun"]) != (FORMAT, number, begun):
            raise SegmentDamaged(f"{place} belongs to a different format, generation or store")
        means = {field.name: float(manifest["means"][field.name]) for field in FIELDS}
        segments = tuple(_live_segment(segments_folder(index), entry, known) for entry in manifest["segments"])
    except FileNotFoundError as error:
        raise SegmentDamaged(f"{place} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegmentDamaged(f"{place} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return Generation(number, begun, means, segments, written)


def _written(place: Path) -> tuple[int, int]:
    """Return what identifies a file: its inode and time."""
    try:
        status = place.stat()
    except FileNotFoundError:
        return _GONE
    return status.st_ino, status.st_mtime_ns


def _live_segment(folder: Path, entry: dict[str, Any], known: dict[Path, Segment]) -> LiveSegment:
    place = folder / str(entry["name"])
    segment = known.get(place) or open_segment(place)
    dead = tuple(int(article) for article in entry["dead"])
    if dead and not 0 <= dead[0] <= dead[-1] < len(segment.arrays["version"]):
        raise SegmentDamaged(f"{place} has no article {dead[-1]}")
    return LiveSegment(segment, dead)


def check_generation(index: Path, number: int, begun: str) -> None:
    """Read every byte of a generation; raise SegmentDamaged if a checksum does not match."""
    for one in open_generation(index, number, begun).segments:
        check_segment(one.segment.folder)


def find_index_problems(index: Path, number: int, begun: str) -> list[str]:
    """Read every byte of a generation and return what is wrong with it; if anything is, the next question rebuilds it."""
    if obstacle := find_obstacle(index):
        return [obstacle]
    damage = withdraw_altered(index, number, begun)
    return (
        [f"The index cannot be used: {damage}. The next question rebuilds it, which takes a while."] if damage else []
    )


def withdraw_altered(index: Path, number: int, begun: str) -> str:
    """Read every byte of a generation; if they are not those that were written, return what is wrong, and empty its
    manifest, so that no process uses it any more.
    """
    try:
        check_generation(index, number, begun)
    except SegmentDamaged as damage:
        with suppress(OSError):  # the disk is full, or another user's
            _replace(manifest_of(index, number), {})
        return str(damage)
    return ""


def without(segments: Iterable[LiveSegment], closed: Sequence[int]) -> tuple[LiveSegment, ...]:
    """Mark the articles of some versions, by their rows in the store, as dead; drop segments where all are."""
    found = []
    for one in segments:
        versions = one.segment.arrays["version"]
        places = versions.searchsorted(closed)
        here = [int(at) for at, row in zip(places, closed, strict=True) if at < len(versions) and versions[at] == row]
        dead = sorted({*one.dead, *here})
        if len(dead) < len(versions):
            found.append(LiveSegment(one.segment, tuple(dead)))
    return tuple(found)


def remove_unused(index: Path, keep: frozenset[int]) -> None:
    """Delete all generations except those to keep, and the segments that none of these names.

    A reader that has one open can go on reading it. What another process may still be writing is left for an hour.
    """
    import shutil  # noqa: PLC0415 - not needed to answer

    named: set[str] = set()
    for place in (index / "generations").glob("*"):
        if place.stem.isdigit() and int(place.stem) in keep:
            named |= _named(place)
        elif place.stem.isdigit() or _age(place) > ABANDONED:
            place.unlink(missing_ok=True)
    for folder in index.glob("[0-9.]*"):  # left by earlier versions
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
    """Return the seconds since a file or folder was changed, 0 if it no longer exists."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
