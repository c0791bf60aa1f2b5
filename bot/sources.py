"""What the bot reads: configured and added sources, uploads from Telegram; the first load of a new store."""

import re
import shutil
import time
import unicodedata
from collections.abc import Callable, Container
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bot.opening import nothing_loaded
from bot.rendering import load_messages, operator_messages
from bot.settings import Settings, uploads_folder
from retrieval import Engine
from retrieval.errors import SourceError, StoreBusy
from retrieval.records import LoadReport, StoredSource
from retrieval.store.lock import is_loading

POLL_INTERVAL = 0.1  # seconds between checks whether another process is still loading


def default_sources(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Return what a load reads if no source is named: CITEBOT_ARTICLES, added sources, and what admins sent to the bot.

    If there is none of these, return the sample articles, or nothing if they do not belong into this store. Of the
    sources in an engine, those on other machines are left out.
    """
    configured = settings.articles if settings.configured else ()
    uploads = uploads_folder(settings.db)
    sent = [str(uploads)] if _files(uploads) else []
    added = [source.spec for source in engine.sources() if not settings.engine or is_here(source)]
    own = dict.fromkeys([*configured, *added, *sent])
    return tuple(own) or fitting_samples(engine, settings)


def is_here(source: StoredSource) -> bool:
    """Whether a source is on this machine, or a URL."""
    if source.kind == "glob":
        return Path(re.split(r"[*?[]", source.spec)[0]).parent.exists()
    return source.kind != "path" or Path(source.spec).exists()


def fitting_samples(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Return the sample articles if the store was never loaded or holds nothing else: they never join other articles."""
    if settings.configured or not all(map(engine.holds_only, settings.articles)):
        return ()
    return () if engine.generation() and engine.is_empty() else settings.articles


def ensure_filled(engine: Engine, settings: Settings, say: Callable[[str], None]) -> None:
    """Load the default sources if the store has never been loaded; `say` informs the person.

    If another process is doing so, wait for it. Raise RetrievalError if no article could be read, or there is no source.
    A question fills no engine, which others ask too: its address may be mistyped.
    """
    if engine.generation():
        return
    if settings.engine:
        raise SourceError(operator_messages.empty_engine(settings))
    sources = sources_of_first_load(engine, settings)
    say(operator_messages.first_load(settings, sources))
    report = _first_load(engine, settings, sources, say)
    if report is None:
        return
    for line in load_messages.failures(report.failed):
        say(line)
    if report.failed and not report.generation:
        raise SourceError(operator_messages.NOTHING_READ)


def sources_of_first_load(engine: Engine, settings: Settings) -> tuple[str, ...]:
    """Return the default sources; raise SourceError if there is none."""
    sources = default_sources(engine, settings)
    if not sources:
        raise SourceError(
            f"{nothing_loaded(settings)}. Load articles into it with `citebot load --db {settings.db} PATH`."
        )
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
            say(operator_messages.LOAD_INTERRUPTED)
            raise
        except StoreBusy:
            if not is_told:
                say(operator_messages.WAITING_FOR_LOAD)
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
    is_new: bool  # otherwise it was there before, with the same content
    replaced: str = ""  # name of the file whose place it took, which is kept until `settle_upload` or `undo_upload`

    @property
    def source(self) -> str:
        """The id that a load gives to the file."""
        return f"{UPLOADS_PREFIX}/{Path(self.name).stem}"


def downloads_folder(uploads: Path) -> Path:
    """Return the folder for what is being downloaded, which loads skip."""
    return uploads / _DOWNLOADS


def download_path(uploads: Path, name: str) -> Path:
    """Create a file to download to, hidden from loads, that only its owner can read. Raise OSError if that fails."""
    path = _private_folder(uploads, _DOWNLOADS) / name
    path.touch(0o600)  # which stays whoever writes it
    return path


def find_upload(uploads: Path, name: str) -> Path | None:
    """Return the uploaded file whose place a document of this name would take, whatever its suffix."""
    return next((path for path in _files(uploads) if path.stem == safe_stem(name)), None)


def save_document(uploads: Path, downloaded: Path, name: str, *, replace: bool = False) -> SavedUpload:
    """Move a download to where loads read it: with `replace` in place of the file of that name, otherwise beside it.

    `name` comes from the sender; its suffix is one that can be read. If a file has the same content already, that one is
    kept. Raise OSError if that fails.
    """
    stem, suffix = safe_stem(name), Path(name).suffix.lower()
    old = find_upload(uploads, name) if replace else None
    same = next((path for path in ([old] if old else _files(uploads)) if has_content(path, downloaded)), None)
    if same and (old is None or same.suffix == suffix):
        downloaded.unlink()
        return SavedUpload(same.name, is_new=False)
    stem = stem if old else _free_stem(stem, {path.stem for path in _files(uploads)})
    return _put(uploads, downloaded, f"{stem}{suffix}", old)


def save_post(uploads: Path, article_id: str, line: str) -> SavedUpload:
    """Write a channel post as JSONL, replacing an earlier version of it. Raise OSError if that fails."""
    return _save_line(uploads, _post_file(article_id), line)


def save_answer(uploads: Path, answer_id: str, line: str) -> SavedUpload:
    """Write an editor's answer as JSONL, replacing an earlier one to the same question. Raise OSError if that fails."""
    return _save_line(uploads, f"answer-{answer_id.lower()}.jsonl", line)


def _save_line(uploads: Path, name: str, line: str) -> SavedUpload:
    partial = download_path(uploads, f"{name}.part")
    partial.write_text(f"{line}\n", encoding="utf-8")
    old = next((path for path in _files(uploads) if path.name == name), None)
    if old and has_content(old, partial):
        partial.unlink()
        return SavedUpload(name, is_new=False)
    return _put(uploads, partial, name, old)


def has_content(path: Path, other: Path) -> bool:
    """Whether a file has the same content as another."""
    return path.stat().st_size == other.stat().st_size and path.read_bytes() == other.read_bytes()


def settle_upload(uploads: Path, saved: SavedUpload) -> None:
    """Delete the file that an upload replaced."""
    if saved.replaced:
        _replaced_path(uploads, saved).unlink(missing_ok=True)


def undo_upload(uploads: Path, saved: SavedUpload) -> None:
    """Delete an uploaded file unless it was there before, and bring back the one that it replaced."""
    if saved.is_new:
        (uploads / UPLOADS_PREFIX / saved.name).unlink(missing_ok=True)
    if saved.replaced:
        _replaced_path(uploads, saved).replace(uploads / UPLOADS_PREFIX / saved.replaced)


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


def _files(uploads: Path) -> list[Path]:
    return sorted(uploads.glob(f"{UPLOADS_PREFIX}/*"))


def _free_stem(stem: str, taken: Container[str]) -> str:
    """Return the first of `stem`, `stem-2`, ... that no file has."""
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def _put(uploads: Path, partial: Path, name: str, old: Path | None) -> SavedUpload:
    """Move a file to where loads read it; keep a copy of the one whose place it takes."""
    folder = _private_folder(uploads, UPLOADS_PREFIX)
    saved = SavedUpload(name, is_new=True, replaced=old.name if old else "")
    if old:
        shutil.copyfile(old, download_path(uploads, _replaced_path(uploads, saved).name))
    partial.replace(folder / name)
    if old and old.name != name:
        old.unlink()
    return saved


def _private_folder(uploads: Path, name: str) -> Path:
    """Return a folder among the uploads; those that are missing are made for their owner alone."""
    uploads.mkdir(0o700, parents=True, exist_ok=True)
    (folder := uploads / name).mkdir(0o700, exist_ok=True)
    return folder


def _replaced_path(uploads: Path, saved: SavedUpload) -> Path:
    return uploads / _DOWNLOADS / f"{saved.replaced}.replaced"


def _post_file(article_id: str) -> str:
    """Return the file name of a post; "" if the id is not a post's."""
    found = _POST_URL.fullmatch(article_id)
    return f"post-{found['path'].replace('/', '-').lower()}.jsonl" if found else ""
