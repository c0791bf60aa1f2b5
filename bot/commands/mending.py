"""What `citebot doctor --fix` mends: files that others can read, what ended processes left, an index that cannot be used."""

import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from bot.backup.working_folder import find_leftovers
from bot.rendering import operator_messages
from bot.settings import Settings, uploads_folder
from bot.sources import downloads_folder
from retrieval import open_engine
from retrieval.errors import RetrievalError

_LEFT = 86_400.0  # seconds after which nobody writes to a file any more


def find_readable_by_others(settings: Settings) -> list[Path]:
    """List the files with secrets, articles or questions that any user of this machine can read or write."""
    files = [Path(".env"), settings.db, settings.state]
    return [path for path in files if path.is_file() and path.stat().st_mode & stat.S_IRWXO]


def find_left_behind(settings: Settings) -> list[Path]:
    """List what ended processes left: working folders of backups and restores, and downloads of a day ago or earlier."""
    downloads = downloads_folder(uploads_folder(settings.db)).glob("*.part")
    old = [path for path in downloads if time.time() - path.stat().st_mtime > _LEFT]
    return [*find_leftovers(settings.db.absolute().parent), *sorted(old)]


def mend(settings: Settings) -> Iterator[str]:
    """Mend what can be mended without loss, and yield what was done, or why it was not."""
    for path in find_readable_by_others(settings):
        try:
            path.chmod(path.stat().st_mode & ~stat.S_IRWXO)
            yield f"Others can no longer read {path}."
        except OSError as error:
            yield operator_messages.not_mended(path, error)
    for path in find_left_behind(settings):
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            yield f"Deleted {path}, which an ended process had left."
        except OSError as error:
            yield operator_messages.not_mended(path, error)
    if not settings.engine:  # which has no index on this machine
        yield from _rebuild_index(settings.db)


def _rebuild_index(db: Path) -> Iterator[str]:
    if not db.is_file():
        return
    try:
        with open_engine(db) as engine:
            before = engine.problems()  # which withdraws an index that cannot be used
            if before and engine.generation():
                engine.retrieve("index", 1)  # a question rebuilds it
                if set(before) - set(engine.problems()):
                    yield f"Rebuilt the index of {db}."
    except RetrievalError as error:
        yield operator_messages.not_mended(db, error)
