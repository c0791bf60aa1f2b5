"""`citebot evaluate` and `citebot doctor`: how good the answers are, and what is wrong with the set-up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from bot.commands.opening import FAILED, db_option, json_option, leave, say, settings_with
from bot.diagnosis import find_file_problems, find_problems
from bot.rendering import words
from bot.rendering.cells import printable, table
from bot.settings import DEFAULTS, SettingsError, configured_values, parse_path
from retrieval.engine import open_engine
from retrieval.errors import RetrievalError


@click.command(short_help="Measure the answers against known ones.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.jsonl")
@json_option("the figures as one JSON object")
@db_option
def evaluate(file: Path, as_json: bool, db: Path | None) -> None:
    """Ask every question of FILE.jsonl and compare with its gold sentences.

    A line is {"id", "question", "gold": [{"article", "start", "end"}]}; an empty gold says that nothing answers it.
    """
    from retrieval.evaluation import evaluate as measure  # noqa: PLC0415 - only here
    from retrieval.evaluation import read_questions  # noqa: PLC0415

    with open_engine(settings_with(db).db) as engine:
        if not engine.articles():
            say(f"{words.NO_ARTICLES} `citebot load PATH` reads some.")
            leave(FAILED)
        figures = asdict(measure(engine.ask, read_questions(file)))
    if as_json:
        click.echo(json.dumps(figures))
        return
    for line in table([(name, _figure(value)) for name, value in figures.items()]):
        click.echo(line)


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}"


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
            empty = not engine.articles()
    except RetrievalError as error:
        return [str(error)]
    return [*problems, f"{words.NO_ARTICLES} `citebot load PATH` reads some."] if empty else problems


def _notes(values: Mapping[str, str], path: Path) -> Iterator[str]:
    """Say what is in order as it is, but might not be meant."""
    if not path.exists():
        yield f"There is no store at {path} yet: the first question makes it."
    if not values.get("CITEBOT_TOKEN"):
        yield "There is no CITEBOT_TOKEN: citebot answers on the terminal only."
    elif not values.get("CITEBOT_ADMINS"):
        yield "There are no CITEBOT_ADMINS: nobody can reload the articles from Telegram."
