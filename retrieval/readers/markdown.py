"""A Markdown file goes in; its one article comes out, with all its markup."""

import re
from collections.abc import Iterator
from pathlib import Path

from retrieval.readers.decoding import read_whole
from retrieval.readers.fields import make_article, optional
from retrieval.readers.front_matter import take_front_matter
from retrieval.readers.text import LONGEST_TITLE, first_line
from retrieval.records import Article

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
