"""`citebot history`, `rollback`: the generations of the store, and back to an earlier one."""

from pathlib import Path

import click

from bot.commands.options import confirm_or_leave, db_option, json_option, say_no_articles, settings_with
from bot.opening import open_articles
from bot.rendering.as_json import record_json
from bot.rendering.terminal.layout import table
from bot.rendering.terminal.load_lines import GENERATION_COLUMNS, generation_row, go_back, gone_back
from bot.terminal import current_layout, progress_bar, say


@click.command(short_help="List what was loaded, and when.")
@click.option(
    "--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="How many to list."
)
@json_option("one JSON object per line")
@db_option
def history(last: int, as_json: bool, db: Path | None) -> None:
    """List the generations of the store, latest first. Each load that changes something makes one.

    `citebot rollback` can go back to those marked as kept.
    """
    with open_articles(settings_with(db)) as engine:
        generations = engine.history()[:last]
    if not generations:
        say_no_articles()
    elif as_json:
        for generation in generations:
            click.echo(record_json(generation))
    else:
        for line in table([GENERATION_COLUMNS, *map(generation_row, generations)], current_layout().width):
            click.echo(line)


@click.command(short_help="Go back to an earlier generation.")
@click.argument("generation", type=int, required=False)
@click.option("--yes", is_flag=True, help="Go back without asking.")
@db_option
def rollback(generation: int | None, yes: bool, db: Path | None) -> None:
    """Go back to the articles of an earlier GENERATION; without one, a step further back each time.

    The last three that were shown before the current one are kept, as `citebot history` lists. Going back to one of
    them takes the place of no other, so you can always return. Recorded questions and answers stay as they are. So do
    the files that the articles came from: the next load brings back what they contain.
    """
    with open_articles(settings_with(db)) as engine:
        before, chosen = engine.generation(), engine.rollback_target(generation)
        if not yes:
            confirm_or_leave(go_back(chosen))
        with progress_bar() as progress:
            report = engine.rollback(chosen.number, progress)
    for line in gone_back(report, before):
        say(line)
