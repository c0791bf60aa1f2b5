"""The terminal: how output may look, messages on standard error, the progress bar, exit codes."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from bot.rendering import load_messages, operator_messages
from bot.rendering.terminal.answer_lines import Layout
from bot.rendering.terminal.layout import printable, wrap
from bot.settings import wants_plain_output
from retrieval.records import Progress

FAILED, WRONG_USAGE, ABSTAINED, INTERRUPTED = 1, 2, 3, 130

_PAGER = "less -FRX"
_NO_SUCH_COMMAND = 127  # a shell's exit code
_TYPED_AHEAD = 64  # bytes of keys that are read at once
_ESCAPE_SEQUENCE = rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)?"  # of an arrow or another key that sends several characters
_REDRAW_AFTER = 0.1  # seconds; a load reports every article


def say(message: str) -> None:
    """Write a message, which is not data, to standard error; a terminal gets whole words on each line."""
    text = printable(message)
    lines = [(0, len(text))]
    if sys.stderr.isatty():
        import shutil  # noqa: PLC0415 - as in `current_layout`

        lines = list(wrap(text, shutil.get_terminal_size().columns))
    for start, end in lines or [(0, 0)]:
        sys.stderr.write(f"{text[start:end]}\n")


def is_styled() -> bool:
    """Whether standard output may have colors, bars and prompts: only a terminal, and never with NO_COLOR."""
    return sys.stdout.isatty() and not wants_plain_output()


def can_prompt() -> bool:
    """Whether somebody at a terminal can answer a question."""
    return sys.stdin.isatty() and is_styled()


def current_layout() -> Layout:
    """Return the layout for standard output; a terminal gets wrapped lines even without color."""
    today = datetime.now().astimezone().date()
    if not sys.stdout.isatty():
        return Layout(today=today)
    import shutil  # noqa: PLC0415 - some milliseconds that an answer into a pipe does not need

    return Layout(width=shutil.get_terminal_size().columns, styled=is_styled(), today=today)


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """Yield what a load reports its progress to: a bar that disappears when done, or None when nobody is watching."""
    if not (is_styled() and sys.stderr.isatty()):
        yield None
        return
    from rich import progress  # noqa: PLC0415 - 100 ms that only a terminal needs
    from rich.console import Console  # noqa: PLC0415

    columns = progress.SpinnerColumn(), progress.BarColumn(), progress.TextColumn("{task.description}", markup=False)
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(operator_messages.LOADING, total=None)
        phase, drawn = "", 0.0

        def update(state: Progress) -> None:
            nonlocal phase, drawn
            if state.phase != phase or time.monotonic() - drawn >= _REDRAW_AFTER:
                phase, drawn = state.phase, time.monotonic()
                bar.update(task, description=load_messages.progress(state), completed=state.done, total=state.total)

        yield update


def page(lines: Sequence[str]) -> bool:
    """Show lines in $PAGER, or `less`, if they do not fit the terminal; return whether they were shown.

    An empty PAGER turns it off, as do NO_COLOR and a terminal that is dumb. Nothing is shown away from a terminal.
    """
    pager = os.environ.get("PAGER", _PAGER)
    if not (pager.strip() and can_prompt()):
        return False
    import shutil  # noqa: PLC0415 - only at a terminal
    import signal  # noqa: PLC0415
    import subprocess  # noqa: PLC0415

    if len(lines) < shutil.get_terminal_size().lines:
        return False
    settings = {"LESS": "FRX"} | os.environ  # for PAGER=less
    try:
        process = subprocess.Popen(pager, shell=True, stdin=subprocess.PIPE, env=settings)  # noqa: S602 - as git does
    except OSError:
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager
    try:
        process.communicate("".join(f"{line}\n" for line in lines).encode(errors="backslashreplace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return process.returncode != _NO_SUCH_COMMAND


@contextmanager
def single_keys() -> Iterator[Iterator[str]]:
    """Yield the keys typed at the terminal, in lower case, as they are typed, and show none; it ends when input does.

    What is typed ahead is kept. Arrows and the like are left out.
    """
    import termios  # noqa: PLC0415 - only at a terminal
    import tty  # noqa: PLC0415

    file = sys.stdin.fileno()
    before = termios.tcgetattr(file)
    tty.setcbreak(file, termios.TCSANOW)
    try:
        yield _typed(file)
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, before)


def _typed(file: int) -> Iterator[str]:
    while typed := os.read(file, _TYPED_AHEAD):
        yield from re.sub(_ESCAPE_SEQUENCE, b"", typed).decode(errors="ignore").lower()
