"""What draws a PNG file: needs matplotlib, which is an extra."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click


def plotter(module: str, out: Path) -> Callable[..., Any]:
    """Return `draw` of a module of `bot.rendering`, before anything is computed; raise ClickException without matplotlib."""
    if out.suffix.lower() != ".png":
        raise click.UsageError(f"--plot draws a PNG file. Name it {out.name}.png, not {out.name}.")
    try:
        draw: Callable[..., Any] = import_module(f"bot.rendering.{module}").draw
    except ModuleNotFoundError as error:
        raise click.ClickException("--plot needs matplotlib. Install it with `pip install matplotlib`.") from error
    return draw
