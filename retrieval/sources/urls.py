"""A URL as a person or a server wrote it goes in; what to ask, in the one spelling there is for it, comes out.

A URL that two programs could read as two hosts is refused, not guessed at: whoever reads it and whoever asks must mean
the same host. What is refused: other schemes, names and passwords, white space, control characters and backslashes,
numbers for hosts in any spelling but `192.0.2.7`, percent signs and zones in hosts, dots at their end.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from retrieval.errors import ForbiddenAddress

_LONGEST_URL = 4096  # characters
_LONGEST_SHOWN = 200  # characters of a URL in a message
_LONGEST_HOST = 253
_PORTS = {"http": 80, "https": 443}
_FIRST_FREE_PORT = 1024  # below are mail, remote shells and other services that are no web servers
_LAST_PORT = 65535
_AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:@%]+))(?::(?P<port>[0-9]{0,5}))?")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label such as this makes an IPv4 address for some programs
_AS_THEY_ARE = "!$%&'()*+,/:;=?@[]~"  # in paths and queries; a percent sign is one that was written as such


@dataclass(frozen=True, slots=True)
class Url:
    """What to ask: all of it printable ASCII without white space."""

    scheme: str  # http or https
    host: str  # lower case; an IP address without brackets
    port: int
    target: str  # path and query, begins with "/"

    @property
    def authority(self) -> str:
        """The host, in brackets if it needs them, and the port if it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.target}"


def parse_url(url: str) -> Url:
    """Read a URL. Raises ForbiddenAddress for one that is not http or https, or not in ordinary spelling."""
    _refuse_odd_characters(url)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _forbidden(url, "it is not a URL") from error
    if parts.scheme not in _PORTS:
        raise _forbidden(url, "only http:// and https:// addresses are")
    if "@" in parts.netloc:
        raise ForbiddenAddress(
            "A URL with a name or password in it (before an @) is not asked: give the address without."
        )
    authority = _AUTHORITY.fullmatch(parts.netloc)
    if authority is None:
        raise _forbidden(url, "its host is missing or in no ordinary spelling")
    host = _address(url, authority["six"]) if authority["six"] else _host(url, authority["name"])
    target = quote(parts.path or "/", safe=_AS_THEY_ARE)
    if parts.query:
        target += f"?{quote(parts.query, safe=_AS_THEY_ARE)}"
    return Url(parts.scheme, host, _port(url, authority["port"] or str(_PORTS[parts.scheme])), target)


def resolve_redirect(location: Url, given: str) -> Url:
    """Read where a server sends on to, as it wrote it (absolute, or relative to `location`).

    From https to http it is not followed: what is quoted could be changed on the way, which who named https ruled out.
    Raises ForbiddenAddress.
    """
    _refuse_odd_characters(given)
    try:
        joined = urljoin(location.url, given)
    except ValueError as error:
        raise _forbidden(given, "it is not a URL") from error
    onward = parse_url(joined)
    if location.scheme == "https" and onward.scheme == "http":
        raise ForbiddenAddress(
            f"{display_url(location.url)} sends on to {display_url(onward.url)}, which is not protected on the way: "
            "if that is fine, give the http address itself."
        )
    return onward


def display_url(url: str) -> str:
    """Give a URL for a message: not too long, and nothing in it that a terminal obeys."""
    printable = "".join(character if character.isprintable() else "�" for character in url)
    return printable if len(printable) <= _LONGEST_SHOWN else f"{printable[: _LONGEST_SHOWN - 1]}…"


def _refuse_odd_characters(url: str) -> None:
    if len(url) > _LONGEST_URL:
        raise _forbidden(url, f"it is longer than {_LONGEST_URL} characters")
    if " " in url or "\\" in url or not url.isprintable():
        raise _forbidden(url, "it holds white space, a backslash or an invisible character")


def _address(url: str, six: str) -> str:
    try:
        return str(IPv6Address(six))
    except ValueError as error:
        raise _forbidden(url, "its host is no IPv6 address") from error


def _host(url: str, name: str) -> str:
    host = name.lower() if name.isascii() else _ascii(url, name)
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise _forbidden(url, "its host is in no ordinary spelling")
    if _NUMBER.fullmatch(host.rpartition(".")[2]) and not _is_dotted_quad(name):
        raise _forbidden(url, "its host is a number: write it as four numbers from 0 to 255 with dots between")
    return host


def _ascii(url: str, name: str) -> str:
    """Spell a host in another script as browsers do."""
    import idna  # noqa: PLC0415 - most hosts need none of its tables

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise _forbidden(url, "its host is no name that is allowed on the net") from error


def _is_dotted_quad(name: str) -> bool:
    try:
        return str(IPv4Address(name)) == name
    except ValueError:
        return False


def _port(url: str, digits: str) -> int:
    port = int(digits)
    if port in _PORTS.values() or _FIRST_FREE_PORT <= port <= _LAST_PORT:
        return port
    raise _forbidden(url, f"port {port} is none of a web server: 80, 443 and from {_FIRST_FREE_PORT} on are")


def _forbidden(url: str, reason: str) -> ForbiddenAddress:
    return ForbiddenAddress(f"{display_url(_without_password(url))!r} is not asked: {reason}.")


def _without_password(url: str) -> str:
    return re.sub(r"^(\w+:)?([\\/]*)[^/?#]*@", r"\1\2", url)
