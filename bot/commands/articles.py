"""`citebot articles`, `show`, `export`: the articles in the store."""

from pathlib import Path

import click

from bot.commands.ids import id_argument, no_such_article
from bot.commands.options import db_option, exit_with, json_option, say_no_articles, settings_with
from bot.commands.output import check_output, force_option, is_standard_output, replaced_when_whole
from bot.opening import open_articles
from bot.rendering import messages, operator_messages
from bot.rendering.ages import day, today
from bot.rendering.as_json import article_json, record_json, shown_json
from bot.rendering.terminal.article_lines import article_lines
from bot.rendering.terminal.layout import table
from bot.terminal import FAILED, current_layout, page, say
from retrieval import Engine
from retrieval.records import StoredArticle


@click.command(short_help="List the articles in the store.")
@json_option("one JSON object per line")
@db_option
def articles(as_json: bool, db: Path | None) -> None:
    """List the articles in the store: ID, title, language, date and number of sentences."""
    with open_articles(settings_with(db)) as engine:
        stored, read = engine.articles(), engine.last_read()
    if not stored:
        say_no_articles()
    elif as_json:
        for article in stored:
            click.echo(record_json(article))
    else:
        rows = [("ID", "TITLE", "LANGUAGE", "DATE", "SENTENCES"), *map(_row, stored)]
        for line in table(rows, current_layout().width):
            click.echo(line)
        if hint := operator_messages.stale(read, today()):
            say(hint)


def _row(article: StoredArticle) -> tuple[str, ...]:
    date = day(article.published or "") or "-"
    return article.id, article.title or "-", article.language, date, f"{article.sentences:,}"


@click.command(short_help="Show an article.")
@id_argument()
@json_option("the article as one JSON object")
@db_option
def show(id: str, as_json: bool, db: Path | None) -> None:  # noqa: A002 - shown as ID in the help
    """Show the article with this ID as its readers see it, and where it comes from. `citebot articles` lists the IDs.

    Exit codes: 0 done, 1 there is no such article.
    """
    with open_articles(settings_with(db)) as engine:
        stored = engine.articles()
        found = next((one for one in stored if one.id == id), None)
        article = engine.article(id)
    if found is None or article is None:
        say(no_such_article(id, [one.id for one in stored]))
        exit_with(FAILED)
    lines = [shown_json(found, article)] if as_json else list(article_lines(found, article, current_layout()))
    if not page(lines):
        for line in lines:
            click.echo(line)


@click.command(short_help="Export the articles as JSONL.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE; - is standard output.")
@force_option
@db_option
def export(out: Path | None, force: bool, db: Path | None) -> None:
    """Write all articles to standard output, or to a file, as JSONL that `citebot load` can read."""
    with open_articles(settings_with(db)) as engine:
        if engine.is_empty():  # an empty file would not load again, and might replace a good one
            say(messages.NO_ARTICLES if out is None else f"{messages.NO_ARTICLES} {out} was not written.")
            exit_with(FAILED if out else 0)
        if out is None or is_standard_output(out):
            for article in engine.export():
                click.echo(article_json(article))
            return
        check_output(out, force=force)
        with replaced_when_whole(out) as path:
            number = _write_articles(engine, path)
    say(f"Wrote {operator_messages.count(number, 'article')} to {out}.")


def _write_articles(engine: Engine, path: Path) -> int:
    number = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for number, article in enumerate(engine.export(), 1):  # noqa: B007 - counted for the message
            file.write(f"{article_json(article)}\n")
    return number
