"""The stores, in use or not -> one ZIP file, which appears when it is whole.

In it stand the files under the names they have, and `backup.json`, which says what each of them is. Each is copied as
it is in one moment, by SQLite's own means; who asks or loads meanwhile does not wait, and what they change is not in it.
What waits in the inbox is not in it either.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.backup.copies import STATE, WEIGHTS, BackupError, BackupMember, check, copy, leave_out_inbox, paths_of

MANIFEST = "backup.json"
SCHEMA = 1


def write_backup(db: Path, state: Path, target: Path) -> list[BackupMember]:
    """Write what there is of the stores into a ZIP file, readable by its owner alone, and say what that is.

    A file that was there is replaced if it is a ZIP file too. Raises BackupError where it is none, where there is
    nothing to keep or a store is damaged, RetrievalError for a foreign file; then nothing is written.
    """
    _refuse(target)
    try:
        return _written(db, state, target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written ({error.strerror}). Name a file where there is room.") from error


def _written(db: Path, state: Path, target: Path) -> list[BackupMember]:
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.absolute().parent) as folder:
        kept = list(_copies([file for file in paths_of(db, state) if file.path.is_file()], Path(folder)))
        if not kept:
            raise BackupError(f"There is nothing to keep: neither {db} nor {state} is there.")
        whole = Path(folder) / target.name
        _pack(kept, Path(folder), whole)
        whole.replace(target)
    return kept


def _refuse(target: Path) -> None:
    if target.is_dir():
        raise BackupError(f"{target} is a folder: name a file in it.")
    if target.exists() and not zipfile.is_zipfile(target):
        raise BackupError(f"{target} is there already, and no backup. Name another file.")


def _copies(files: list[BackupMember], folder: Path) -> Iterator[BackupMember]:
    """Copy the files into a folder, each under its role, and look at what is in the copies."""
    for file in files:
        if file.role == WEIGHTS:
            shutil.copyfile(file.path, folder / file.role)
            yield BackupMember(file.role, file.path, "what was learned by `citebot train`")
        else:
            copy(file.path, folder / file.role)
            told = check(file.role, folder / file.role, file.path)
            if file.role == STATE:
                leave_out_inbox(folder / file.role)
            yield BackupMember(file.role, file.path, told)


def _pack(kept: list[BackupMember], folder: Path, whole: Path) -> None:
    manifest = {
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {file.role: _name(file, kept) for file in kept},
    }
    with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
            for file in kept:
                archive.write(folder / file.role, _name(file, kept))
        output.flush()
        os.fsync(output.fileno())


def _name(file: BackupMember, kept: list[BackupMember]) -> str:
    """Give a file the name it has, with its role before it where two are called the same."""
    names = [other.path.name for other in kept]
    return file.path.name if names.count(file.path.name) == 1 else f"{file.role}-{file.path.name}"
