"""A path or a pattern goes in; one `Source` for each file to read comes out."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from retrieval.errors import SourceNotFound, UnreadableSource
from retrieval.records import Source, SourceKind

_WILD = frozenset("*?[")


def is_url(spec: str | Path) -> bool:
    """Tell an address from a path."""
    return "://" in str(spec)


def source_kind(spec: str | Path) -> SourceKind:
    """Tell what was named; a file whose name looks like a pattern is a file, and an address a page until it is read."""
    if is_url(spec):
        return "page"
    return "glob" if _WILD.intersection(str(spec)) and not os.path.lexists(spec) else "path"


def canonical_name(spec: str | Path) -> str:
    """Name a source so that it is the same one however it is spelled."""
    return str(spec) if is_url(spec) else os.path.abspath(spec)  # noqa: PTH100 - links stay as they were named


SUFFIXES = frozenset(
    ".txt .md .markdown .jsonl .html .htm .xhtml .pdf .docx .epub .rss .atom .xml .zip".split()  # noqa: SIM905
)
_ANY_DEPTH = "**"


def find_sources(spec: str | Path) -> Iterator[Source]:
    """Yield the file that `spec` names, or the files of the folder or pattern (`news/**/*.md`) it names, at any depth.

    Of a folder only known suffixes count, and neither hidden files nor hidden folders; the order is that of the paths.
    A file that is named itself is always yielded: its reader says what is wrong with it. Ids are relative to the
    folder, of a pattern to the folder that it begins with.
    Raises SourceMissing, or UnreadableSource for a folder that may not be listed (its articles must not look vanished).
    """
    root = Path(spec)
    if source_kind(spec) == "glob":
        yield from _matching(root, str(spec))
    elif root.is_dir():
        yield from (Source(_id(path.relative_to(root)), path, str(spec)) for path in _walk(root))
    elif root.is_file():
        yield Source(_id(Path(root.name)), root, str(spec))
    else:
        raise SourceNotFound(f"There is no file or folder called {str(spec)!r}: check the path.")


def _matching(pattern: Path, origin: str) -> Iterator[Source]:
    """Yield the files that a pattern fits; raises SourceMissing where there is none, which is more likely a mistake."""
    plain = [part for part in pattern.parts if not _is_wild(part)]
    first = next(number for number, part in enumerate(pattern.parts) if _is_wild(part))
    root, parts = Path(*plain[:first]), pattern.parts[first:]
    if not root.is_dir():
        raise SourceNotFound(f"There is no folder called {str(root)!r}, where {origin!r} begins: check the path.")
    found = 0
    for path in _walk(root, deepest=None if _ANY_DEPTH in parts else len(parts)):
        relative = path.relative_to(root)
        if _fits(relative.parts, parts):
            found += 1
            yield Source(_id(relative), path, origin)
    if not found:
        raise SourceNotFound(f"No file of a known kind fits {origin!r}: check the pattern.")


def _fits(names: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Tell whether a pattern fits a path: `**` stands for any number of folders, other wild cards for letters of one name."""
    if not pattern:
        return not names
    if pattern[0] == _ANY_DEPTH:
        return any(_fits(names[skipped:], pattern[1:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatch.fnmatchcase(names[0], pattern[0]) and _fits(names[1:], pattern[1:])


def _is_wild(part: str) -> bool:
    return any(character in part for character in "*?[")


def _walk(root: Path, deepest: int | None = None) -> Iterator[Path]:
    """Yield the files to read; with `deepest` those at most so many folders deep, a file of the root itself being 1."""
    found = []
    for folder, folders, names in os.walk(root, onerror=_refuse):
        depth = 1 + len(PurePath(folder).relative_to(root).parts)
        folders[:] = [] if deepest == depth else [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if _wanted(name)]
    yield from (path for path in sorted(found, key=lambda path: path.parts) if path.is_file())


def _wanted(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _refuse(error: OSError) -> None:
    folder = Path(error.filename or "").name
    raise UnreadableSource(f"The folder {folder!r} cannot be listed ({error.strerror}).") from error


def _id(relative: Path) -> str:
    return relative.with_suffix("").as_posix()
