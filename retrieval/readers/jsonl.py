"""A JSONL file -> its articles, one a line, and a `Failure` for each bad line."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from retrieval.errors import ArticleError, UnreadableSource
from retrieval.readers.article import BLANK, make_article, require_text, type_name
from retrieval.readers.decoding import ARTICLE_LIMIT
from retrieval.records import Article, Failure

LINE_LIMIT = 2 * ARTICLE_LIMIT + 10_000  # bytes: an article's text, the original of it, and its other fields
TOO_LONG = "It is over 10 MB. Split it into several articles."
CHUNK = 65_536  # bytes
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_jsonl(path: Path, source_id: str) -> Iterator[Article | Failure]:
    """Yield the articles of a JSONL file of any length; only one line at a time is in memory.

    A Failure is called `file:line`, lines counted from 1. Raise UnreadableSource and OSError.
    """
    empty = True
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file), start=1):
            if line.strip():
                empty = False
                yield _read_line(line, f"{source_id}{path.suffix}:{number}")
    if empty:
        raise UnreadableSource("It is empty.")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines, one that is too long cut at the limit."""
    start = file.read(len(codecs.BOM_UTF8))
    if start.startswith(UTF16):
        raise UnreadableSource("JSONL in UTF-16 cannot be read. Save it as UTF-8.")
    if start != codecs.BOM_UTF8:
        file.seek(0)
    while line := file.readline(LINE_LIMIT + 1):
        yield line
        if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
            while (rest := file.readline(CHUNK)) and not rest.endswith(b"\n"):
                pass


def _read_line(line: bytes, name: str) -> Article | Failure:
    try:
        return parse_article(line)
    except ArticleError as error:
        return Failure(name, str(error))


def parse_article(line: bytes) -> Article:
    """Parse one line; unknown keys are ignored, `text` stays exactly as given. Raise ArticleError."""
    if len(line) > LINE_LIMIT:
        raise ArticleError(TOO_LONG)
    fields = _parse_json(line)
    if not isinstance(fields, dict):
        raise ArticleError(f"A line must hold one JSON object, not {type_name(fields)}.")
    article_id, title = fields.get("id"), fields.get("title")
    if type(article_id) is int:
        article_id = str(article_id)
    text = _require_filled("text", fields.get("text"))
    if len(line) > ARTICLE_LIMIT and len(text.encode("utf-8", "surrogatepass")) > ARTICLE_LIMIT:
        raise ArticleError(TOO_LONG)
    return make_article(
        fields,
        article_id=_require_filled("id", article_id),
        title="" if title is None else require_text("title", title),
        text=text,
    )


def _parse_json(line: bytes) -> object:
    try:
        parsed: object = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ArticleError("It is not UTF-8. Save the file as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ArticleError(f"It is not valid JSON at character {error.pos + 1}: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise ArticleError("Its JSON has a huge number or too many nested brackets.") from error
    return parsed


def _require_filled(name: str, value: object) -> str:
    if value is None:
        raise ArticleError(f"It has no {name}.")
    text = require_text(name, value)
    if not text.strip(BLANK):
        raise ArticleError(f"Its {name} is empty.")
    return text
