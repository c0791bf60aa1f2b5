"""`citebot load`, `articles`, `remove`, `export`: the articles into the store, listed, and out of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from bot.commands.options import FAILED, db_option, json_option, leave, say, settings_with
from bot.rendering import messages
from bot.rendering.as_json import article_line, stored_article_line
from bot.rendering.terminal.layout import table
from bot.settings import Settings
from bot.sources import what_to_read
from bot.terminal import look
from retrieval import Engine, open_engine
from retrieval.records import StoredArticle


@click.command(short_help="Read articles into the store.")
@click.argument("source", nargs=-1)
@click.option("--prune", is_flag=True, help="Remove the articles that are no longer in their source.")
@click.option("--again", is_flag=True, help="Read also what has not changed.")
@click.option("--preview", is_flag=True, help="Show what would change, then ask whether to load.")
@click.option("--yes", is_flag=True, help="With --preview: load without asking.")
@db_option
def load(*, source: tuple[str, ...], prune: bool, again: bool, preview: bool, yes: bool, db: Path | None) -> None:
    """Read the articles of each SOURCE into the store.

    A source is a file, a folder, a pattern such as 'news/**/*.md', or the address of a page, a feed or a sitemap.

    Text, Markdown (both with front matter if you like) and JSONL are read. With no SOURCE named, CITEBOT_ARTICLES are,
    and what `citebot sources add` has added.
    Loading again replaces what has changed. Until a load is done, questions are answered from what was there before.
    One that was interrupted goes on where it was, when the same is loaded again.

    With --preview it is said first what would be added, changed and removed, and which of the last 50 questions would
    get another first answer. Away from a terminal nothing is loaded then, unless with --yes.

    Exit code: 0 done, 1 something could not be read, 130 interrupted.
    """
    from bot.terminal import shown_progress  # noqa: PLC0415 - only a terminal has a bar

    settings = settings_with(db)
    try:
        with open_engine(settings.db, settings.caution) as engine:
            specs = source or what_to_read(engine, settings)
            if preview and not _is_wanted(engine, settings, specs, prune=prune, again=again, yes=yes):
                return
            with shown_progress() as progress:
                report = engine.load(
                    specs, prune=prune, again=again, allow_private=settings.allow_private, progress=progress
                )
    except KeyboardInterrupt:
        say(messages.LOAD_INTERRUPTED)
        raise
    for line in messages.load_report(report):
        say(line)
    if report.vanished:
        say("`citebot load --prune` removes what is no longer in its source.")
    if report.failed:
        leave(FAILED)


def _is_wanted(
    engine: Engine, settings: Settings, specs: Iterable[str], *, prune: bool, again: bool, yes: bool
) -> bool:
    from bot.commands.load import is_wanted  # noqa: PLC0415 - who loads at once is spared it

    return is_wanted(engine, settings, specs, prune=prune, again=again, yes=yes)


@click.command(short_help="List the articles in the store.")
@json_option("one JSON object a line")
@db_option
def articles(as_json: bool, db: Path | None) -> None:
    """List the articles in the store: id, title, language, date, number of sentences."""
    with open_engine(settings_with(db).db) as engine:
        stored = engine.articles()
    if not stored:
        say(f"{messages.NO_ARTICLES} `citebot load PATH` reads some.")
    elif as_json:
        for article in stored:
            click.echo(stored_article_line(article))
    else:
        for line in table([("ID", "TITLE", "LANGUAGE", "DATE", "SENTENCES"), *map(_row, stored)], look().width):
            click.echo(line)


def _row(article: StoredArticle) -> tuple[str, ...]:
    date = messages.day(article.published or "") or "-"
    return article.id, article.title or "-", article.language, date, f"{article.sentences:,}"


def _complete_ids(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    with open_engine(settings_with(context.params.get("db")).db) as engine:
        return [article.id for article in engine.articles() if article.id.startswith(incomplete)]


@click.command(short_help="Remove an article from the store.")
@click.argument("id", nargs=-1, required=True, shell_complete=_complete_ids)
@db_option
def remove(id: tuple[str, ...], db: Path | None) -> None:  # noqa: A002 - shown as ID in the help
    """Remove the article with this ID (or several) from the store; `citebot articles` lists the ids."""
    with open_engine(settings_with(db).db) as engine:
        known = [article.id for article in engine.articles()]
        missing = [
            article_id for article_id in dict.fromkeys(id) if article_id not in known or not engine.remove(article_id)
        ]
    for article_id in dict.fromkeys(id):
        if article_id not in missing:
            say(f"Removed {article_id}.")
    for article_id in missing:
        say(_no_such_article(article_id, known))
    if missing:
        leave(FAILED)


def _no_such_article(article_id: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for who mistyped

    near = get_close_matches(article_id, known, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else " `citebot articles` lists the ids."
    return f"There is no article {article_id!r}.{hint}"


@click.command(short_help="Write the articles out as JSONL.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write there.")
@db_option
def export(out: Path | None, db: Path | None) -> None:
    """Write all articles as JSONL, which `citebot load` reads back, to standard output or to --out FILE."""
    number = 0
    with open_engine(settings_with(db).db) as engine:
        if engine.is_empty():  # an empty file would not load back, and might replace a good one
            say(messages.NO_ARTICLES if out is None else f"{messages.NO_ARTICLES} {out} was not written.")
            leave(FAILED if out else 0)
        with _output(out) as file:
            for number, article in enumerate(engine.export(), 1):  # noqa: B007 - counted for the report
                click.echo(article_line(article), file=file)
    if out is not None:
        say(f"Wrote {messages.count(number, 'article')} to {out}.")


@contextmanager
def _output(out: Path | None) -> Iterator[IO[str] | None]:
    """Open a file that takes its name only when it is whole; None is standard output."""
    if out is None:
        yield None
        return
    partial = out.with_name(f"{out.name}.part")
    try:
        with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
