"""A path goes in; one `Source` for each file to read comes out."""

import os
from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import SourceMissing, UnreadableSource
from retrieval.records import Source

SUFFIXES = frozenset(
    ".txt .md .markdown .jsonl .html .htm .xhtml .pdf .docx .epub .rss .atom .xml .zip".split()  # noqa: SIM905
)


def find_sources(spec: str | Path) -> Iterator[Source]:
    """Yield the file that `spec` names, or the files of the folder it names, at any depth.

    Of a folder only known suffixes count, and neither hidden files nor hidden folders; the order is that of the paths.
    A file that is named itself is always yielded: its reader says what is wrong with it.
    Raises SourceMissing, or UnreadableSource for a folder that may not be listed (its articles must not look vanished).
    """
    root = Path(spec)
    origin = str(spec)
    if root.is_dir():
        yield from (Source(_id(path.relative_to(root)), path, origin) for path in _walk(root))
    elif root.is_file():
        yield Source(_id(Path(root.name)), root, origin)
    else:
        raise SourceMissing(f"There is no file or folder called {origin!r}: check the path.")


def _walk(root: Path) -> Iterator[Path]:
    found = []
    for folder, folders, names in os.walk(root, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if _wanted(name)]
    yield from (path for path in sorted(found, key=lambda path: path.parts) if path.is_file())


def _wanted(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _refuse(error: OSError) -> None:
    folder = Path(error.filename or "").name
    raise UnreadableSource(f"The folder {folder!r} cannot be listed ({error.strerror}).") from error


def _id(relative: Path) -> str:
    return relative.with_suffix("").as_posix()
