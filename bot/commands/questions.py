"""`citebot questions` and `verify`: what was asked and answered, looked at afterwards."""

from pathlib import Path

import click

from bot.commands.options import FAILED, db_option, json_option, leave, say, settings_with
from bot.rendering import messages
from bot.rendering.terminal.questions import holds, question_line, question_lines, verified_line, verified_lines
from bot.state import AnswerLog
from bot.state.ids import read_answer_id
from bot.state.verify import verify as verify_answer
from bot.terminal import look
from retrieval import open_engine

_LAST = 20
_COMPARED = 10_000  # latest answers among which a mistyped id is looked for


@click.command(short_help="List what was asked.")
@json_option("one JSON object a line")
@click.option("--unanswered", is_flag=True, help="Only what the articles did not answer.")
@click.option("--last", type=click.IntRange(1), default=_LAST, metavar="N", help=f"At most so many ({_LAST}).")
@db_option
def questions(as_json: bool, unanswered: bool, last: int, db: Path | None) -> None:
    """List what was asked in Telegram and in the console, the latest first: when, where, the answer's id and source.

    Questions are kept for CITEBOT_KEEP_DAYS days. `citebot verify ANSWER-ID` shows an answer as it was given.
    """
    settings = settings_with(db)
    with AnswerLog(settings.state) as ledger:
        asked = ledger.asked(last, unanswered=unanswered)
    if as_json:
        for one in asked:
            click.echo(question_line(one))
    elif asked:
        for line in question_lines(asked, look()):
            click.echo(line)
    else:
        say(messages.nothing_asked(unanswered=unanswered, keep_days=settings.keep_days))


@click.command(short_help="Check a past answer.")
@click.argument("answer-id")
@json_option("one JSON object")
@db_option
def verify(answer_id: str, as_json: bool, db: Path | None) -> None:
    """Compare each citation of an answer with the article as it was when it was cited, character for character.

    The id of an answer is shown by /source and by `citebot questions`.

    Exit code: 0 every citation holds, 1 one does not, or its version of the article is no longer kept.
    """
    settings = settings_with(db)
    wanted = read_answer_id(answer_id)
    with AnswerLog(settings.state) as ledger:
        given = ledger.answer(wanted)
        if given is None:
            say(_no_such_answer(answer_id, wanted, ledger.answer_ids(_COMPARED)))
            leave(FAILED)
            return
    with open_engine(settings.db) as engine:
        verified = verify_answer(engine, given)
    for line in [verified_line(given, verified)] if as_json else verified_lines(given, verified, look()):
        click.echo(line)
    leave(0 if holds(verified) else FAILED)


def _no_such_answer(typed: str, wanted: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for who mistyped

    near = get_close_matches(wanted, known, n=3, cutoff=0.7)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`citebot questions` lists the ids of those that are kept."
    return f"There is no answer {typed!r}. {hint}"
