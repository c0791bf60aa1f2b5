"""What commands share: options, reading the settings, opening the store, asking for confirmation, exiting."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from bot.opening import open_articles
from bot.rendering import messages
from bot.settings import SETTINGS, Settings, read_settings
from bot.settings.parsing import SettingsError
from bot.terminal import WRONG_USAGE, can_prompt, say
from retrieval import Engine

NO_ARTICLES = f"{messages.NO_ARTICLES} Load some with `citebot load PATH`."

_Command = TypeVar("_Command", bound=Callable[..., Any])


def db_option(command: _Command) -> _Command:
    """Add `--db` to a command."""
    return click.option(
        "--db",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help=f"The store of articles, instead of CITEBOT_DB ({SETTINGS['CITEBOT_DB'].default}) and CITEBOT_ENGINE.",
    )(command)


def json_option(what: str) -> Callable[[_Command], _Command]:
    """Add `--json` to a command."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what}.")


def print_json(value: Mapping[str, object]) -> None:
    """Print an object as one line of JSON."""
    click.echo(json.dumps(value, ensure_ascii=False))


def check_specs(specs: tuple[str, ...]) -> tuple[str, ...]:
    """Return sources as they were typed; raise UsageError if one is blank."""
    if not all(spec.strip() for spec in specs):
        raise click.UsageError(
            "A source is empty. Give a path, a pattern or a URL; an unset variable may be the reason."
        )
    return specs


class InvalidSettings(click.ClickException):
    """A setting is invalid."""

    exit_code = WRONG_USAGE


def settings_with(db: Path | None) -> Settings:
    """Return the settings, with the value of `--db`; raise InvalidSettings if one of them is invalid."""
    try:
        return read_settings(db=db)
    except SettingsError as error:
        raise InvalidSettings(str(error)) from error


@contextmanager
def open_filled(settings: Settings) -> Iterator[Engine]:
    """Open the store; load the configured sources first if nothing was ever loaded."""
    with open_articles(settings, settings.sets) as engine:
        if not engine.generation():
            from bot.sources import ensure_filled  # noqa: PLC0415 - only for the first question

            ensure_filled(engine, settings, say)
        yield engine


def confirm_or_leave(question: str, instead: str = "Add --yes to go ahead") -> None:
    """Ask a yes-or-no question and end the command on no; raise UsageError, with what to do, if nobody can answer."""
    if not can_prompt():
        raise click.UsageError(f"{question} This is not a terminal, so I can't ask. {instead}.")
    if not click.confirm(question, err=True):
        say("Nothing was changed.")
        exit_with(0)


def say_no_articles() -> None:
    """Say that the store is empty, and how to fill it."""
    say(NO_ARTICLES)


def exit_with(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise click.exceptions.Exit(code)
