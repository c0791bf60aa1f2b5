"""Secrets in, text without them out: in whatever form a library prints them."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, unquote, urlsplit

_HIDDEN = "<token>"
_SHORTEST = 6  # characters of a password that is looked for by itself; a shorter one is part of many a word


class Redactor:
    """Takes the bot's token, the secret of its webhook and the password of its proxy out of text."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Hide these: tokens, passwords, and addresses with a password in them; empty ones are none."""
        forms = {form for secret in secrets if secret for part in _parts(secret) for form in _forms(part)}
        longest_first = sorted(forms, key=len, reverse=True)
        # Without any secret, this pattern matches nothing.
        self._secrets = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Give the text with each secret replaced."""
        return self._secrets.sub(_HIDDEN, text)


def _parts(secret: str) -> Iterable[str]:
    """Give what is secret of a token, `<bot id>:<secret>`, of an address with a password, or of a plain secret."""
    if "://" in secret:
        return _parts_of_address(secret)
    return {secret, secret.partition(":")[2]} - {""}


def _parts_of_address(address: str) -> Iterator[str]:
    credentials = urlsplit(address).netloc.rpartition("@")[0]
    name, _, password = credentials.partition(":")
    if not credentials:
        return
    plain = unquote(password)
    yield f"{credentials}@"
    yield b64encode(f"{unquote(name)}:{plain}".encode()).decode()  # as in Proxy-Authorization
    if len(plain) >= _SHORTEST:
        yield password
        yield plain


def _forms(secret: str) -> set[str]:
    """Give a secret as it is, as in an address, and as `repr` shows it."""
    return {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}
