"""A segment on disk: a folder with all arrays in one file, and a `segment.json` that says where each one starts.

In: arrays by name, listed in `ARRAYS`. Out: the same arrays, mapped into memory together, so that opening takes equally
long at any size. A segment is written under another name, renamed when it is complete, and never changed.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.disk import check_room

# Of the arrays and of the analysis behind them, the table of word vectors included, whose rows the arrays name: raise it
# whenever one of these changes. An index of another format is built anew.
FORMAT = 9
_MANIFEST, _DATA = "segment.json", "arrays"
_ALIGNMENT = 64  # bytes, a line of the processor's cache
UNFINISHED = ".new-"  # prefix of a folder that is still being written

Array = NDArray[Any]
Arrays = dict[str, Array]

# n sentences (rows), P paragraphs, A articles, V terms (columns), W words. "bound": see `bm25.round_up`.
ARRAYS = {
    "version": "(A,) int64: row of each article's version in the store, ascending",
    "article.first": "(A + 1,) int32: the paragraphs of article i are first[i]:first[i + 1]",
    "paragraph.first": "(P + 1,) int32: the rows of paragraph i are first[i]:first[i + 1]",
    "paragraph.article": "(P,) int32",
    "position": "(n,) int32: of each sentence in its article, as the store counts them",
    "marks": "(n,) uint8: SentenceMark bits",
    "section.vectors": "uint16: rows of word vectors, from 1, of what surrounds each paragraph",
    "section.vectors.at": "(P + 1,) uint32: those of paragraph i are vectors[at[i]:at[i + 1]]",
    "title.vectors": "uint16: the same of each title",
    "title.vectors.at": "(A + 1,) uint32",
    "forward.at": "(n + 1,) uint32: the running words of row i are words[at[i]:at[i + 1]]",
    "forward.words": "uint32: number of the word, its PlaceCue bits above WORD_BITS",
    "terms": "(V,) uint32, ascending",
    "df": "(V,) int32: rows that hold the term",
    "words.first": "(V + 1,) uint32: the words of a term are first[column]:first[column + 1]",
    "words.column": "(W,) int32, ascending: of the word's term",
    "words.number": "(W,) uint32, ascending within a term",
    "words.cues": "(W,) uint16: WordCue bits",
    "words.vector": "(W,) uint16: row of the word's vector, from 1; 0 for none",
    "words.kinds": "(W,) uint64: bits of the kinds of things that it names",
    "words.prefix": "(W,) uint32: number of its first letters",
    "words.signature": "(W, 2) uint64: see `retrieval.text.spelling`",
    "words.at": "(W + 1,) uint32: the letters of word i are UTF-8 letters[at[i]:at[i + 1]]",
    "words.letters": "uint8",
    "sentence.bound": "(V,) uint8: of the column's impact in any sentence",
    "paragraph.bound": "(V,) uint8: of the column's impact in any paragraph",
    "section.bound": "(V,) uint8: of the column's impact in any section",
    "paragraph.shortest": "uint8, of each posting: terms of the shortest sentence that holds the column, at most 255",
    "paragraph.most": "uint8, of each posting: bound of the column's impact in the paragraph's sentences",
    **{
        f"{field}.{part}": shape
        for field in ("paragraph", "section", "article", "title")
        for part, shape in {
            "length": "(units,) uint16 or uint32: terms in each unit",
            "at": "(V + 1,) uint32: the postings of a column are at[column]:at[column + 1]",
            "units": "int32, of each posting: ascending within a column",
            "tf": "uint8, of each posting: how often the unit holds the column",
            "impacts": "float32, of each posting, by the mean lengths that the segment was written with",
            "dense": "(D, units) uint8: tf of the columns that most units hold, which have no postings",
            "dense.columns": "(D,) int32, ascending",
        }.items()
    },
}
VOCABULARY = ("terms", "df", *(name for name in ARRAYS if name.startswith("words.")))  # what needs no articles
WORD_BITS = 27  # of a running word for its number: 134 million different words
WORD = np.uint32((1 << WORD_BITS) - 1)


class SegmentDamaged(Exception):
    """The index is missing, truncated, damaged or of another format. Build it anew from SQLite."""


@dataclass(frozen=True, slots=True)
class Segment:
    """An opened segment."""

    folder: Path
    arrays: Mapping[str, Array]
    languages: Mapping[str, int]  # articles of each

    @property
    def sentences(self) -> int:
        """Return the number of rows."""
        return len(self.arrays["position"])


class ArrayWriter(Protocol):
    """Takes the arrays of a segment one after another."""

    def add(self, name: str, *parts: Array) -> None:
        """Take an array in one or more parts of the same type and shape, except for the first axis."""

    def adding(self, name: str, like: Array) -> AbstractContextManager[Callable[[Array], None]]:
        """Return a function that appends parts to an array with the type and shape of `like`, except for the first axis."""

    def finish(self, languages: Mapping[str, int]) -> None:
        """Take what is known of all articles when the arrays are complete."""


class ArraysInMemory:
    """Keeps the arrays of a segment that no file holds."""

    def __init__(self) -> None:
        """Start with none."""
        self.segment = Segment(Path(), {}, {})
        self._arrays: Arrays = {}

    def add(self, name: str, *parts: Array) -> None:
        """Take an array."""
        self._arrays[name] = parts[0] if len(parts) == 1 else np.concatenate(parts, dtype=parts[0].dtype)

    @contextmanager
    def adding(self, name: str, like: Array) -> Iterator[Callable[[Array], None]]:
        """Yield a function that appends parts to an array."""
        parts = [like[:0]]
        yield parts.append
        self.add(name, *parts)

    def finish(self, languages: Mapping[str, int]) -> None:
        """Make the segment."""
        self.segment = Segment(Path(), self._arrays, languages)


class SegmentWriter:
    """Writes the arrays of a segment one after another; made by `new_segment`."""

    def __init__(self, folder: Path, file: BinaryIO) -> None:
        """Take an empty folder and the open file in it."""
        self._folder, self._file, self._entries = folder, file, dict[str, dict[str, Any]]()

    def add(self, name: str, *parts: Array) -> None:
        """Write an array in one or more parts of the same type and shape, except for the first axis."""
        with self.adding(name, parts[0]) as append:
            for part in parts:
                append(part)

    @contextmanager
    def adding(self, name: str, like: Array) -> Iterator[Callable[[Array], None]]:
        """Yield a function that appends parts to an array with the type and shape of `like`, except for the first axis."""
        self._file.write(b"\0" * (-self._file.tell() % _ALIGNMENT))
        start, length, checksum = self._file.tell(), 0, 0

        def append(part: Array) -> None:
            nonlocal length, checksum
            data = np.ascontiguousarray(part, like.dtype)
            check_room(self._folder, data.nbytes)
            checksum = zlib.crc32(data.data.cast("B") if data.size else b"", checksum)
            length += len(data)
            self._file.write(data.data)

        yield append
        shape = [length, *like.shape[1:]]
        self._entries[name] = {"dtype": like.dtype.str, "shape": shape, "start": start, "crc32": checksum}

    def finish(self, languages: Mapping[str, int]) -> None:
        """Write the description of the file."""
        self._file.flush()
        manifest = {"format": FORMAT, "bytes": self._file.tell(), "languages": languages, "arrays": self._entries}
        (self._folder / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


@contextmanager
def new_segment(folder: Path) -> Iterator[tuple[SegmentWriter, Path]]:
    """Yield a writer, and the folder where the segment will be when the block has ended."""
    import shutil  # noqa: PLC0415 - not needed to answer
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

    Raise SegmentDamaged if it is missing, of another format, or not of the size that was written. Checksums, which take
    a pass over all bytes, are left to `check_segment`.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        size = (folder / _DATA).stat().st_size
        if manifest["format"] != FORMAT:
            raise SegmentDamaged(f"{folder} has a different format")
        if size != manifest["bytes"]:
            raise SegmentDamaged(f"{folder / _DATA} has {size} bytes instead of {manifest['bytes']}")
        data = np.memmap(folder / _DATA, np.uint8, "r").view(np.ndarray)  # indexing a memmap object is slow
        arrays = {name: _view(data, entry) for name, entry in manifest["arrays"].items()}
        if set(arrays) != set(ARRAYS):
            raise SegmentDamaged(f"{folder} is incomplete")
        languages = {str(name): int(articles) for name, articles in manifest["languages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegmentDamaged(f"{folder} cannot be read: {error}") from error
    return Segment(folder, arrays, languages)


def _view(data: Array, entry: Mapping[str, Any]) -> Array:
    dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
    size = dtype.itemsize * int(np.prod(shape))
    return data[entry["start"] : entry["start"] + size].view(dtype).reshape(shape)


def check_segment(folder: Path) -> None:
    """Read every byte of a segment; raise SegmentDamaged if a checksum does not match."""
    segment = open_segment(folder)
    entries = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["arrays"]
    for name, array in segment.arrays.items():
        if zlib.crc32(np.ascontiguousarray(array).data.cast("B") if array.size else b"") != entries[name]["crc32"]:
            raise SegmentDamaged(f"{name} of {folder} has been altered")
