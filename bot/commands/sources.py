"""`citebot sources add`, `list`, `remove`: what a load reads if no source is named."""

from pathlib import Path

import click

from bot.commands.options import check_specs, db_option, exit_with, json_option, settings_with
from bot.opening import open_articles
from bot.rendering import operator_messages
from bot.rendering.ages import moment
from bot.rendering.as_json import record_json
from bot.rendering.terminal.layout import table
from bot.sources import fitting_samples
from bot.terminal import FAILED, current_layout, say
from retrieval.errors import SourceError
from retrieval.records import StoredSource, checked_set


def _check_set(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    try:
        return checked_set(name) if name else name
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


@click.group(short_help="Add, list and remove sources of articles.")
def sources() -> None:
    """Manage the sources that `citebot load` reads, besides CITEBOT_ARTICLES, when you name none.

    A source is a file, a folder, a pattern such as 'news/**/*.md', or the URL of a page, a feed or a sitemap.
    """


@sources.command(short_help="Add sources.")
@click.argument("spec", nargs=-1, required=True)
@click.option(
    "--set",
    "set_name",
    metavar="NAME",
    callback=_check_set,
    help="Put its articles into a set, for CITEBOT_SETS; --set '' takes them out.",
)
@db_option
def add(spec: tuple[str, ...], set_name: str | None, db: Path | None) -> None:
    """Add each SPEC: a path, a pattern in quotes, or a URL. `citebot load` reads them.

    Exit codes: 0 done, 1 one of them cannot be read.
    """
    settings = settings_with(db)
    failed = False
    with open_articles(settings) as engine:
        for one in dict.fromkeys(check_specs(spec)):
            try:
                is_new = engine.add_source(one, allow_private=settings.allow_private, set_name=set_name)
            except SourceError as error:
                failed = True
                say(operator_messages.source_refused(one, error))
            else:
                say(f"Added {one}. Run `citebot load` to read it." if is_new else f"{one} is already in the list.")
    if failed:
        exit_with(FAILED)


@sources.command("list", short_help="List the sources.")
@json_option("one JSON object per line")
@db_option
def list_sources(as_json: bool, db: Path | None) -> None:
    """List the added sources: kind, when last read, number of articles, and what went wrong then."""
    settings = settings_with(db)
    with open_articles(settings) as engine:
        added, samples = engine.sources(), fitting_samples(engine, settings)
    if as_json:
        for source in added:
            click.echo(record_json(source))
        return
    if added:
        rows = [("SOURCE", "KIND", "SET", "READ", "ARTICLES", "OUTCOME"), *map(_row, added)]
        for line in table(rows, current_layout().width):
            click.echo(line)
    else:
        say("No sources have been added. Add one with `citebot sources add PATH` (or a URL).")
    if settings.configured:
        say(f"Always read: {', '.join(settings.articles)} (CITEBOT_ARTICLES).")
    elif not added and samples:
        say(f"Until then, loads read the sample articles in {', '.join(samples)}.")


def _row(source: StoredSource) -> tuple[str, ...]:
    read = moment(source.read) if source.read else "not yet"
    return (
        source.spec,
        source.kind,
        source.set_name or "-",
        read,
        f"{source.articles:,}",
        source.outcome or ("-" if source.read else ""),
    )


def _complete_specs(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    with open_articles(settings_with(context.params.get("db"))) as engine:
        return [source.spec for source in engine.sources() if source.spec.startswith(incomplete)]


@sources.command(short_help="Remove sources.")
@click.argument("spec", nargs=-1, required=True, shell_complete=_complete_specs)
@click.option("--articles", is_flag=True, help="Also remove the articles read from them.")
@db_option
def remove(spec: tuple[str, ...], articles: bool, db: Path | None) -> None:
    """Remove each SPEC from the list. Its articles stay, unless you add --articles.

    Exit codes: 0 done, 1 one of them is not in the list.
    """
    failed = False
    with open_articles(settings_with(db)) as engine:
        for one in dict.fromkeys(check_specs(spec)):
            if engine.remove_source(one, articles=articles):
                say(f"Removed {one}{' and its articles' if articles else '; its articles stay'}.")
            else:
                failed = True
                say(f"{one} is not in the list. `citebot sources list` shows the list.")
    if failed:
        exit_with(FAILED)
