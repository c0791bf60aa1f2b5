"""What a button refers to: a deletion, a document, a load that was offered to one person and waits for yes or no.

Each is a small file in a folder beside CITEBOT_STATE, so that it survives a restart. Taking it deletes the file, which
succeeds only once, however often and by however many processes it is tried.
"""

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LONGEST = 24 * 3600.0  # seconds that an offer stands
_TOKEN = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that one person was asked about."""

    kind: str
    owner: int  # user id
    made: float  # seconds since 1970
    details: Mapping[str, Any]  # as JSON holds them


class Offers:
    """The offers that stand; safe to use from several threads and processes."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Keep them in a folder, which the first offer makes."""
        self._folder = folder
        self._clock = clock

    def make(self, kind: str, owner: int, **details: object) -> str:
        """Keep an offer, and forget those that are too old; give its token, of 24 characters. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._forget_old()
        token = secrets.token_hex(12)
        path = self._path(token)
        aside = path.with_suffix(".part")
        aside.write_text(json.dumps(asdict(Offer(kind, owner, self._clock(), details))))
        aside.replace(path)
        return token

    def take(self, token: str, owner: int) -> Offer | None:
        """Give an offer to its owner, once; None when it is too old, was taken before, or is somebody else's."""
        if not _TOKEN.fullmatch(token):
            return None
        path = self._path(token)
        try:
            offer = Offer(**json.loads(path.read_text()))
            if offer.owner != owner:
                return None
            path.unlink()  # of two that read it only one gets past this
        except (FileNotFoundError, NotADirectoryError):
            return None
        return offer if self._clock() - offer.made < LONGEST else None

    def _forget_old(self) -> None:
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if self._clock() - path.stat().st_mtime >= LONGEST:
                    path.unlink()

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}.json"
