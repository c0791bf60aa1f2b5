"""The index that questions are asked of: of the current generation, and built anew where it is missing or damaged."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from retrieval.disk import explain_unwritable
from retrieval.errors import RetrievalError, StoreError
from retrieval.index.manifest import (
    Generation,
    find_obstacle,
    index_folder,
    manifest_of,
    open_generation,
    withdraw_altered,
)
from retrieval.index.searcher import Searcher
from retrieval.index.segment import SegmentDamaged
from retrieval.store.reader import Reader

REBUILDS = 3  # attempts to rebuild an index

T = TypeVar("T")

_log = logging.getLogger(__name__)
_rebuilding = threading.Lock()


class CurrentIndex:
    """The index of one store; for one thread."""

    def __init__(self, store: Path, reader: Reader) -> None:
        """Take the store's path; the reader decides which generation is asked."""
        self._folder, self._reader = index_folder(store), reader
        self._searcher: Searcher | None = None

    def close(self) -> None:
        """Let go of the index; the next question opens it again."""
        self._searcher = None

    def searcher(self) -> Searcher | None:
        """Return the searcher of the current generation, None for an empty store."""
        generation, begun = self._reader.identity()
        if not generation:
            self._searcher = None
        elif not self._is_current(generation, begun):
            searcher = Searcher(self._open(generation, begun))
            rows = np.array(self._reader.in_sets(generation), np.int64) if self._reader.sets else None
            self._searcher = searcher if rows is None else searcher.restricted_to(rows)
        return self._searcher

    def mending(self, ask: Callable[[], T]) -> T:
        """Ask the index; where that fails because its bytes were altered, build it anew and ask again."""
        try:
            return ask()
        except RetrievalError:
            raise
        except Exception:  # altered numbers lead anywhere
            if not self._is_altered():
                raise
        self._searcher = None
        return ask()

    def _is_current(self, generation: int, begun: str) -> bool:
        return self._searcher is not None and self._searcher.generation.is_current(self._folder, generation, begun)

    def _is_altered(self) -> bool:
        """Whether the index that was asked is not the one that was written; another thread may have built it anew."""
        generation, begun = self._reader.identity()
        if not self._is_current(generation, begun):
            return self._searcher is not None
        damage = withdraw_altered(self._folder, generation, begun)
        if damage:
            _log.warning("the index was damaged: %s", damage)
        return bool(damage)

    def _open(self, number: int, begun: str) -> Generation:
        """Open a generation; if that fails, rebuild its index, one thread on behalf of all."""
        known = [one.segment for one in self._searcher.generation.segments] if self._searcher else []
        with suppress(SegmentDamaged):
            return open_generation(self._folder, number, begun, known)
        with _rebuilding:
            for _ in range(REBUILDS):  # another process may be publishing its own at this moment
                try:
                    return open_generation(self._folder, number, begun)
                except SegmentDamaged as damage:
                    is_there = manifest_of(self._folder, number).exists()  # otherwise it was moved, or never made
                    _log.log(logging.WARNING if is_there else logging.INFO, "rebuilding the index: %s", damage)
                    self._build(number, begun)
        raise StoreError(f"{self._folder} keeps changing. Stop other programs that use it, then ask again.")

    def _build(self, generation: int, begun: str) -> None:
        from retrieval.index.builder import build_index  # noqa: PLC0415 - imports scipy, rarely needed here

        if obstacle := find_obstacle(self._folder):
            raise StoreError(obstacle)
        try:
            build_index(self._reader.versions(generation), self._folder, generation, begun)
        except OSError as error:
            remedy = "Make the folder writable for citebot."
            raise StoreError(explain_unwritable(error, self._folder, remedy)) from error
