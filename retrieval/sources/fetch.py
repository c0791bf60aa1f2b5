"""Request a URL and write the answer into a file: redirects, conditional requests, limits.

HTTP is spoken by Python's http.client over the connection that `http_connection` has checked. Libraries with sessions and
pools open connections of their own, resolve names again when they retry, and put no deadline on an answer that trickles
in.
"""

import http.client
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from ssl import SSLCertVerificationError, SSLError
from typing import TYPE_CHECKING, cast

from retrieval.errors import SourceNotFound, UnreadableSource
from retrieval.sources.http_connection import Connection, Deadline, Network, TooLarge, connect, read_body
from retrieval.sources.media_types import HEAD, sniffed_suffix, suffix_for
from retrieval.sources.urls import Url, display_url, parse_url, resolve_redirect
from retrieval.sources.web_encodings import browser_codec

if TYPE_CHECKING:
    from socket import socket

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_GONE = frozenset({404, 410})
_OVERHEAD = 1024 * 1024  # bytes for the status, the headers and the frames of chunks
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,998}[\x21-\x7e])?")
_ACCEPT = "text/html, application/pdf, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"
_STATUS_REASONS = {
    401: "it requires a password",
    403: "its server refuses automated requests",
    429: "its server gets too many requests; try again later",
    503: "its server is too busy; try again later",
}


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server sent with a page, to be sent back unchanged when asking whether the page has changed."""

    etag: str | None = None
    modified: str | None = None  # Last-Modified; not kept after a redirect, which may lead elsewhere next time


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered."""

    url: str  # the final one, after redirects, without fragment
    path: Path  # the body, decompressed, with a suffix that fits its media type
    media_type: str  # lower case, "" = not stated
    charset: str | None  # from the header, if pages are written in it
    validators: Validators


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """The limits of an answer."""

    size: int = 10_000_000  # bytes, decompressed
    seconds: float = 20  # in all: names, redirects and the body


_NOTHING_KNOWN = Validators()
_LIMITS = FetchLimits()
_INTERNET = Network()


def fetch(
    url: str,
    folder: Path,
    *,
    known: Validators = _NOTHING_KNOWN,
    allow_private: bool = False,
    limits: FetchLimits = _LIMITS,
    network: Network = _INTERNET,
) -> Fetched | None:
    """Request a URL and write the body into a new file in `folder`; return None if nothing changed since `known`.

    `allow_private` allows private networks and this machine, but no redirect from a public server to them.
    No cookies, referrer, proxies, names or passwords are used. Raise SourceNotFound (404, 410), ForbiddenAddress, or
    UnreadableSource if it is out of reach, too large, too slow, broken, or in a format that no reader reads.
    """
    deadline, current = Deadline(limits.seconds), parse_url(url)
    for hop in range(_MAX_REDIRECTS + 1):
        conditions = _conditions(known, first=hop == 0)
        limit = limits.size + _OVERHEAD
        with _errors_in_words(current, limits):
            connection = connect(current, deadline, allow_private=allow_private, network=network, limit=limit)
        with closing(connection):
            with _errors_in_words(current, limits):
                response = _request(connection, current, conditions)
            if response.status == http.client.NOT_MODIFIED and conditions:
                return None
            if response.status not in _REDIRECTS:
                return _save(response, current, folder, limits, direct=hop == 0)
            current = resolve_redirect(current, _location(response, current))
            allow_private = allow_private and connection.private
    raise UnreadableSource(f"{display_url(url)} redirects more than {_MAX_REDIRECTS} times. Check the address.")


def _conditions(known: Validators, *, first: bool) -> dict[str, str]:
    """Return the headers of a conditional request.

    A date is valid only for the URL that was named: the page that it redirects to today may be older, yet new to the
    store.
    """
    conditions = {
        "If-None-Match": _sendable(known.etag),
        "If-Modified-Since": _sendable(known.modified) if first else None,
    }
    return {name: value for name, value in conditions.items() if value}


def _sendable(value: str | None) -> str | None:
    """Return a header's value if it is one line of printable ASCII and so can be sent back."""
    return value if value and _HEADER_VALUE.fullmatch(value) else None


def _request(connection: Connection, url: Url, conditions: dict[str, str]) -> http.client.HTTPResponse:
    headers = {
        "Host": url.authority,
        "User-Agent": f"citebot/{_version()}",
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    } | conditions
    lines = [f"GET {url.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode("ascii"))
    response = http.client.HTTPResponse(cast("socket", connection), method="GET")  # it only calls makefile
    response.begin()
    return response


def _version() -> str:
    try:
        return version("citebot")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


def _location(response: http.client.HTTPResponse, url: Url) -> str:
    try:  # http.client reads headers as Latin-1
        return response.headers.get("Location", "").encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise UnreadableSource(f"{display_url(url.url)} redirects to an address in an unknown encoding.") from error


def _save(response: http.client.HTTPResponse, url: Url, folder: Path, limits: FetchLimits, *, direct: bool) -> Fetched:
    """Check status and headers, then write the body into `folder`."""
    _check_status(response.status, url)
    media_type = response.headers.get_content_type() if "Content-Type" in response.headers else ""
    suffix = suffix_for(media_type, url.url)
    if suffix is None:
        found = f"{display_url(url.url)} is {display_url(media_type) or 'of an unknown type'}"
        raise UnreadableSource(f"{found}. Only web pages, feeds, text, PDF, DOCX, EPUB and ZIP can be read.")
    path = _named_by_content(_write(_body(response, url, limits), folder, suffix))
    modified = _sendable(response.headers.get("Last-Modified")) if direct else None
    validators = Validators(_sendable(response.headers.get("ETag")), modified)
    return Fetched(url.url, path, media_type, _charset(response.headers.get_content_charset()), validators)


def _check_status(status: int, url: Url) -> None:
    if status in _GONE:
        raise SourceNotFound(f"There is nothing at {display_url(url.url)} (HTTP status {status}). Check the address.")
    if status != http.client.OK:
        reason = _STATUS_REASONS.get(status, "its server answers with an error")
        raise UnreadableSource(f"{display_url(url.url)} cannot be read: {reason} ({status}).")


def _charset(name: str | None) -> str | None:
    """Return the name of an encoding if pages are written in it."""
    return name if name and browser_codec(name) else None


def _named_by_content(path: Path) -> Path:
    """Give a file the suffix that fits what is in it."""
    with path.open("rb") as file:
        suffix = sniffed_suffix(path.suffix, file.read(HEAD))
    return path if suffix == path.suffix else path.rename(path.with_suffix(suffix))


def _write(chunks: Iterator[bytes], folder: Path, suffix: str) -> Path:
    """Write a body into a new file; leave nothing behind if it fails on the way."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=suffix, delete=False) as file:
        path = Path(file.name)
        try:
            file.writelines(chunks)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path


def _body(response: http.client.HTTPResponse, url: Url, limits: FetchLimits) -> Iterator[bytes]:
    with _errors_in_words(url, limits):
        yield from read_body(response, limits.size)


@contextmanager
def _errors_in_words(url: Url, limits: FetchLimits) -> Iterator[None]:
    """Raise what goes wrong in a request as UnreadableSource."""
    try:
        yield
    except (TooLarge, OSError, http.client.HTTPException, zlib.error, ValueError) as error:
        raise UnreadableSource(f"{display_url(url.url)} {_describe(error, limits)}") from error


def _describe(error: Exception, limits: FetchLimits) -> str:  # noqa: PLR0911 - a table
    match error:
        case TooLarge():
            return f"is larger than {limits.size / 1_000_000:g} MB. Load a smaller part of it."
        case TimeoutError():
            return f"took longer than {limits.seconds:g} seconds. Try again later."
        case SSLCertVerificationError():
            return f"has a certificate that cannot be trusted: {error.verify_message.rstrip('.')}."
        case SSLError():
            return f"cannot be reached over https ({error.reason}). Check the address."
        case OSError():
            return f"cannot be reached ({error.strerror or error}). Check the address, or try again later."
        case http.client.UnknownTransferEncoding():
            return "is compressed in an unsupported way. Try another address."
        case _:
            return "sent an incomplete or invalid answer. Try again later."
