"""Hidden folders beside a file, in which a backup is put together or taken apart; those of killed processes are removed.

A folder is locked as long as its process lives, which the system sees to.
"""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = ".citebot-backup-"
_EARLIER = re.compile(r"\..+\.[a-z0-9_]{8}")  # what they were called
_CONTENT = re.compile(r"(state|articles|weights)(-wal|-shm|-journal)?|.+\.zip")


@contextmanager
def working_folder(beside: Path) -> Iterator[Path]:
    """Make a folder for its owner alone on the disk of a file, and remove it with the block. Raise OSError."""
    parent = beside.absolute().parent
    for left in find_leftovers(parent):
        shutil.rmtree(left, ignore_errors=True)
    making = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent, ignore_cleanup_errors=True)
    with making as name, _lock(Path(name)):
        yield Path(name)


def find_leftovers(parent: Path) -> list[Path]:
    """List the folders in a folder that killed backups and restores left, also those of earlier versions."""
    try:
        hidden = sorted(path for path in parent.glob(".*") if path.is_dir() and not path.is_symlink())
        return [path for path in hidden if _is_of_a_backup(path) and not _is_in_use(path)]
    except OSError:  # nobody may look
        return []


def _is_of_a_backup(folder: Path) -> bool:
    if folder.name.startswith(_PREFIX):
        return True
    names = [path.name for path in folder.iterdir()] if _EARLIER.fullmatch(folder.name) else []
    return bool(names) and all(map(_CONTENT.fullmatch, names))


def _is_in_use(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        try:
            with _lock(folder):
                return False
        except BlockingIOError:
            pass
    return True


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Lock a folder; raise BlockingIOError if another process has."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)
