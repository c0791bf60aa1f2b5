"""What the name of a file says about its article: a title, and the date with which blogs begin names."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from retrieval.readers.stated_fields import readable_date
from retrieval.text.languages import STEMMERS

DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[-_ T.]+(.*))?", re.DOTALL)
NUMBER = re.compile(r"(?:0\d{1,2}|\d{1,3}(?=[. ]))[-_. ]+(?=\D)")  # "01-intro" is sorted by it, not called so
LANGUAGE = re.compile(rf"\.(?:{'|'.join(STEMMERS)}|ja|ko|uk|zh)(?:-[a-z]{{2,4}})?", re.IGNORECASE)
INDEX = frozenset({"index", "_index", "readme", "default"})


def title_from_name(source_id: str, path: Path) -> str:
    """Return the name of a file as a title; of an index or README that of its folder."""
    name = _name(source_id, path)
    dated = DATED.fullmatch(name)
    if dated and not dated[2]:
        return name
    name = dated[2] if dated else NUMBER.sub("", name, 1)
    words = name if " " in name else re.sub(r"[-_]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def date_from_name(source_id: str, path: Path) -> str | None:
    """Return the date with which a file's name begins, or its folder's if it is an index."""
    dated = DATED.fullmatch(_name(source_id, path))
    return readable_date(dated[1]) if dated else None


def _name(source_id: str, path: Path) -> str:
    """Return the name of a file, or of its folder, without what follows a dot at its end."""
    is_url = "://" in source_id
    folder, _, name = unquote(urlsplit(source_id).path if is_url else source_id).rstrip("/").rpartition("/")
    name = name.removesuffix(path.suffix) if is_url else name
    name = name[: -len(end[0])] if (end := LANGUAGE.fullmatch(name[name.rfind(".") :])) else name
    if name and name.lower() not in INDEX:
        return name
    outside = urlsplit(source_id).netloc if is_url else path.absolute().parent.name
    return folder.rpartition("/")[2] or outside or name
