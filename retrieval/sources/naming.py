"""What an admin named goes in; what kind of source it is, and the one name it has whatever the working folder, come out."""

import os
from pathlib import Path

from retrieval.records import SourceKind

_WILD = frozenset("*?[")


def is_address(spec: str | Path) -> bool:
    """Tell an address from a path."""
    return "://" in str(spec)


def kind_of(spec: str | Path) -> SourceKind:
    """Tell what was named; a file whose name looks like a pattern is a file, and an address a page until it is read."""
    if is_address(spec):
        return "page"
    return "glob" if _WILD.intersection(str(spec)) and not os.path.lexists(spec) else "path"


def place_of(spec: str | Path) -> str:
    """Name a source so that it is the same one however it is spelled."""
    return str(spec) if is_address(spec) else os.path.abspath(spec)  # noqa: PTH100 - links stay as they were named
