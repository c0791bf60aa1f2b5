"""`citebot load --preview`: what would change, and whether to go on."""

from collections.abc import Iterable

import click

from bot.commands.options import can_be_asked, say
from bot.rendering.terminal.answer import text_lines
from bot.rendering.terminal.load import NOT_LOADED, WANTED, preview_lines
from bot.settings import Settings
from bot.state import AnswerLog, StateError
from bot.terminal import look, shown_progress
from retrieval import Engine

QUESTIONS = 50  # of those asked last


def is_wanted(engine: Engine, settings: Settings, specs: Iterable[str], *, prune: bool, again: bool, yes: bool) -> bool:
    """Show what a load would change, and tell whether to go on: on a terminal a person is asked, elsewhere `yes` says so."""
    questions = recent_questions(settings)
    with shown_progress() as progress:
        preview = engine.preview(
            specs, questions, prune=prune, again=again, allow_private=settings.allow_private, progress=progress
        )
    for line in preview_lines(preview, len(questions)):
        indent = line[: len(line) - len(line.lstrip())]
        for part in text_lines(line.lstrip(), look(), first=indent, rest=indent):
            click.echo(part)
    report = preview.report
    if yes or not can_be_asked() or not (report.added or report.changed or report.removed):
        return yes
    wanted = click.confirm(WANTED, err=True)
    if not wanted:
        say(NOT_LOADED)
    return wanted


def recent_questions(settings: Settings) -> list[str]:
    """Give the questions that were asked last; none, with a word about it, where they cannot be read."""
    ledger = AnswerLog(settings.state)
    try:
        return ledger.recent_questions(QUESTIONS)
    except StateError as error:
        say(str(error))
        return []
    finally:
        ledger.close()
