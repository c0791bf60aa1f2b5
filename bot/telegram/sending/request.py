"""Requests of python-telegram-bot out over aiohttp, replies in; each failure says whether it may be tried again.

Telegram's addresses hold the token and aiohttp's errors show addresses, so that no error of this module keeps its cause.
"""

import json
from http import HTTPStatus
from io import BytesIO
from typing import Any, Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.telegram.sending.errors import Undelivered, Unreadable, cut_off, proxy_failure, sort_failure

MOST_BYTES = 21 * 2**20  # of a reply: Telegram lets a bot download files of 20 MB
_WITH_A_FILE = 60.0  # seconds that an upload may take
_DOWNLOAD = 600.0  # seconds
_PIECE = 2**16  # bytes read at once

Seconds = float | None
Given = Any  # Seconds, or BaseRequest.DEFAULT_NONE for the default of this transport


class AiohttpRequest(BaseRequest):
    """Carries requests over connections that are kept open; may be shut down and initialized again."""

    def __init__(
        self,
        *,
        connections: int = 256,
        proxy: str | None = None,
        connect_timeout: float = 5.0,
        read_timeout: float = 10.0,
        upload_timeout: float = _WITH_A_FILE,
    ) -> None:
        """Take the most connections at once, an HTTP proxy instead of the environment's, and times in seconds."""
        self._connections = connections
        self._proxy = proxy
        self._proxies: dict[tuple[str, str | None], str | None] = {}  # the environment's, by scheme and host
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._upload_timeout = upload_timeout
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
                connector=aiohttp.TCPConnector(limit=self._connections), cookie_jar=aiohttp.DummyCookieJar()
            )

    async def shutdown(self) -> None:
        """Close all connections; does nothing when they are."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

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
        """Give the status and the body of a reply; raises Undelivered, Unanswered, Unreadable and NetworkError."""
        del pool_timeout  # to wait for a free connection is a part of connecting, and as harmless
        has_files = request_data is not None and bool(request_data.contains_files)
        times = self._times(method, read_timeout, write_timeout, connect_timeout, has_files=has_files)
        proxy = None
        try:
            form = None if request_data is None else _form(request_data, has_files=has_files)
            address = URL(url)
            proxy = self._proxy_to(address)
            status, body = await self._exchange(method, address, form, times, proxy)
        except TelegramError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a socket may do is sorted
            failure = sort_failure(error, proxy)
        else:
            _check(status, body, is_download=method == "GET")
            return status, body
        raise failure  # outside of the block: the error has no context that shows the address

    async def _exchange(
        self,
        method: str,
        url: URL,
        form: Any,  # noqa: ANN401 - a mapping or a form
        times: aiohttp.ClientTimeout,
        proxy: str | None,
    ) -> tuple[int, bytes]:
        if self._session is None or self._session.closed:
            raise Undelivered("the connections to Telegram are closed")
        async with self._session.request(
            method, url, data=form, timeout=times, proxy=proxy, allow_redirects=False
        ) as reply:
            try:
                return reply.status, await _read(reply)
            except aiohttp.ClientError as error:
                failure = cut_off(reply.status, error)
            raise failure

    def _times(
        self, method: str, read: Given, write: Given, connect: Given, *, has_files: bool
    ) -> aiohttp.ClientTimeout:
        """Limit each step of a request, and the whole of it: somebody may answer byte by byte."""
        connect, read = _seconds(connect, self._connect_timeout), _seconds(read, self._read_timeout)
        if has_files:  # much of it may be on its way yet when the last byte was written
            return aiohttp.ClientTimeout(total=_seconds(write, self._upload_timeout), connect=connect)
        if method == "GET":
            return aiohttp.ClientTimeout(total=_DOWNLOAD, connect=connect, sock_read=read)
        whole = None if connect is None or read is None else connect + 2 * read
        return aiohttp.ClientTimeout(total=whole, connect=connect, sock_read=read)

    def _proxy_to(self, url: URL) -> str | None:
        """Give the proxy to a host; the environment is asked once, as that takes longer than a request."""
        if self._proxy is not None:
            return self._proxy
        origin = url.scheme, url.host
        if origin not in self._proxies:
            passed_by = url.host is not None and proxy_bypass(url.host)
            self._proxies[origin] = None if passed_by else _complete(getproxies().get(url.scheme))
        return self._proxies[origin]


def _complete(proxy: str | None) -> str | None:
    """Add the scheme, which the environment's often lack; None for none, and for an empty one."""
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """Read a body; raises Unreadable when it has more than MOST_BYTES."""
    length = reply.content_length
    if length is not None and length <= _PIECE and "Content-Encoding" not in reply.headers:
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
        file = BytesIO(content) if isinstance(content, bytes) else content  # aiohttp holds the loop up over large bytes
        form.add_field(name, file, filename=_one_line(filename), content_type=kind)
    return form


def _one_line(filename: str) -> str:
    """Make a name that stays within its header; it is whatever the sender of a file calls it."""
    return "".join(character if character.isprintable() else "_" for character in filename)


def _seconds(given: Given, default: Seconds) -> Seconds:
    seconds: Seconds = default if given is BaseRequest.DEFAULT_NONE else given
    return seconds


def _parsed(body: bytes) -> dict[str, Any] | None:
    """Read a JSON object; None for anything else."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _check(status: int, body: bytes, *, is_download: bool) -> None:
    """Tell Telegram's answers from those of whatever stands before it: the library takes each part for what it should be."""
    if status < HTTPStatus.MULTIPLE_CHOICES and is_download:
        return
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise proxy_failure(str(status))
    told = _parsed(body)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        if told is None or told.get("ok") is not True or "result" not in told:
            raise Unreadable(f"what answers there is not Telegram ({status})")
        return
    if told is None or not _is_refusal(told):
        raise Undelivered(f"what answers there is not Telegram ({status})")
    if told.get("parameters", {}).get("retry_after"):
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Undelivered(f"Telegram is out of order ({status})")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Undelivered(f"Telegram has too much to do ({status})")


def _is_refusal(told: dict[str, Any]) -> bool:
    """Tell whether the library can make an error of this."""
    parameters = told.get("parameters", {})
    if not isinstance(parameters, dict) or not isinstance(told.get("description", ""), str):
        return False
    pause = parameters.get("retry_after", 0)
    return isinstance(pause, int | float) and pause >= 0
