"""`citebot console` and `citebot telegram`: conversations that last."""

import sys
from pathlib import Path

import click

from bot.commands.options import WRONG_USAGE, db_option, say, settings_with
from bot.settings import history_file
from bot.settings.parsing import SettingsError
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


class _NotSetUp(click.ClickException):
    exit_code = WRONG_USAGE


@click.command(short_help="Run the Telegram bot.")
@db_option
def telegram(db: Path | None) -> None:
    """Run the Telegram bot until it is interrupted; CITEBOT_TOKEN holds its token."""
    from bot.telegram.bot import run_bot  # noqa: PLC0415 - half a second that nothing else needs
    from bot.telegram.receiving.http_server import CannotListen  # noqa: PLC0415
    from bot.telegram.sending.errors import Refused  # noqa: PLC0415

    try:
        run_bot(settings_with(db), say)
    except SettingsError as error:
        raise _NotSetUp(str(error)) from error
    except (CannotListen, Refused) as error:
        raise click.ClickException(str(error)) from error
