"""What admins sent goes in, files of a folder beside the store come out, a source of articles like any other.

The names are made here of letters, digits and hyphens: what a sender calls a file never becomes a path.
"""

import re
import unicodedata
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

ROOM = "telegram"  # the folder in the folder: article ids begin with it, so that they are like no other source's
_INCOMING = ".incoming"  # hidden: a load does not look into it
_LONGEST_STEM = 80  # bytes
_POST = re.compile(r"https://t\.me/(?P<place>[A-Za-z0-9_]+(/[0-9]+){1,2})")


class Kept(NamedTuple):
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


def keep_document(uploads: Path, downloaded: Path, name: str) -> Kept:
    """Move a download to where it is loaded from; no file that is there is replaced by another. Raises OSError.

    `name` is the sender's; its suffix was found to be one that is read.
    """
    room = uploads / ROOM
    room.mkdir(parents=True, exist_ok=True)
    taken = {path.stem: path for path in room.iterdir()}
    stem = _free_stem(safe_stem(name), taken, downloaded.read_bytes())
    if stem in taken:
        downloaded.unlink()
        return Kept(taken[stem].name, is_new=False)
    kept = room / f"{stem}{Path(name).suffix.lower()}"
    downloaded.replace(kept)
    return Kept(kept.name, is_new=True)


def keep_post(uploads: Path, article_id: str, line: str) -> Kept:
    """Write an article as JSONL, in place of what the same post said earlier. Raises OSError."""
    path = uploads / ROOM / _post_file(article_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    aside = incoming(uploads, f"{path.name}.part")
    aside.write_text(line + "\n", encoding="utf-8")
    aside.replace(path)
    return Kept(path.name, is_new)


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
