"""What was typed -> what is asked, and the operators in it: which articles are wanted.

    after:2024  after:2024-05  after:2024-05-03    published on the first day of that time, or later
    before:2024                                    published before the first day of that time
    in:news/  in:example.org  in:"my folder"       of that source: see `Filter.sources`; of any of several
    sort:newest, or newest: as the first or last   among hits that are about as good, the later published first

An operator stands after white space, or first, and has no white space behind its colon: "before: dawn" is text. With
several dates the narrowest counts.
"""

import re
from datetime import date
from typing import NamedTuple
from unicodedata import decimal

from retrieval.records import Filter

_QUOTED = r'["“][^"”]+["”]'
_OPERATOR = re.compile(rf"(?<!\S)(after|before|in|sort):({_QUOTED}\S*|\S+)", re.IGNORECASE)
_NEWEST = re.compile(r"^\s*newest:(?!\S)|(?<!\S)newest:\s*$", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_BEHIND = "?!.,;؟。？"  # signs that end a question or a clause, not a value


class Typed(NamedTuple):
    """A question parted from its operators."""

    asked: str
    filter: Filter | None  # None where nothing was typed that looks like an operator
    mistakes: tuple[str, ...]  # operators that mean nothing, as typed


def read_filter(question: str) -> Typed:
    """Part a question from its operators; without any it stays as it is, to the letter."""
    if ":" not in question:
        return Typed(question, None, ())
    asked, newest = _NEWEST.subn(" ", question)
    operators = _OPERATOR.findall(asked)
    if not operators and not newest:
        return Typed(question, None, ())
    values: dict[str, list[str]] = {"after": [], "before": [], "in": [], "sort": ["newest"] * bool(newest)}
    mistakes = []
    for name, typed in operators:
        value = _READ[name.lower()](typed)
        values[name.lower()].append(value)
        if not value:
            mistakes.append(f"{name}:{typed}")
    wanted = Filter(
        max(values["after"], default=None), min(values["before"], default=None),
        tuple(dict.fromkeys(values["in"])), bool(values["sort"]),
    )  # fmt: skip
    return Typed(" ".join(_OPERATOR.sub(_ending, asked).split()), wanted, tuple(mistakes))


def _ending(operator: re.Match[str]) -> str:
    """Keep the sign that ends a question when its last word is an operator."""
    return operator[2][-1] if operator[2][-1] in _BEHIND else " "


def _read_date(typed: str) -> str:
    """Bring a date into ISO 8601; "" for none. The first of a month is the month: both begin on that day."""
    digits = "".join(str(decimal(sign, sign)) for sign in typed.rstrip(_BEHIND))
    found = _DATE.fullmatch(digits)
    try:
        first = date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        return ""
    return first.isoformat().removesuffix("-01").removesuffix("-01") if first else ""


def _read_source(typed: str) -> str:
    return typed.rstrip(_BEHIND).strip('"“”').strip().removesuffix("/")


def _read_order(typed: str) -> str:
    return "newest" if typed.rstrip(_BEHIND).lower() == "newest" else ""


_READ = {"after": _read_date, "before": _read_date, "in": _read_source, "sort": _read_order}
