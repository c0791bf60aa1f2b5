"""`citebot backup` and `restore`: both databases into one file, and back."""

from collections.abc import Iterable
from pathlib import Path

import click

from bot.backup import BackupMember, restore_backup, write_backup
from bot.commands.options import confirm_or_leave, db_option, settings_with
from bot.commands.output import check_output, force_option
from bot.opening import place
from bot.state import StateError
from bot.state.backups import note_backup
from bot.terminal import say


@click.command(short_help="Back up articles and questions.")
@click.argument("file", type=click.Path(path_type=Path))
@force_option
@db_option
def backup(file: Path, force: bool, db: Path | None) -> None:
    """Write the articles, the recorded questions, the trained weights and the files sent to the bot to FILE, a ZIP file.

    The bot can keep running. The index is left out, since it is rebuilt from the articles. `citebot restore FILE`
    restores everything. With CITEBOT_ENGINE the articles are left out too, since the engine holds them.
    """
    settings = settings_with(db)
    check_output(file, force=force)
    _say_members(write_backup(settings.db, settings.state, file, articles=not settings.engine))
    if settings.engine:
        say(f"The articles are not in it: they are in {place(settings)}.")
    if settings.state.is_file():
        try:
            note_backup(settings.state, file)
        except StateError as error:  # the backup is made all the same
            say(str(error))
    say(f"Backed up to {file}. `citebot restore {file}` restores it.")


@click.command(short_help="Restore a backup.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Restore without asking.")
@db_option
def restore(file: Path, yes: bool, db: Path | None) -> None:
    """Restore what `citebot backup` wrote to FILE. The current data is backed up first.

    The bot can keep running: it answers the next question from the restored articles.
    """
    settings = settings_with(db)
    if not yes:
        confirm_or_leave(f"Replace {settings.db} and {settings.state} with the contents of {file}?")
    members, before = restore_backup(file, settings.db, settings.state)
    _say_members(members)
    say(f"Restored from {file}.")
    if before:
        say(f"The previous data is in {' and '.join(map(str, before))}.")


def _say_members(members: Iterable[BackupMember]) -> None:
    for member in members:
        say(f"{member.path} ({member.content})" if member.content else f"{member.path}")
