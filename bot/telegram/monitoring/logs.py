"""Log records in, lines without secrets out, as text or as JSON: whatever a library puts into a message or an exception.

Telegram's addresses hold the token, so httpx prints it at INFO; the text of InvalidToken and `repr(bot)` hold it too. Of
people there is nothing in what the bot itself logs: no question, no id.
"""

import json
import logging
import re
import sys
import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import quote, unquote, urlsplit

from telegram.error import InvalidToken

from bot.telegram.slots import update_in_hand

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


_LOG = logging.getLogger(__name__)
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_CHATTY = ("httpx", "httpcore", "aiohttp")
_FIELDS = ("answer", "outcome", "milliseconds")  # what `extra` may add to a record


class RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback as text, then takes the secrets out."""

    def __init__(self, *secrets: str) -> None:
        """Hide these, as Redactor does."""
        super().__init__(_FORM)
        self._redact = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, or the lines with a traceback."""
        return self._redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Put the update and what `extra` has before the message, which is one line whatever is in it."""
        known = {"update": update_in_hand.get()} | _extra(record)
        about = ", ".join(f"{name} {value}" for name, value in known.items() if value is not None)
        message = "\\n".join(record.message.splitlines())
        record.message = f"[{about}] {message}" if about else message
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """Formats a record as a JSON object in one line, without secrets."""

    def __init__(self, *secrets: str) -> None:
        """Hide these, as Redactor does."""
        super().__init__()
        self._redact = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Give `time` (ISO 8601, UTC), `level`, `logger`, `message`, and what else is known; absent rather than null."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "update": update_in_hand.get(),
            **_extra(record),
            "exception": self.formatException(record.exc_info) if record.exc_info else record.exc_text,
            "stack": record.stack_info,
        }
        known = {name: value for name, value in fields.items() if value is not None}
        # Each text by itself: quotation marks in a password look otherwise in JSON.
        return json.dumps({name: self._redacted(value) for name, value in known.items()})

    def _redacted(self, value: object) -> object:
        return value if isinstance(value, int | float) else self._redact(str(value))


def configure_logging(secrets: str | Sequence[str], form: str = "text") -> None:
    """Log to standard error for the life of the bot: what it does, and warnings of its libraries.

    `form` is "text" or "json"; `secrets` are the token, and what else of the settings nobody may read, empty or not.
    """
    hidden = [secrets] if isinstance(secrets, str) else secrets
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(*hidden) if form == "json" else RedactingFormatter(*hidden))
    handler.addFilter(_is_not_told_otherwise)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("bot").setLevel(logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_of_thread


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in _FIELDS if getattr(record, name, None) is not None}


def _is_not_told_otherwise(record: logging.LogRecord) -> bool:
    """A refused token ends the bot with one sentence; the library would log a traceback besides."""
    return not (record.exc_info and isinstance(record.exc_info[1], InvalidToken))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log what Python itself would print, secrets and all."""
    _LOG.critical("nothing has caught this", exc_info=(kind, error, trace))


def _log_of_thread(uncaught: threading.ExceptHookArgs) -> None:
    error = uncaught.exc_value
    if error is not None:
        _log_uncaught(type(error), error, error.__traceback__)
