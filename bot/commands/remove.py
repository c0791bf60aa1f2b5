"""`citebot remove`: remove articles from the store by ID, by pattern or by source."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import click

from bot.commands.ids import id_argument, no_such_article
from bot.commands.options import check_specs, confirm_or_leave, db_option, exit_with, settings_with
from bot.opening import open_articles
from bot.rendering import load_messages, operator_messages
from bot.terminal import FAILED, say
from retrieval import Engine

_MOST_NAMED = 20


@click.command(short_help="Remove articles from the store.")
@id_argument(nargs=-1)
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Remove what was last read from SOURCE.")
@click.option("--yes", is_flag=True, help="Remove what matches without asking.")
@db_option
def remove(id: tuple[str, ...], sources: tuple[str, ...], yes: bool, db: Path | None) -> None:  # noqa: A002 - in the help
    """Remove the articles with these IDs from the store. `citebot articles` lists the IDs.

    An ID may be a pattern in quotes, such as 'news/2019*': * stands for any characters. What matches a pattern, or is of
    a source, is shown, and removed when you say yes. The next load brings back what its sources still hold.

    Exit codes: 0 done, 1 an ID does not exist or nothing matches.
    """
    if not (id or sources):
        raise click.UsageError("Name the articles: citebot remove ID, a pattern of IDs, or --source SOURCE.")
    with open_articles(settings_with(db)) as engine:
        known = [article.id for article in engine.articles()]
        named = [one for one in dict.fromkeys(id) if one in known]
        matching, missing = _matching(engine, [one for one in id if one not in named], check_specs(sources), known)
        chosen = list(dict.fromkeys([*named, *matching]))
        if matching and not yes:
            _list(chosen)
            confirm_or_leave(f"Remove {operator_messages.count(len(chosen), 'article')}?")
        removed = engine.remove_all(chosen) if chosen else []
    _report(removed, by_name=not matching)
    for message in missing:
        say(message)
    if missing:
        exit_with(FAILED)


def _matching(
    engine: Engine, patterns: Iterable[str], sources: Iterable[str], known: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the ids that match a pattern or are of a source, and a message for each of these that has none."""
    found, missing = [], []
    for pattern in patterns:
        is_pattern = bool(re.search("[*?[]", pattern))
        matches = [one for one in known if is_pattern and fnmatchcase(one, pattern)]
        found += matches
        if not matches:
            missing.append(f"No ID matches {pattern!r}." if is_pattern else no_such_article(pattern, known))
    for source in sources:
        read = engine.articles_of(source)
        found += read
        if not read:
            missing.append(f"No article is from {source}. `citebot articles --json` shows the `origin` of each.")
    return found, missing


def _list(ids: Sequence[str]) -> None:
    for one in ids[:_MOST_NAMED]:
        say(f"- {one}")
    if len(ids) > _MOST_NAMED:
        say(f"- and {len(ids) - _MOST_NAMED:,} more")


def _report(removed: Sequence[str], *, by_name: bool) -> None:
    """Say what was removed: each article that was named, otherwise how many."""
    if by_name:
        for one in removed:
            say(f"Removed {one}.")
    else:
        say(f"Removed {load_messages.named_articles(removed)}.")
