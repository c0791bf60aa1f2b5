"""One load at a time fills an engine: a row that says so, renewed as long as the load lives.

An engine has no locks. Whoever loads writes a row of its own and then looks for others: of two that begin at once each
sees the other, since what was written is seen by all, so at least one gives way. The row of a load that was killed is
not renewed; who finds it waits a while, or asks this machine whether the process still runs, and removes it.
"""

import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from retrieval.errors import EngineAway, StoreBusy
from retrieval.milvus.blobs import pack_json, unpack_json
from retrieval.milvus.connection import Connection

RENEWED = 5.0  # seconds between two renewals
DEAD = 30.0  # seconds without one
_LOOKS = 1.0  # seconds between two looks at the row of another
_VERSION = -1  # of the rows; those of articles are greater


class Claim:
    """The row of one load."""

    def __init__(self, connection: Connection) -> None:
        """Take the engine; nothing is written yet."""
        self._connection, self._name, self._count = connection, f"load/{uuid4().hex}", 0
        self._waits, self._ended = True, threading.Event()

    def check(self) -> None:
        """Raise StoreBusy if another load has taken this one for dead."""
        if not self._is_there():
            raise StoreBusy(f"Another load has begun to fill the engine at {self._connection.address}. Load again.")

    def begin(self) -> None:
        """Write the row, and raise StoreBusy if another load lives."""
        self._renew()
        threading.Thread(target=self._keep_renewing, daemon=True).start()
        for name in self._others():
            self._outlive(name)
        self._waits = False
        self._renew()

    def end(self) -> None:
        """Remove the row; if that fails, it is soon taken for dead."""
        self._ended.set()
        with suppress(EngineAway):
            self._connection.delete_blobs([self._name])

    def _renew(self) -> None:
        self._count += 1
        row = {"waits": self._waits, "count": self._count, "host": platform.node(), "process": os.getpid()}
        self._connection.put_blobs([(self._name, pack_json(row), _VERSION)])

    def _keep_renewing(self) -> None:
        while not self._ended.wait(RENEWED):
            with suppress(EngineAway):
                if not self._is_there():
                    return  # what was removed must not come back
                self._renew()

    def _is_there(self) -> bool:
        return self._name in self._connection.of_version(_VERSION)

    def _others(self) -> dict[str, bytes]:
        return {name: row for name, row in self._connection.of_version(_VERSION).items() if name != self._name}

    def _outlive(self, name: str) -> None:
        """Wait until another load has ended, or is seen to be dead; raise StoreBusy if it lives."""
        seen, since = self._others().get(name), time.monotonic()
        while (row := self._others().get(name)) is not None:
            if row != seen:  # of two that wait for each other, the one whose name comes first goes on
                if not unpack_json(row)["waits"] or name < self._name:
                    raise StoreBusy(
                        f"Another load fills the engine at {self._connection.address} just now. Wait until it has ended."
                    )
                seen, since = row, time.monotonic()
            if _has_ended(row) or time.monotonic() - since > DEAD:
                self._connection.delete_blobs([name])
                return
            time.sleep(_LOOKS)


def _has_ended(row: bytes) -> bool:
    """Whether a row was written by a process of this machine that is no more."""
    written = unpack_json(row)
    if written["host"] != platform.node() or os.name != "posix":
        return False
    try:
        os.kill(written["process"], 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def claimed(connection: Connection) -> Iterator[Claim]:
    """Keep other loads away from an engine; raise StoreBusy if there is one."""
    claim = Claim(connection)
    try:
        claim.begin()
        yield claim
    finally:
        claim.end()
