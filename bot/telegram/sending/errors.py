"""What became of a request that failed: from an error of a socket to one that says whether the request may be sent again."""

from datetime import timedelta
from http import HTTPStatus

import aiohttp
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut


class Undelivered(NetworkError):
    """Telegram has almost surely not taken the request: it may be sent again."""


class Unanswered(TimedOut):
    """No answer came in time: Telegram may have taken the request."""


class Unreadable(NetworkError):
    """The answer says that all is well and cannot be read: Telegram has probably taken the request."""


class Refused(TelegramError):
    """Telegram refused the token; unlike InvalidToken its text does not hold it."""


def seconds_to_wait(error: RetryAfter) -> float:
    """Give the seconds that Telegram wants to be left alone, whichever way the library tells them."""
    given = error.retry_after
    return given.total_seconds() if isinstance(given, timedelta) else float(given)


def cut_off(status: int, error: aiohttp.ClientError) -> NetworkError:
    """Say what became of a request whose answer has begun and cannot be read to its end."""
    kind = Undelivered if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Unreadable
    return kind(f"Telegram's answer broke off ({type(error).__name__})")


def sort_failure(error: Exception, proxy: str | None) -> NetworkError:
    """Say what became of a request that failed so."""
    name = type(error).__name__
    if _is_of_the_proxy(error, proxy):
        return proxy_failure(name)
    by = ", by way of the proxy" if proxy else ""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Undelivered(f"Telegram cannot be reached (no connection in time{by})")
    if isinstance(error, TimeoutError):
        return Unanswered("no answer in time")
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError) or _has_begun(error):
        return Unreadable(f"what answers there does not speak HTTP ({name}{by})")
    if isinstance(error, aiohttp.ClientConnectionError | OSError):
        return Undelivered(f"Telegram cannot be reached ({name}{by})")
    return NetworkError(f"a request could not be made ({name}{by})")  # nor will it be when it is tried again


def _is_of_the_proxy(error: Exception, proxy: str | None) -> bool:
    """Tell whether a request came no farther than its proxy."""
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return True
    if isinstance(error, aiohttp.ClientResponseError):
        return error.request_info.method == "CONNECT"  # no tunnel, and not even a refusal of one
    return proxy is not None and isinstance(error, aiohttp.ClientConnectorDNSError | aiohttp.InvalidURL)


def _has_begun(error: Exception) -> bool:
    """Tell whether a connection was closed within the headers of an answer."""
    return isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)


def proxy_failure(why: str) -> Undelivered:
    """Name the setting, not the proxy: its address may hold a password."""
    return Undelivered(f"the proxy cannot be used ({why}); look at CITEBOT_PROXY, or at HTTPS_PROXY without it")
