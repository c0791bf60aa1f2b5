"""What front matter states, under the names that site generators and programs use -> the fields of an article."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from retrieval.readers.article import iso_date

URL = ("url", "canonical_url", "canonicalurl", "canonical")
AUTHOR = ("author", "authors")
LANGUAGE = ("language", "lang", "locale")
PUBLISHED = (
    "published", "date", "pubdate", "pub_date", "publishdate", "publish_date", "published_at", "publishedat",
    "date_published", "datepublished", "published_date", "publisheddate", "created", "created_at", "date_created",
)  # fmt: skip
CHANGED = (
    "updated", "lastmod", "last_mod", "modified", "last_modified", "last_update", "updated_at", "updatedat", "update_date",
    "date_modified", "date_updated",
)  # fmt: skip
NESTED = ("params", "extra", "metadata")  # tables of Hugo and Zola with fields of their own
NAME = ("name", "title")  # of an author who is an object
DATE = ("created", "date", "updated")  # of a date that is an object
EMPTY_VALUES = ("", "~", "null", None)
SEPARATOR = "; "  # between authors
NAME_MARKS = re.compile(r"\s*<[^<>]*>|\[\[|\]\]|\|.*")  # an address, or a link of Obsidian

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)([01]?\d)\2([0-3]?\d)(?!\d)(.*)", re.DOTALL)
DAY_FIRST = re.compile(r"([0-3]?\d)\.\s?([01]?\d)\.(\d{4})")
DAY_MONTH = re.compile(
    r"(?:[a-z]+,\s*)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{4})\b.*", re.IGNORECASE
)
MONTH_DAY = re.compile(r"(?:[a-z]+,\s*)?([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b.*", re.IGNORECASE)
ZONE = re.compile(r"\s*([+-]\d\d):?(\d\d)$")
YEAR = re.compile(r"\d{4}")

Fields = Mapping[str, object]


def article_fields(stated: Fields) -> dict[str, object]:
    """Return the fields of an article that are stated."""
    values = _flat(stated)
    url = _first_text(values, URL)
    fields = {
        "title": _title(values.get("title")),
        "url": url if url and "://" in url else None,
        "author": next(filter(None, (SEPARATOR.join(_names(values.get(key))) for key in AUTHOR)), None),
        "language": _first_text(values, LANGUAGE),
        "published": _first_date(values, PUBLISHED) or _first_date(values, CHANGED) or _vague_date(values),
    }
    return {name: value for name, value in fields.items() if value is not None}


def states_article(values: Fields) -> bool:
    """Whether an object states anything about an article."""
    return not {"title", *PUBLISHED, *AUTHOR}.isdisjoint(map(_key, values))


def readable_date(value: object) -> str | None:
    """Return a date in ISO 8601; None if it is none, or may be another day elsewhere (`02/04/2023`)."""
    if isinstance(value, date):  # or a time, in TOML
        return value.isoformat()
    if isinstance(value, Mapping):
        return _first_date(_flat(value), DATE)
    return _written_date(str(value).strip()) if isinstance(value, str | int) else None


def _written_date(text: str) -> str | None:
    if found := YEAR_FIRST.fullmatch(text):
        return _iso(found[1], found[3], found[4], ZONE.sub(r"\1:\2", found[5]))
    if found := DAY_FIRST.fullmatch(text):
        return _iso(found[3], found[2], found[1])
    if found := DAY_MONTH.fullmatch(text):
        return _iso(found[3], _month(found[2]), found[1])
    if found := MONTH_DAY.fullmatch(text):
        return _iso(found[3], _month(found[1]), found[2])
    return text if YEAR.fullmatch(text) else None


def _iso(year: str, month: str, day: str, time: str = "") -> str | None:
    try:
        return iso_date(f"{date(int(year), int(month), int(day)).isoformat()}{time}")
    except ValueError:
        return None


def _month(name: str) -> str:
    """Return the number of a month; 0 for another word."""
    return str(MONTHS.index(name.lower()) + 1 if name.lower() in MONTHS else 0)


def _key(name: object) -> str:
    return str(name).lower().replace("-", "_").replace(" ", "_")


def _flat(stated: Fields) -> dict[str, object]:
    """Return what is stated, by lower-case names; tables of a site's own fields count after the others."""
    values = {_key(name): value for name, value in stated.items() if not _is_empty(value)}
    for nested in map(values.get, NESTED):
        if isinstance(nested, Mapping):
            values = {_key(name): value for name, value in nested.items() if not _is_empty(value)} | values
    return values


def _is_empty(value: object) -> bool:
    return (value.lower() if isinstance(value, str) else value) in EMPTY_VALUES


def _title(value: object) -> object:
    return str(value) if isinstance(value, int | date) and not isinstance(value, bool) else value


def _first_text(values: Fields, names: tuple[str, ...]) -> str | None:
    return next((value for value in map(values.get, names) if isinstance(value, str)), None)


def _first_date(values: Fields, names: tuple[str, ...]) -> str | None:
    return next(filter(None, (readable_date(values[name]) for name in names if name in values)), None)


def _vague_date(values: Fields) -> str | None:
    """Return what stands in the place of a date, if it names a year; `published: true` does not."""
    stated = _first_text(values, PUBLISHED[:2])
    return stated if stated and YEAR.search(stated) else None


def _names(value: object) -> Iterator[str]:
    """Yield the names of an author, who may be a name, an object with one, or several of them."""
    if isinstance(value, str):
        yield from filter(None, [NAME_MARKS.sub("", value).strip()])
    elif isinstance(value, Mapping):
        yield from _names(_first_text(_flat(value), NAME))
    elif isinstance(value, list):
        for one in value:
            yield from _names(one)
