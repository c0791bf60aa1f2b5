"""IDs of articles on the command line: completed by the shell, explained when there is no such article."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from bot.commands.options import settings_with
from bot.opening import open_articles

_Command = TypeVar("_Command", bound=Callable[..., Any])


def id_argument(nargs: int = 1) -> Callable[[_Command], _Command]:
    """Add an argument that takes IDs of articles; -1 = any number."""
    return click.argument("id", nargs=nargs, shell_complete=_complete)


def _complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    with open_articles(settings_with(context.params.get("db"))) as engine:
        return [article.id for article in engine.articles() if article.id.startswith(incomplete)]


def no_such_article(article_id: str, known: Iterable[str]) -> str:
    """Return a message that there is no such article, with the ids that may be meant."""
    from difflib import get_close_matches  # noqa: PLC0415 - only after a typo

    near = get_close_matches(article_id, known, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`citebot articles` lists the IDs."
    return f"There is no article {article_id!r}. {hint}"
