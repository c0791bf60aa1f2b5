"""From the configured sources to a store that has articles, when there is no store yet."""

import time
from collections.abc import Callable
from pathlib import Path

from bot.rendering import words
from bot.settings import Settings
from retrieval.engine import Engine
from retrieval.errors import SourceError, StoreBusy
from retrieval.records import LoadReport
from retrieval.store.locking import is_loading

BETWEEN_LOOKS = 0.1  # seconds, at whether another process still loads


def ensure_filled(engine: Engine, settings: Settings, say: Callable[[str], None]) -> None:
    """Load the configured sources into a store that has never been loaded; `say` tells the person.

    Waits for another process that does so already. Raises RetrievalError when the sources are not there.
    """
    if engine.generation():
        return
    from bot.reading_list import what_to_read  # noqa: PLC0415 - a store is filled only once

    sources = what_to_read(engine, settings)
    say(words.first_load(settings.db, sources))
    report = _first_load(engine, settings, sources, say)
    if report is None:
        return
    for failure in report.failed:
        say(words.failure(failure))
    if report.failed and not report.generation:
        raise SourceError(words.NOTHING_READ)


def _first_load(
    engine: Engine, settings: Settings, sources: tuple[str, ...], say: Callable[[str], None]
) -> LoadReport | None:
    """Load; None when another process has done so meanwhile."""
    from bot.loading_bar import shown_progress  # noqa: PLC0415 - a store is filled only once

    told = False
    while not engine.generation():
        try:
            with shown_progress() as progress:
                return engine.load(sources, allow_private=settings.allow_private, progress=progress)
        except KeyboardInterrupt:
            say(words.LOAD_INTERRUPTED)
            raise
        except StoreBusy:
            if not told:
                say(words.LOAD_AWAITED)
            told = True
            _wait_for_other_load(settings.db)
    return None


def _wait_for_other_load(db: Path) -> None:
    time.sleep(BETWEEN_LOOKS)
    while is_loading(db):
        time.sleep(BETWEEN_LOOKS)
