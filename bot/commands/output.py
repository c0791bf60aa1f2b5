"""A file that a command is told to write: checked before any work is done, and there only when it is whole."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.commands.options import confirm_or_leave

_Command = TypeVar("_Command", bound=Callable[..., Any])
_STANDARD_OUTPUT = Path("-")


def force_option(command: _Command) -> _Command:
    """Add `--force` to a command."""
    return click.option("--force", is_flag=True, help="Replace a file that exists without asking.")(command)


def is_standard_output(out: Path | None) -> bool:
    """Whether this is standard output by one of its names: none, `-`, /dev/stdout."""
    if out is None or out == _STANDARD_OUTPUT:
        return True
    try:
        return os.path.samestat(out.stat(), os.fstat(1))
    except OSError:
        return False


def check_output(out: Path | None, *, force: bool) -> None:
    """Raise ClickException if no file can be written there; leave if one is there that nobody wants replaced."""
    if out is None or is_standard_output(out):
        return
    with _in_words(out):
        folder = out.resolve().parent  # of the file that a link leads to
        if out.is_dir():
            raise click.ClickException(f"{out} is a folder. Name a file in it.")
        if not folder.is_dir():
            raise click.ClickException(f"{out} cannot be written: there is no folder {folder}.")
        if not os.access(out if out.exists() else folder, os.W_OK):
            raise click.ClickException(f"{out} cannot be written: permission denied.")
    if out.is_file() and not force:
        confirm_or_leave(f"{out} exists. Replace it?", instead="Add --force to replace it")


@contextmanager
def replaced_when_whole(out: Path) -> Iterator[Path]:
    """Yield the path of a new file that takes the place of another, in its folder and with its mode, if all goes well.

    Links are followed. Standard output, a device or a pipe is written in the end. Raise ClickException.
    """
    passed_on = is_standard_output(out) or (out.exists() and not out.is_file())
    target = out if passed_on else out.resolve()
    beside = None if passed_on else target.parent
    with _in_words(out), tempfile.TemporaryDirectory(prefix=".citebot-", dir=beside) as folder:
        whole = Path(folder) / target.name
        yield whole
        if passed_on:
            _pass_on(whole, out)
            return
        if target.exists():
            shutil.copymode(target, whole)
        whole.replace(target)


@contextmanager
def _in_words(out: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {(error.strerror or str(error)).lower()}.") from error


def _pass_on(whole: Path, out: Path) -> None:
    with whole.open("rb") as read:
        if is_standard_output(out):
            sys.stdout.buffer.write(read.read())
            return
        with out.open("wb") as written:
            shutil.copyfileobj(read, written)
