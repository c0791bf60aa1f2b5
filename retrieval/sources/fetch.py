"""A URL goes in; what its server answers comes out as a file, asked for with care and within limits.

`locations` says what may be asked and `wires` opens the connection, to an address that was checked. HTTP is spoken by
Python's own http.client over that connection: a library with sessions and pools opens connections of its own, resolves
names again where it retries, and knows no end of time for an answer that drips. Here the socket that was checked is the
only one there is.
"""

import codecs
import http.client
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from ssl import SSLCertVerificationError, SSLError
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from retrieval.errors import SourceNotFound, UnreadableSource
from retrieval.sources.connection import Connection, Deadline, Network, TooMuch, connect, read_body
from retrieval.sources.urls import Url, display_url, parse_url, resolve_redirect

if TYPE_CHECKING:
    from socket import socket

SUFFIX_OF = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/epub+zip": ".epub",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".rss",
    "application/rdf+xml": ".rss",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}
_VAGUE = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream", "application/json"})
_PACKED = frozenset({"application/gzip", "application/x-gzip"})
_ALIASES = {".htm": ".html", ".markdown": ".md", ".atom": ".rss", ".ndjson": ".jsonl"}


def suffix_of(media_type: str, url: str) -> str | None:
    """Give the suffix, or None for what no reader reads.

    A server that has no name for a format calls it text or octets: then the end of the URL's path decides. Of what is
    packed as a file only sitemaps are read (`.xml.gz`), by a reader that unpacks them.
    """
    if media_type in _VAGUE or media_type in _PACKED:
        path = unquote(urlsplit(url).path).lower()
        end = ".xml" if path.endswith(".xml.gz") else PurePosixPath(path).suffix
        end = _ALIASES.get(end, end)
        if end in SUFFIX_OF.values():
            return end
    return SUFFIX_OF.get(media_type)


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_GONE = frozenset({404, 410})
_BESIDE_THE_BODY = 1024 * 1024  # bytes that status, headers and the frames of chunks may take
_VALIDATOR = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,998}[\x21-\x7e])?")
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"})
_READ = "what is read are web pages, feeds, text, PDF, DOCX, EPUB and ZIP."
_WORDS = {
    401: "it wants a password",
    403: "its server lets no programs in",
    429: "its server is asked too often, try again later",
    503: "its server is too busy, try again later",
}
_WANTED = "text/html, application/pdf, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to tell later whether something has changed: sent back as it was given."""

    etag: str | None = None
    modified: str | None = None  # Last-Modified; not kept of a page that another sent on to, which may send elsewhere


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered."""

    url: str  # the final one, after redirects, without fragment
    path: Path  # the body, decompressed, with a suffix that fits its media type
    media_type: str  # lower case, "" = not stated
    charset: str | None  # as the header says, if it is one that pages are written in
    validators: Validators


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What an answer may cost."""

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
    """Ask for a URL and write the body into a new file in `folder`; None if nothing changed since `known` was given.

    `allow_private` lets it ask private networks and this machine, but not be sent there by a public server; everything
    else that is refused stays so.
    No cookies, no referrer, no proxies, no name or password are sent. Raises SourceMissing (404, 410), ForbiddenAddress
    and UnreadableSource: out of reach, too large, too slow, broken, or of a kind that no reader reads.
    """
    deadline = Deadline(limits.seconds)
    location = parse_url(url)
    for hop in range(_MOST_REDIRECTS + 1):
        conditions = _conditions(known, first=hop == 0)
        with _told_in_words(location, limits):
            wire = connect(
                location,
                deadline,
                allow_private=allow_private,
                network=network,
                most=limits.size + _BESIDE_THE_BODY,
            )
        with closing(wire):
            with _told_in_words(location, limits):
                response = _ask(wire, location, conditions)
            if response.status == http.client.NOT_MODIFIED and conditions:
                return None
            if response.status not in _REDIRECTS:
                return _take(response, location, folder, limits, direct=hop == 0)
            location = resolve_redirect(location, _where_to(response, location))
            allow_private = allow_private and wire.inside
    raise UnreadableSource(f"{display_url(url)} sends on more than {_MOST_REDIRECTS} times: check the address.")


def _conditions(known: Validators, *, first: bool) -> dict[str, str]:
    """Give the headers that ask for news only.

    A date belongs to the URL that was named: another page that it is sent on to today can be older, and still be news.
    """
    conditions = {"If-None-Match": _line(known.etag), "If-Modified-Since": _line(known.modified) if first else None}
    return {name: value for name, value in conditions.items() if value}


def _line(value: str | None) -> str | None:
    """Give a header's value if it is one line of printable ASCII, as it has to be to be sent back."""
    return value if value and _VALIDATOR.fullmatch(value) else None


def _ask(wire: Connection, location: Url, conditions: dict[str, str]) -> http.client.HTTPResponse:
    headers = {
        "Host": location.authority,
        "User-Agent": f"citebot/{_version()}",
        "Accept": _WANTED,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    } | conditions
    lines = [f"GET {location.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    wire.sendall("\r\n".join(lines).encode("ascii"))
    # all that http.client does with a socket is to call its makefile
    response = http.client.HTTPResponse(cast("socket", wire), method="GET")
    response.begin()
    return response


def _version() -> str:
    try:
        return version("citebot")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


def _where_to(response: http.client.HTTPResponse, location: Url) -> str:
    given = response.headers.get("Location", "")
    try:
        return given.encode("latin-1").decode("utf-8")  # http.client reads headers as Latin-1
    except UnicodeError as error:
        raise UnreadableSource(f"{display_url(location.url)} sends on to an address in no known encoding.") from error


def _take(
    response: http.client.HTTPResponse, location: Url, folder: Path, limits: FetchLimits, *, direct: bool
) -> Fetched:
    """Check what is said of the body, then write it into `folder`."""
    _refuse_status(response.status, location)
    stated = response.headers.get("Content-Type") is not None
    media_type = response.headers.get_content_type() if stated else ""
    suffix = suffix_of(media_type, location.url)
    if suffix is None:
        raise UnreadableSource(
            f"{display_url(location.url)} is {display_url(media_type) or 'of no stated kind'}: {_READ}"
        )
    path = _write(_body(response, location, limits), folder, suffix)
    modified = _line(response.headers.get("Last-Modified")) if direct else None
    return Fetched(
        url=location.url,
        path=path,
        media_type=media_type,
        charset=_charset(response.headers.get_content_charset()),
        validators=Validators(_line(response.headers.get("ETag")), modified),
    )


def _charset(name: str | None) -> str | None:
    """Give the name of an encoding, but of none by which 10 MB could take hours (punycode) or hide markup (UTF-7)."""
    try:
        known = codecs.lookup(name or "").name
    except (LookupError, ValueError):  # ValueError: a NUL in it
        return None
    return None if known.replace("_", "-") in _NO_CHARSETS else name


def _refuse_status(status: int, location: Url) -> None:
    if status in _GONE:
        raise SourceNotFound(
            f"There is nothing at {display_url(location.url)} (the server says {status}): check the address."
        )
    if status != http.client.OK:
        raise UnreadableSource(
            f"{display_url(location.url)} cannot be read: {_WORDS.get(status, 'its server answers with an error')} ({status})."
        )


def _write(pieces: Iterator[bytes], folder: Path, suffix: str) -> Path:
    """Write a body into a new file; of one that is refused on the way nothing is left."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=suffix, delete=False) as file:
        path = Path(file.name)
        try:
            file.writelines(pieces)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path


def _body(response: http.client.HTTPResponse, location: Url, limits: FetchLimits) -> Iterator[bytes]:
    with _told_in_words(location, limits):
        yield from read_body(response, limits.size)


@contextmanager
def _told_in_words(location: Url, limits: FetchLimits) -> Iterator[None]:
    """Raise what goes wrong on the way as an UnreadableSource."""
    url = display_url(location.url)
    try:
        yield
    except TooMuch as error:
        most = f"{limits.size / 1_000_000:g} MB"
        raise UnreadableSource(f"{url} is larger than {most}, the most that is read: give a part of it.") from error
    except TimeoutError as error:
        raise UnreadableSource(f"{url} took longer than {limits.seconds:g} seconds: try again later.") from error
    except SSLCertVerificationError as error:
        reason = error.verify_message.rstrip(".")
        raise UnreadableSource(f"{url} has a certificate that is not to be trusted: {reason}.") from error
    except SSLError as error:
        raise UnreadableSource(f"{url} cannot be reached over https ({error.reason}): check the address.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableSource(f"{url} cannot be reached ({reason}): check the address, or try again later.") from error
    except http.client.UnknownTransferEncoding as error:
        raise UnreadableSource(f"{url} is packed in a way that was not asked for: try another address.") from error
    except (http.client.HTTPException, zlib.error, ValueError) as error:
        raise UnreadableSource(f"{url} sent an answer that is broken or cut short: try again later.") from error
