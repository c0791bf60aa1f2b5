"""`citebot telegram`: run the bot."""

from pathlib import Path

import click

from bot.commands.options import InvalidSettings, db_option, settings_with
from bot.settings.parsing import SettingsError
from bot.terminal import say


@click.command(short_help="Run the Telegram bot.")
@db_option
def telegram(db: Path | None) -> None:
    """Run the Telegram bot until it is interrupted. Set CITEBOT_TOKEN to its token from @BotFather."""
    from bot.telegram.receiving.http_server import CannotListen  # noqa: PLC0415
    from bot.telegram.run import run_bot  # noqa: PLC0415 - half a second that nothing else needs
    from bot.telegram.sending.failures import Refused  # noqa: PLC0415

    try:
        run_bot(settings_with(db), say)
    except SettingsError as error:
        raise InvalidSettings(str(error)) from error
    except (CannotListen, Refused) as error:
        raise click.ClickException(str(error)) from error
