"""Settings -> the articles that they name, opened, or whole in a file; where these are, for people to read."""

from collections.abc import Collection
from pathlib import Path

from bot.settings import Settings
from retrieval import Engine, open_engine, parse_address


def open_articles(settings: Settings, sets: Collection[str] = ()) -> Engine:
    """Open the articles, all of them or those in some sets."""
    return open_engine(settings.db, settings.caution, sets, settings.engine)


def whole_store(settings: Settings) -> Path:
    """Return the store, once it holds all articles of an engine elsewhere, for what works on the file itself."""
    if settings.engine:
        with open_articles(settings) as engine:
            engine.complete()
    return settings.db


def place(settings: Settings) -> str:
    """Return where the articles are, without passwords."""
    return f"the engine at {parse_address(settings.engine)}" if settings.engine else str(settings.db)


def nothing_loaded(settings: Settings) -> str:
    """Return that there are no articles, without the full stop."""
    if settings.engine:
        return f"The engine at {parse_address(settings.engine)} holds nothing yet"
    return (
        f"Nothing has been loaded into {settings.db}" if settings.db.exists() else f"There is no store at {settings.db}"
    )
