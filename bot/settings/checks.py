"""From the configured values to what is wrong with them, in words; a secret is described, never shown."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bot.settings import DEFAULTS, Settings, parse_settings
from bot.settings.parsing import (
    SettingsError,
    parse_admins,
    parse_caution,
    parse_db,
    parse_ids,
    parse_keep_days,
    parse_listen,
    parse_log,
    parse_proxy,
    parse_question_limit,
    parse_refresh,
    parse_switch,
    parse_workers,
)
from bot.state.checks import find_state_problems
from retrieval.sources.paths import source_kind

_TOKEN = re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,50}")
_ENDS = {"CITEBOT_API_URL": "/bot", "CITEBOT_FILE_URL": "/file/bot"}
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def find_problems(values: Mapping[str, str]) -> Iterator[str]:
    """Name each setting whose value cannot work, with what to do; `values` by name of the variable."""
    yield from _telegram(values)
    yield from _people(values)
    yield from find_webhook_problems(values.get("CITEBOT_WEBHOOK_URL", ""), values.get("CITEBOT_WEBHOOK_SECRET", ""))
    if parse_switch(values.get("CITEBOT_ALLOW_PRIVATE_URLS", "")) is None:
        yield "CITEBOT_ALLOW_PRIVATE_URLS must be 1 or 0. Until then addresses in private networks are not read."
    yield from _unreadable(values)
    yield from _mistyped(values)


def find_file_problems(values: Mapping[str, str]) -> Iterator[str]:
    """Name the files and folders of the settings that are not there or cannot be used; read CITEBOT_STATE through."""
    settings = readable_settings(values)
    for name, path in (("CITEBOT_DB", settings.db), ("CITEBOT_STATE", settings.state)):
        if path.is_dir():
            yield f"{name} is the folder {path}: name a file."
        elif not path.absolute().parent.is_dir():
            yield f"{name} is in {path.absolute().parent}, which is not there: make that folder."
    for spec in settings.articles:
        if source_kind(spec) == "path" and not Path(spec).exists():
            yield f"CITEBOT_ARTICLES names {spec}, which is not there."
    yield from find_state_problems(settings.state)


def readable_settings(values: Mapping[str, str]) -> Settings:
    """Read the settings, with the default in place of each value that cannot be meant."""
    return parse_settings({**values, **dict.fromkeys(_find_unreadable(values), "")})


def find_address_problems(api_url: str, file_url: str) -> Iterator[str]:
    """Name each address of Telegram's that cannot be one."""
    for (name, end), url in zip(_ENDS.items(), (api_url, file_url), strict=True):
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url) or not url.rstrip("/").endswith(end):
            yield f"{name} must be a web address that ends in {end}."


def find_webhook_problems(url: str, secret: str) -> Iterator[str]:
    """Name what is wrong with the address and the secret of a webhook."""
    if url and not url.startswith("https://"):
        yield "CITEBOT_WEBHOOK_URL must start with https://."
    if url and not secret:
        yield "CITEBOT_WEBHOOK_URL is set without CITEBOT_WEBHOOK_SECRET: anybody could send the bot messages."
    if secret and not _SECRET.fullmatch(secret):
        yield "CITEBOT_WEBHOOK_SECRET must be 1 to 256 of the characters A-Z a-z 0-9 _ and -."


def _telegram(values: Mapping[str, str]) -> Iterator[str]:
    token = values.get("CITEBOT_TOKEN", "")
    if token and not _TOKEN.fullmatch(token):
        yield (
            f"CITEBOT_TOKEN does not look like a token ({len(token)} characters):"
            " @BotFather gives digits, a colon and about 35 letters."
        )
    yield from find_address_problems(*(values.get(name) or DEFAULTS[name] for name in _ENDS))


def _people(values: Mapping[str, str]) -> Iterator[str]:
    admins, allow = values.get("CITEBOT_ADMINS", ""), values.get("CITEBOT_ALLOW")
    if admins and parse_admins(admins) is None:
        yield "CITEBOT_ADMINS must be user ids parted by commas, such as 123456789,987654321. Until then nobody is."
    if allow is not None and parse_ids(allow) is None:
        what = "is set but empty" if not allow else "must be ids of users and groups parted by commas"
        yield f"CITEBOT_ALLOW {what}: only the admins may ask. Take it out to let everybody ask."


def _unreadable(values: Mapping[str, str]) -> Iterator[str]:
    yield from _find_unreadable(values).values()


def _find_unreadable(values: Mapping[str, str]) -> dict[str, str]:
    """Give by name of the setting what is wrong with its value."""
    parsers: dict[str, Callable[[str], object]] = {
        "CITEBOT_DB": parse_db, "CITEBOT_CAUTION": parse_caution, "CITEBOT_KEEP_DAYS": parse_keep_days,
        "CITEBOT_LISTEN": parse_listen, "CITEBOT_WORKERS": parse_workers, "CITEBOT_REFRESH": parse_refresh,
        "CITEBOT_PROXY": parse_proxy, "CITEBOT_QUESTIONS_PER_MINUTE": parse_question_limit, "CITEBOT_LOG": parse_log,
    }  # fmt: skip
    found = {}
    for name, parse in parsers.items():
        try:
            parse(values.get(name) or DEFAULTS[name])
        except SettingsError as error:
            found[name] = str(error)
    return found


def _mistyped(values: Mapping[str, str]) -> Iterator[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - only the doctor compares

    for name in sorted(values.keys() - DEFAULTS.keys()):
        near = get_close_matches(name, DEFAULTS, n=1, cutoff=0.85)
        if near:
            yield f"{name} is no setting of citebot. Did you mean {near[0]}?"
