"""Log records in, lines without the bot's token out: whatever a library puts into a message or an exception.

Telegram's addresses hold the token, so httpx prints it at INFO; the text of InvalidToken and `repr(bot)` hold it too.
"""

import logging
import re
from urllib.parse import quote

from telegram.error import InvalidToken

from bot.telegram.line import Refused

_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_HIDDEN = "<token>"
_CHATTY = ("httpx", "httpcore")


class RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback, then takes out the token, its secret half, and both as in an address."""

    def __init__(self, token: str) -> None:
        """Hide this token; it must not be empty."""
        super().__init__(_FORM)
        secret = token.partition(":")[2] or token
        forms = {form for text in (token, secret) for form in (text, quote(text, safe="")) if form}
        self._token = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, or the lines with a traceback."""
        return self._token.sub(_HIDDEN, super().format(record))


def configure_logging(token: str) -> None:
    """Log to standard error, warnings and worse, for the life of the bot; a token must not be empty."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(token))
    handler.addFilter(_is_not_told_otherwise)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _is_not_told_otherwise(record: logging.LogRecord) -> bool:
    """A refused token ends the bot with one sentence; the library would log a traceback besides."""
    return not (record.exc_info and isinstance(record.exc_info[1], InvalidToken | Refused))
