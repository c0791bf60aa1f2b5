"""`citebot stats`: how well past questions were answered."""

from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path

import click

from bot.commands.options import db_option, json_option, settings_with
from bot.commands.output import check_output, force_option, replaced_when_whole
from bot.commands.plotter import plotter
from bot.opening import open_articles
from bot.overview import make_overview
from bot.rendering.as_json import overview_json, record_json
from bot.rendering.csv_table import csv_table
from bot.rendering.overview_messages import overview_lines
from bot.rendering.terminal.answer_lines import text_lines
from bot.state import ExportedQuestion, Overview, Statistics
from bot.terminal import current_layout, say


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
        with open_articles(settings, settings.sets) as engine:
            found = make_overview(engine, settings.state)
        if not (as_csv or as_jsonl):
            _show(found, settings.keep_days, as_json=as_json)
        if draw and plot:
            with replaced_when_whole(plot) as path:
                draw(found, path, dark=dark)
            say(f"Wrote {plot}.")


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
