"""`citebot load`: read articles into the store, after a preview if wanted."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from bot.commands.options import (
    check_specs,
    confirm_or_leave,
    db_option,
    exit_with,
    json_option,
    print_json,
    settings_with,
)
from bot.commands.waiting import patiently
from bot.opening import open_articles
from bot.rendering import load_messages, operator_messages
from bot.rendering.terminal.answer_lines import text_lines
from bot.rendering.terminal.load_lines import CONFIRM, preview_lines
from bot.settings import Settings
from bot.sources import default_sources
from bot.state import AnswerLog, StateError
from bot.terminal import FAILED, can_prompt, current_layout, progress_bar, say
from retrieval import Engine
from retrieval.records import LoadReport, StoredSource

_PREVIEWED_QUESTIONS = 50  # latest
_NOTHING_TO_READ = (
    "No source is named, added or set in CITEBOT_ARTICLES. Name one (`citebot load PATH`), or add one for every load"
    " (`citebot sources add PATH`)."
)


@click.command(short_help="Read articles into the store.")
@click.argument("source", nargs=-1)
@click.option("--prune", is_flag=True, help="Remove articles that are no longer in their source.")
@click.option("--again", is_flag=True, help="Read everything, even what has not changed.")
@click.option("--preview", is_flag=True, help="Show what would change, then ask whether to load.")
@click.option("--yes", is_flag=True, help="With --preview: load without asking.")
@json_option("the report as one JSON object")
@db_option
def load(
    *, source: tuple[str, ...], prune: bool, again: bool, preview: bool, yes: bool, as_json: bool, db: Path | None
) -> None:
    """Read the articles of each SOURCE into the store.

    A source is a file, a folder, a pattern such as 'news/**/*.md', or the URL of a page, a feed or a sitemap. Without
    SOURCE, everything in CITEBOT_ARTICLES is loaded, and everything added with `citebot sources add`. If there is
    neither, a new store is filled with the sample articles.

    Loading a source again replaces what has changed. Until a load is done, questions are answered from the articles
    loaded before. If a load is interrupted, run the same command to continue. If another load is running, this one
    waits up to a minute for it.

    --preview shows what would be added, changed and removed, and which of the last 50 questions would get a different
    first answer. Then it asks whether to load; without a terminal it loads only with --yes.

    Exit codes: 0 done, 1 something could not be read, 130 interrupted.
    """
    if as_json and preview:
        raise click.UsageError("--json reports what was loaded. Leave out --preview.")
    settings = settings_with(db)
    told: Container[str] = ()
    options: dict[str, Any] = {"prune": prune, "again": again, "allow_private": settings.allow_private}
    try:
        with open_articles(settings) as engine:
            specs = check_specs(source) or default_sources(engine, settings)
            if not specs:
                _refuse(engine.sources())
            if preview:
                previewed = patiently(lambda: _preview(engine, settings, specs, options), settings.db)
                if not _is_wanted(previewed, yes=yes):
                    return
                told = load_messages.failures(previewed.failed)
            report = patiently(lambda: _load(engine, specs, options), settings.db)
    except KeyboardInterrupt:
        say(operator_messages.LOAD_INTERRUPTED)
        raise
    if as_json:
        print_json(asdict(report))
    else:
        _report(report, told)
    if report.failed:
        exit_with(FAILED)


def _refuse(elsewhere: Iterable[StoredSource]) -> NoReturn:
    """Say that there is nothing to read, or that other machines have to read it."""
    if paths := ", ".join(source.spec for source in elsewhere):
        raise click.ClickException(f"None of the sources is on this machine: {paths}. Another one has to read them.")
    raise click.UsageError(_NOTHING_TO_READ)


def _load(engine: Engine, specs: Iterable[str], options: dict[str, Any]) -> LoadReport:
    with progress_bar() as progress:
        return engine.load(specs, progress=progress, **options)


def _report(report: LoadReport, told: Container[str]) -> None:
    """Say what was loaded, except what the preview has told."""
    for line in load_messages.load_report(report):
        if line not in told:
            say(line)
    if max(Counter(failed.reason for failed in report.failed).values(), default=0) > load_messages.MOST_NAMES:
        say("`citebot load --json` names all that failed.")
    if report.vanished:
        say("To remove these, run `citebot load --prune`.")


def _preview(engine: Engine, settings: Settings, specs: Iterable[str], options: dict[str, Any]) -> LoadReport:
    """Print what a load would change."""
    questions = _recent_questions(settings)
    with progress_bar() as progress:
        preview = engine.preview(specs, questions, progress=progress, **options)
    for line in preview_lines(preview, len(questions)):
        text = line.lstrip()
        indent = " " * (len(line) - len(text))
        for part in text_lines(text, current_layout(), first=indent, rest=indent):
            click.echo(part)
    return preview.report


def _is_wanted(previewed: LoadReport, *, yes: bool) -> bool:
    """Ask whether to load, if anything would change and somebody can answer; otherwise `yes` decides."""
    if yes or not (previewed.added or previewed.changed or previewed.removed):
        return yes
    if not can_prompt():
        say(f"{operator_messages.NOT_LOADED} Add --yes to load.")
        return False
    confirm_or_leave(CONFIRM)
    return True


def _recent_questions(settings: Settings) -> list[str]:
    """Return the latest questions; none, with a message, if they cannot be read."""
    try:
        with AnswerLog(settings.state) as answers:
            return answers.recent_questions(_PREVIEWED_QUESTIONS)
    except StateError as error:
        say(str(error))
        return []
