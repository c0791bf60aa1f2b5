"""`citebot sources add`, `list`, `remove`: what every load that names nothing reads."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from bot.commands.options import FAILED, db_option, json_option, leave, say, settings_with
from bot.rendering import messages
from bot.rendering.dates import moment
from bot.rendering.terminal.layout import table
from bot.terminal import look
from retrieval import open_engine
from retrieval.errors import SourceError
from retrieval.records import StoredSource


@click.group(short_help="Add, list and remove what `load` reads.")
def sources() -> None:
    """Keep a list of what `citebot load` and the bot's own refreshes read, besides CITEBOT_ARTICLES.

    A source is a file, a folder, a pattern such as 'news/**/*.md', or the address of a page, a feed or a sitemap.
    """


@sources.command(short_help="Add sources.")
@click.argument("spec", nargs=-1, required=True)
@db_option
def add(spec: tuple[str, ...], db: Path | None) -> None:
    """Add each SPEC: a path, a pattern in quotation marks, or an address. `citebot load` reads it.

    Exit code: 0 done, 1 one of them cannot be read.
    """
    settings = settings_with(db)
    failed = False
    with open_engine(settings.db) as engine:
        for one in dict.fromkeys(spec):
            try:
                is_new = engine.add_source(one, allow_private=settings.allow_private)
            except SourceError as error:
                failed = True
                say(messages.source_refused(one, error))
            else:
                say(f"Added {one}. `citebot load` reads it." if is_new else f"{one} is in the list already.")
    if failed:
        leave(FAILED)


@sources.command("list", short_help="List the sources.")
@json_option("one JSON object a line")
@db_option
def list_sources(as_json: bool, db: Path | None) -> None:
    """List the sources that were added: kind, when last read, articles, and what was wrong then."""
    settings = settings_with(db)
    with open_engine(settings.db) as engine:
        added = engine.sources()
    if as_json:
        for source in added:
            click.echo(json.dumps(asdict(source), ensure_ascii=False))
        return
    if added:
        rows = [("SOURCE", "KIND", "READ", "ARTICLES", "OUTCOME"), *map(_row, added)]
        for line in table(rows, look().width):
            click.echo(line)
    else:
        say("No source was added yet: `citebot sources add PATH` or an address does.")
    if settings.configured or not added:
        say(f"Read in any case: {', '.join(settings.articles)} (CITEBOT_ARTICLES).")


def _row(source: StoredSource) -> tuple[str, ...]:
    read = moment(source.read) if source.read else "not yet"
    return source.spec, source.kind, read, f"{source.articles:,}", source.outcome or ("-" if source.read else "")


def _complete_specs(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    with open_engine(settings_with(context.params.get("db")).db) as engine:
        return [source.spec for source in engine.sources() if source.spec.startswith(incomplete)]


@sources.command(short_help="Remove sources.")
@click.argument("spec", nargs=-1, required=True, shell_complete=_complete_specs)
@click.option("--articles", is_flag=True, help="Remove the articles that were read from them too.")
@db_option
def remove(spec: tuple[str, ...], articles: bool, db: Path | None) -> None:
    """Take each SPEC out of the list; its articles stay, but with --articles."""
    failed = False
    with open_engine(settings_with(db).db) as engine:
        for one in dict.fromkeys(spec):
            if engine.remove_source(one, articles=articles):
                say(f"Removed {one}{' and its articles' if articles else '; its articles stay'}.")
            else:
                failed = True
                say(f"{one} is not in the list: `citebot sources list` shows what is.")
    if failed:
        leave(FAILED)
