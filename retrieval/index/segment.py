"""A segment on disk: a folder with all its arrays in one file, and a `segment.json` that says where each begins.

In: arrays by name. Out: the same arrays, mapped into memory together, so that opening costs the same for any size. A
segment is written aside, put in place by one rename and never changed. The names of its arrays are in `ARRAYS`.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

FORMAT = 5  # of the arrays and of the analysis behind them; another number means: build anew
_MANIFEST, _DATA = "segment.json", "arrays"
_ALIGNED = 64  # bytes, a line of the processor's cache
UNFINISHED = ".new-"  # how the name of a folder begins that is being written

Array = NDArray[Any]
Arrays = dict[str, Array]

# n sentences (rows), P paragraphs, A articles, V terms (columns), W words.
ARRAYS = {
    "version": "(A,) int64: row of each article's version in the store, ascending",
    "article.first": "(A + 1,) int32: the paragraphs of article i are first[i]:first[i + 1]",
    "paragraph.first": "(P + 1,) int32: the rows of paragraph i are first[i]:first[i + 1]",
    "paragraph.article": "(P,) int32",
    "position": "(n,) int32: of each sentence in its article, as the store counts them",
    "forward.at": "(n + 1,) uint32: the running words of row i are words[at[i]:at[i + 1]]",
    "forward.words": "uint32: number of the word, its PlaceCue bits above WORD_BITS",
    "terms": "(V,) uint32, ascending",
    "df": "(V,) int32: rows that hold the term",
    "words.first": "(V + 1,) uint32: the words of a term are first[column]:first[column + 1]",
    "words.column": "(W,) int32, ascending: of the word's term",
    "words.number": "(W,) uint32, ascending within a term",
    "words.cues": "(W,) uint16: WordCue bits",
    "words.prefix": "(W,) uint32: number of its first letters",
    "words.signature": "(W, 2) uint64: see `retrieval.text.spelling`",
    "words.at": "(W + 1,) uint32: the letters of word i are UTF-8 letters[at[i]:at[i + 1]]",
    "words.letters": "uint8",
    **{f"{field}.bound": "(V,) uint8: see `weighting`" for field in ("sentence", "paragraph", "article", "title")},
    "sentence.codes": "uint8, of each posting: its impact, as a bound",
    "paragraph.shortest": "uint8, of each posting: terms of the shortest sentence that holds the column, 255 for more",
    "paragraph.most": "uint8, of each posting: the bound of the column in the paragraph's sentences",
    **{
        f"{field}.{part}": shape
        for field in ("sentence", "paragraph", "article", "title")
        for part, shape in {
            "at": "(V + 1,) uint32: the postings of a column are at[column]:at[column + 1]",
            "units": "int32, ascending within a column",
            "dense": "(D, units) uint8: tf, of sentences codes, of the columns that most units hold, which have no postings",
            "dense.columns": "(D,) int32, ascending",
        }.items()
    },
    **{
        f"{field}.{part}": shape
        for field in ("paragraph", "article", "title")
        for part, shape in {
            "length": "(units,) uint16 or uint32: terms in each unit",
            "impacts": "float32: of each posting, by the means of the segment",
        }.items()
    },
}
WORD_BITS = 27  # of a running word for its number: 134 million different words
WORD = np.uint32((1 << WORD_BITS) - 1)


class SegmentDamaged(Exception):
    """The index is missing, truncated, damaged or of another format: build it anew from SQLite."""


@dataclass(frozen=True, slots=True)
class Segment:
    """An opened segment."""

    folder: Path
    arrays: Mapping[str, Array]
    languages: Mapping[str, int]  # of its articles, counted

    @property
    def sentences(self) -> int:
        """Count the rows."""
        return len(self.arrays["position"])


class SegmentWriter:
    """Writes the arrays of a segment one after the other; made by `new_segment`."""

    def __init__(self, folder: Path, file: BinaryIO) -> None:
        """Take an empty folder and its open file."""
        self._folder, self._file, self._stamps = folder, file, dict[str, dict[str, Any]]()

    def add(self, name: str, *parts: Array) -> None:
        """Write an array, in parts where it is long: of one type, and of one shape but for the first axis."""
        with self.adding(name, parts[0]) as append:
            for part in parts:
                append(part)

    @contextmanager
    def adding(self, name: str, like: Array) -> Iterator[Any]:
        """Give a function that appends parts to an array that is like another in type and shape, but for its length."""
        self._file.write(b"\0" * (-self._file.tell() % _ALIGNED))
        start, length, checksum = self._file.tell(), 0, 0

        def append(part: Array) -> None:
            nonlocal length, checksum
            data = np.ascontiguousarray(part, like.dtype)
            checksum = zlib.crc32(data.data.cast("B") if data.size else b"", checksum)
            length += len(data)
            self._file.write(data.data)

        yield append
        shape = [length, *like.shape[1:]]
        self._stamps[name] = {"dtype": like.dtype.str, "shape": shape, "start": start, "crc32": checksum}

    def finish(self, languages: Mapping[str, int]) -> None:
        """Write down what the file holds."""
        self._file.flush()
        manifest = {"format": FORMAT, "bytes": self._file.tell(), "languages": languages, "arrays": self._stamps}
        (self._folder / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


@contextmanager
def new_segment(folder: Path) -> Iterator[tuple[SegmentWriter, Path]]:
    """Give a writer, and the folder in which the segment will stand when the block has ended."""
    import shutil  # noqa: PLC0415 - what only answers is spared both
    import tempfile  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    place = folder / aside.name.removeprefix(UNFINISHED)
    try:
        with (aside / _DATA).open("wb") as file:
            yield SegmentWriter(aside, file), place
        aside.rename(place)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def open_segment(folder: Path) -> Segment:
    """Map a segment into memory.

    Raises SegmentDamaged where it is missing, of another format, or where its file has not the size that was written.
    Checksums take a pass over all bytes: `check_segment` does that.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        size = (folder / _DATA).stat().st_size
        if manifest["format"] != FORMAT:
            raise SegmentDamaged(f"{folder} is of another format")
        if size != manifest["bytes"]:
            raise SegmentDamaged(f"{folder / _DATA} has {size} bytes instead of {manifest['bytes']}")
        data = np.memmap(folder / _DATA, np.uint8, "r").view(np.ndarray)  # indexing a memmap object is slow
        arrays = {name: _view(data, stamp) for name, stamp in manifest["arrays"].items()}
        if set(arrays) != set(ARRAYS):
            raise SegmentDamaged(f"{folder} is incomplete")
        languages = {str(name): int(articles) for name, articles in manifest["languages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegmentDamaged(f"{folder} cannot be read: {error}") from error
    return Segment(folder, arrays, languages)


def _view(data: Array, stamp: Mapping[str, Any]) -> Array:
    dtype, shape = np.dtype(stamp["dtype"]), tuple(stamp["shape"])
    size = dtype.itemsize * int(np.prod(shape))
    return data[stamp["start"] : stamp["start"] + size].view(dtype).reshape(shape)


def check_segment(folder: Path) -> None:
    """Read every byte of a segment; raise SegmentDamaged where a checksum does not hold."""
    segment = open_segment(folder)
    stamps = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["arrays"]
    for name, array in segment.arrays.items():
        if zlib.crc32(np.ascontiguousarray(array).data.cast("B") if array.size else b"") != stamps[name]["crc32"]:
            raise SegmentDamaged(f"{name} of {folder} has been altered")
