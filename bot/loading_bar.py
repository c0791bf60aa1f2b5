"""From the progress of a load to a bar on standard error, when a person is watching."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.rendering import words
from bot.screen import is_dressed
from retrieval.records import Progress

BETWEEN = 0.1  # seconds between two pictures, at least: a load tells of each article


@contextmanager
def shown_progress() -> Iterator[Callable[[Progress], None] | None]:
    """Give what a load reports its progress to: a bar that goes away again, or None when nobody is watching."""
    if not (is_dressed() and sys.stderr.isatty()):
        yield None
        return
    from rich import progress  # noqa: PLC0415 - 100 ms that only a terminal needs
    from rich.console import Console  # noqa: PLC0415

    columns = progress.SpinnerColumn(), progress.BarColumn(), progress.TextColumn("{task.description}", markup=False)
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words.LOADING, total=None)
        phase, shown = "", 0.0

        def update(state: Progress) -> None:
            nonlocal phase, shown
            if state.phase != phase or time.monotonic() - shown >= BETWEEN:
                phase, shown = state.phase, time.monotonic()
                bar.update(task, description=words.progress(state), completed=state.done, total=state.total)

        yield update
