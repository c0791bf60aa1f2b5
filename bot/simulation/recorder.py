"""Updates as they come in -> a file of their own, one JSON object a line, without personal data; `simulate` reads it."""

import json
import logging
import os
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.settings.parsing import NOBODY_IN_PARTICULAR
from bot.simulation.anonymizer import without_personal_data
from bot.simulation.pseudonyms import ALLOWED, People, plain_number

__all__ = ["UpdateRecorder", "without_personal_data"]

_LOG = logging.getLogger(__name__)


class UpdateRecorder:
    """Appends updates to a file that its owner alone can read; safe to use from several threads."""

    def __init__(self, path: Path, admins: Collection[int], allow: Collection[int] | None = None) -> None:
        """Open the file, which may be there already: people get numbers that nobody in it has. Raises OSError.

        `admins` and `allow` are those of the settings, so that a simulation knows them again.
        """
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.fchmod(file, 0o600)
        self._path = path
        self._file = os.fdopen(file, "ab", buffering=0)
        self._people = People(admins, allow, given=_highest_number(path))
        self._lock = threading.Lock()
        self._fails = False

    def __enter__(self) -> Self:
        """Give the recorder itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def meet_bot(self, bot: int, username: str) -> None:
        """Learn who the bot is: mentions of it and replies to it stay what they are."""
        self._people.meet_bot(bot, username)

    def record(self, update: dict[str, Any]) -> None:
        """Append an update. Whatever goes wrong is logged, once in a row, and never raised."""
        with self._lock:
            try:
                line = json.dumps(without_personal_data(update, self._people)) + "\n"
                self._file.write(line.encode())
            except Exception as error:  # noqa: BLE001 - nobody loses an answer over it; the text may hold what they wrote
                if not self._fails:
                    _LOG.warning("%s: an update was not recorded (%s)", self._path, type(error).__name__)
                self._fails = True
            else:
                self._fails = False

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


def _highest_number(path: Path) -> int:
    """Give the highest number of a person in a recording, 0 in a new one; lines that are none are skipped."""
    with path.open("rb") as lines:
        numbers = [plain_number(one) for line in lines for one in _ids(_parsed(line))]
    return max((number for number in numbers if number < ALLOWED and number not in NOBODY_IN_PARTICULAR), default=0)


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _ids(value: object) -> Iterator[int]:
    """Give the ids of users and chats in an update."""
    if isinstance(value, list):
        for one in value:
            yield from _ids(one)
    elif isinstance(value, dict):
        if isinstance(value.get("id"), int):
            yield value["id"]
        for one in value.values():
            yield from _ids(one)
