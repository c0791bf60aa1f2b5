"""The path of a store -> the right to change it, held by one load at a time on one machine.

The lock is on a file beside the store. It is not on the store itself, because closing any handle of that file in a
process would drop the locks that SQLite holds on it. The system lets go of it when its holder dies, however it dies.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import StoreBusy, StoreError


def _lock_path(store: Path) -> Path:
    return Path(f"{store}.lock")


@contextmanager
def load_lock(store: Path) -> Iterator[None]:
    """Hold the right to change a store; raise StoreBusy at once when somebody else has it."""
    try:
        file = _lock_path(store).open("ab")
    except OSError as error:
        raise StoreError(
            f"{store} cannot be written ({error.strerror}). Make sure that its folder is there and writable."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreBusy(f"Another load of {store} is under way. Try again when it has ended.") from error
        yield


def is_loading(store: Path) -> bool:
    """Tell whether a load is under way."""
    try:
        file = _lock_path(store).open("rb")
    except OSError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
