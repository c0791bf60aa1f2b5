"""A plain text file goes in; its one article comes out."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from frontmatter.default_handlers import YAMLHandler

from retrieval.errors import ArticleError
from retrieval.readers.article import make_article, optional
from retrieval.readers.decoding import read_whole
from retrieval.records import Article

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


LONGEST_TITLE = 200  # characters


def read_text(path: Path, source_id: str) -> Iterator[Article]:
    """Yield the article of a text file. Raises UnreadableSource, ArticleError and OSError."""
    fields, body = take_front_matter(read_whole(path))
    title = optional(fields, "title") or first_line(body)
    yield make_article(fields, source_id, title, body)


def first_line(text: str) -> str:
    """Return the first line that is not blank; of a paragraph that stands there, its first words."""
    line = next((line.strip("\ufeff \t") for line in text.splitlines() if line.strip()), "")
    if len(line) <= LONGEST_TITLE:
        return line
    return line[: LONGEST_TITLE // 2].rsplit(" ", 1)[0] + " …"


FENCED = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)$|^ {0,3}(\S.*)\n {0,3}(?:=+|-{2,})[ \t]*$", re.MULTILINE)
LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
EMPHASIS = re.compile(r"(\*{1,3}|`+|\b_{1,3}|~~)(?=\S)(.+?)(?<=\S)\1")


def read_markdown(path: Path, source_id: str) -> Iterator[Article]:
    """Yield the article of a Markdown file. Raises UnreadableSource, ArticleError and OSError."""
    fields, body = take_front_matter(read_whole(path))
    title = optional(fields, "title") or plain(first_heading(body) or first_line(body))
    yield make_article(fields, source_id, title, body)


def first_heading(text: str) -> str:
    """Return the first heading outside of code, with its inline markup; empty when there is none."""
    heading = HEADING.search(FENCED.sub("", text))
    return (heading[1] or heading[2] or "").rstrip(" \t#").lstrip()[:LONGEST_TITLE] if heading else ""


def plain(line: str) -> str:
    """Take links, emphasis and code marks off a line."""
    return EMPHASIS.sub(r"\2", LINK.sub(r"\1", line)).strip()
