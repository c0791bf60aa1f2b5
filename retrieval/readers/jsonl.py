"""A file with one article a line as JSON goes in; its articles come out one by one, a Failure for each bad line."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from retrieval.errors import ArticleError, UnreadableSource
from retrieval.readers.article import checked, kind_of_value, make_article
from retrieval.readers.decoding import ARTICLE_LIMIT
from retrieval.records import Article, Failure

LINE_LIMIT = ARTICLE_LIMIT + 10_000  # bytes: an article's text, and its other fields
CHUNK = 65_536  # bytes
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_jsonl(path: Path, source_id: str) -> Iterator[Article | Failure]:
    """Yield the articles of a JSONL file of any length; memory is bounded by one line.

    A Failure is named `file:line`, lines counted from 1. Raises UnreadableSource and OSError.
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
    """Yield lines, one that is too long only as far as the limit."""
    start = file.read(len(codecs.BOM_UTF8))
    if start.startswith(UTF16):
        raise UnreadableSource("JSONL in UTF-16 is not read: save it as UTF-8.")
    if start != codecs.BOM_UTF8:
        file.seek(0)
    while line := file.readline(LINE_LIMIT + 1):
        yield line
        if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
            _skip_line(file)


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(CHUNK)) and not rest.endswith(b"\n"):
        pass


def _read_line(line: bytes, name: str) -> Article | Failure:
    try:
        return parse_article(line)
    except ArticleError as error:
        return Failure(name, str(error))


def parse_article(line: bytes) -> Article:
    """Read one line; keys that are not known are ignored, `text` stays exactly as given. Raises ArticleError."""
    if len(line) > LINE_LIMIT:
        raise ArticleError("It is over 10 MB: split it into several articles.")
    fields = _parse(line)
    if not isinstance(fields, dict):
        raise ArticleError(f"A line must hold one JSON object, not {kind_of_value(fields)}.")
    article_id, title = fields.get("id"), fields.get("title")
    if type(article_id) is int:
        article_id = str(article_id)
    return make_article(
        fields,
        article_id=_required(article_id, "id"),
        title="" if title is None else _text(title, "title"),
        text=_required(fields.get("text"), "text"),
    )


def _parse(line: bytes) -> object:
    try:
        parsed: object = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ArticleError("It is not UTF-8: save the file as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ArticleError(f"It is not valid JSON at character {error.pos + 1}: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise ArticleError("It is JSON that cannot be an article: a huge number or too many brackets.") from error
    return parsed


def _required(value: object, name: str) -> str:
    if value is None:
        raise ArticleError(f"It has no {name}.")
    text = _text(value, name)
    if not text.strip("\ufeff \t\r\n\f\v"):
        raise ArticleError(f"Its {name} is empty.")
    return text


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ArticleError(f"Its {name} must be a text, not {kind_of_value(value)}.")
    return checked(name, value)
