"""`citebot doctor`: problems with the settings, the files, the two databases, and what @BotFather has switched on."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from bot.commands.options import NO_ARTICLES, InvalidSettings, db_option, exit_with, json_option, print_json
from bot.rendering import admin_messages, operator_messages
from bot.rendering.ages import day, today, with_age
from bot.rendering.terminal.layout import printable
from bot.settings import SETTINGS, Settings, configured_values
from bot.settings.parsing import Setting, SettingsError
from bot.settings.settings_checks import find_problems, valid_settings
from bot.state import AnswerLog, StateError
from bot.state.state_checks import find_dead_letters, find_state_problems
from bot.terminal import FAILED, say
from retrieval import open_engine
from retrieval.disk import disk_space
from retrieval.errors import RetrievalError


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
@json_option("problems and notes as one JSON object")
@db_option
def doctor(as_json: bool, db: Path | None) -> None:
    """Check the settings, both databases, and the bot in Telegram. Print each problem and what to do about it.

    Exit codes: 0 no problems, 1 problems found.
    """
    try:
        values = configured_values() | ({"CITEBOT_DB": str(db)} if db else {})
    except SettingsError as error:
        raise InvalidSettings(str(error)) from error
    settings = valid_settings(values)
    problems = [*find_problems(values), *find_file_problems(settings), *_find_store_problems(settings.db)]
    problems += find_space_problems(settings.db)
    notes = list(_notes(settings, values))
    if settings.token:
        from bot.telegram.abilities import examine_bot  # noqa: PLC0415 - half a second that nothing else needs

        bot = asyncio.run(examine_bot(settings, settings.token))
        problems += bot.problems
        notes += bot.notes
    if as_json:
        print_json({"problems": problems, "notes": notes})
    else:
        _show(problems, notes)
    if problems:
        exit_with(FAILED)


def _show(problems: Iterable[str], notes: Iterable[str]) -> None:
    for problem in problems:
        click.echo(printable(f"- {problem}"))
    for note in notes:
        say(note)
    if not problems:
        say("No problems found.")


def find_file_problems(settings: Settings) -> Iterator[str]:
    """Yield which configured files and folders do not exist or cannot be used; reads all of CITEBOT_STATE."""
    for name, path in (("CITEBOT_DB", settings.db), ("CITEBOT_STATE", settings.state)):
        if path.is_dir():
            yield f"{name} is the folder {str(path)!r}. Give the path of a file."
        elif not path.absolute().parent.is_dir():
            yield f"{name} is in {path.absolute().parent}, which does not exist. Create that folder."
    for spec in settings.articles:
        is_path = "://" not in spec and not re.search(r"[*?[]", spec)
        if is_path and not Path(spec).exists():
            yield f"CITEBOT_ARTICLES names {spec!r}, which does not exist."
    yield from find_state_problems(settings.state)


def find_space_problems(db: Path, free: int | None = None) -> Iterator[str]:
    """Yield whether the disk is too full to load articles; `free` is its free space in bytes, if it is known."""
    folder = db.absolute().parent
    there, kept = disk_space(folder)
    free = there if free is None else free
    if free < kept * 2:
        yield (
            f"The disk of {folder} has {free // 1_000_000:,} MB left, which is too little for a load: it leaves"
            f" {kept // 1_000_000:,} MB free. Free some space. Questions are still answered."
        )


def _find_store_problems(path: Path) -> list[str]:
    if not path.is_file():
        return []
    try:
        with open_engine(path) as engine:
            problems = engine.problems()
            return [*problems, NO_ARTICLES] if engine.is_empty() else problems
    except RetrievalError as error:
        return [str(error)]


def _notes(settings: Settings, values: Mapping[str, str]) -> Iterator[str]:
    """Yield what works, but might not be intended."""
    if not settings.db.exists():
        yield f"There is no store at {settings.db} yet. The first question creates it."
    yield from _last_change(settings.db)
    yield from _recorded_questions(settings)
    yield from admin_messages.dead_letters(find_dead_letters(settings.state))
    if not values.get("CITEBOT_TOKEN"):
        yield "CITEBOT_TOKEN is not set: citebot answers in the terminal only."
    elif not values.get("CITEBOT_ADMINS"):
        yield "CITEBOT_ADMINS is not set: nobody can reload the articles from Telegram."


def _last_change(path: Path) -> Iterator[str]:
    try:
        with open_engine(path) as engine:
            generations = engine.history()
    except RetrievalError:
        return  # reported as a problem
    if generations:
        changed = generations[0].published
        yield f"The articles were last changed on {with_age(day(changed), changed, today())}."


def _recorded_questions(settings: Settings) -> Iterator[str]:
    try:
        with AnswerLog(settings.state) as answers:
            number, since = answers.count()
    except StateError:
        return  # reported as a problem
    if since:
        yield operator_messages.questions_kept(number, since, settings.keep_days)
