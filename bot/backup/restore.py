"""Restore a backup, even while the bot runs; what the files held until then is kept in another backup.

The files are not replaced, because a running bot and SQLite's write-ahead log would still belong to the old ones. The
content of the backup is written into each of them in one transaction, so that readers see either the old or the new.
"""

import json
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.backup.copies import (
    ARTICLES,
    STATE,
    UPLOADS,
    WEIGHTS,
    BackupError,
    BackupMember,
    Damaged,
    carry_pending,
    check,
    copy,
    paths_of,
)
from bot.backup.uploads import move_uploads, put_uploads
from bot.backup.working_folder import working_folder
from bot.backup.write import MANIFEST, SCHEMA, write_backup
from bot.settings import uploads_folder
from bot.state.database import create_private
from retrieval.disk import check_room, explain_unwritable
from retrieval.store.lock import load_lock

_LONGEST_MANIFEST = 100_000  # bytes
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


def restore_backup(source: Path, db: Path, state: Path) -> tuple[list[BackupMember], list[Path]]:
    """Restore a backup; return what it held, and the files that keep what was there before.

    Before anything is changed, raise BackupError if the file is damaged or not a backup or the disk too full,
    RetrievalError if another program's file would be overwritten, and StoreBusy during a load. Raise BackupError if a
    file cannot be overwritten; those that were are then put back.
    """
    try:
        with load_lock(db), working_folder(db) as folder:
            roles = _unpack(source, folder)
            files = [_checked(file, folder, source) for file in paths_of(db, state) if file.role in roles]
            _rename_uploads(source, folder / ARTICLES, uploads_folder(db))
            check_room(db, 2 * sum((folder / file.role).stat().st_size for file in files))  # the log, then the file
            before = _keep(db, state)
            _put_all(folder, files, before)
            return files, before
    except OSError as error:
        raise BackupError(explain_unwritable(error, db, "Make it and its folder writable.")) from error


def _put_all(folder: Path, files: list[BackupMember], before: list[Path]) -> None:
    """Overwrite the files, the largest first; if that fails, put back what was there before."""
    done: list[BackupMember] = []
    for file in sorted(files, key=lambda file: file.role != ARTICLES):
        was_there = file.path.exists()
        try:
            _put(folder / file.role, file)
        except (BackupError, OSError) as error:
            reason = str(error) if isinstance(error, BackupError) else explain_unwritable(error, file.path, "")
            if not was_there:
                _remove(file.path)  # of the others, SQLite has undone what it wrote
            remedy = "Nothing was changed."
            if not _put_back(folder, done, before):
                kept = " and ".join(map(str, before))
                remedy = f"Not all was restored: what was there before is in {kept}. Then restore that, or this again."
            raise BackupError(f"{reason} {remedy}") from error
        done.append(file)


def _put_back(folder: Path, done: list[BackupMember], before: list[Path]) -> bool:
    """Bring back what files held before; return whether all do again, so that what kept it is not needed any more."""
    try:
        if done:
            (former := folder / "before").mkdir()
            roles = _unpack(before[0], former) if before else set()
            for file in done:
                _put(former / file.role, file) if file.role in roles else _remove(file.path)
        for kept in before:
            kept.unlink()
    except (BackupError, OSError):
        return False
    return True


def _remove(path: Path) -> None:
    """Delete a file or folder that was not there before, with the files that SQLite made beside it."""
    if path.is_dir():
        shutil.rmtree(path)
        return
    for side in ("-wal", "-shm", ""):
        path.with_name(f"{path.name}{side}").unlink(missing_ok=True)


def _checked(file: BackupMember, folder: Path, source: Path) -> BackupMember:
    return (
        file if file.role in {WEIGHTS, UPLOADS} else replace(file, content=check(file.role, folder / file.role, source))
    )


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
        return [moved for path in (*stores, uploads_folder(db)) for moved in _move_aside(path, f"before-{now}")]
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
    if file.role == UPLOADS:
        put_uploads(copied, file.path)
        return
    create_private(file.path)
    if file.role == STATE:
        carry_pending(file.path, copied)
    copy(copied, file.path)


def _rename_uploads(source: Path, store: Path, uploads: Path) -> None:
    """Let a copy of a store, made where the files of admins were in another folder, name the present one."""
    with zipfile.ZipFile(source) as archive:
        before = json.loads(archive.read(MANIFEST)).get("uploads")
    if store.exists() and isinstance(before, str) and before not in {"", str(uploads)}:
        move_uploads(store, before, str(uploads))


def _unpack(source: Path, folder: Path) -> set[str]:
    """Unpack each file of a backup under its role, since names in an archive must not be used as paths."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = _names(archive)
            check_room(folder, sum(archive.getinfo(name).file_size for name in names.values()))
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
    return {role: manifest["files"][role] for role in (STATE, ARTICLES, WEIGHTS, UPLOADS) if role in manifest["files"]}
