"""`citebot questions` and `verify`: past questions, and whether the answers still hold."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.commands.options import confirm_or_leave, db_option, exit_with, json_option, settings_with
from bot.opening import open_articles
from bot.rendering import operator_messages
from bot.rendering.as_json import record_json, verified_json
from bot.rendering.terminal.question_lines import holds, question_lines, verified_lines
from bot.state import AnswerLog
from bot.state.ids import read_answer_id
from bot.state.verify import verify as verify_answer
from bot.terminal import FAILED, current_layout, say

_COMPARED_IDS = 10_000  # latest answers searched for the one a mistyped id may mean


@click.command(short_help="List past questions.")
@json_option("one JSON object per line")
@click.option("--unanswered", is_flag=True, help="List only questions that the articles did not answer.")
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many to list.")
@click.option("--forget", is_flag=True, help="Delete all questions and answers on record, after asking.")
@click.option("--yes", is_flag=True, help="With --forget: delete without asking.")
@db_option
def questions(*, as_json: bool, unanswered: bool, last: int, forget: bool, yes: bool, db: Path | None) -> None:
    """List the questions asked in Telegram and the console, latest first: when, where, answer ID and source.

    Questions are kept for CITEBOT_KEEP_DAYS days. `citebot verify ANSWER-ID` shows an answer as it was given.
    """
    settings = settings_with(db)
    if forget:
        _forget(settings.state, yes=yes)
        return
    with AnswerLog(settings.state) as answers:
        asked = answers.asked(last, unanswered=unanswered)
    if asked or as_json:
        for line in map(record_json, asked) if as_json else question_lines(asked, current_layout()):
            click.echo(line)
    else:
        say(operator_messages.nothing_asked(unanswered=unanswered, keep_days=settings.keep_days))


def _forget(state: Path, *, yes: bool) -> None:
    with AnswerLog(state) as answers:
        number, _ = answers.count()
        kept = operator_messages.count(number, "question")
        if number and not yes:
            confirm_or_leave(f"Delete {kept} and the answers given? Past answers can no longer be verified then.")
        answers.forget(datetime.max.replace(tzinfo=UTC))
    say(f"Deleted {kept}.")


@click.command(short_help="Check a past answer.")
@click.argument("answer-id", metavar="ANSWER-ID")
@json_option("one JSON object")
@db_option
def verify(answer_id: str, as_json: bool, db: Path | None) -> None:
    """Compare each citation of an answer, character by character, with the article as it was when cited.

    /source in the console and `citebot questions` show the ID of an answer.

    Exit codes: 0 every citation holds, 1 one does not, or its version of the article is no longer kept.
    """
    settings = settings_with(db)
    wanted = read_answer_id(answer_id)
    with AnswerLog(settings.state) as answers:
        given = answers.answer(wanted)
        if given is None:
            say(_no_such_answer(answer_id, wanted, answers.answer_ids(_COMPARED_IDS)))
            exit_with(FAILED)
    with open_articles(settings) as engine:
        verified = verify_answer(engine, given)
    for line in [verified_json(given, verified)] if as_json else verified_lines(given, verified, current_layout()):
        click.echo(line)
    exit_with(0 if holds(verified) else FAILED)


def _no_such_answer(typed: str, wanted: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only after a typo

    near = get_close_matches(wanted, known, n=3, cutoff=0.7)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`citebot questions` lists the IDs."
    return f"There is no answer {typed!r}. {hint}"
