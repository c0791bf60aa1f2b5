"""Ids of answers: short enough to be said on the telephone, random, so that none tells how many there were before.

Crockford's base 32 has no I, L, O and U; whoever reads an O for a 0 or an I for a 1 is understood all the same.
"""

import secrets

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # 50 bits: among a million answers two are alike once in two thousand times, and the ledger notices
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_answer_id() -> str:
    """Draw an id, such as 7K3M9Q2X4T."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_answer_id(typed: str) -> str:
    """Read an id as a person types it: in small letters, in groups, with letters taken for digits."""
    return typed.upper().translate(_READ_AS)
