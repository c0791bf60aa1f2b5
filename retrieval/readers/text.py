"""Plain text and Markdown, with optional front matter -> one article each."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from retrieval.errors import ArticleError
from retrieval.readers.article import make_article, optional_text
from retrieval.readers.decoding import read_text_file
from retrieval.records import Article

MAX_TITLE = 200  # characters
FENCED = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)$|^ {0,3}(\S.*)\n {0,3}(?:=+|-{2,})[ \t]*$", re.MULTILINE)
LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
EMPHASIS = re.compile(r"(\*{1,3}|`+|\b_{1,3}|~~)(?=\S)(.+?)(?<=\S)\1")
FRONT_MATTER = re.compile(r"\s*^---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
UNCLOSED = re.compile(r"\s*^---[ \t]*\n[ \t]*\w+[ \t]*:", re.MULTILINE)
KEY = re.compile(r"^\w+[ \t]*:(?:\s|$)", re.MULTILINE)
MAX_FRONT_MATTER = 64_000  # characters; YAML is slow to parse
EMPTY_VALUES = ("", "~", "null", "Null", "NULL")


def read_text(path: Path, source_id: str) -> Iterator[Article]:
    """Yield the article of a text file. Raise UnreadableSource, ArticleError and OSError."""
    fields, body = split_front_matter(read_text_file(path))
    yield make_article(fields, source_id, optional_text(fields, "title") or first_line(body), body)


def read_markdown(path: Path, source_id: str) -> Iterator[Article]:
    """Yield the article of a Markdown file. Raise UnreadableSource, ArticleError and OSError."""
    fields, body = split_front_matter(read_text_file(path))
    title = optional_text(fields, "title") or _without_marks(_first_heading(body) or first_line(body))
    yield make_article(fields, source_id, title, body)


def first_line(text: str) -> str:
    """Return the first line that is not blank, or the first words of a paragraph that stands there."""
    line = next((line.strip("\ufeff \t") for line in text.splitlines() if line.strip()), "")
    if len(line) <= MAX_TITLE:
        return line
    return line[: MAX_TITLE // 2].rsplit(" ", 1)[0] + " …"


def _first_heading(text: str) -> str:
    """Return the first heading outside code, with its inline marks; empty if there is none."""
    heading = HEADING.search(FENCED.sub("", text))
    return (heading[1] or heading[2] or "").rstrip(" \t#").lstrip()[:MAX_TITLE] if heading else ""


def _without_marks(line: str) -> str:
    """Remove the marks of links, emphasis and code."""
    return EMPHASIS.sub(r"\2", LINK.sub(r"\1", line)).strip()


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """Split a text into front matter and body; a rule (`---`) at its top is not front matter.

    Values stay as written (`language: no` is Norwegian, a date stays a date). Raise ArticleError.
    """
    block = FRONT_MATTER.match(text)
    if block is None:
        if UNCLOSED.match(text):
            raise ArticleError("Its front matter is not closed. Put a line --- after it.")
        return {}, text
    if not KEY.search(block[1]):
        return {}, text if block[1].strip() else text[block.end() :]
    if len(block[1]) > MAX_FRONT_MATTER:
        raise ArticleError("Its front matter is over 64,000 characters. Close it with a line --- before the text.")
    return _parse_yaml(block[1]), text[block.end() :]


def _parse_yaml(block: str) -> Mapping[str, object]:
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
    return {str(key).lower(): value for key, value in values.items() if value not in EMPTY_VALUES}
