"""From the environment and `.env` to `Settings`; nothing else in citebot reads the environment for its settings.

An option of a command beats the environment, the environment beats `.env` of the working folder.
What is secret (the token, the webhook's secret) never stands in a `repr` nor in a message of this module.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.settings.parsing import (
    Address,
    SettingsError,
    parse_admins,
    parse_allow,
    parse_articles,
    parse_caution,
    parse_db,
    parse_keep_days,
    parse_listen,
    parse_log,
    parse_path,
    parse_proxy,
    parse_question_limit,
    parse_refresh,
    parse_switch,
    parse_workers,
)
from retrieval.records import Caution

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
    "CITEBOT_LISTEN": "",
    "CITEBOT_PROXY": "",
    "CITEBOT_WORKERS": "8",
    "CITEBOT_QUESTIONS_PER_MINUTE": "20",
    "CITEBOT_LOG": "text",
}
"""Every setting with its default as `.env.example` shows it; an empty default means "not set"."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decided."""

    token: str | None = field(repr=False)
    admins: frozenset[int]  # user ids; empty = nobody
    allow: frozenset[int] | None  # users and groups who may ask besides the admins; None = everybody
    db: Path
    state: Path
    articles: tuple[str, ...]  # paths, patterns and URLs
    configured: bool  # CITEBOT_ARTICLES says so; else `articles` are the samples
    refresh: timedelta | None  # how often the bot reads all sources again; None = never
    allow_private: bool  # addresses in private networks may be asked
    keep_days: int  # 0 to 36,500; 0 = no question is kept
    caution: Caution
    api_url: str  # ends in /bot
    file_url: str  # ends in /file/bot
    webhook_url: str | None
    webhook_secret: str | None = field(repr=False)
    listen: Address | None  # for the webhook, the health checks and the metrics; None = not set
    proxy: str | None = field(repr=False)  # what requests to Telegram go through; its address may hold a password
    workers: int  # 1 to 64
    questions_per_minute: int  # of one person, 0 to 1,000; 0 = as many as they like
    log: str  # "text" or "json"


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
        articles=articles or (str(sample_articles()),),
        configured=bool(articles),
        refresh=parse_refresh(_value(values, "CITEBOT_REFRESH")),
        allow_private=parse_switch(values.get("CITEBOT_ALLOW_PRIVATE_URLS", "")) is True,
        keep_days=parse_keep_days(_value(values, "CITEBOT_KEEP_DAYS")),
        caution=parse_caution(_value(values, "CITEBOT_CAUTION")),
        api_url=api_url,
        file_url=(values.get("CITEBOT_FILE_URL") or _file_url_beside(api_url)).rstrip("/"),
        webhook_url=values.get("CITEBOT_WEBHOOK_URL") or None,
        webhook_secret=values.get("CITEBOT_WEBHOOK_SECRET") or None,
        listen=parse_listen(_value(values, "CITEBOT_LISTEN")),
        proxy=parse_proxy(values.get("CITEBOT_PROXY", "")),
        workers=parse_workers(_value(values, "CITEBOT_WORKERS")),
        questions_per_minute=parse_question_limit(_value(values, "CITEBOT_QUESTIONS_PER_MINUTE")),
        log=parse_log(_value(values, "CITEBOT_LOG")),
    )


def sample_articles() -> Path:
    """Find the articles to start with: `seeds` of the working folder, of the installed package or of the checkout."""
    room = Path(__file__).parent.parent
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
