"""Raw fields, from JSON, front matter or a file's properties -> a valid `Article`, or ArticleError."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from retrieval.errors import ArticleError
from retrieval.records import Article, Offsets

BLANK = "\ufeff \t\r\n\f\v"
LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_-]+)?", re.IGNORECASE)
DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2})(:\d\d.*))?")
TYPE_NAMES = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
MAX_PROPERTY = 300  # characters of a title or author that a program wrote into a file
PLACEHOLDER_TITLE = re.compile(
    r"(?:untitled|unbenannt|sans titre|sin título|без имени|document|dokument|presentation|slide|word document"
    r"|powerpoint presentation|title|none|null|-)?[ _-]*\d*"
    r"|.*\.(?:docx?|odt|rtf|pdf|indd|qxd|tex|dvi|ps|pptx?|xlsx?|html?|txt)",
    re.IGNORECASE,
)
PROGRAM = re.compile(r"^(?:Microsoft (?:Office )?(?:Word|PowerPoint)\s*-\s*)", re.IGNORECASE)
PLACEHOLDER_AUTHOR = re.compile(
    r"(?:python-docx|microsoft(?: office)?(?: user)?|office|user\d*|utente|admin(?:istrator)?|owner|unknown|anonymous"
    r"|author|default|root|pc|hp|dell|lenovo|acer|asus|none|null|-)?",
    re.IGNORECASE,
)


def make_article(fields: Mapping[str, object], article_id: str, title: str, text: str) -> Article:
    """Make an article; `fields` has the optional ones, and an empty value means "not stated".

    `en-GB` becomes `en`; a language that is not a code is left to be detected. Raise ArticleError.
    """
    article = Article(
        id=check_characters("id", article_id),
        title=" ".join(check_characters("title", title).split()),
        text=check_characters("text", text),
        language=_language_code(optional_text(fields, "language")),
        url=optional_text(fields, "url"),
        published=iso_date(optional_text(fields, "published")),
        author=optional_text(fields, "author"),
        original=_original(fields.get("original")),
        unbroken=_unbroken(fields.get("unbroken"), len(text)),
    )
    if not article.text.strip(BLANK):
        raise ArticleError("It has no text.")
    return article


def article_from_json(fields: dict[str, Any]) -> Article:
    """Return an article that was sent as JSON, which has no tuples."""
    return Article(**fields | {"unbroken": tuple(map(tuple, fields["unbroken"]))})


def _original(value: object) -> str | None:
    """Return the markup that a text was made from, unchanged."""
    return None if value is None else require_text("original", value)


def _unbroken(value: object, length: int) -> tuple[Offsets, ...]:
    """Return stretches of a text; those that are out of order or not in the text are left out."""
    kept: list[Offsets] = []
    for pair in value if isinstance(value, list | tuple) else ():
        match pair:
            case [int(start), int(end)] if (kept[-1][1] if kept else 0) <= start < end <= length:
                kept.append((start, end))
    return tuple(kept)


def optional_text(fields: Mapping[str, object], name: str) -> str | None:
    """Return an optional field, stripped. Raise ArticleError if it is not text."""
    value = fields.get(name)
    if value is None:
        return None
    if name == "published" and type(value) is int:  # a year
        value = str(value)
    return require_text(name, value).strip() or None


def require_text(name: str, value: object) -> str:
    """Return a value that is text. Raise ArticleError."""
    if not isinstance(value, str):
        raise ArticleError(f"Its {name} must be text, not {type_name(value)}.")
    return check_characters(name, value)


def check_characters(name: str, value: str) -> str:
    """Return a value that SQLite and UTF-8 can hold. Raise ArticleError."""
    try:
        value.encode()  # a pattern for surrogates would take up to a hundred times as long
    except UnicodeEncodeError:
        raise ArticleError(f"Its {name} contains half a character (a lone surrogate). Remove it.") from None
    if "\0" in value:
        raise ArticleError(f"Its {name} contains a NUL character. Remove it.")
    return value


def type_name(value: object) -> str:
    """Name the type of a value in words that whoever wrote the file knows."""
    return TYPE_NAMES.get(type(value), "nothing")


def iso_date(value: str | None) -> str | None:
    """Turn `2024-5-3 14:05` into ISO 8601, `2024-05-03T14:05`; return other forms unchanged."""
    date = DATE.fullmatch(value or "")
    if not date:
        return value
    day = f"{date[1]}-{date[2]:0>2}-{date[3]:0>2}"
    return f"{day}T{date[4]:0>2}{date[5].replace(' ', '')}" if date[4] else day


def _language_code(value: str | None) -> str | None:
    code = LANGUAGE.fullmatch(value or "")
    return code[1].lower() if code else None


def clean_title(title: str | None, file_name: str) -> str:
    """Return a title from a file's properties; empty if it is a file name or a placeholder."""
    words = PROGRAM.sub("", " ".join((title or "").split()))
    same = words.lower() in {file_name.lower(), PurePath(file_name).stem.lower()}
    return "" if same or len(words) > MAX_PROPERTY or PLACEHOLDER_TITLE.fullmatch(words) else words


def clean_author(author: str | None) -> str | None:
    """Return an author from a file's properties; None for one that a program wrote."""
    words = " ".join((author or "").split())
    return None if len(words) > MAX_PROPERTY or PLACEHOLDER_AUTHOR.fullmatch(words) else words
