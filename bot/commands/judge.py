"""`citebot judge`: say of past answers, one key each, whether they were right."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.commands.options import db_option, json_option, settings_with
from bot.rendering import operator_messages
from bot.rendering.as_json import judgement_json
from bot.rendering.terminal.judging import KEYS, keys_for, sentence_lines
from bot.state import FirstSentence, Judgements
from bot.terminal import current_layout, say, single_keys

_UNDO, _QUIT = "u", ("q", "\x04")  # the latter is Ctrl-D


@click.command(short_help="Say which past answers were right.")
@json_option("the judgements so far, one JSON object per line")
@click.option("--skipped", is_flag=True, help="Show those that were skipped.")
@db_option
def judge(*, as_json: bool, skipped: bool, db: Path | None) -> None:
    """Show past questions with the sentence that answered them first, the latest first, and take one key for each.

    Each judgement is stored at once: stop at any time, and go on later. Those of `--json` that say what answers, or that
    nothing does, are lines for `citebot evaluate`. A judgement is deleted with its question, after CITEBOT_KEEP_DAYS days.
    """
    settings = settings_with(db)
    with Judgements(settings.state) as judgements:
        found = judgements.first_sentences()
        if as_json:
            for one in found:
                if one.verdict:
                    click.echo(judgement_json(one))
            return
        waiting = [one for one in found if one.verdict == ("skipped" if skipped else None)]
        if not found:
            say(operator_messages.nothing_asked(unanswered=False, keep_days=settings.keep_days))
        elif not waiting:
            say("Nothing was skipped." if skipped else "Every answer on record is judged.")
        elif not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise click.UsageError("This is not a terminal, so no keys can be read. `--json` lists the judgements.")
        else:
            judged = _judge(judgements, waiting)
            say(f"Judged {judged:,} of {operator_messages.count(len(waiting), 'answer')}.")


def _judge(judgements: Judgements, waiting: Sequence[FirstSentence]) -> int:
    """Show one answer after another and store what is thought of each; return how many were judged."""
    at = 0
    with single_keys() as typed:
        while at < len(waiting):
            one = waiting[at]
            for line in sentence_lines(one, at + 1, len(waiting), current_layout()):
                click.echo(line)
            key = next((key for key in typed if key in {*keys_for(one), *_QUIT} or (key == _UNDO and at)), _QUIT[0])
            click.echo(f"{KEYS.get(key, 'undone' if key == _UNDO else 'stopped')}\n")
            if key in _QUIT:
                break
            if key == _UNDO:
                at -= 1
                judgements.judge(waiting[at].answers, waiting[at].verdict)  # as it was before
            else:
                judgements.judge(one.answers, KEYS[key])
                at += 1
    return at
