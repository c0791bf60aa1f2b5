"""From the settings, the table of sources and the uploads to what a load reads that names nothing."""

from bot.settings import Settings
from bot.telegram.uploads_folder import uploads_folder
from retrieval.engine import Engine


def what_to_read(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Give what a load reads that names nothing: CITEBOT_ARTICLES, what was added, and what admins sent to the bot.

    The samples are read only where neither of the first two is there.
    """
    added = [source.spec for source in engine.sources()]
    uploads = uploads_folder(settings.db)
    configured = settings.articles if settings.configured or not added else ()
    return tuple(dict.fromkeys([*configured, *added, *([str(uploads)] if uploads.is_dir() else [])]))
