"""What one thread works with, opened as it is needed."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.records import Caution
from retrieval.store.reading import Reader

if TYPE_CHECKING:
    from retrieval.asking import Asker


@dataclass(slots=True)
class Desk:
    """A connection to a store, and what answers from it; closed when its thread has ended."""

    thread: threading.Thread
    reader: Reader
    caution: Caution
    asked: "Asker | None" = None

    @property
    def asker(self) -> "Asker":
        """The thread's asker, opened by its first question."""
        if self.asked is None:
            from retrieval.asking import Asker  # noqa: PLC0415 - who only lists articles is spared numpy

            self.asked = Asker(self.reader.path, self.caution)
        return self.asked

    def close(self) -> None:
        """Close what is open."""
        self.reader.close()
        if self.asked is not None:
            self.asked.close()
