"""Room on the disk: how much of it is left alone, and what to say when there is no more.

What takes much room (a load, an index, a backup) ends before the last megabytes are gone. So there is room to undo what
it wrote, and the bot can go on storing what it receives.
"""

import errno
import os
from pathlib import Path

_LEFT_FREE = 50_000_000  # bytes
_SHARE = 4  # of a small disk, a quarter
_PAGE = 32_768  # bytes that SQLite needs beside a file to open it
_ROUNDED = 10_000_000  # bytes, from which on a tenth of a megabyte says nothing
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def disk_space(path: Path) -> tuple[int, int]:
    """Return the free bytes of the disk of a file or folder that need not exist, and how many are to be left free."""
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    disk = os.statvfs(there)
    return disk.f_bavail * disk.f_frsize, min(_LEFT_FREE, disk.f_blocks * disk.f_frsize // _SHARE)


class TooFull(OSError):
    """A disk has too little room for what is to be written."""

    def __init__(self, path: Path, needed: int) -> None:
        """Remember how many bytes were needed."""
        super().__init__(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        self.needed = needed


def check_room(path: Path, needed: int = 0, *, to_undo: bool = False) -> None:
    """Raise TooFull if after so many more bytes too little would be free on the disk of a file or folder.

    To undo something, what is to be left free may be taken too: soon more than that is given back.
    """
    free, kept = disk_space(path)
    if free < needed + (0 if to_undo else kept):
        raise TooFull(path, needed)


def is_full(error: Exception, path: Path) -> bool:
    """Whether a write failed because the disk is full, of which SQLite often says no more than that it failed."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    reason = str(error)
    return "is full" in reason or (("I/O" in reason or "unable to open" in reason) and disk_space(path)[0] < _PAGE)


def full_disk(error: Exception, path: Path) -> str:
    """Return a sentence that says how much is free, and what to do."""
    free, kept = disk_space(path)
    needed = f", {_megabytes(error.needed)} are needed" if isinstance(error, TooFull) and error.needed else ""
    state = f"{_megabytes(free)} are free{needed}, {_megabytes(kept)} must stay free"
    return f"the disk is full ({state}). Free some space, then try again."


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.{1 if size < _ROUNDED else 0}f} MB"


def explain_unwritable(error: OSError, path: Path, remedy: str) -> str:
    """Return why a file or folder cannot be written, and what to do: the remedy unless the disk is full or broken."""
    if is_full(error, path):
        return f"{path} cannot be written: {full_disk(error, path)}"
    remedy = "Check the disk." if error.errno == errno.EIO else remedy
    return f"{path} cannot be written: {error.strerror or error}. {remedy}"
