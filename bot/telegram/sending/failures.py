"""Errors of a connection in, errors that say whether the request may be repeated out."""

from datetime import timedelta
from http import HTTPStatus

import aiohttp
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut


class Undelivered(NetworkError):
    """The request almost certainly did not reach Telegram: it may be repeated."""


class Unanswered(TimedOut):
    """No answer came in time: the request may have reached Telegram."""


class Unreadable(NetworkError):
    """The answer looks like a success but cannot be read: the request has probably reached Telegram."""


class Refused(TelegramError):
    """Telegram rejected the token; unlike that of InvalidToken, the text does not show it."""


def seconds_to_wait(error: RetryAfter) -> float:
    """Return how long Telegram asks to wait; the library gives it as a number or as a timedelta."""
    given = error.retry_after
    return given.total_seconds() if isinstance(given, timedelta) else float(given)


def broken_off_error(status: int, error: aiohttp.ClientError) -> NetworkError:
    """Return the error for an answer that broke off."""
    kind = Undelivered if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Unreadable
    return kind(f"Telegram's answer broke off ({type(error).__name__})")


def classify_failure(error: Exception, proxy: str | None) -> NetworkError:
    """Return the error for a request that failed without an answer."""
    name = type(error).__name__
    if _is_proxy_failure(error, proxy):
        return proxy_error(name)
    via = ", via the proxy" if proxy else ""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Undelivered(f"Telegram cannot be reached (no connection in time{via})")
    if isinstance(error, TimeoutError):
        return Unanswered("no answer in time")
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError) or _broke_off_in_headers(error):
        return Unreadable(f"the server does not speak HTTP ({name}{via})")
    if isinstance(error, aiohttp.ClientConnectionError | OSError):
        return Undelivered(f"Telegram cannot be reached ({name}{via})")
    return NetworkError(f"a request could not be made ({name}{via})")  # and repeating it would not help


def _is_proxy_failure(error: Exception, proxy: str | None) -> bool:
    """Whether a request got no further than the proxy."""
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return True
    if isinstance(error, aiohttp.ClientResponseError):
        return error.request_info.method == "CONNECT"  # the tunnel failed, without a proper refusal
    return proxy is not None and isinstance(error, aiohttp.ClientConnectorDNSError | aiohttp.InvalidURL)


def _broke_off_in_headers(error: Exception) -> bool:
    """Whether a connection was closed in the middle of the headers of an answer."""
    return isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)


def proxy_error(why: str) -> Undelivered:
    """Return an error that names the setting, not the proxy: its address may hold a password."""
    return Undelivered(f"the proxy cannot be used ({why}); check CITEBOT_PROXY, or HTTPS_PROXY if that is not set")
