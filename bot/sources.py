"""From the configured sources to a store that has articles, when there is no store yet."""

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

ROOM = "telegram"  # the folder in the folder: article ids begin with it, so that they are like no other source's
_INCOMING = ".incoming"  # hidden: a load does not look into it
_LONGEST_STEM = 80  # bytes
_POST = re.compile(r"https://t\.me/(?P<place>[A-Za-z0-9_]+(/[0-9]+){1,2})")


class SavedUpload(NamedTuple):
    """A file of the folder."""

    name: str  # of the file, without folders
    is_new: bool  # otherwise it was there before


def uploads_folder(db: Path) -> Path:
    """Say where the uploads of a store are."""
    return Path(f"{db}.uploads").absolute()


def incoming(uploads: Path, name: str) -> Path:
    """Give a path to download to, out of sight of a load, with folders made. Raises OSError."""
    folder = uploads / _INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def keep_document(uploads: Path, downloaded: Path, name: str) -> SavedUpload:
    """Move a download to where it is loaded from; no file that is there is replaced by another. Raises OSError.

    `name` is the sender's; its suffix was found to be one that is read.
    """
    room = uploads / ROOM
    room.mkdir(parents=True, exist_ok=True)
    taken = {path.stem: path for path in room.iterdir()}
    stem = _free_stem(safe_stem(name), taken, downloaded.read_bytes())
    if stem in taken:
        downloaded.unlink()
        return SavedUpload(taken[stem].name, is_new=False)
    kept = room / f"{stem}{Path(name).suffix.lower()}"
    downloaded.replace(kept)
    return SavedUpload(kept.name, is_new=True)


def keep_post(uploads: Path, article_id: str, line: str) -> SavedUpload:
    """Write an article as JSONL, in place of what the same post said earlier. Raises OSError."""
    path = uploads / ROOM / _post_file(article_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    aside = incoming(uploads, f"{path.name}.part")
    aside.write_text(line + "\n", encoding="utf-8")
    aside.replace(path)
    return SavedUpload(path.name, is_new)


def discard(uploads: Path, name: str) -> None:
    """Delete a file that was kept under a name."""
    (uploads / ROOM / Path(name).name).unlink(missing_ok=True)


def discard_article(uploads: Path, article_id: str) -> bool:
    """Delete the file that holds nothing but this article; False where there is no such file."""
    room = uploads / ROOM
    if not room.is_dir():
        return False
    found = [
        path for path in room.iterdir() if f"{ROOM}/{path.stem}" == article_id or path.name == _post_file(article_id)
    ]
    for path in found:
        path.unlink(missing_ok=True)
    return bool(found)


def safe_stem(name: str) -> str:
    """Make a file's name without suffix of what a sender calls it: `Q3 report (final).pdf` -> `q3-report-final`."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode())
    stem = Path(text.replace("\\", "/").rpartition("/")[2]).stem
    joined = re.sub(r"[\W_]+", "-", stem).strip("-").lower()
    return joined.encode()[:_LONGEST_STEM].decode("utf-8", "ignore").strip("-") or "document"


def _free_stem(stem: str, taken: Mapping[str, Path], content: bytes) -> str:
    """Give the first of `stem`, `stem-2`, ... that no file has, whatever its suffix, or a file of the same content."""
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if name not in taken or taken[name].read_bytes() == content)


def _post_file(article_id: str) -> str:
    """Name the file of a post; the id of an article that is none gives a name that no file has."""
    found = _POST.fullmatch(article_id)
    return f"post-{found['place'].replace('/', '-').lower()}.jsonl" if found else ""


def what_to_read(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Give what a load reads that names nothing: CITEBOT_ARTICLES, what was added, and what admins sent to the bot.

    The samples are read only where neither of the first two is there.
    """
    added = [source.spec for source in engine.sources()]
    uploads = uploads_folder(settings.db)
    configured = settings.articles if settings.configured or not added else ()
    return tuple(dict.fromkeys([*configured, *added, *([str(uploads)] if uploads.is_dir() else [])]))


BETWEEN_LOOKS = 0.1  # seconds, at whether another process still loads


def ensure_filled(engine: Engine, settings: Settings, say: Callable[[str], None]) -> None:
    """Load the configured sources into a store that has never been loaded; `say` tells the person.

    Waits for another process that does so already. Raises RetrievalError when the sources are not there.
    """
    if engine.generation():
        return

    sources = what_to_read(engine, settings)
    say(messages.first_load(settings.db, sources))
    report = _first_load(engine, settings, sources, say)
    if report is None:
        return
    for failure in report.failed:
        say(messages.failure(failure))
    if report.failed and not report.generation:
        raise SourceError(messages.NOTHING_READ)


def _first_load(
    engine: Engine, settings: Settings, sources: tuple[str, ...], say: Callable[[str], None]
) -> LoadReport | None:
    """Load; None when another process has done so meanwhile."""
    from bot.terminal import shown_progress  # noqa: PLC0415 - a store is filled only once

    told = False
    while not engine.generation():
        try:
            with shown_progress() as progress:
                return engine.load(sources, allow_private=settings.allow_private, progress=progress)
        except KeyboardInterrupt:
            say(messages.LOAD_INTERRUPTED)
            raise
        except StoreBusy:
            if not told:
                say(messages.LOAD_AWAITED)
            told = True
            _wait_for_other_load(settings.db)
    return None


def _wait_for_other_load(db: Path) -> None:
    time.sleep(BETWEEN_LOOKS)
    while is_loading(db):
        time.sleep(BETWEEN_LOOKS)
