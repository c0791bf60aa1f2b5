"""A load that has to wait for another one, or for a program that holds the store: the person is told at once."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.terminal import say
from retrieval.errors import StoreBusy
from retrieval.store.lock import WAIT, is_held_by_a_program

PATIENCE = 60.0  # seconds to wait for another load
_POLL_INTERVAL = 0.2

_Done = TypeVar("_Done")


def patiently(load: Callable[[], _Done], db: Path, patience: float = PATIENCE) -> _Done:
    """Return what a load returns; raise StoreBusy if another one takes longer than `patience`, in seconds."""
    if is_held_by_a_program(db):
        say(f"{db} is locked by another program. Waiting for it, at most {WAIT:.0f} s …")
    until, is_told = time.monotonic() + patience, False
    while True:
        try:
            return load()
        except StoreBusy as error:
            if time.monotonic() >= until:
                raise
            if not is_told:
                what, _, _ = str(error).rpartition(". ")  # without what to do
                say(f"{what}. Waiting for it, at most {patience:.0f} s …")
            is_told = True
            time.sleep(_POLL_INTERVAL)
