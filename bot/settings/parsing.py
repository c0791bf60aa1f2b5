"""From the text of one setting to its value; what cannot be meant raises SettingsError, or is told by None."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from retrieval.records import CAUTIONS, Caution

# The anonymous administrators of every group, and every linked channel, write under these two ids.
NOBODY_IN_PARTICULAR = frozenset({1087968824, 777000})
MOST_WORKERS = 64
MOST_DAYS = 36500
MOST_QUESTIONS = 1000
_HIGHEST_PORT = 65535
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class SettingsError(Exception):
    """A setting has a value that cannot be meant; its text names the setting and is fit to be shown."""


class Address(NamedTuple):
    """Where the server of the webhook, the health checks and the metrics listens."""

    host: str
    port: int  # 1 to 65535


def parse_ids(text: str) -> frozenset[int] | None:
    """Read ids parted by commas; None when any of them is malformed, since half of a list may be the wrong half."""
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"-?[1-9][0-9]{0,18}", part) for part in parts):
        return None
    return frozenset(int(part) for part in parts)


def parse_admins(text: str) -> frozenset[int] | None:
    """Read the admins' user ids; None when malformed. Ids that anybody may bear are left out."""
    ids = parse_ids(text)
    if ids is None or min(ids) < 0:
        return None
    return ids - NOBODY_IN_PARTICULAR


def parse_allow(text: str | None) -> frozenset[int] | None:
    """Read who may ask: not set is everybody (None), set but empty or malformed is nobody but the admins."""
    return None if text is None else parse_ids(text) or frozenset()


def parse_listen(text: str) -> Address | None:
    """Read `host:port`, with brackets around an IPv6 host; empty is nowhere. Raises SettingsError."""
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= _HIGHEST_PORT:
        raise SettingsError(f"CITEBOT_LISTEN must be a host and a port such as 127.0.0.1:8080, not {text!r}.")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def parse_caution(text: str) -> Caution:
    """Read how sure the bot must be before it answers; raises SettingsError."""
    for caution in CAUTIONS:
        if text.casefold() == caution:
            return caution
    raise SettingsError(f"CITEBOT_CAUTION must be one of {', '.join(CAUTIONS)}, not {text!r}.")


def parse_workers(text: str) -> int:
    """Read how many questions are answered side by side; raises SettingsError."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_WORKERS:
        raise SettingsError(f"CITEBOT_WORKERS must be a whole number from 1 to {MOST_WORKERS}, not {text!r}.")
    return int(text)


def parse_question_limit(text: str) -> int:
    """Read how many questions a person may ask in a minute; raises SettingsError."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) > MOST_QUESTIONS:
        raise SettingsError(
            f"CITEBOT_QUESTIONS_PER_MINUTE must be a whole number from 0 to {MOST_QUESTIONS}, not {text!r}."
        )
    return int(text)


def parse_proxy(text: str) -> str | None:
    """Read the address of a proxy, which may hold a password; raises SettingsError, which does not show it."""
    if text and not re.fullmatch(r"https?://([^\s/@]+@)?[^\s/@]+/?", text):
        raise SettingsError("CITEBOT_PROXY must be a web address such as http://127.0.0.1:3128.")
    return text or None


def parse_log(text: str) -> str:
    """Read the form of what is logged; raises SettingsError."""
    if text.casefold() not in {"text", "json"}:
        raise SettingsError(f"CITEBOT_LOG must be text or json, not {text!r}.")
    return text.casefold()


def parse_refresh(text: str) -> timedelta | None:
    """Read how often all sources are read again, such as `30m`, `6h` or `1d`; empty is never. Raises SettingsError."""
    if not text:
        return None
    given = re.fullmatch(r"([1-9][0-9]{0,3}) ?([mhd])", text.casefold())
    if given is None:
        raise SettingsError(
            f"CITEBOT_REFRESH must be a number of minutes, hours or days such as 30m, 6h or 1d, not {text!r}."
        )
    return int(given[1]) * _UNITS[given[2]]


def parse_switch(text: str) -> bool | None:
    """Read yes or no, empty being no; None when malformed."""
    if text.casefold() in {"1", "true", "yes", "on"}:
        return True
    return False if text.casefold() in {"", "0", "false", "no", "off"} else None


def parse_keep_days(text: str) -> int:
    """Read for how many days questions are kept; raises SettingsError."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > MOST_DAYS:
        raise SettingsError(f"CITEBOT_KEEP_DAYS must be a whole number of days from 0 to {MOST_DAYS}, not {text!r}.")
    return int(text)


def parse_articles(text: str) -> tuple[str, ...]:
    """Read paths and URLs parted by commas."""
    specs = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(spec if "://" in spec else str(parse_path(spec)) for spec in specs)


def parse_path(text: str) -> Path:
    """Read a path; `~` is the home folder, `~somebody` who has none here stays as it is."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - pathlib's raises for that


def parse_db(text: str) -> Path:
    """Read the path of the store; raises SettingsError for one without a name, such as the working folder."""
    path = parse_path(text)
    if path.name in {"", ".."}:
        raise SettingsError(f"CITEBOT_DB is the folder {text}: name a file.")
    return path
