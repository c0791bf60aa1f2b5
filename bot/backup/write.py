"""Write a backup: the articles and the bot's state, even while the bot runs, in one ZIP file.

It holds the files under their own names, and `backup.json`, which says which is which. SQLite copies each as it is at one
moment: questions and loads do not wait, and what they change in the meantime is not in it. Neither is the inbox, nor are
the offers that wait for an answer. What admins sent to the bot is a ZIP file in it.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.backup.copies import (
    ARTICLES,
    STATE,
    UPLOADS,
    WEIGHTS,
    BackupError,
    BackupMember,
    check,
    copy,
    leave_out_pending,
    paths_of,
)
from bot.backup.uploads import pack_uploads, uploaded_files
from bot.backup.working_folder import working_folder
from retrieval.disk import check_room, explain_unwritable

MANIFEST = "backup.json"
SCHEMA = 1
_ENGINE_ALONE = (
    "Nothing to back up yet: no questions were asked; the articles are in the engine (`citebot engine copy --to FILE`)."
)


def write_backup(db: Path, state: Path, target: Path, *, articles: bool = True) -> list[BackupMember]:
    """Write the files that exist into a ZIP file that only its owner can read, and return them.

    Without `articles`, those are left out: they are in an engine. An existing target is replaced only if it is a ZIP file.
    Raise BackupError if it is not, if there is nothing to back up or if a file is damaged, RetrievalError if a file is
    another program's; then nothing is written.
    """
    _check_target(target)
    files = [file for file in paths_of(db, state) if file.exists() and (articles or file.role != ARTICLES)]
    if not files:
        raise BackupError(
            f"There is nothing to back up: neither {db} nor {state} exists." if articles else _ENGINE_ALONE
        )
    try:
        check_room(target.absolute().parent, 2 * sum(map(_size, files)))
        return _written(files, target)
    except OSError as error:
        raise BackupError(explain_unwritable(error, target, "Choose a folder that exists and is writable.")) from error


def _size(file: BackupMember) -> int:
    """Return the bytes that a copy of a file may take."""
    sides = (
        uploaded_files(file.path) if file.role == UPLOADS else (file.path, file.path.with_name(f"{file.path.name}-wal"))
    )
    return sum(side.stat().st_size for side in sides if side.exists())


def _written(files: list[BackupMember], target: Path) -> list[BackupMember]:
    with working_folder(target) as folder:
        kept = list(_copies(files, folder, target))
        whole = folder / "backup.zip"
        _pack(kept, folder, whole)
        whole.replace(target)
    return kept


def _check_target(target: Path) -> None:
    if target.is_dir():
        raise BackupError(f"{target} is a folder. Name a file in it.")
    if target.exists() and not zipfile.is_zipfile(target):
        raise BackupError(f"{target} already exists and is not a backup. Choose another file.")


def _copies(files: list[BackupMember], folder: Path, target: Path) -> Iterator[BackupMember]:
    """Copy the files into a folder, each under its role, and check the copies; errors name the target."""
    for file in files:
        if file.role == WEIGHTS:
            shutil.copyfile(file.path, folder / file.role)
            yield BackupMember(file.role, file.path, "weights learned by `citebot train`")
        elif file.role == UPLOADS:
            yield BackupMember(file.role, file.path, pack_uploads(file.path, folder / file.role))
        else:
            copy(file.path, folder / file.role, target)
            content = check(file.role, folder / file.role, file.path)
            if file.role == STATE:
                leave_out_pending(folder / file.role, target)
            yield BackupMember(file.role, file.path, content)


def _pack(kept: list[BackupMember], folder: Path, whole: Path) -> None:
    manifest = {
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {file.role: _name(file, kept) for file in kept},
        "uploads": next((str(file.path) for file in kept if file.role == UPLOADS), ""),
    }
    with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
            for file in kept:
                archive.write(folder / file.role, _name(file, kept))
        output.flush()
        os.fsync(output.fileno())


def _name(file: BackupMember, kept: list[BackupMember]) -> str:
    """Return a file's own name, with its role before it if two files have the same name."""
    if file.role == UPLOADS:
        return f"{file.path.name}.zip"
    names = [other.path.name for other in kept]
    return file.path.name if names.count(file.path.name) == 1 else f"{file.role}-{file.path.name}"
