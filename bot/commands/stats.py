"""`citebot stats`: how well past questions were answered."""

from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path

import click

from bot.commands.options import db_option, exit_with, json_option, settings_with
from bot.commands.output import check_output, force_option, replaced_when_whole
from bot.commands.plotter import plotter
from bot.opening import open_articles
from bot.overview import make_overview
from bot.rendering.as_json import overview_json, record_json
from bot.rendering.csv_table import csv_table
from bot.rendering.overview_messages import overview_lines
from bot.rendering.terminal.answer_lines import text_lines
from bot.settings import Settings
from bot.state import ExportedQuestion, Overview, Statistics
from bot.terminal import FAILED, current_layout, say
from retrieval import EngineAway


@click.command(short_help="Show how well past questions were answered.")
@json_option("the figures as one JSON object")
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print the questions as a table for a spreadsheet, without any IDs."
)
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Print them as one JSON object per line.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.png",
    help="Plot the figures (needs matplotlib).",
)  # fmt: skip
@click.option("--dark", is_flag=True, help="With --plot: light on a dark ground.")
@force_option
@db_option
def stats(
    *, as_json: bool, as_csv: bool, as_jsonl: bool, plot: Path | None, dark: bool, force: bool, db: Path | None
) -> None:
    """Show how many questions were answered, how many first answers are wrong, and what is missing in the articles.

    How many are wrong is known from `citebot judge`; the interval says between which shares the true one lies, with 95 %
    confidence, if what was judged is not picked out. --csv and --jsonl say neither who asked nor at what time of day.
    """
    if as_json + as_csv + as_jsonl > 1:
        raise click.UsageError("Choose one of --json, --csv and --jsonl.")
    draw = plotter("overview_plot", plot) if plot else None
    check_output(plot, force=force)
    settings = settings_with(db)
    if as_csv or as_jsonl:
        with Statistics(settings.state) as statistics:
            _export(statistics.export(), as_csv=as_csv)
    if not (as_csv or as_jsonl) or plot:
        found, is_away = _overview(settings, may_lack=not (as_json or plot))
        if not (as_csv or as_jsonl):
            _show(found, settings.keep_days, as_json=as_json)
        if draw and plot:
            with replaced_when_whole(plot) as path:
                draw(found, path, dark=dark)
            say(f"Wrote {plot}.")
        if is_away:
            exit_with(FAILED)


def _overview(settings: Settings, *, may_lack: bool) -> tuple[Overview, bool]:
    """Return the overview, and whether it lacks what only an engine that is away could tell."""
    try:
        with open_articles(settings, settings.sets) as engine:
            return make_overview(engine, settings.state), False
    except EngineAway as error:
        if not may_lack:
            raise
        say(f"{error} The gaps are all that was left open, and what is never cited is left out.")
        return make_overview(None, settings.state), True


def _export(questions: Iterable[ExportedQuestion], *, as_csv: bool) -> None:
    if as_csv:
        columns = [field.name for field in fields(ExportedQuestion)]
        click.echo(csv_table(columns, map(astuple, questions)), nl=False)
        return
    for one in questions:
        click.echo(record_json(one))


def _show(found: Overview, keep_days: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(overview_json(found))
        return
    for line in overview_lines(found, keep_days):
        for part in text_lines(line, current_layout()) if line else [""]:
            click.echo(part)
