"""`citebot lint`: what is wrong with the articles."""

from pathlib import Path

import click

from bot.commands.options import FAILED, db_option, json_option, leave, say, settings_with
from bot.rendering import messages
from bot.rendering.terminal.lint import finding_line, finding_lines, is_wrong
from bot.terminal import look
from retrieval import open_engine


@click.command(short_help="Say what is wrong with the articles.")
@json_option("one JSON object a line")
@db_option
def lint(as_json: bool, db: Path | None) -> None:
    """Look through the articles for what keeps them from answering well, and say what to do.

    The same story twice, no title, no date, the same title twice, no sentence that can answer, sentences too long to
    quote, a language that is not known or has no stemmer.

    Exit code: 0 nothing is wrong, 1 something is.
    """
    with open_engine(settings_with(db).db) as engine:
        findings = engine.lint()
        if not engine.generation():
            say(f"{messages.NO_ARTICLES} `citebot load PATH` reads some.")
            return
    for line in map(finding_line, findings) if as_json else finding_lines(findings, look()):
        click.echo(line)
    if any(map(is_wrong, findings)):
        leave(FAILED)
    say("Nothing is wrong.")
