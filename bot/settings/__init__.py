"""From the environment and `.env` to `Settings`; nothing else in citebot reads its settings from the environment.

An option of a command overrides the environment, which overrides `.env` in the working folder.
Secrets (the token, the webhook's secret, passwords in addresses) appear in no `repr` and no message.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.settings.parsing import (
    Address,
    Refreshing,
    Setting,
    SettingsError,
    choice,
    parse_admins,
    parse_articles,
    parse_base_url,
    parse_engine,
    parse_file,
    parse_ids,
    parse_listen,
    parse_path,
    parse_proxy,
    parse_refreshing,
    parse_sets,
    parse_switch,
    whole_number,
)
from retrieval.records import CAUTIONS, Caution

PREFIX = "CITEBOT_"  # of all variables


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator configured."""

    db: Path
    engine: str = field(repr=False)  # address, may hold a password; "" = the articles are in `db` alone
    articles: tuple[str, ...]  # paths, patterns and URLs
    configured: (
        bool  # whether CITEBOT_ARTICLES is set; otherwise `articles` are the samples, or none: see `read_settings`
    )
    sets: tuple[str, ...]  # of articles that are asked; none = all
    refresh: Refreshing
    allow_private: bool
    caution: Caution
    state: Path
    keep_days: int
    token: str | None = field(repr=False)
    admins: frozenset[int]  # user ids
    allow: frozenset[int] | None  # users and groups, in addition to the admins; None = everybody
    guests: bool  # whether mentions are answered in chats that the bot is no member of
    workers: int
    api_url: str  # ends in /bot
    file_url: str  # ends in /file/bot
    proxy: str | None = field(repr=False)  # may hold a password
    questions_per_minute: int  # 0 = no limit
    log: str  # "text" or "json"
    webhook_url: str | None
    webhook_secret: str | None = field(repr=False)
    listen: Address | None


# fmt: off
_BY_FIELD = {
    "db": Setting(
        "CITEBOT_DB", "citebot.db", parse_file, heading="Articles",
        help="The store of articles, an SQLite file.",
    ),
    "engine": Setting(
        "CITEBOT_ENGINE", "", parse_engine, unset="",
        help="A Milvus that holds the articles for any number of bots and terminals: milvus+http://host:19530,"
        " milvus+http://user:password@host:19530, milvus+https://token@host/database (extra milvus), or"
        " milvus+file:///path/to/engine.db for one terminal at a time (extra milvus-lite). In a password write / as %2F, # as"
        " %23, @ as %40, : as %3A. CITEBOT_DB is then a copy of what was needed here; it can be deleted at any time, and is not"
        " used without CITEBOT_ENGINE. Not set: the articles are in CITEBOT_DB.",
    ),
    "articles": Setting(
        "CITEBOT_ARTICLES", "seeds", parse_articles,
        help="What `citebot load` reads if you name no source, and what fills a new store: files, folders, patterns and"
        " URLs, separated by commas. Sources added with `citebot sources add` are read too. Without either, a new store"
        " is filled with the folder `seeds` where citebot runs or, if there is none, with the sample articles that come"
        " with citebot; they never join other articles.",
    ),
    "sets": Setting(
        "CITEBOT_SETS", "", parse_sets, unset=(),
        help="Which sets of articles are asked, by name, separated by commas (`citebot sources add news/ --set news`), besides"
        " the articles of sources that belong to no set. So several bots, each with its own CITEBOT_STATE, can share one"
        " CITEBOT_DB. Not set: all articles. In Telegram, /sets binds a chat to some of them.",
    ),
    "refresh": Setting(
        "CITEBOT_REFRESH", "", parse_refreshing, unset=Refreshing(),
        help="When the bot reads sources again on its own. 30m, 6h or 1d: all of them, as often. watch: files, some seconds"
        " after they have changed. watch,6h: both, for web pages and feeds, and for network drives, which report no changes."
        " Articles of deleted files stay until you load with --prune. Not set: never.",
    ),
    "allow_private": Setting(
        "CITEBOT_ALLOW_PRIVATE_URLS", "", parse_switch, unset=False, fallback=False,
        help="1 to read URLs in private networks too: an intranet, or this machine. 0 or not set: only"
        " public addresses.",
    ),
    "caution": Setting(
        "CITEBOT_CAUTION", "normal", choice(*CAUTIONS),
        help="How sure citebot must be: low, normal or high. low: it answers nearly everything, sometimes what the"
        " articles do not say. normal: in between. high: it answers only what the articles very probably say. An answer"
        " that may be wrong begins with “Perhaps:”; with low that takes more doubt, with high less.",
    ),
    "state": Setting(
        "CITEBOT_STATE", "citebot.state.db", parse_path,
        help="An SQLite file for what citebot itself remembers, by default next to CITEBOT_DB: the questions asked in"
        " Telegram and in the console with their answers, and keyed hashes instead of people's IDs.",
    ),
    "keep_days": Setting(
        "CITEBOT_KEEP_DAYS", "30", whole_number(0, 36500),
        help="For how many days questions are kept, 0 to 36500. 0 keeps no new ones, but for the last hour, for follow-ups, and deletes none: `citebot questions --forget` does.",
    ),
    "token": Setting(
        "CITEBOT_TOKEN", "", str, heading="Telegram",
        help="The bot's token, from @BotFather. Keep it secret: whoever has it controls the bot.",
    ),
    "admins": Setting(
        "CITEBOT_ADMINS", "", parse_admins, unset=frozenset(), fallback=frozenset(),
        help="Who may change the articles in Telegram, and say who else may (/editors, /allow, /block): user IDs, separated by"
        " commas. Not set: nobody.",
    ),
    "allow": Setting(
        "CITEBOT_ALLOW", "", parse_ids, fallback=frozenset(),
        help="Who else may ask: IDs of users and groups, separated by commas. Not set: everybody. Set but empty: only"
        " the admins. /allow in Telegram adds to them; /block shuts out whoever is no admin.",
    ),
    "guests": Setting(
        "CITEBOT_GUESTS", "", parse_switch, unset=False, fallback=False,
        help="1 to answer people who may ask when they mention the bot in a chat that it is no member of; guest mode must"
        " be on in @BotFather too. 0 or not set: such mentions stay without an answer.",
    ),
    "workers": Setting(
        "CITEBOT_WORKERS", "8", whole_number(1, 64),
        help="How many questions are answered at the same time, 1 to 64.",
    ),
    "api_url": Setting(
        "CITEBOT_API_URL", "https://api.telegram.org/bot", parse_base_url,
        help="Your own Bot API server, if you run one: a URL that ends in /bot.",
    ),
    "file_url": Setting(
        "CITEBOT_FILE_URL", "https://api.telegram.org/file/bot", parse_base_url,
        help="Its URL for files, which ends in /file/bot; by default next to CITEBOT_API_URL.",
    ),
    "proxy": Setting(
        "CITEBOT_PROXY", "", parse_proxy,
        help="An HTTP proxy for requests to Telegram, such as http://user:password@127.0.0.1:3128. Not set: the one in"
        " the environment variable HTTPS_PROXY, if any.",
    ),
    "questions_per_minute": Setting(
        "CITEBOT_QUESTIONS_PER_MINUTE", "20", whole_number(0, 1000),
        help="How many questions one person may ask per minute, 0 to 1000. Whoever asks more is warned once. Buttons"
        " may be pressed three times as often. 0 means no limit.",
    ),
    "log": Setting(
        "CITEBOT_LOG", "text", choice("text", "json"),
        help="The format of the bot's log on standard error: text, or json (one object per line).",
    ),
    "webhook_url": Setting(
        "CITEBOT_WEBHOOK_URL", "", str,
        help="Where Telegram reaches the bot from outside: an https URL of your web server, which forwards requests to"
        " CITEBOT_LISTEN. Not set: the bot asks Telegram for updates (long polling).",
    ),
    "webhook_secret": Setting(
        "CITEBOT_WEBHOOK_SECRET", "", str,
        help="What Telegram sends with each update to prove that it is Telegram: 1 to 256 of the characters"
        " A-Z a-z 0-9 _ and -.",
    ),
    "listen": Setting(
        "CITEBOT_LISTEN", "", parse_listen,
        help="Where citebot listens on this machine, for the webhook, /healthz, /readyz and /metrics (Prometheus). Not"
        " set: 127.0.0.1:8080 with a webhook, nowhere without.",
    ),
}  # by field, in the order of `.env.example`
# fmt: on
SETTINGS = {setting.variable: setting for setting in _BY_FIELD.values()}
"""The table of settings, by variable."""


def read_settings(*, db: str | Path | None = None) -> Settings:
    """Return the settings; `db` takes the place of CITEBOT_DB and CITEBOT_ENGINE. Raise SettingsError if one is invalid.

    Samples never fill a store named by `db`, which may be mistyped, nor an engine, which others ask too.
    """
    settings = parse_settings(values_with(db))
    return replace(settings, articles=()) if (db or settings.engine) and not settings.configured else settings


def values_with(db: str | Path | None) -> dict[str, str]:
    """Return the configured values, by variable, for the store that a command names; None = the configured one."""
    return configured_values() | ({} if db is None else {"CITEBOT_DB": str(db), "CITEBOT_ENGINE": ""})


def configured_values() -> dict[str, str]:
    """Return all CITEBOT_* variables of the environment and `.env`; raise SettingsError if `.env` is not UTF-8."""
    everything = _read_dotenv(Path(".env")) | dict(os.environ)
    return {name: value.strip() for name, value in everything.items() if name.startswith(PREFIX)}


def parse_settings(values: Mapping[str, str]) -> Settings:
    """Return the settings for values by variable. Raise SettingsError if one is invalid and has no safe fallback."""
    given = given_values(values)
    db, api_url = (_BY_FIELD[name].read(given) for name in ("db", "api_url"))
    given.setdefault("CITEBOT_STATE", str(db.with_suffix(".state.db")))
    given.setdefault("CITEBOT_FILE_URL", api_url.removesuffix("/bot") + "/file/bot")
    parsed = {name: setting.read(given) for name, setting in _BY_FIELD.items()}
    configured = "CITEBOT_ARTICLES" in given and bool(parsed["articles"])
    if not configured:
        parsed["articles"] = (str(sample_articles()),)
    return Settings(configured=configured, **parsed)


def given_values(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values that are set; an empty one counts as not set, except for CITEBOT_ALLOW, which then allows nobody."""
    return {name: value for name, value in values.items() if value or name == "CITEBOT_ALLOW"}


def sample_articles() -> Path:
    """Return the folder of sample articles: `seeds` in the working folder, in the installed package or in the checkout."""
    package = Path(__file__).parent.parent
    for folder in (Path("seeds"), package / "seeds"):
        if folder.is_dir():
            return folder
    return package.parent / "seeds"


def uploads_folder(db: Path) -> Path:
    """Return the folder for what admins send to a bot with this store, which need not exist."""
    return Path(f"{db}.uploads").absolute()


def history_file() -> Path:
    """Return where the console keeps what was typed: in the user's own state folder."""
    home = Path(os.environ.get("XDG_STATE_HOME", ""))
    folder = home if home.is_absolute() else Path.home() / ".local" / "state"
    return folder / "citebot" / "history"


def wants_plain_output() -> bool:
    """Whether the environment asks for no color, no bar and no prompt."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - only if there is a file to read

    try:
        values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8. Save it as UTF-8.") from error
    return {name: value or "" for name, value in values.items()}
