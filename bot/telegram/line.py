"""Requests to Telegram in, its replies out; what ends the bot or keeps it waiting is noticed here.

The library goes on trying in silence before it has reached Telegram, and stops polling in silence for a refused token.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot.rendering import words

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)


class Refused(TelegramError):
    """Telegram refused the token of a bot that was polling; unlike InvalidToken it leaves the library able to stop."""


class Line(HTTPXRequest):
    """Carries what the bot says; tells the operator once when Telegram cannot be reached at all."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Tell the operator by `say`."""
        super().__init__()
        self._say = say
        self._is_new = True  # nothing was reached or told yet

    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401 - passed on
        """Give the code and the body of a reply; raises NetworkError, also when it is not Telegram that answers."""
        try:
            code, payload = await super().do_request(*args, **options)
            if options.get("method") != "GET":  # which downloads a file
                _check(code, payload)
        except NetworkError:
            if self._is_new:
                self._say(words.NOT_REACHED)
            raise
        finally:
            self._is_new = False
        return code, payload


def _check(code: int, payload: bytes) -> None:
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR or not payload.lstrip().startswith(b"{"):
        raise NetworkError(f"what answers there is not Telegram, or Telegram is out of order ({code})")


class PollingLine(HTTPXRequest):
    """Carries what the bot is told."""

    def __init__(self) -> None:
        """Begin with a token that is as good as it was at the start."""
        super().__init__(connection_pool_size=1)
        self.refused = False

    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401 - passed on
        """Give the code and the body of a reply; raises Refused."""
        code, payload = await super().do_request(*args, **options)
        if code in _REFUSALS:
            self.refused = True
            raise Refused(words.REFUSED_BY_TELEGRAM)
        return code, payload
