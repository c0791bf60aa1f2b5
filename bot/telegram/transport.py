"""Requests of python-telegram-bot out over aiohttp, replies in; what went wrong is sorted by whether it may be tried again.

Telegram's addresses hold the token and aiohttp's errors show addresses, so that no error of this module keeps its cause.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Self

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

MOST_BYTES = 21 * 2**20  # of a reply: Telegram lets a bot download files of 20 MB
_UPLOADING = 60.0  # seconds that an upload may take
_PIECE = 2**16  # bytes read at once

Seconds = float | None
Given = Any  # Seconds, or BaseRequest.DEFAULT_NONE for the default of this transport


class Undelivered(NetworkError):
    """Telegram has almost surely not taken the request: it may be sent again."""


class Unanswered(TimedOut):
    """No answer came in time: Telegram may have taken the request."""


class Unreadable(NetworkError):
    """The answer says that all is well and cannot be read: Telegram has probably taken the request."""


class Refused(TelegramError):
    """Telegram refused the token; unlike InvalidToken its text does not hold it."""


class Transport(BaseRequest):
    """Carries requests over connections that are kept open; may be shut down and initialized again."""

    def __init__(
        self,
        *,
        connections: int = 256,
        proxy: str | None = None,
        connect_timeout: float = 5.0,
        read_timeout: float = 10.0,
    ) -> None:
        """Take the most connections at once, an HTTP proxy instead of the environment's, and times in seconds."""
        self._connections = connections
        self._proxy = proxy
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self.initialize()
        return self

    @property
    def read_timeout(self) -> float:
        """Give the seconds that a reply is waited for where nothing else is said."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Make ready; does nothing when it is."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self._proxy is None,
            )

    async def shutdown(self) -> None:
        """Close all connections; does nothing when they are."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(  # noqa: PLR0917 - the library's own
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Given = BaseRequest.DEFAULT_NONE,
        write_timeout: Given = BaseRequest.DEFAULT_NONE,
        connect_timeout: Given = BaseRequest.DEFAULT_NONE,
        pool_timeout: Given = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Give the status and the body of a reply; raises Undelivered, Unanswered and Unreadable."""
        del pool_timeout  # to wait for a free connection is a part of connecting, and as harmless
        if self._session is None:
            raise Undelivered("the connections to Telegram are closed")
        has_files = request_data is not None and bool(request_data.contains_files)
        times = aiohttp.ClientTimeout(
            connect=_seconds(connect_timeout, self._connect_timeout),
            sock_read=_seconds(read_timeout, self._read_timeout),
            total=_UPLOADING + (_seconds(write_timeout, 0) or 0) if has_files else None,
        )
        form = None if request_data is None else _form(request_data, has_files=has_files)
        try:
            status, body = await self._exchange(method, url, form, times)
        except TelegramError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a socket may do is sorted
            failure = _sorted(error)
        else:
            if method != "GET":  # which downloads a file
                _check(status, body)
            return status, body
        raise failure  # outside of the block: the error has no context that shows the address

    async def _exchange(self, method: str, url: str, form: Any, times: aiohttp.ClientTimeout) -> tuple[int, bytes]:  # noqa: ANN401
        if self._session is None:
            raise Undelivered("the connections to Telegram are closed")
        async with self._session.request(
            method, url, data=form, timeout=times, proxy=self._proxy, allow_redirects=False
        ) as reply:
            try:
                return reply.status, await _read(reply)
            except (aiohttp.ClientError, asyncio.IncompleteReadError) as error:
                failure = Unreadable(f"Telegram's answer broke off ({type(error).__name__})")
            raise failure


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """Read a body; raises Unreadable when it has more than MOST_BYTES."""
    length = reply.content_length
    if length is not None and length <= _PIECE:
        return await reply.read()
    body = bytearray()
    async for piece in reply.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > MOST_BYTES:
            raise Unreadable(f"Telegram's answer has more than {MOST_BYTES} bytes")
    return bytes(body)


def _form(data: RequestData, *, has_files: bool) -> Any:  # noqa: ANN401 - aiohttp takes a mapping or a form
    if not has_files:
        return data.json_parameters
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _seconds(given: Given, default: Seconds) -> Seconds:
    seconds: Seconds = default if given is BaseRequest.DEFAULT_NONE else given
    return seconds


def _check(status: int, body: bytes) -> None:
    """Tell Telegram's answers from those of whatever stands before it."""
    is_json = body.lstrip()[:1] == b"{"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and b'"retry_after"' not in body:
        raise Undelivered(f"Telegram is out of order, or what answers there is not Telegram ({status})")
    if is_json:
        return
    if status < HTTPStatus.MULTIPLE_CHOICES:
        raise Unreadable(f"what answers there is not Telegram ({status})")
    raise Undelivered(f"what answers there is not Telegram ({status})")


def _sorted(error: Exception) -> NetworkError:
    """Say what became of a request that failed so."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return Undelivered(f"the proxy cannot be used ({name}); look at CITEBOT_PROXY")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Undelivered("Telegram cannot be reached (no connection in time)")
    if isinstance(error, TimeoutError):
        return Unanswered("no answer in time")
    if isinstance(
        error, aiohttp.ClientConnectorError | aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | OSError
    ):
        return Undelivered(f"Telegram cannot be reached ({name})")
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError):
        return Unreadable(f"what answers there does not speak HTTP ({name})")
    return Undelivered(f"a request could not be made ({name})")
