"""`citebot console` and `citebot telegram`: conversations that last."""

import sys
from pathlib import Path

import click

from bot.commands.options import db_option, say, settings_with
from bot.settings import history_file
from bot.sources import ensure_filled
from bot.terminal import is_dressed
from retrieval import open_engine


@click.command(short_help="Talk in the terminal.")
@db_option
def console(db: Path | None) -> None:
    """Ask question after question in the terminal; /help there shows what else can be typed."""
    from bot.console import Console, converse  # noqa: PLC0415
    from bot.state import CONSOLE, open_recorder  # noqa: PLC0415

    settings = settings_with(db)
    watched = sys.stdin.isatty() and is_dressed()
    with open_engine(settings.db, settings.caution) as engine, open_recorder(settings) as recorder:
        ensure_filled(engine, settings, say)
        converse(Console(engine, click.echo, notes=recorder.of(CONSOLE)), history_file() if watched else None)


@click.command(short_help="Run the Telegram bot.")
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append every update to FILE, for `citebot simulate`: names and ids replaced, texts kept.",
)
@db_option
def telegram(record: Path | None, db: Path | None) -> None:
    """Run the Telegram bot until it is interrupted; CITEBOT_TOKEN holds its token.

    With --record the texts of messages are kept in FILE, apart from phone numbers, addresses of mail and @names; of
    people, pictures, files, places and contacts no more than that there was one. Only you can read FILE.
    """
    from bot.telegram.bot import run_bot  # noqa: PLC0415 - half a second that nothing else needs

    settings = settings_with(db)
    if record is None:
        run_bot(settings)
        return
    from bot.rendering.messages import recording  # noqa: PLC0415
    from bot.simulation.recorder import UpdateRecorder  # noqa: PLC0415

    with UpdateRecorder(record, settings.admins, settings.allow) as updates:
        say(recording(record))
        run_bot(settings, updates)
