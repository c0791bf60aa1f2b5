"""`citebot console` and `citebot telegram`: conversations that last."""

import sys
from pathlib import Path

import click

from bot.commands.opening import WRONG_USAGE, db_option, leave, opened, say, settings_with
from bot.filling import ensure_filled
from bot.rendering import words
from bot.screen import is_dressed
from bot.settings import history_file


@click.command(short_help="Talk in the terminal.")
@db_option
def console(db: Path | None) -> None:
    """Ask question after question in the terminal; /help there shows what else can be typed."""
    from bot.console import Console, converse  # noqa: PLC0415

    settings = settings_with(db)
    watched = sys.stdin.isatty() and is_dressed()
    with opened(settings) as engine:
        ensure_filled(engine, settings, say)
        converse(Console(engine, click.echo), history_file() if watched else None)


@click.command(short_help="Run the Telegram bot.")
@db_option
def telegram(db: Path | None) -> None:
    """Run the Telegram bot until it is interrupted; CITEBOT_TOKEN holds its token."""
    settings = settings_with(db)
    if settings.token is None:
        say(words.NOT_SET_UP)
        leave(WRONG_USAGE)
    from bot.telegram.application import run_bot  # noqa: PLC0415 - half a second that nothing else needs

    run_bot(settings)
