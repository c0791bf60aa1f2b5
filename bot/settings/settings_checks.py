"""Check the configured values and put problems into words; a secret is described, never shown."""

import re
from collections.abc import Iterator, Mapping

from bot.settings import SETTINGS, Settings, given_values, parse_settings
from bot.settings.parsing import SettingsError
from retrieval import parse_address

_TOKEN = re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,50}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_TYPO_CUTOFF = 0.85  # similarity, 0 to 1


def find_problems(values: Mapping[str, str]) -> Iterator[str]:
    """Yield each setting that cannot work, with what to do; `values` are by variable."""
    settings = valid_settings(values)
    if settings.token and not _TOKEN.fullmatch(settings.token):
        yield (
            f"CITEBOT_TOKEN (length {len(settings.token)}) does not look like a token."
            " A token from @BotFather consists of digits, a colon and about 35 more characters."
        )
    file_url = values.get("CITEBOT_FILE_URL") or SETTINGS["CITEBOT_FILE_URL"].default  # not derived from a bad one
    yield from find_address_problems(settings.api_url, file_url.rstrip("/"))
    yield from find_webhook_problems(settings.webhook_url or "", settings.webhook_secret or "")
    yield from find_engine_problems(settings.engine if settings.token else "")
    yield from _find_invalid(values).values()
    yield from _find_unknown(values)


def valid_settings(values: Mapping[str, str]) -> Settings:
    """Return the settings, with the default in place of each invalid value."""
    return parse_settings({**values, **dict.fromkeys(_find_invalid(values), "")})


def find_address_problems(api_url: str, file_url: str) -> Iterator[str]:
    """Yield what is wrong with the URLs of the Bot API."""
    for variable, url, end in (("CITEBOT_API_URL", api_url, "/bot"), ("CITEBOT_FILE_URL", file_url, "/file/bot")):
        if not _URL.fullmatch(url) or not url.endswith(end):
            yield f"{variable} must be a URL that ends in {end}."


def find_engine_problems(engine: str) -> Iterator[str]:
    """Yield why a bot cannot use an engine."""
    if engine and parse_address(engine).is_file:
        yield (
            "CITEBOT_ENGINE is a file, which serves one process at a time: the bot reads articles in a second one."
            " Use a Milvus server, such as milvus+http://host:19530."
        )


def find_webhook_problems(url: str, secret: str) -> Iterator[str]:
    """Yield what is wrong with the URL and the secret of a webhook."""
    if url and not url.startswith("https://"):
        yield "CITEBOT_WEBHOOK_URL must start with https://."
    if url and not secret:
        yield "CITEBOT_WEBHOOK_SECRET must be set with CITEBOT_WEBHOOK_URL. Without it anybody could send the bot updates."
    if secret and not _SECRET.fullmatch(secret):
        yield "CITEBOT_WEBHOOK_SECRET must be 1 to 256 of the characters A-Z a-z 0-9 _ and -."


def _find_invalid(values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with each value that cannot be parsed, by variable."""
    given = given_values(values)
    found = {}
    for variable, setting in SETTINGS.items():
        try:
            setting.check(given)
        except SettingsError as error:
            found[variable] = str(error)
    return found


def _find_unknown(values: Mapping[str, str]) -> Iterator[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - only the doctor compares

    for name in sorted(values.keys() - SETTINGS.keys()):
        near = get_close_matches(name, SETTINGS, n=1, cutoff=_TYPO_CUTOFF)
        hint = f"Did you mean {near[0]}?" if near else "`citebot doctor --help` lists them all."
        yield f"{name} is not a setting of citebot. {hint}"
