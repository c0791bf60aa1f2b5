"""Parsers for the text of a setting; a ValueError continues the name of the variable: "must be ..., not ...".

An unset variable is not parsed; see `Setting` for what it means then.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from retrieval import parse_address
from retrieval.records import checked_set

SHARED_USER_IDS = frozenset({1087968824, 777000})
"""Every group's anonymous admins and every linked channel write under these two ids."""

_MAX_PORT = 65535
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_NO_FALLBACK = object()


class SettingsError(Exception):
    """A setting is invalid; the message names it and may be shown, since it contains no secret."""


class Address(NamedTuple):
    """Where the server of the webhook, the health checks and the metrics listens."""

    host: str
    port: int  # 1 to 65535


class Refreshing(NamedTuple):
    """When the bot reads its sources again on its own."""

    interval: timedelta | None = None  # None = not by the clock
    watch: bool = False  # as soon as files change


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable: how it is read, and what `.env.example` says about it."""

    variable: str
    default: str  # as `.env.example` shows it; "" = not set
    parse: Callable[[str], Any]  # raises ValueError
    help: str
    heading: str = ""  # of the group that this setting begins
    unset: Any = None  # the value if the variable is not set and has no default
    fallback: Any = _NO_FALLBACK  # the value if the variable is invalid, so that access fails closed

    def read(self, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - each setting has its own type
        """Return the value of this setting; raise SettingsError if it is invalid and has no fallback."""
        try:
            return self.check(values)
        except SettingsError:
            if self.fallback is _NO_FALLBACK:
                raise
            return self.fallback

    def check(self, values: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Return the value of this setting; raise SettingsError if it is invalid."""
        text = values.get(self.variable, self.default)
        if not text and self.variable not in values:
            return self.unset
        try:
            return self.parse(text)
        except ValueError as error:
            raise SettingsError(f"{self.variable} {error}") from error


def parse_ids(text: str) -> frozenset[int]:
    """Parse ids separated by commas; one malformed id makes all invalid, since a partial list may be the wrong part."""
    if not text:
        raise ValueError("is set but empty, so only admins may ask. Remove it to let everybody ask.")
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"-?[1-9][0-9]{0,18}", part) for part in parts):
        raise ValueError("must be IDs of users and groups, separated by commas. Until then only admins may ask.")
    return frozenset(int(part) for part in parts)


def parse_sets(text: str) -> tuple[str, ...]:
    """Parse names of sets of articles separated by commas."""
    try:
        return tuple(checked_set(part.strip()) for part in text.split(","))
    except ValueError as error:
        raise ValueError(f"must be names of sets, separated by commas: {error}.") from error


def parse_admins(text: str) -> frozenset[int]:
    """Parse user ids separated by commas; ids that many people share are left out."""
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[1-9][0-9]{0,18}", part) for part in parts):
        raise ValueError(
            "must be user IDs, separated by commas, such as 123456789,987654321. Until then nobody is an admin."
        )
    return frozenset(int(part) for part in parts) - SHARED_USER_IDS


def parse_switch(text: str) -> bool:
    """Parse yes or no."""
    if text.casefold() in {"1", "true", "yes", "on"}:
        return True
    if text.casefold() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be 1 or 0. Until then it counts as 0.")


def parse_listen(text: str) -> Address:
    """Parse `host:port`, with brackets around an IPv6 host."""
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= _MAX_PORT:
        raise ValueError(f"must be a host and a port, such as 127.0.0.1:8080, not {text!r}.")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def choice(*words: str) -> Callable[[str], str]:
    """Return a parser for one of these words, ignoring case."""

    def parse(text: str) -> str:
        if text.casefold() not in words:
            raise ValueError(f"must be one of {', '.join(words)}, not {text!r}.")
        return text.casefold()

    return parse


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a parser for a whole number in this range, both ends included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}, not {text!r}.")
        return int(text)

    return parse


def parse_proxy(text: str) -> str:
    """Parse the URL of a proxy; the error does not show it, since it may hold a password."""
    if not re.fullmatch(r"https?://([^\s/@]+@)?[^\s/@]+/?", text):
        raise ValueError("must be a URL such as http://127.0.0.1:3128.")
    return text


def parse_engine(text: str) -> str:
    """Check the address of an engine; the error does not show it, since it may hold a password."""
    try:
        parse_address(text)
    except ValueError as error:
        raise ValueError(f"is malformed. {error}") from None
    return text


def parse_interval(text: str) -> timedelta:
    """Parse a number of minutes, hours or days."""
    given = re.fullmatch(r"([1-9][0-9]{0,3}) ?([mhd])", text.casefold())
    if given is None:
        raise ValueError(f"must be a number of minutes, hours or days, such as 30m, 6h or 1d, not {text!r}.")
    return int(given[1]) * _UNITS[given[2]]


def parse_refreshing(text: str) -> Refreshing:
    """Parse an interval, `watch`, or both, separated by a comma."""
    words = [word.strip() for word in text.casefold().split(",")]
    intervals = [parse_interval(word) for word in words if word != "watch"]
    if len(intervals) > 1:
        raise ValueError(f"must be one interval, watch, or both, such as watch,6h, not {text!r}.")
    return Refreshing(intervals[0] if intervals else None, "watch" in words)


def parse_base_url(text: str) -> str:
    """Remove the slash at the end of a URL."""
    return text.rstrip("/")


def parse_articles(text: str) -> tuple[str, ...]:
    """Parse paths, patterns and URLs separated by commas."""
    specs = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(spec if "://" in spec else str(parse_path(spec)) for spec in specs)


def parse_path(text: str) -> Path:
    """Parse a path; `~` is the home folder, and `~name` stays as it is if there is no such user."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - pathlib's raises in that case


def parse_file(text: str) -> Path:
    """Parse the path of a file, which has a name, unlike the working folder."""
    path = parse_path(text)
    if path.name in {"", ".."}:
        raise ValueError(f"is the folder {text!r}. Give the path of a file.")
    return path
