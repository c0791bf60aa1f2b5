"""`citebot doctor`: problems with the settings, the files, the two databases, and what @BotFather has switched on."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import click

from bot.commands.doctor_checks import find_all_problems, find_notes
from bot.commands.mending import mend
from bot.commands.options import InvalidSettings, db_option, exit_with, json_option, print_json
from bot.rendering.terminal.layout import printable
from bot.settings import SETTINGS, values_with
from bot.settings.parsing import Setting, SettingsError
from bot.settings.settings_checks import valid_settings
from bot.terminal import FAILED, say
from retrieval.disk import disk_space


class _CommandWithSettings(click.Command):
    """Lists all settings at the end of its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each setting with its explanation and its default."""
        del ctx
        with formatter.section("Settings"):
            formatter.write_dl([(setting.variable, _explain(setting)) for setting in SETTINGS.values()])


def _explain(setting: Setting) -> str:
    return f"{setting.help}  [default: {setting.default}]" if setting.default else setting.help


@click.command(cls=_CommandWithSettings, short_help="Check the setup.")
@click.option(
    "--fix", is_flag=True, help="Mend what can be mended without loss: rights of files, leftovers, the index."
)
@json_option("problems, notes and what was mended as one JSON object")
@db_option
def doctor(fix: bool, as_json: bool, db: Path | None) -> None:
    """Check the settings, both databases, and the bot in Telegram. Print each problem and what to do about it.

    Exit codes: 0 no problems, 1 problems found, and with --fix left.
    """
    try:
        values = values_with(db)
    except SettingsError as error:
        raise InvalidSettings(str(error)) from error
    settings = valid_settings(values)
    mended = list(mend(settings)) if fix else []
    problems, notes = find_all_problems(settings, values), list(find_notes(settings, values))
    if settings.token:
        from bot.telegram.abilities import examine_bot  # noqa: PLC0415 - half a second that nothing else needs

        bot = asyncio.run(examine_bot(settings, settings.token))
        problems += bot.problems
        notes += bot.notes
    if as_json:
        print_json({"problems": problems, "notes": notes, "mended": mended, "free_bytes": disk_space(settings.db)[0]})
    else:
        _show(problems, notes, mended)
    if problems:
        exit_with(FAILED)


def _show(problems: Iterable[str], notes: Iterable[str], mended: Iterable[str]) -> None:
    for line in mended:
        say(line)
    for problem in problems:
        click.echo(printable(f"- {problem}"))
    for note in notes:
        say(note)
    if not problems:
        say("No problems found.")
