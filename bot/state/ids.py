"""From Telegram's ids of people and chats to keyed hashes: the ledger tells one person's questions from another's, not who.

The key is derived from the bot's token and stands nowhere in the file. Ids are small numbers: without a key, or with one
that lies beside the hashes, whoever gets hold of a copy or a backup would find them all in minutes by trying. Who has the
token can ask Telegram anyway. A new token makes everybody new. The console knows nobody, so it needs no token.
"""

import hmac
import secrets

_LABEL = b"citebot: people in the ledger"
_SIZE = 16  # bytes kept of 32


def key_from_token(token: str | None) -> bytes | None:
    """Derive the key of this bot's hashes; None without a token, and then no id is recorded in any form."""
    return hmac.digest(token.encode(), _LABEL, "sha256") if token else None


def pseudonym(key: bytes | None, kind: str, id_: int | None) -> bytes | None:
    """Hash an id of a kind (`user`, `chat`): 16 bytes, always the same under the same key; None without key or id."""
    if key is None or id_ is None:
        return None
    return hmac.digest(key, f"{kind} {id_}".encode(), "sha256")[:_SIZE]


LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # 50 bits: among a million answers two are alike once in two thousand times, and the ledger notices
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_answer_id() -> str:
    """Draw an id, such as 7K3M9Q2X4T."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_answer_id(typed: str) -> str:
    """Read an id as a person types it: in small letters, in groups, with letters taken for digits."""
    return typed.upper().translate(_READ_AS)
