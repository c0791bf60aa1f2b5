"""`citebot history`, `rollback`: the generations that were shown, and back to one of them."""

from pathlib import Path

import click

from bot.commands.options import can_be_asked, db_option, json_option, leave, say, settings_with
from bot.rendering import messages
from bot.rendering.as_json import generation_line
from bot.rendering.terminal.layout import table
from bot.rendering.terminal.load import GENERATION_COLUMNS, generation_row, go_back, gone_back
from bot.terminal import look
from retrieval import open_engine


@click.command(short_help="List what was loaded, and when.")
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="So many, the latest first.")
@json_option("one JSON object a line")
@db_option
def history(last: int, as_json: bool, db: Path | None) -> None:
    """List the generations of the store, the latest first: each load that changed something made one.

    `citebot rollback` goes back to one that is marked as kept.
    """
    with open_engine(settings_with(db).db) as engine:
        generations = engine.history()[:last]
    if not generations:
        say(f"{messages.NO_ARTICLES} `citebot load PATH` reads some.")
    elif as_json:
        for generation in generations:
            click.echo(generation_line(generation))
    else:
        for line in table([GENERATION_COLUMNS, *map(generation_row, generations)], look().width):
            click.echo(line)


@click.command(short_help="Go back to what was loaded before.")
@click.argument("generation", type=int, required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@db_option
def rollback(generation: int | None, yes: bool, db: Path | None) -> None:
    """Show the articles of an earlier GENERATION again, of the one before if none is named.

    They become a new generation, so that this can be gone back on too. The last three can be gone back to; `citebot
    history` lists them. What people asked and were answered is not touched. The files of the articles are not either:
    loading them again brings back what they hold.
    """
    from bot.terminal import shown_progress  # noqa: PLC0415 - only a terminal has a bar

    with open_engine(settings_with(db).db) as engine:
        earlier = [one for one in engine.history() if one.kept and not one.current]
        chosen = next((one for one in earlier if generation in (None, one.number)), None)
        if chosen and not yes:
            if not can_be_asked():
                raise click.UsageError("Nobody can be asked here. Add --yes to go back all the same.")
            if not click.confirm(go_back(chosen), err=True):
                leave(0)
        with shown_progress() as progress:
            report = engine.rollback(chosen.number if chosen else generation, progress)
    for line in gone_back(report):
        say(line)
