"""The top of a text file -> the fields that its front matter states (YAML, TOML or JSON), and the text below it.

Values stay as written: `language: no` is Norwegian.
"""

import json
import re
from collections.abc import Callable, Mapping

from retrieval.errors import ArticleError
from retrieval.readers.stated_fields import article_fields, states_article

YAML = re.compile(r"\s*^---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
TOML = re.compile(r"\s*^\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
UNCLOSED_YAML = re.compile(r"\s*^---[ \t]*\n[ \t]*\w+[ \t]*:", re.MULTILINE)
UNCLOSED_TOML = re.compile(r"\s*^\+\+\+[ \t]*\n[ \t]*[\w-]+[ \t]*=", re.MULTILINE)
YAML_KEY = re.compile(r"""^["']?\w[\w -]*["']?[ \t]*:(?:\s|$)""", re.MULTILINE)
JSON_START = re.compile(r'[\ufeff\s]*(\{\s*")')
META_DATA = re.compile(r"\ufeff?((?:[A-Za-z][\w -]{0,30}:[ \t]+\S.*\n(?:[ \t]+\S.*\n)*)+)(?:[ \t]*\n|\Z)")
MAX_FRONT_MATTER = 64_000  # characters; YAML is slow to parse
Fields = Mapping[str, object]


def split_front_matter(text: str, *, meta_data: bool = False) -> tuple[dict[str, object], str]:
    """Split a text into the fields of an article that are stated at its top, and the text below.

    `meta_data` also takes lines such as `Title: ...` without any mark around them, as in Pelican and MultiMarkdown.
    A rule (`---`) at the top is not front matter. Raise ArticleError if front matter cannot be read.
    """
    stated, body = _split(text)
    if stated is None and meta_data:
        stated, body = _split_meta_data(text)
    return article_fields(stated or {}), body


def _split(text: str) -> tuple[Fields | None, str]:
    start = text[:200].lstrip("\ufeff \t\n")
    if start.startswith("---"):
        return _split_yaml(text)
    if start.startswith("+++"):
        return _split_marked(text, TOML.match(text), UNCLOSED_TOML, "+++", _parse_toml)
    if start.startswith("{"):
        return _split_json(text)
    return None, text


def _split_yaml(text: str) -> tuple[Fields | None, str]:
    block = YAML.match(text)
    if block and not YAML_KEY.search(block[1]):
        return None, text if block[1].strip() else text[block.end() :]
    return _split_marked(text, block, UNCLOSED_YAML, "---", _parse_yaml)


def _split_marked(
    text: str, block: re.Match[str] | None, unclosed: re.Pattern[str], fence: str, parse: Callable[[str], Fields]
) -> tuple[Fields | None, str]:
    if block is None:
        if unclosed.match(text):
            raise ArticleError(f"Its front matter is not closed. Put a line {fence} after it.")
        return None, text
    if len(block[1]) > MAX_FRONT_MATTER:
        raise ArticleError(f"Its front matter is over 64,000 characters. Close it with a line {fence} before the text.")
    return parse(block[1]), text[block.end() :]


def _split_json(text: str) -> tuple[Fields | None, str]:
    """Split off an object of JSON; one that states nothing about an article is text."""
    start = JSON_START.match(text)
    if not start:
        return None, text
    try:
        values, length = json.JSONDecoder().raw_decode(text[start.start(1) : start.start(1) + MAX_FRONT_MATTER])
    except (ValueError, RecursionError):
        return None, text
    return (values, text[start.start(1) + length :]) if states_article(values) else (None, text)


def _split_meta_data(text: str) -> tuple[Fields | None, str]:
    block = META_DATA.match(text[:MAX_FRONT_MATTER])
    if not block or not re.search(r"(?im)^title:", block[1]):
        return None, text
    lines = re.sub(r"\n[ \t]+", " ", block[1]).splitlines()
    pairs = (line.partition(":") for line in lines)
    return {key.strip(): value.strip() for key, _, value in pairs}, text[block.end() :]


def _parse_yaml(block: str) -> Fields:
    import yaml  # noqa: PLC0415 - most texts have no front matter
    from frontmatter.default_handlers import YAMLHandler  # noqa: PLC0415 - as above

    try:
        # BaseLoader makes only strings, lists and mappings: nothing is guessed, and nothing is run.
        values = YAMLHandler().load(block, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise ArticleError(
            f"Its front matter is not valid YAML{where}. Put values that contain ':' in quotes."
        ) from error
    if not isinstance(values, dict):
        raise ArticleError("Its front matter must have lines of the form `title: ...`.")
    return values


def _parse_toml(block: str) -> Fields:
    import tomllib  # noqa: PLC0415 - as above

    try:
        return tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ArticleError(f"Its front matter is not valid TOML ({error}). Put text in quotes.") from error
