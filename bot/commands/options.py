"""What all commands share: the exit codes, the option `--db`, reading the settings, words for standard error."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.rendering.terminal.layout import printable
from bot.settings import Settings, read_settings
from bot.settings.parsing import SettingsError
from bot.terminal import is_dressed

FAILED, WRONG_USAGE, ABSTAINED, INTERRUPTED = 1, 2, 3, 130

_Command = TypeVar("_Command", bound=Callable[..., Any])


def db_option(command: _Command) -> _Command:
    """Add `--db` to a command."""
    return click.option(
        "--db",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="The store of articles, instead of CITEBOT_DB (citebot.db).",
    )(command)


def json_option(what: str) -> Callable[[_Command], _Command]:
    """Add `--json` to a command."""
    return click.option("--json", "as_json", is_flag=True, help=f"Write {what}.")


def settings_with(db: Path | None) -> Settings:
    """Read the settings; raises UsageError for a value that cannot be meant."""
    try:
        return read_settings(db=db)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def can_be_asked() -> bool:
    """Tell whether a person sits at a terminal who can be asked."""
    return sys.stdin.isatty() and is_dressed()


def say(line: str) -> None:
    """Tell the person something that is not data."""
    click.echo(printable(line), err=True)


def leave(code: int) -> None:
    """End the command with an exit code."""
    raise click.exceptions.Exit(code)
