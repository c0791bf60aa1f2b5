"""Keyed hashes of Telegram's ids of people and chats, and the ids of answers.

The hashes tell one person's questions from another's without telling who asked. Their key is derived from the bot's
token and is not in the file. Ids are small numbers: if the key were missing or stored beside the hashes, whoever got
hold of a copy or a backup could find all ids in minutes by trying. Whoever has the token can ask Telegram anyway. With
a new token everybody gets new hashes. The console knows nobody, so it needs no token.
"""

import hmac
import secrets

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # 50 bits: among a million answers there is one chance in two thousand that two draw the same
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})

_LABEL = b"citebot: people in the ledger"  # another label would change all hashes
_SIZE = 16  # bytes kept of 32


def key_from_token(token: str | None) -> bytes | None:
    """Derive the key of this bot's hashes; None without a token, and then no id is recorded in any form."""
    return hmac.digest(token.encode(), _LABEL, "sha256") if token else None


def pseudonym(key: bytes | None, kind: str, id_: int | None) -> bytes | None:
    """Return 16 bytes that are always the same for an id of a kind (`user`, `chat`) and a key; None without key or id."""
    if key is None or id_ is None:
        return None
    return hmac.digest(key, f"{kind} {id_}".encode(), "sha256")[:_SIZE]


def new_answer_id() -> str:
    """Return a random answer id, such as 7K3M9Q2X4T."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_answer_id(typed: str) -> str:
    """Return the answer id that a person typed: in lower case, in groups, with letters mistaken for digits."""
    return typed.upper().translate(_READ_AS)
