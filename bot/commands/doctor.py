"""`citebot doctor`: what is wrong with the set-up and the store."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from bot.commands.options import FAILED, db_option, leave, say
from bot.rendering import admin_messages, messages
from bot.rendering.terminal.layout import printable
from bot.settings import DEFAULTS, Settings, configured_values
from bot.settings.checks import find_file_problems, find_problems, readable_settings
from bot.settings.parsing import SettingsError, parse_path
from bot.state import AnswerLog, StateError
from bot.state.checks import find_dead_letters
from retrieval import open_engine
from retrieval.errors import RetrievalError


@click.command(short_help="Say what is wrong with the set-up.")
@db_option
def doctor(db: Path | None) -> None:
    """Check the settings and the store, and say in words what is wrong and what to do.

    Exit code: 0 nothing is wrong, 1 something is.
    """
    try:
        configured = configured_values()
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    values = configured | ({"CITEBOT_DB": str(db)} if db else {})
    problems = [*find_problems(values), *find_file_problems(values)]
    path = parse_path(values.get("CITEBOT_DB") or DEFAULTS["CITEBOT_DB"])
    if path.is_file():
        problems += _store_problems(path)
    for problem in problems:
        click.echo(printable(f"- {problem}"))
    for note in _notes(values, path):
        say(note)
    if problems:
        leave(FAILED)
    say("Nothing is wrong.")


def _store_problems(path: Path) -> list[str]:
    try:
        with open_engine(path) as engine:
            problems = engine.problems()
            empty = engine.is_empty()
    except RetrievalError as error:
        return [str(error)]
    return [*problems, f"{messages.NO_ARTICLES} `citebot load PATH` reads some."] if empty else problems


def _notes(values: Mapping[str, str], path: Path) -> Iterator[str]:
    """Say what is in order as it is, but might not be meant."""
    if not path.exists():
        yield f"There is no store at {path} yet: the first question makes it."
    settings = readable_settings(values)
    yield from _kept(settings)
    yield from admin_messages.dead_letters(find_dead_letters(settings.state))
    if not values.get("CITEBOT_TOKEN"):
        yield "There is no CITEBOT_TOKEN: citebot answers on the terminal only."
    elif not values.get("CITEBOT_ADMINS"):
        yield "There are no CITEBOT_ADMINS: nobody can reload the articles from Telegram."


def _kept(settings: Settings) -> Iterator[str]:
    """Say how many questions are kept, where any are."""
    try:
        with AnswerLog(settings.state) as ledger:
            number, since = ledger.count()
    except StateError:
        return  # a problem of its own
    if since:
        yield messages.questions_kept(number, since, settings.keep_days)
