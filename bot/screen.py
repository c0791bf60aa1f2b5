"""From what standard output is connected to, to how the output may look."""

import sys
from datetime import datetime

from bot.rendering.terminal import Look
from bot.settings import wants_plain_output


def is_dressed() -> bool:
    """Tell whether colour, bars and prompts are in place: only on a terminal, and never against NO_COLOR."""
    return sys.stdout.isatty() and not wants_plain_output()


def look() -> Look:
    """Choose the look of standard output; a terminal gets wrapped lines even without colour."""
    today = datetime.now().astimezone().date()
    if not sys.stdout.isatty():
        return Look(today=today)
    import shutil  # noqa: PLC0415 - some milliseconds that an answer into a pipe need not wait for

    return Look(width=shutil.get_terminal_size().columns, styled=is_dressed(), today=today)
