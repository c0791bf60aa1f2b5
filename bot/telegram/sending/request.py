"""Requests of python-telegram-bot in, replies out, over aiohttp; each failure says whether the request may be repeated.

Telegram's addresses hold the token and aiohttp's errors show addresses, so no error of this module keeps its cause.
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

from bot.telegram.sending.failures import Undelivered, Unreadable, broken_off_error, classify_failure, proxy_error

MOST_BYTES = 21 * 2**20  # of a reply: Telegram lets bots download files of up to 20 MB
_UPLOAD = 60.0  # seconds
_DOWNLOAD = 600.0  # seconds
_PIECE = 2**16  # bytes

Seconds = float | None
Given = Any  # Seconds, or BaseRequest.DEFAULT_NONE for the default of this class


class AiohttpRequest(BaseRequest):
    """Makes requests over connections that are kept open; may be initialized again after a shutdown."""

    def __init__(
        self,
        *,
        connections: int = 256,
        proxy: str | None = None,
        connect_timeout: float = 5.0,
        read_timeout: float = 10.0,
        upload_timeout: float = _UPLOAD,
    ) -> None:
        """Take the most connections at once, an HTTP proxy in place of the environment's, and timeouts in seconds."""
        self._connections = connections
        self._proxy = proxy
        self._proxies: dict[tuple[str, str | None], str | None] = {}  # from the environment, by scheme and host
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._upload_timeout = upload_timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self.initialize()
        return self

    @property
    def read_timeout(self) -> float:
        """The default timeout for a reply, in seconds."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session, unless it is open."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections), cookie_jar=aiohttp.DummyCookieJar()
            )

    async def shutdown(self) -> None:
        """Close all connections, if any are open."""
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
        """Return the status and the body of a reply; raise Undelivered, Unanswered, Unreadable or NetworkError."""
        del pool_timeout  # waiting for a free connection counts as connecting
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
        except Exception as error:  # noqa: BLE001 - whatever a socket may raise
            failure = classify_failure(error, proxy)
        else:
            _check(status, body, is_download=method == "GET")
            return status, body
        raise failure  # outside of the except block, whose error would become the context and shows the address

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
                failure = broken_off_error(reply.status, error)
            raise failure

    def _times(
        self, method: str, read: Given, write: Given, connect: Given, *, has_files: bool
    ) -> aiohttp.ClientTimeout:
        """Limit each step of a request, and the whole request, since a server may answer byte by byte."""
        connect, read = _seconds(connect, self._connect_timeout), _seconds(read, self._read_timeout)
        if has_files:  # much of it may still be on its way after the last byte was written
            return aiohttp.ClientTimeout(total=_seconds(write, self._upload_timeout), connect=connect)
        if method == "GET":
            return aiohttp.ClientTimeout(total=_DOWNLOAD, connect=connect, sock_read=read)
        whole = None if connect is None or read is None else connect + 2 * read
        return aiohttp.ClientTimeout(total=whole, connect=connect, sock_read=read)

    def _proxy_to(self, url: URL) -> str | None:
        """Return the proxy for a host; the environment is read once, as that takes longer than a request."""
        if self._proxy is not None:
            return self._proxy
        origin = url.scheme, url.host
        if origin not in self._proxies:
            is_bypassed = url.host is not None and proxy_bypass(url.host)
            self._proxies[origin] = None if is_bypassed else _with_scheme(getproxies().get(url.scheme))
        return self._proxies[origin]


def _with_scheme(proxy: str | None) -> str | None:
    """Add the scheme, which proxies of the environment often lack; return None for an empty one."""
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """Read a body; raise Unreadable if it is longer than MOST_BYTES."""
    length = reply.content_length
    if length is not None and length <= _PIECE and "Content-Encoding" not in reply.headers:
        return await reply.read()
    body = bytearray()
    async for piece in reply.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > MOST_BYTES:
            raise Unreadable(f"Telegram's answer is longer than {MOST_BYTES} bytes")
    return bytes(body)


def _form(data: RequestData, *, has_files: bool) -> Any:  # noqa: ANN401 - aiohttp takes a mapping or a form
    if not has_files:
        return data.json_parameters
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in (data.multipart_data or {}).items():
        file = BytesIO(content) if isinstance(content, bytes) else content  # large bytes would block the event loop
        form.add_field(name, file, filename=_one_line(filename), content_type=kind)
    return form


def _one_line(filename: str) -> str:
    """Keep a name, which its sender chose, from breaking out of the header."""
    return "".join(character if character.isprintable() else "_" for character in filename)


def _seconds(given: Given, default: Seconds) -> Seconds:
    seconds: Seconds = default if given is BaseRequest.DEFAULT_NONE else given
    return seconds


def _parsed(body: bytes) -> dict[str, Any] | None:
    """Return a JSON object, or None for anything else."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _check(status: int, body: bytes, *, is_download: bool) -> None:
    """Raise if an answer is not Telegram's own: the library would not notice, or fail in odd ways."""
    if status < HTTPStatus.MULTIPLE_CHOICES and is_download:
        return
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise proxy_error(str(status))
    answer = _parsed(body)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        if answer is None or answer.get("ok") is not True or "result" not in answer:
            raise Unreadable(f"the answer did not come from Telegram ({status})")
        return
    if answer is None or not _is_refusal(answer):
        raise Undelivered(f"the answer did not come from Telegram ({status})")
    if answer.get("parameters", {}).get("retry_after"):
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Undelivered(f"Telegram has a server error ({status})")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Undelivered(f"Telegram is overloaded ({status})")


def _is_refusal(answer: dict[str, Any]) -> bool:
    """Whether the library can turn this answer into an error."""
    parameters = answer.get("parameters", {})
    if not isinstance(parameters, dict) or not isinstance(answer.get("description", ""), str):
        return False
    pause = parameters.get("retry_after", 0)
    return isinstance(pause, int | float) and pause >= 0
