"""Restore a backup, even while the bot runs; what the files held until then is kept in another backup.

The files are not replaced, because a running bot and SQLite's write-ahead log would still belong to the old ones. The
content of the backup is written into each of them in one transaction, so that readers see either the old or the new.
"""

import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.backup.copies import (
    ARTICLES,
    STATE,
    WEIGHTS,
    BackupError,
    BackupMember,
    Damaged,
    carry_pending,
    check,
    copy,
    paths_of,
)
from bot.backup.write import MANIFEST, SCHEMA, write_backup
from bot.state.database import create_private
from retrieval.store.lock import load_lock

_LONGEST_MANIFEST = 100_000  # bytes
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


def restore_backup(source: Path, db: Path, state: Path) -> tuple[list[BackupMember], list[Path]]:
    """Restore a backup; return what it held, and the files that keep what was there before.

    Before anything is changed, raise BackupError if the file is damaged or not a backup, RetrievalError if another
    program's file would be overwritten, and StoreBusy during a load.
    """
    with load_lock(db), tempfile.TemporaryDirectory(prefix=f".{db.name}.", dir=db.absolute().parent) as folder:
        roles = _unpack(source, Path(folder))
        files = [_checked(file, Path(folder), source) for file in paths_of(db, state) if file.role in roles]
        before = _keep(db, state)
        for file in files:
            _put(Path(folder) / file.role, file)
    return files, before


def _checked(file: BackupMember, folder: Path, source: Path) -> BackupMember:
    return file if file.role == WEIGHTS else replace(file, content=check(file.role, folder / file.role, source))


def _keep(db: Path, state: Path) -> list[Path]:
    """Back up what is about to be overwritten; if it is damaged, move the files aside as they are."""
    now = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    stores = [path for path in (db, state) if path.is_file()]
    target = db.with_name(f"{db.stem}-before-{now}.zip")
    if not stores:
        return []
    try:
        write_backup(db, state, target)
    except Damaged:
        return [moved for path in stores for moved in _move_aside(path, f"before-{now}")]
    return [target]


def _move_aside(path: Path, ending: str) -> Iterator[Path]:
    """Rename a database together with its write-ahead log, which would be taken for that of the new one."""
    for side in ("-wal", "-shm", ""):
        file = path.with_name(f"{path.name}{side}")
        if file.exists():
            yield file.rename(path.with_name(f"{path.name}.{ending}{side}"))


def _put(copied: Path, file: BackupMember) -> None:
    if file.role == WEIGHTS:
        copied.replace(file.path)
        return
    if file.role == STATE:
        create_private(file.path)  # it holds people's questions
        carry_pending(file.path, copied)
    copy(copied, file.path)


def _unpack(source: Path, folder: Path) -> set[str]:
    """Unpack each file of a backup under its role, since names in an archive must not be used as paths."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = _names(archive)
            for role, name in names.items():
                with archive.open(name) as packed, (folder / role).open("wb") as file:
                    shutil.copyfileobj(packed, file)  # raises BadZipFile if the checksum is wrong
    except (*_UNREADABLE, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{source} is not a citebot backup, or it is damaged.") from error
    return set(names)


def _names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return which file in an archive has which role; raise KeyError or ValueError if its manifest is malformed."""
    if archive.getinfo(MANIFEST).file_size > _LONGEST_MANIFEST:
        raise ValueError("the manifest is too long")
    manifest = json.loads(archive.read(MANIFEST))
    if manifest["schema"] > SCHEMA:
        raise BackupError(f"{archive.filename} was written by a later version of citebot. Update citebot.")
    return {role: manifest["files"][role] for role in (STATE, ARTICLES, WEIGHTS) if role in manifest["files"]}
