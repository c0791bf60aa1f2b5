"""`citebot lint`: what keeps articles from answering well."""

from pathlib import Path

import click

from bot.commands.options import db_option, exit_with, json_option, say_no_articles, settings_with
from bot.opening import open_articles
from bot.rendering.as_json import finding_json
from bot.rendering.terminal.finding_lines import finding_lines, is_wrong
from bot.terminal import FAILED, current_layout, say


@click.command(short_help="Check the articles for problems.")
@json_option("one JSON object per line")
@click.option(
    "--contradictions", is_flag=True, help="Also find sentences that disagree about a number or a date; takes a while."
)
@db_option
def lint(as_json: bool, contradictions: bool, db: Path | None) -> None:
    """Find problems that keep articles from answering well, and print what to do about each.

    Finds near-duplicates, titles that several articles share, missing titles and dates, sentences that are too long to
    quote, articles without a sentence that could answer, and languages that are unknown or have no stemmer. What nearly
    all articles of a source have in common is said once.

    Exit codes: 0 no problems, 1 problems found.
    """
    with open_articles(settings_with(db)) as engine:
        contradicting = list(engine.contradictions()) if contradictions else []
        findings = [*engine.lint(), *contradicting]
        if not engine.generation():
            say_no_articles()
            return
    for line in map(finding_json, findings) if as_json else finding_lines(findings, current_layout()):
        click.echo(line)
    if contradictions and not contradicting:
        say("No contradictions found.")
    if any(map(is_wrong, findings)):
        exit_with(FAILED)
    say("No problems found.")
