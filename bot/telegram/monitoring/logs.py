"""Log records in, lines of text or JSON without secrets out, whatever a library puts into a message or an exception.

Telegram's addresses hold the token, so httpx prints it at INFO; `repr(bot)` and the text of InvalidToken show it too. What
the bot itself logs says nothing about people: no questions, no ids.
"""

import json
import logging
import re
import sys
import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import quote, unquote, urlsplit

from telegram.error import InvalidToken

current_update: ContextVar[int | None] = ContextVar("current_update", default=None)
"""The id of the update that the running task answers; the tasks it starts inherit it."""

_LOG = logging.getLogger(__name__)
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_CHATTY = ("httpx", "httpcore", "aiohttp")
_FIELDS = ("answer", "outcome", "milliseconds")  # what `extra` may add to a record
_HIDDEN = "<token>"
_SHORTEST = 6  # characters: a shorter password is not searched for by itself, as it is part of many words


def configure_logging(secrets: str | Sequence[str], form: str = "text") -> None:
    """Log to standard error until the process ends: what the bot does, and warnings of its libraries.

    `form` is "text" or "json"; `secrets` are the token and other settings that nobody may read, empty or not.
    """
    hidden = [secrets] if isinstance(secrets, str) else secrets
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(*hidden) if form == "json" else RedactingFormatter(*hidden))
    handler.addFilter(_is_worth_logging)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("bot").setLevel(logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _is_worth_logging(record: logging.LogRecord) -> bool:
    """Drop the library's traceback of a refused token: the bot ends with one sentence about it."""
    return not (record.exc_info and isinstance(record.exc_info[1], InvalidToken))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log uncaught errors, which Python itself would print with the secrets in them."""
    _LOG.critical("uncaught exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    error = uncaught.exc_value
    if error is not None:
        _log_uncaught(type(error), error, error.__traceback__)


class RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback as text, then removes the secrets."""

    def __init__(self, *secrets: str) -> None:
        """Hide these secrets."""
        super().__init__(_FORMAT)
        self._redact = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, or several with a traceback."""
        return self._redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Put the update and the fields of `extra` before the message, which is made a single line."""
        known = {"update": current_update.get()} | _extra(record)
        about = ", ".join(f"{name} {value}" for name, value in known.items() if value is not None)
        message = "\\n".join(record.message.splitlines())
        record.message = f"[{about}] {message}" if about else message
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """Formats a record as a JSON object on one line, without secrets."""

    def __init__(self, *secrets: str) -> None:
        """Hide these secrets."""
        super().__init__()
        self._redact = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return `time` (ISO 8601, UTC), `level`, `logger`, `message` and whatever else is known; nothing is null."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "update": current_update.get(),
            **_extra(record),
            "exception": self.formatException(record.exc_info) if record.exc_info else record.exc_text,
            "stack": record.stack_info,
        }
        known = {name: value for name, value in fields.items() if value is not None}
        # Redacted before they become JSON, which would escape the quotation marks of a password.
        return json.dumps({name: self._redacted(value) for name, value in known.items()})

    def _redacted(self, value: object) -> object:
        return value if isinstance(value, int | float) else self._redact(str(value))


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in _FIELDS if getattr(record, name, None) is not None}


class Redactor:
    """Removes the bot's token, the secret of its webhook and the passwords of its proxy and its engine from text."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Hide tokens, passwords, and addresses with a password in them; empty ones are ignored."""
        forms = {form for secret in secrets if secret for part in _parts(secret) for form in _forms(part)}
        longest_first = sorted(forms, key=len, reverse=True)
        matches_nothing = r"(?!)"
        self._secrets = re.compile("|".join(map(re.escape, longest_first)) or matches_nothing, re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Return the text with each secret replaced."""
        return self._secrets.sub(_HIDDEN, text)


def _parts(secret: str) -> Iterable[str]:
    """Return the secret parts of a token, `<bot id>:<secret>`, of an address with a password, or of a plain secret."""
    if "://" in secret:
        return _parts_of_address(secret)
    return {secret, secret.partition(":")[2]} - {""}


def _parts_of_address(address: str) -> Iterator[str]:
    credentials = urlsplit(address).netloc.rpartition("@")[0]
    name, _, password = credentials.partition(":")
    if not credentials:
        return
    yield f"{credentials}@"
    yield b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()  # as in Proxy-Authorization
    secret = password or name  # a key takes the place of both
    yield b64encode(unquote(credentials).encode()).decode()  # as an engine is sent it
    if len(unquote(secret)) >= _SHORTEST:
        yield secret
        yield unquote(secret)


def _forms(secret: str) -> set[str]:
    """Return a secret as it is, as it looks in an address, and as `repr` shows it."""
    return {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}
