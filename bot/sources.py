"""What the bot reads: configured and added sources, uploads from Telegram; the first load of a new store."""

import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bot.rendering import messages
from bot.settings import Settings
from retrieval import Engine
from retrieval.errors import SourceError, StoreBusy
from retrieval.records import LoadReport
from retrieval.store.lock import is_loading

POLL_INTERVAL = 0.1  # seconds between checks whether another process is still loading


def default_sources(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Return what a load reads if no source is named: CITEBOT_ARTICLES, added sources, and what admins sent to the bot.

    If there is none of these, return the sample articles, or nothing if they do not belong into this store.
    """
    configured = settings.articles if settings.configured else ()
    uploads = uploads_folder(settings.db)
    sent = [str(uploads)] if any(uploads.glob(f"{UPLOADS_PREFIX}/*")) else []
    own = dict.fromkeys([*configured, *(source.spec for source in engine.sources()), *sent])
    return tuple(own) or fitting_samples(engine, settings)


def fitting_samples(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Return the sample articles if the store was never loaded or holds nothing else: they never join other articles."""
    if settings.configured or not all(map(engine.holds_only, settings.articles)):
        return ()
    return () if engine.generation() and engine.is_empty() else settings.articles


def ensure_filled(engine: Engine, settings: Settings, say: Callable[[str], None]) -> None:
    """Load the default sources if the store has never been loaded; `say` informs the person.

    If another process is doing so, wait for it. Raise RetrievalError if no article could be read, or there is no source.
    """
    if engine.generation():
        return
    sources = sources_of_first_load(engine, settings)
    say(messages.first_load(settings.db, sources))
    report = _first_load(engine, settings, sources, say)
    if report is None:
        return
    for failure in report.failed:
        say(messages.failure(failure))
    if report.failed and not report.generation:
        raise SourceError(messages.NOTHING_READ)


def sources_of_first_load(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Return the default sources; raise SourceError if there is none."""
    sources = default_sources(engine, settings)
    if not sources:
        raise SourceError(messages.never_loaded(settings.db, exists=settings.db.exists()))
    return sources


def _first_load(
    engine: Engine, settings: Settings, sources: tuple[str, ...], say: Callable[[str], None]
) -> LoadReport | None:
    """Load the sources; return None if another process did so first."""
    from bot.terminal import progress_bar  # noqa: PLC0415 - a store is filled only once

    is_told = False
    while not engine.generation():
        try:
            with progress_bar() as progress:
                return engine.load(sources, allow_private=settings.allow_private, progress=progress)
        except KeyboardInterrupt:
            say(messages.LOAD_INTERRUPTED)
            raise
        except StoreBusy:
            if not is_told:
                say(messages.WAITING_FOR_LOAD)
            is_told = True
            _wait_for_other_load(settings.db)
    return None


def _wait_for_other_load(db: Path) -> None:
    time.sleep(POLL_INTERVAL)
    while is_loading(db):
        time.sleep(POLL_INTERVAL)


UPLOADS_PREFIX = "telegram"  # a subfolder of the uploads, so that ids of uploaded articles collide with no others
_DOWNLOADS = ".incoming"  # hidden, so that a load skips it
_MAX_STEM_LENGTH = 80  # bytes
_POST_URL = re.compile(r"https://t\.me/(?P<path>[A-Za-z0-9_]+(/[0-9]+){1,2})")


class SavedUpload(NamedTuple):
    """A file among the uploads."""

    name: str  # without folders
    is_new: bool  # otherwise it was there before


def uploads_folder(db: Path) -> Path:
    """Return the folder for uploads to a store."""
    return Path(f"{db}.uploads").absolute()


def download_path(uploads: Path, name: str) -> Path:
    """Return a path to download to, hidden from loads, and create its folder. Raise OSError if that fails."""
    folder = uploads / _DOWNLOADS
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def save_document(uploads: Path, downloaded: Path, name: str) -> SavedUpload:
    """Move a download to where loads read it, under a name that no other file has. Raise OSError if that fails.

    `name` comes from the sender; its suffix is one that can be read. If a file of that name has the same content
    already, that one is kept.
    """
    folder = uploads / UPLOADS_PREFIX
    folder.mkdir(parents=True, exist_ok=True)
    taken = {path.stem: path for path in folder.iterdir()}
    stem = _free_stem(safe_stem(name), taken, downloaded.read_bytes())
    if stem in taken:
        downloaded.unlink()
        return SavedUpload(taken[stem].name, is_new=False)
    saved = folder / f"{stem}{Path(name).suffix.lower()}"
    downloaded.replace(saved)
    return SavedUpload(saved.name, is_new=True)


def save_post(uploads: Path, article_id: str, line: str) -> SavedUpload:
    """Write a channel post as JSONL, replacing an earlier version of it. Raise OSError if that fails."""
    path = uploads / UPLOADS_PREFIX / _post_file(article_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    partial = download_path(uploads, f"{path.name}.part")
    partial.write_text(line + "\n", encoding="utf-8")
    partial.replace(path)
    return SavedUpload(path.name, is_new)


def delete_upload(uploads: Path, name: str) -> None:
    """Delete an uploaded file."""
    (uploads / UPLOADS_PREFIX / Path(name).name).unlink(missing_ok=True)


def delete_uploaded_article(uploads: Path, article_id: str) -> bool:
    """Delete the uploaded file that holds only this article; return whether there was one."""
    folder = uploads / UPLOADS_PREFIX
    post = _post_file(article_id)
    found = [path for path in folder.glob("*") if article_id == f"{UPLOADS_PREFIX}/{path.stem}" or path.name == post]
    for path in found:
        path.unlink(missing_ok=True)
    return bool(found)


def safe_stem(name: str) -> str:
    """Turn a sender's file name into a safe one without suffix: `Q3 report (final).pdf` -> `q3-report-final`."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode())
    stem = Path(text.replace("\\", "/").rpartition("/")[2]).stem
    joined = re.sub(r"[\W_]+", "-", stem).strip("-").lower()
    return joined.encode()[:_MAX_STEM_LENGTH].decode("utf-8", "ignore").strip("-") or "document"


def _free_stem(stem: str, taken: Mapping[str, Path], content: bytes) -> str:
    """Return the first of `stem`, `stem-2`, ... that no file has, whatever its suffix, or a file of the same content."""
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if name not in taken or taken[name].read_bytes() == content)


def _post_file(article_id: str) -> str:
    """Return the file name of a post; "" if the id is not a post's."""
    found = _POST_URL.fullmatch(article_id)
    return f"post-{found['path'].replace('/', '-').lower()}.jsonl" if found else ""
