"""A segment on disk: a folder of plain `.npy` arrays and a `segment.json` that names them.

In: arrays by name. Out: the same arrays, memory-mapped, so that opening costs the same for any size. A segment is
written aside and put in place by one rename; it carries the generation it was built from and is never changed.
"""

import errno
import json
import shutil
import tempfile
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FORMAT = 3  # of the arrays and of the analysis behind them; another number means: build anew
_MANIFEST = "segment.json"
ARRAYS = frozenset(
    [
        f"{field}.{part}"
        for field in ("sentence", "paragraph", "article", "title")
        for part in ("at", "units", "impacts")
    ]
    + [f"words.{part}" for part in ("number", "column", "cues", "signature", "prefix", "at", "letters")]
    + ["forward.at", "forward.words", "forward.cues", "terms", "df", "position", "paragraph", "article", "version"]
)  # of every segment
TRIES = 20  # to put a segment in its place while other processes do the same
ABANDONED = 3600.0  # seconds after which an unfinished segment is taken for the work of a killed process


class SegmentDamaged(Exception):
    """The segment is missing, truncated, damaged or of another format: build it anew from SQLite."""


@dataclass(frozen=True, slots=True)
class Segment:
    """An opened segment."""

    generation: int
    begun: str  # when the store began the generation: another store's generation of the same number has another
    arrays: dict[str, NDArray[np.generic]]
    languages: tuple[str, ...]  # of its articles, the commonest first


def index_folder(store: Path) -> Path:
    """Name the folder of a store's index."""
    return Path(f"{store}.index")


def folder_of(index: Path, generation: int) -> Path:
    """Name the folder of a generation's segment."""
    return index / f"{generation:08d}"


def write_segment(index: Path, segment: Segment) -> None:
    """Write a segment under the index folder; an older one of the same generation is replaced."""
    index.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=index))
    files = {name: _write(aside / f"{name}.npy", array) for name, array in segment.arrays.items()}
    manifest = {
        "format": FORMAT,
        "generation": segment.generation,
        "begun": segment.begun,
        "languages": segment.languages,
        "files": files,
    }
    (aside / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    _put(aside, folder_of(index, segment.generation))


def _put(aside: Path, place: Path) -> None:
    """Move a folder to its place; another process may be doing the same with its own at this moment."""
    for _ in range(TRIES):
        try:
            aside.rename(place)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
            retired = tempfile.mkdtemp(prefix=".old-", dir=place.parent)
            with suppress(FileNotFoundError):
                place.rename(retired)
            shutil.rmtree(retired, ignore_errors=True)
        else:
            return
    shutil.rmtree(aside, ignore_errors=True)  # the others' are as good


def _write(path: Path, array: NDArray[np.generic]) -> dict[str, int]:
    np.save(path, array, allow_pickle=False)
    return {"bytes": path.stat().st_size, "crc32": zlib.crc32(np.ascontiguousarray(array).data)}


def open_segment(index: Path, generation: int, begun: str = "") -> Segment:
    """Map a generation's segment into memory.

    Raises SegmentDamaged where it is missing, of another format, generation or store, incomplete, or where a file has not the size that
    was written. Checksums take a pass over all bytes: `check_segment` does that.
    """
    folder = folder_of(index, generation)
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if (manifest["format"], manifest["generation"], manifest["begun"]) != (FORMAT, generation, begun):
            raise SegmentDamaged(f"{folder} is of another format, generation or store")
        if set(manifest["files"]) != ARRAYS:
            raise SegmentDamaged(f"{folder} is incomplete")
        arrays = {name: _map(folder / f"{name}.npy", stamp["bytes"]) for name, stamp in manifest["files"].items()}
        return Segment(generation, begun, arrays, tuple(manifest["languages"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegmentDamaged(f"{folder} cannot be read: {error}") from error


def _map(path: Path, size: int) -> NDArray[np.generic]:
    if path.stat().st_size != size:
        raise SegmentDamaged(f"{path} has {path.stat().st_size} bytes instead of {size}")
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return array.view(np.ndarray)  # indexing a memmap object is slow


def check_segment(index: Path, generation: int, begun: str = "") -> None:
    """Read every byte of a segment; raise SegmentDamaged where a checksum does not hold."""
    segment = open_segment(index, generation, begun)
    folder = folder_of(index, generation)
    stamps = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["files"]
    for name, array in segment.arrays.items():
        if zlib.crc32(np.ascontiguousarray(array).data) != stamps[name]["crc32"]:
            raise SegmentDamaged(f"{folder / name}.npy has been altered")


def remove_segments(index: Path, keep: frozenset[int]) -> None:
    """Delete the segments of all generations but those to keep; a reader that has one open goes on reading it.

    What is still being written, by a process that builds a damaged segment again, is left for an hour.
    """
    for folder in index.iterdir() if index.is_dir() else ():
        old = int(folder.name) not in keep if folder.name.isdigit() else _age(folder) > ABANDONED
        if folder.is_dir() and old:
            shutil.rmtree(folder, ignore_errors=True)


def _age(folder: Path) -> float:
    """Give how long ago a folder was changed, in seconds; 0 when it has just gone."""
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
