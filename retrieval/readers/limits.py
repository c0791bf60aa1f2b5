"""How much work reading a file may be: a fixed time for each step (page, chapter, article), and a total by its size.

Work is counted in seconds of processor time, so that a busy machine reads what an idle one does.
"""

from dataclasses import dataclass

STEP_SECONDS = 4.0  # until a file's first page, chapter or article, and from one to the next
SECONDS_PER_MB = 20.0  # for a file as a whole, besides one step; the slowest formats take about 5
SECONDS_PER_FILE = 0.05  # for an archive as a whole, since small files take longer for their size


@dataclass(frozen=True, slots=True)
class Step:
    """A reader's sign that it is one page or chapter further; `done` of `total` units are in the articles it has given."""

    done: int
    total: int
    unit: str  # in the plural

    def __str__(self) -> str:
        """Return it as a sentence; empty if nothing was done."""
        return f"{self.done:,} of {self.total:,} {self.unit} were read." if self.done else ""


@dataclass(slots=True)
class WorkBudget:
    """The processor time that the files of an archive may still take together."""

    left: float  # seconds

    @classmethod
    def for_archive(cls, size: int, files: int) -> "WorkBudget":
        """Return the budget for an archive of so many bytes, packed, and so many files that are read."""
        return cls(STEP_SECONDS + SECONDS_PER_MB * size / 1_000_000 + SECONDS_PER_FILE * files)
