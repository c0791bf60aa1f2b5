"""A lock on CITEBOT_STATE: one bot at a time on one machine may answer from it.

As in `retrieval.store.lock`, the lock is on a file beside it and is released when its holder ends.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.state.database import STATE, StateError
from retrieval.store.lock import lock_file


@contextmanager
def hold_state(path: Path) -> Iterator[None]:
    """Hold the right to use a file until the block ends; raise StateError at once if another bot holds it.

    A bot that reaches the same file through a link counts as another bot too.
    """
    lock = Path(f"{path.resolve()}.lock")
    try:
        file = lock_file(lock, mode=0o600)
    except BlockingIOError as error:
        holder = lock.read_text(errors="replace").strip()
        who = f" (process {holder})" if holder.isdecimal() else ""
        raise StateError(
            f"Another `citebot telegram`{who} is using {path}. Stop it first, or set another CITEBOT_STATE for this one."
        ) from error
    except OSError as error:
        raise STATE.explain(lock, error) from error
    with file:
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        yield
