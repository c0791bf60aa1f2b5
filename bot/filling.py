"""From the configured sources to a store that has articles, when there is no store yet."""

from collections.abc import Callable

from bot.rendering import words
from bot.settings import Settings
from retrieval.engine import Engine
from retrieval.errors import SourceError


def ensure_filled(engine: Engine, settings: Settings, say: Callable[[str], None]) -> None:
    """Load the configured sources into a store that has never been loaded; `say` tells the person.

    Raises RetrievalError when the sources are not there or another load is under way.
    """
    if engine.generation():
        return
    say(words.first_load(settings.db, settings.articles))
    report = engine.load(settings.articles)
    for failure in report.failed:
        say(words.failure(failure))
    if report.failed and not report.generation:
        raise SourceError(words.NOTHING_READ)
