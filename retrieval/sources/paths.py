"""A path or pattern -> one `Source` for each file to read; what kind of source a spec is, and its canonical name."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from retrieval.errors import SourceNotFound, UnreadableSource
from retrieval.records import Source, SourceKind

SUFFIXES = frozenset(
    ".txt .md .markdown .mdx .rst .adoc .asciidoc .jsonl .html .htm .xhtml .pdf .docx .epub .rss .atom .xml .zip".split()  # noqa: SIM905
)
_WILDCARDS = frozenset("*?[")
_ANY_DEPTH = "**"


def is_url(spec: str | Path) -> bool:
    """Whether a spec is a URL, not a path."""
    return "://" in str(spec)


def source_kind(spec: str | Path) -> SourceKind:
    """Return what a spec names: an existing file that looks like a pattern is a path, a URL is a page until read."""
    if is_url(spec):
        return "page"
    return "glob" if _is_wild(str(spec)) and not os.path.lexists(spec) else "path"


def canonical_name(spec: str | Path) -> str:
    """Return one name for a source, however its spec is spelled.

    Raise SourceNotFound for a blank one: a path would take it for the working folder, whatever somebody meant.
    """
    if not str(spec).strip():
        raise SourceNotFound("The source is empty. Give a path, a pattern or a URL.")
    return str(spec) if is_url(spec) else os.path.abspath(spec)  # noqa: PTH100 - links keep their own names


def find_sources(spec: str | Path) -> Iterator[Source]:
    """Yield the file that `spec` names, or the files at any depth of the folder or pattern (`news/**/*.md`) it names.

    A folder yields files with known suffixes, sorted by path, without hidden files and folders. A file that is named
    itself is always yielded; its reader says what is wrong with it. Ids are relative to the folder, or to the folder
    that the pattern starts with.
    Raise SourceNotFound, or UnreadableSource if a folder cannot be listed: its articles must not seem to vanish.
    """
    root = Path(spec)
    if source_kind(spec) == "glob":
        yield from _match(root, str(spec))
    elif root.is_dir():
        yield from (Source(_source_id(path.relative_to(root)), path, str(spec)) for path in _walk(root))
    elif root.is_file():
        yield Source(_source_id(Path(root.name)), root, str(spec))
    else:
        raise SourceNotFound(f"There is no file or folder {str(spec)!r}. {_advice(str(spec))}")


def watchable(spec: str | Path) -> Path | None:
    """Return the file or folder that changes when a source does, which need not exist; None for a URL."""
    if is_url(spec):
        return None
    return Path(canonical_name(_start(Path(spec))[0] if source_kind(spec) == "glob" else spec))


def _start(pattern: Path) -> tuple[Path, tuple[str, ...]]:
    """Split a pattern into the folder that it starts with and the parts from the first wildcard on."""
    first = next(number for number, part in enumerate(pattern.parts) if _is_wild(part))
    return Path(*pattern.parts[:first]), pattern.parts[first:]


def _match(pattern: Path, origin: str) -> Iterator[Source]:
    """Yield the files that match a pattern. Raise SourceNotFound if none does, since that is likely a mistake."""
    root, parts = _start(pattern)
    if not root.is_dir():
        raise SourceNotFound(f"There is no folder {str(root)!r}, where {origin!r} starts. {_advice(origin)}")
    found = False
    for path in _walk(root, max_depth=None if _ANY_DEPTH in parts else len(parts)):
        relative = path.relative_to(root)
        if _matches(relative.parts, parts):
            found = True
            yield Source(_source_id(relative), path, origin)
    if not found:
        raise SourceNotFound(f"No file of a known format matches {origin!r}. Check the pattern.")


def _advice(spec: str) -> str:
    """Say what to do about a path that does not exist, which may be the address of a web page without its scheme."""
    from retrieval.sources.urls import with_https  # noqa: PLC0415 - only after a mistake

    url = None if spec.endswith(tuple(SUFFIXES)) and "/" not in spec else with_https(spec)
    return f"Check the path; for a web page, write {url}." if url else "Check the path."


def _matches(names: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a path matches: `**` is any number of folders, other wildcards are characters of one name."""
    if not pattern:
        return not names
    if pattern[0] == _ANY_DEPTH:
        return any(_matches(names[skipped:], pattern[1:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatch.fnmatchcase(names[0], pattern[0]) and _matches(names[1:], pattern[1:])


def _is_wild(part: str) -> bool:
    return not _WILDCARDS.isdisjoint(part)


def _walk(root: Path, max_depth: int | None = None) -> Iterator[Path]:
    """Yield the files to read, at most `max_depth` deep; files of the root itself have depth 1."""
    found = []
    for folder, folders, names in os.walk(root, onerror=_refuse):
        depth = 1 + len(PurePath(folder).relative_to(root).parts)
        folders[:] = [] if max_depth == depth else [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if _is_readable(name)]
    yield from (path for path in sorted(found, key=lambda path: path.parts) if path.is_file())


def _is_readable(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _refuse(error: OSError) -> None:
    folder = Path(error.filename or "").name
    raise UnreadableSource(f"The folder {folder!r} cannot be listed ({error.strerror}).") from error


def _source_id(relative: Path) -> str:
    return relative.with_suffix("").as_posix()
