"""The text of a file goes in; its front matter and its body come out."""

import re
from collections.abc import Mapping

import yaml
from frontmatter.default_handlers import YAMLHandler

from retrieval.errors import ArticleError

BLOCK = re.compile(r"\s*^---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
OPENED = re.compile(r"\s*^---[ \t]*\n[ \t]*\w+[ \t]*:", re.MULTILINE)
KEY = re.compile(r"^\w+[ \t]*:(?:\s|$)", re.MULTILINE)
LONGEST_BLOCK = 64_000  # characters; YAML is slow to read
NOTHING = ("", "~", "null", "Null", "NULL")


def take_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """Part a text into front matter and body; a rule (`---`) at its top is no front matter.

    Values arrive as they are written (`language: no` is Norwegian, a date stays a date). Raises ArticleError.
    """
    block = BLOCK.match(text)
    if block is None:
        if OPENED.match(text):
            raise ArticleError("Its front matter is not closed: put a line --- after it.")
        return {}, text
    if not KEY.search(block[1]):
        return ({}, text[block.end() :]) if not block[1].strip() else ({}, text)
    if len(block[1]) > LONGEST_BLOCK:
        raise ArticleError("Its front matter is over 64,000 characters: close it with a line --- before the text.")
    return _parse(block[1]), text[block.end() :]


def _parse(block: str) -> Mapping[str, object]:
    try:
        # BaseLoader makes texts, lists and mappings only, so that nothing is guessed and nothing is run.
        values = YAMLHandler().load(block, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise ArticleError(f"Its front matter is not valid YAML{where}: put values that hold ':' in quotes.") from error
    if not isinstance(values, dict):
        raise ArticleError("Its front matter must be lines of the form `title: ...`.")
    return {str(key).lower(): value for key, value in values.items() if value not in NOTHING}
