"""Detect whether a file has changed since it was last read.

A write within one tick of the file system's clock after a read leaves no trace in the file's times; git calls such a
file racy. The fingerprint of a file that changed just before it was read is therefore not reliable.
"""

import os

_TICK = 100_000_000  # nanoseconds; Linux's own clock ticks every 1 to 10 ms
_COARSE_TICK = 2_000_000_000  # of FAT, and of other file systems that keep whole seconds
_SECOND = 1_000_000_000


def fingerprint(status: os.stat_result) -> str:
    """Return a value that differs once the file has been written or replaced.

    Besides the time of the last write, it contains that of the last change of any kind, which nobody can set back.
    """
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def is_reliable(status: os.stat_result, now: int) -> bool:
    """Whether any later write changes the fingerprint; `now` is in nanoseconds, no later than the file was opened."""
    changed = max(status.st_ctime_ns, min(status.st_mtime_ns, now))  # a write time in the future means nothing
    return changed + (_TICK if changed % _SECOND else _COARSE_TICK) < now
