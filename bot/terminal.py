"""From what standard output is connected to, to how the output may look."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.rendering import messages
from bot.rendering.terminal.answer import Layout
from bot.settings import wants_plain_output
from retrieval.records import Progress


def is_dressed() -> bool:
    """Tell whether colour, bars and prompts are in place: only on a terminal, and never against NO_COLOR."""
    return sys.stdout.isatty() and not wants_plain_output()


def look() -> Layout:
    """Choose the look of standard output; a terminal gets wrapped lines even without colour."""
    today = datetime.now().astimezone().date()
    if not sys.stdout.isatty():
        return Layout(today=today)
    import shutil  # noqa: PLC0415 - some milliseconds that an answer into a pipe need not wait for

    return Layout(width=shutil.get_terminal_size().columns, styled=is_dressed(), today=today)


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
        task = bar.add_task(messages.LOADING, total=None)
        phase, shown = "", 0.0

        def update(state: Progress) -> None:
            nonlocal phase, shown
            if state.phase != phase or time.monotonic() - shown >= BETWEEN:
                phase, shown = state.phase, time.monotonic()
                bar.update(task, description=messages.progress(state), completed=state.done, total=state.total)

        yield update
