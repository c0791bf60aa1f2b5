"""Offers: what the bot asked an admin about and a button will answer, such as a deletion or a document to add."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.state.database import opened_state, storable

LONGEST = 24 * 3600.0  # seconds that an offer stands

_ADD = "INSERT INTO offers (token, kind, owner, made, details) VALUES (?, ?, ?, ?, ?)"
_CHANGE = "UPDATE offers SET details = ? WHERE token = ? AND owner = ?"
_FIND = "SELECT kind, owner, made, details FROM offers WHERE token = ? AND owner = ?"
_TAKE = "DELETE FROM offers WHERE token = ? AND owner = ? RETURNING kind, owner, made, details"
_FORGET = "DELETE FROM offers WHERE made <= ?"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that one person was asked about."""

    kind: str
    owner: int  # user id
    made: float  # seconds since 1970
    details: Mapping[str, Any]  # as in JSON


class Offers:
    """The offers that stand, in CITEBOT_STATE; for any number of threads and processes.

    Every method raises StateError if the file cannot be used.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Take the path of the file, which the first offer creates."""
        self._path = path
        self._clock = clock

    def make(self, kind: str, owner: int, **details: object) -> str:
        """Store an offer and return its token of 24 characters; delete the offers that are too old."""
        token, now = secrets.token_hex(12), self._clock()
        with opened_state(self._path) as connection:
            connection.execute(_FORGET, (now - LONGEST,))
            connection.execute(_ADD, (token, kind, owner, now, json.dumps(details)))
        return token

    def take(self, token: str, owner: int) -> Offer | None:
        """Return an offer to its owner, once; None if it is too old, was taken before, or is somebody else's."""
        return self._read(_TAKE, token, owner)

    def find(self, token: str, owner: int) -> Offer | None:
        """Return an offer to its owner, and leave it; None as in `take`."""
        return self._read(_FIND, token, owner)

    def change(self, token: str, owner: int, **details: object) -> bool:
        """Change what an offer is about; return False if it was taken."""
        with opened_state(self._path) as connection:
            return connection.execute(_CHANGE, (json.dumps(details), storable(token), owner)).rowcount > 0

    def _read(self, query: str, token: str, owner: int) -> Offer | None:
        with opened_state(self._path) as connection:
            rows = connection.execute(query, (storable(token), owner)).fetchall()
        offers = [Offer(kind, owner, made, json.loads(details)) for kind, owner, made, details in rows]
        return next((offer for offer in offers if self._clock() - offer.made < LONGEST), None)
