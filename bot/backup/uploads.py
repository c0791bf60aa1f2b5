"""What admins sent to the bot, in a backup: the files of a folder in one ZIP file, and back."""

import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_ORIGINS = (("sources", "spec"), ("readings", "origin"), ("versions", "origin"))  # columns that name the folder


def uploaded_files(folder: Path) -> list[Path]:
    """List the files of a folder of uploads, at any depth, without what is still being downloaded."""
    found = (path for shown in _shown(folder) for path in (shown, *shown.rglob("*")))
    return sorted(path for path in found if path.is_file())


def pack_uploads(folder: Path, target: Path) -> str:
    """Write the files of a folder into a ZIP file, and say what it holds. Raise OSError."""
    number = 0
    with zipfile.ZipFile(target, "w", strict_timestamps=False) as archive:  # a backup compresses it
        for path in uploaded_files(folder):
            try:
                archive.write(path, path.relative_to(folder))
            except FileNotFoundError:  # deleted in the meantime
                continue
            number += 1
    return f"files sent to the bot: {number:,}"


def put_uploads(packed: Path, folder: Path) -> None:
    """Replace the files of a folder by those of a ZIP file; if that fails, raise OSError and leave it as it was."""
    new, old = (packed.with_name(f"{packed.name}-{age}") for age in ("new", "old"))
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(new)  # which drops what would lead out of the folder from names
    for path in new.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    folder.mkdir(0o700, parents=True, exist_ok=True)
    old.mkdir()
    try:
        _move(folder, old)
        _move(new, folder)
    except OSError:
        for path in _shown(folder):
            if not (old / path.name).exists():
                path.rename(new / path.name)
        _move(old, folder)
        raise


def move_uploads(store: Path, before: str, now: str) -> None:
    """Change the name of the folder of uploads in a copy of a store, which may come from another machine."""
    with closing(sqlite3.connect(store)) as connection, connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, column in _ORIGINS:
            if table in tables:
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (now, before))


def _shown(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.glob("*")) if not path.name.startswith("."))


def _move(source: Path, target: Path) -> None:
    for path in list(_shown(source)):
        path.rename(target / path.name)
