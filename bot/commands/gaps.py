"""`citebot gaps`: what people asked and the articles leave open."""

from pathlib import Path

import click

from bot.commands.options import db_option, exit_with, json_option, settings_with
from bot.gaps import find_gaps
from bot.opening import open_articles
from bot.rendering import operator_messages
from bot.rendering.as_json import record_json
from bot.rendering.csv_table import csv_table
from bot.rendering.terminal.gap_lines import gap_lines
from bot.state import AnswerLog, Gap
from bot.terminal import FAILED, current_layout, say
from retrieval import EngineAway

_COLUMNS = ("times", "people", "last", "answered", "question", "other wordings")


@click.command(short_help="List what was asked and not answered.")
@json_option("one JSON object per line")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for a spreadsheet.")
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many to list.")
@db_option
def gaps(*, as_json: bool, as_csv: bool, last: int, db: Path | None) -> None:
    """List the questions that were not answered, or whose answers people found wrong, the most asked first.

    Questions that ask the same in other words are one entry. Each is asked again first: what the articles answer by now
    is left out.
    """
    settings, is_away = settings_with(db), False
    with AnswerLog(settings.state) as log:
        try:
            with open_articles(settings, settings.sets) as engine:
                found = find_gaps(engine, log)
        except EngineAway as error:
            found, is_away = find_gaps(None, log), True
            say(f"{error} This is all that was left open, whether or not the articles answer it by now.")
    if as_csv:
        click.echo(csv_table(_COLUMNS, map(_row, found[:last])), nl=False)
    elif as_json or found:
        for line in map(record_json, found[:last]) if as_json else gap_lines(found[:last], current_layout()):
            click.echo(line)
    else:
        say(operator_messages.nothing_asked(unanswered=True, keep_days=settings.keep_days))
    if is_away:
        exit_with(FAILED)


def _row(gap: Gap) -> tuple[object, ...]:
    first, *others = gap.questions
    return gap.times, gap.people, gap.last, gap.answered, first, " | ".join(others)
