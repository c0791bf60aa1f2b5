"""Raw values of an article's fields go in, from JSON or front matter; an `Article` comes out, or ArticleError."""

import re
from collections.abc import Mapping
from pathlib import PurePath

from retrieval.errors import ArticleError
from retrieval.records import Article

LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_-]+)?", re.IGNORECASE)
UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")


def make_article(fields: Mapping[str, object], article_id: str, title: str, text: str) -> Article:
    """Put an article together; `fields` gives the optional ones, an empty value means "not stated".

    `en-GB` becomes `en`; a language that is no code is left to be detected. Raises ArticleError.
    """
    article = Article(
        id=checked("id", article_id),
        title=" ".join(checked("title", title).split()),
        text=checked("text", text),
        language=_language(optional(fields, "language")),
        url=optional(fields, "url"),
        published=iso_date(optional(fields, "published")),
        author=optional(fields, "author"),
    )
    if not article.text.strip("\ufeff \t\r\n\f\v"):
        raise ArticleError("It has no text.")
    return article


def optional(fields: Mapping[str, object], name: str) -> str | None:
    """Read an optional field as text without white space around it. Raises ArticleError for another type."""
    value = fields.get(name)
    if value is None:
        return None
    if name == "published" and type(value) is int:  # a year
        value = str(value)
    if not isinstance(value, str):
        raise ArticleError(f"Its {name} must be a text, not {kind_of_value(value)}.")
    return checked(name, value).strip() or None


def checked(name: str, value: str) -> str:
    """Return a value that SQLite and UTF-8 can hold. Raises ArticleError."""
    if _is_storable(value):
        return value
    what = "a NUL character" if UNSTORABLE.findall(value)[0] == "\0" else "half a character (a lone surrogate)"
    raise ArticleError(f"Its {name} holds {what}: remove it.")


def _is_storable(value: str) -> bool:
    """Tell whether UTF-8 can hold a value and it has no NUL; a pattern takes up to a hundred times as long."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def kind_of_value(value: object) -> str:
    """Name the type of a value in words that a person who wrote the file knows."""
    names = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "nothing")


def iso_date(value: str | None) -> str | None:
    """Bring `2024-5-3 14:05` into ISO 8601, `2024-05-03T14:05`; what has another form stays as it was given."""
    date = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2})(:\d\d.*))?", value or "")
    if not date:
        return value
    day = f"{date[1]}-{date[2]:0>2}-{date[3]:0>2}"
    return f"{day}T{date[4]:0>2}{date[5].replace(' ', '')}" if date[4] else day


def _language(value: str | None) -> str | None:
    code = LANGUAGE.fullmatch(value or "")
    return code[1].lower() if code else None


LONGEST = 300  # characters
NO_TITLE = re.compile(
    r"(?:untitled|unbenannt|sans titre|sin título|без имени|document|dokument|presentation|slide|word document"
    r"|powerpoint presentation|title|none|null|-)?[ _-]*\d*"
    r"|.*\.(?:docx?|odt|rtf|pdf|indd|qxd|tex|dvi|ps|pptx?|xlsx?|html?|txt)",
    re.IGNORECASE,
)
PROGRAM = re.compile(r"^(?:Microsoft (?:Office )?(?:Word|PowerPoint)\s*-\s*)", re.IGNORECASE)
NO_AUTHOR = re.compile(
    r"(?:python-docx|microsoft(?: office)?(?: user)?|office|user\d*|utente|admin(?:istrator)?|owner|unknown|anonymous"
    r"|author|default|root|pc|hp|dell|lenovo|acer|asus|none|null|-)?",
    re.IGNORECASE,
)


def sensible_title(title: str | None, file_name: str) -> str:
    """Return the title, unless it names a file or nothing: then an empty one."""
    words = PROGRAM.sub("", " ".join((title or "").split()))
    same = words.lower() in {file_name.lower(), PurePath(file_name).stem.lower()}
    return "" if same or len(words) > LONGEST or NO_TITLE.fullmatch(words) else words


def sensible_author(author: str | None) -> str | None:
    """Return the author, unless it is one that programs put there."""
    words = " ".join((author or "").split())
    return None if len(words) > LONGEST or NO_AUTHOR.fullmatch(words) else words
