"""CITEBOT_STATE -> the right to answer from it, held by one bot at a time on one machine.

The lock is on a file beside it, for closing any handle of an SQLite file drops the locks that SQLite holds on it. The
system lets go of it when its holder dies, however it dies.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.state.database import StateError, unusable

_LONGEST_ID = 20  # characters of a process id


@contextmanager
def hold_state(path: Path) -> Iterator[None]:
    """Hold the right to answer from a file as long as the block lasts; raise LedgerError at once when another has it.

    A bot that reaches the same file under another name, by a link, is another all the same.
    """
    lock = Path(f"{path.resolve()}.lock")
    try:
        number = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(lock, error) from error
    try:
        _take(number, path)
        yield
    finally:
        os.close(number)


def _take(number: int, path: Path) -> None:
    """Lock the open file and write into it who has it."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(number, _LONGEST_ID).decode(errors="replace").strip()
        who = f" (process {holder})" if holder.isdecimal() else ""
        raise StateError(
            f"Another citebot telegram{who} uses {path}. End it first, or give this one another CITEBOT_STATE."
        ) from error
    os.ftruncate(number, 0)
    os.write(number, f"{os.getpid()}\n".encode())
