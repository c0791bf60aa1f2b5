"""`citebot backup` and `restore`: both stores into one file, and back."""

from pathlib import Path

import click

from bot.backup import BackupMember, restore_backup, write_backup
from bot.commands.options import can_be_asked, db_option, say, settings_with

_FILE = click.Path(path_type=Path)


@click.command(short_help="Back up both stores.")
@click.argument("file", type=_FILE)
@db_option
def backup(file: Path, db: Path | None) -> None:
    """Write the articles, the questions kept and what was learned into FILE, a ZIP file; the bot may go on running.

    The index is not in it: it is made from the articles again. `citebot restore FILE` brings everything back.
    """
    settings = settings_with(db)
    kept = write_backup(settings.db, settings.state, file)
    for line in map(_told, kept):
        say(line)
    say(f"Backed up to {file}. `citebot restore {file}` brings it back.")


@click.command(short_help="Bring a backup back.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@db_option
def restore(file: Path, yes: bool, db: Path | None) -> None:
    """Bring back what `citebot backup` wrote into FILE; what is there now is backed up first.

    The bot may go on running: its next answer is from the articles that were brought back.
    """
    settings = settings_with(db)
    if not yes and not can_be_asked():
        raise click.UsageError("Nobody can be asked here. Add --yes to bring it back all the same.")
    if not yes:
        click.confirm(f"Replace {settings.db} and {settings.state} by what is in {file}?", abort=True, err=True)
    kept, before = restore_backup(file, settings.db, settings.state)
    for line in map(_told, kept):
        say(line)
    say(f"Brought back from {file}.")
    if before:
        say(f"What was there before is in {' and '.join(map(str, before))}.")


def _told(kept: BackupMember) -> str:
    return f"{kept.path}: {kept.content}" if kept.content else f"{kept.path}"
