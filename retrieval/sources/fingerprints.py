"""The status of a file goes in; what tells later that the file is as it was comes out.

A write that follows a reading within one tick of the file system's clock leaves no trace in the times: git calls such
a file racy. So the stamp of a file that has changed just before it was read is not one to go by.
"""

import os

_TICK = 100_000_000  # nanoseconds: Linux' own clock ticks every 1 to 10 ms
_COARSE_TICK = 2_000_000_000  # of FAT, and of others that keep whole seconds
_SECOND = 1_000_000_000


def fingerprint(status: os.stat_result) -> str:
    """Give what differs once a file was written or another took its place.

    Beside the time of the last write stands that of the last change of any kind, which nobody can set back.
    """
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def is_reliable(status: os.stat_result, now: int) -> bool:
    """Tell whether a later write will change the stamp; `now` in nanoseconds, not after the file was opened."""
    changed = max(status.st_ctime_ns, min(status.st_mtime_ns, now))  # a time of writing in the future says nothing
    return changed + (_TICK if changed % _SECOND else _COARSE_TICK) < now
