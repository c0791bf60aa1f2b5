"""`citebot console`: a conversation in the terminal."""

from pathlib import Path

import click

from bot.commands.options import db_option, open_filled, settings_with
from bot.settings import history_file
from bot.terminal import can_prompt


@click.command(short_help="Ask questions interactively.")
@db_option
def console(db: Path | None) -> None:
    """Ask question after question in the terminal. Type /help there to see what else you can do."""
    from bot.console import Console, run_console  # noqa: PLC0415 - only here
    from bot.state import CONSOLE, open_recorder  # noqa: PLC0415

    settings = settings_with(db)
    with open_filled(settings) as engine, open_recorder(settings) as recorder:
        console = Console(engine, click.echo, recorder=recorder.of(CONSOLE))
        run_console(console, history_file() if can_prompt() else None)
