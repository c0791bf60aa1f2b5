"""Read URLs as people and servers write them, and spell each in one canonical way.

A URL that two programs could read as two different hosts is refused, not guessed at: the code that checks the host and
the code that connects must mean the same one. Refused are schemes other than http and https, names and passwords, white
space, control characters and backslashes, numbers as hosts unless spelled like `192.0.2.7`, percent signs and zones in
hosts, and dots at their end.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from retrieval.errors import ForbiddenAddress

_MAX_URL = 4096  # characters
_MAX_SHOWN = 200  # characters of a URL in a message
_MAX_HOST = 253
_PORTS = {"http": 80, "https": 443}
_FIRST_USER_PORT = 1024  # below are mail, remote shells and other services that are not web servers
_LAST_PORT = 65535
_AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:@%]+))(?::(?P<port>[0-9]{0,5}))?")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_BARE_HOST = r"[\w-]+(?:\.[\w-]+)*\.[^\W\d][\w-]+|[0-9]+(?:\.[0-9]+){3}"  # ends in a top-level domain, or is an address
_BARE_URL = re.compile(rf"(?://)?(?:{_BARE_HOST})(?::[0-9]+)?(?:[/?#]\S*)?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # with such a last label, some programs read an IPv4 address
_UNQUOTED = "!$%&'()*+,/:;=?@[]~"  # in paths and queries; a percent sign is one that was written as such

_SCHEME = "Only http:// and https:// addresses can be read."
_NOT_A_URL = "This is not a valid URL. Check the address."
_HOST_NAME = "The host name is missing or not valid. Check the address."


@dataclass(frozen=True, slots=True)
class Url:
    """A URL to request; all of it is printable ASCII without white space."""

    scheme: str  # http or https
    host: str  # lower case; an IP address without brackets
    port: int
    target: str  # path and query, starts with "/"

    @property
    def authority(self) -> str:
        """The host, in brackets if it needs them, and the port unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.target}"


def with_https(text: str) -> str | None:
    """Return what somebody typed for a web page, `example.org/news`, with https:// before it; None if it is none.

    A URL with a scheme is returned as it is. Whether it may be read is for `parse_url` to say.
    """
    if "://" in text:
        return text
    return f"https://{text.removeprefix('//')}" if _BARE_URL.fullmatch(text) else None


def parse_url(url: str) -> Url:
    """Parse a URL. Raise ForbiddenAddress if it is not http or https, or is spelled in an unusual way."""
    _check_characters(url)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ForbiddenAddress(_NOT_A_URL) from error
    if parts.scheme not in _PORTS:
        raise ForbiddenAddress(_SCHEME)
    if "@" in parts.netloc:
        raise ForbiddenAddress("The URL contains a user name or password (before the @). Remove them.")
    authority = _AUTHORITY.fullmatch(parts.netloc)
    if authority is None:
        raise ForbiddenAddress(_HOST_NAME)
    host = _parse_ipv6(authority["six"]) if authority["six"] else _parse_host(authority["name"])
    target = quote(parts.path or "/", safe=_UNQUOTED)
    if parts.query:
        target += f"?{quote(parts.query, safe=_UNQUOTED)}"
    return Url(parts.scheme, host, _parse_port(authority["port"] or str(_PORTS[parts.scheme])), target)


def resolve_redirect(url: Url, location: str) -> Url:
    """Return where a server redirects to; its Location header is absolute or relative to `url`.

    Raise ForbiddenAddress, also for a redirect from https to http: whoever chose https relies on text that nobody can
    alter on the way.
    """
    try:
        _check_characters(location)
        target = parse_url(urljoin(url.url, location))
    except ForbiddenAddress as error:
        shown = display_url(_without_password(location))
        raise ForbiddenAddress(f"{display_url(url.url)} redirects to {shown!r}. {error}") from error
    except ValueError as error:
        raise ForbiddenAddress(f"{display_url(url.url)} redirects to an invalid URL. Check the address.") from error
    if url.scheme == "https" and target.scheme == "http":
        raise ForbiddenAddress(
            f"{display_url(url.url)} redirects to {display_url(target.url)}, which is not encrypted. If that is fine, "
            "use the http address."
        )
    return target


def display_url(url: str) -> str:
    """Return a URL for a message: shortened, and without characters that a terminal would obey."""
    printable = "".join(character if character.isprintable() else "�" for character in url)
    return printable if len(printable) <= _MAX_SHOWN else f"{printable[: _MAX_SHOWN - 1]}…"


def _check_characters(url: str) -> None:
    if len(url) > _MAX_URL:
        raise ForbiddenAddress(f"The URL is longer than {_MAX_URL} characters.")
    if " " in url or "\\" in url or not url.isprintable():
        raise ForbiddenAddress("The URL contains white space, a backslash or an invisible character. Remove it.")


def _parse_ipv6(host: str) -> str:
    try:
        return str(IPv6Address(host))
    except ValueError as error:
        raise ForbiddenAddress("The host is not a valid IPv6 address. Check the address.") from error


def _parse_host(name: str) -> str:
    host = name.lower() if name.isascii() else _to_ascii(name)
    if len(host) > _MAX_HOST or not _HOST.fullmatch(host):
        raise ForbiddenAddress(_HOST_NAME)
    if _NUMBER.fullmatch(host.rpartition(".")[2]) and not _is_ipv4(name):
        raise ForbiddenAddress("The host is a number. Write it as four numbers from 0 to 255, separated by dots.")
    return host


def _to_ascii(name: str) -> str:
    """Spell a host name in another script as browsers do."""
    import idna  # noqa: PLC0415 - few hosts need its tables

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise ForbiddenAddress(_HOST_NAME) from error


def _is_ipv4(name: str) -> bool:
    try:
        return str(IPv4Address(name)) == name
    except ValueError:
        return False


def _parse_port(digits: str) -> int:
    port = int(digits)
    if port in _PORTS.values() or _FIRST_USER_PORT <= port <= _LAST_PORT:
        return port
    raise ForbiddenAddress(f"Port {port} is not allowed; use 80, 443, or {_FIRST_USER_PORT} and above.")


def _without_password(url: str) -> str:
    return re.sub(r"^(\w+:)?([\\/]*)[^/?#]*@", r"\1\2", url)
