"""From the environment and `.env` to `Settings`; nothing else in citebot reads the environment for its settings.

An option of a command beats the environment, the environment beats `.env` of the working folder.
What is secret (the token, the webhook's secret) never stands in a `repr` nor in a message of this module.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from retrieval.records import CAUTIONS, Caution

DEFAULTS = {
    "CITEBOT_TOKEN": "",
    "CITEBOT_ADMINS": "",
    "CITEBOT_ALLOW": "",
    "CITEBOT_DB": "citebot.db",
    "CITEBOT_STATE": "citebot.state.db",
    "CITEBOT_KEEP_DAYS": "30",
    "CITEBOT_ARTICLES": "seeds",
    "CITEBOT_REFRESH": "",
    "CITEBOT_ALLOW_PRIVATE_URLS": "",
    "CITEBOT_CAUTION": "normal",
    "CITEBOT_API_URL": "https://api.telegram.org/bot",
    "CITEBOT_FILE_URL": "https://api.telegram.org/file/bot",
    "CITEBOT_WEBHOOK_URL": "",
    "CITEBOT_WEBHOOK_SECRET": "",
    "CITEBOT_LISTEN": "127.0.0.1:8080",
    "CITEBOT_WORKERS": "8",
}
"""Every setting with its default as `.env.example` shows it; an empty default means "not set"."""

# The anonymous administrators of every group, and every linked channel, write under these two ids.
NOBODY_IN_PARTICULAR = frozenset({1087968824, 777000})
MOST_WORKERS = 64
MOST_DAYS = 36500
_HIGHEST_PORT = 65535
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class SettingsError(Exception):
    """A setting has a value that cannot be meant; its text names the setting and is fit to be shown."""


class Address(NamedTuple):
    """Where the webhook's server listens."""

    host: str
    port: int  # 1 to 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decided."""

    token: str | None = field(repr=False)
    admins: frozenset[int]  # user ids; empty = nobody
    allow: frozenset[int] | None  # users and groups who may ask besides the admins; None = everybody
    db: Path
    state: Path
    keep_days: int  # 0 to 36,500; 0 = no question is kept
    articles: tuple[str, ...]  # paths, patterns and URLs
    configured: bool  # CITEBOT_ARTICLES says so; else `articles` are the samples
    refresh: timedelta | None  # how often the bot reads all sources again; None = never
    allow_private: bool  # addresses in private networks may be asked
    caution: Caution
    api_url: str  # ends in /bot
    file_url: str  # ends in /file/bot
    webhook_url: str | None
    webhook_secret: str | None = field(repr=False)
    listen: Address
    workers: int  # 1 to 64


def read_settings(
    *, db: str | Path | None = None, state: str | Path | None = None, workers: int | None = None
) -> Settings:
    """Read the settings; an argument that is not None beats what is configured.

    Raises SettingsError for a value that cannot be meant.
    """
    given: dict[str, object] = {"CITEBOT_DB": db, "CITEBOT_STATE": state, "CITEBOT_WORKERS": workers}
    options = {name: str(value) for name, value in given.items() if value is not None}
    return parse_settings(configured_values() | options)


def configured_values() -> dict[str, str]:
    """Give the values of all variables `CITEBOT_*`, the environment's before those of `.env`; raises SettingsError."""
    everything = _read_dotenv(Path(".env")) | dict(os.environ)
    return {name: value.strip() for name, value in everything.items() if name.startswith("CITEBOT_")}


def parse_settings(values: Mapping[str, str]) -> Settings:
    """Turn values by name of the variable into settings; an empty value is as good as none, but for CITEBOT_ALLOW."""
    db = parse_db(_value(values, "CITEBOT_DB"))
    api_url = _value(values, "CITEBOT_API_URL").rstrip("/")
    articles = parse_articles(values.get("CITEBOT_ARTICLES", ""))
    return Settings(
        token=values.get("CITEBOT_TOKEN") or None,
        admins=parse_admins(values.get("CITEBOT_ADMINS", "")) or frozenset(),
        allow=parse_allow(values.get("CITEBOT_ALLOW")),
        db=db,
        state=parse_path(values.get("CITEBOT_STATE") or str(db.with_suffix(".state.db"))),
        keep_days=parse_keep_days(_value(values, "CITEBOT_KEEP_DAYS")),
        articles=articles or (str(sample_articles()),),
        configured=bool(articles),
        refresh=parse_refresh(_value(values, "CITEBOT_REFRESH")),
        allow_private=parse_switch(values.get("CITEBOT_ALLOW_PRIVATE_URLS", "")) is True,
        caution=parse_caution(_value(values, "CITEBOT_CAUTION")),
        api_url=api_url,
        file_url=(values.get("CITEBOT_FILE_URL") or _file_url_beside(api_url)).rstrip("/"),
        webhook_url=values.get("CITEBOT_WEBHOOK_URL") or None,
        webhook_secret=values.get("CITEBOT_WEBHOOK_SECRET") or None,
        listen=parse_listen(_value(values, "CITEBOT_LISTEN")),
        workers=parse_workers(_value(values, "CITEBOT_WORKERS")),
    )


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


def parse_listen(text: str) -> Address:
    """Read `host:port`, with brackets around an IPv6 host; raises SettingsError."""
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


def parse_keep_days(text: str) -> int:
    """Read for how many days questions are kept; raises SettingsError."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > MOST_DAYS:
        raise SettingsError(f"CITEBOT_KEEP_DAYS must be a whole number of days from 0 to {MOST_DAYS}, not {text!r}.")
    return int(text)


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


def sample_articles() -> Path:
    """Find the articles to start with: `seeds` of the working folder, of the installed package or of the checkout."""
    room = Path(__file__).parent
    for folder in (Path("seeds"), room / "seeds"):
        if folder.is_dir():
            return folder
    return room.parent / "seeds"


def history_file() -> Path:
    """Say where the console keeps what was typed: in the user's own state folder."""
    home = Path(os.environ.get("XDG_STATE_HOME", ""))
    folder = home if home.is_absolute() else Path.home() / ".local" / "state"
    return folder / "citebot" / "history"


def wants_plain_output() -> bool:
    """Tell whether the environment asks for no colour, no bar and no prompt."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def _value(values: Mapping[str, str], name: str) -> str:
    return values.get(name) or DEFAULTS[name]


def _file_url_beside(api_url: str) -> str:
    return api_url.removesuffix("/bot") + "/file/bot"


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - only where there is a file to read

    try:
        values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8: save it as UTF-8.") from error
    return {name: value or "" for name, value in values.items()}
