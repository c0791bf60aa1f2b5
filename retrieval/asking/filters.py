"""What was typed -> the question, and the operators in it, which select articles.

    after:2024  after:2024-05  after:2024-05-03    published on the first day of that time or later
    before:2024                                    published before the first day of that time
    in:news/  in:example.org  in:"my folder"       from that source: see `Filter.sources`; from any of several
    sort:newest, or newest: as the first or last   of hits that are about as good, the newest first

An operator is first or follows white space, and has no white space after its colon: "before: dawn" is text. Of several
dates the narrowest counts. A question with more than MOST_OPERATORS is refused.
"""

import re
from datetime import date
from typing import NamedTuple
from unicodedata import decimal

import numpy as np

from retrieval.asking.port import SentenceIndex
from retrieval.records import MOST_OPERATORS, Filter, Scope
from retrieval.store.reader import Reader

_QUOTED = r'["“][^"”]+["”]'
_OPERATOR = re.compile(rf"(?<!\S)(after|before|in|sort):({_QUOTED}\S*|\S+)", re.IGNORECASE)
_NEWEST = re.compile(r"^\s*newest:(?!\S)|(?<!\S)newest:\s*$", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_FINAL_MARKS = "?!.,;؟。？"  # that end a question or a clause, and are not part of a value


class ParsedQuestion(NamedTuple):
    """A question without its operators, and what they select."""

    text: str
    filter: Filter | None  # None if nothing looks like an operator
    mistakes: tuple[str, ...]  # invalid operators, as typed
    too_many: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether its operators cannot be followed, so that nothing is looked up."""
        return self.too_many or bool(self.mistakes)

    @property
    def newest(self) -> bool:
        """Whether the newest of about equal hits should come first."""
        return self.filter is not None and self.filter.newest


def parse_question(question: str) -> ParsedQuestion:
    """Separate a question from its operators; without any it is returned unchanged."""
    text, newest = _NEWEST.subn(" ", question) if ":" in question else (question, 0)
    operators = _OPERATOR.findall(text) if ":" in question else []
    if not operators and not newest:
        return ParsedQuestion(question, None, ())
    if len(operators) > MOST_OPERATORS:
        return ParsedQuestion(_without_operators(text), Filter(), (), too_many=True)
    values: dict[str, list[str]] = {"after": [], "before": [], "in": [], "sort": ["newest"] * bool(newest)}
    for name, typed in operators:
        values[name.lower()].append(_READ[name.lower()](typed))
    mistakes = tuple(f"{name}:{typed}" for name, typed in operators if not _READ[name.lower()](typed))
    wanted = Filter(
        max(values["after"], default=None), min(values["before"], default=None),
        tuple(dict.fromkeys(values["in"])), bool(values["sort"]),
    )  # fmt: skip
    return ParsedQuestion(_without_operators(text), wanted, mistakes)


def _without_operators(text: str) -> str:
    return " ".join(_OPERATOR.sub(_final_mark, text).split())


def _final_mark(operator: re.Match[str]) -> str:
    """Keep the mark that ends a question whose last word is an operator."""
    return operator[2][-1] if operator[2][-1] in _FINAL_MARKS else " "


def _read_date(typed: str) -> str:
    """Return a date in ISO 8601, "" if it is invalid. The first of a month becomes the month: both begin on that day."""
    digits = "".join(str(decimal(sign, sign)) for sign in typed.rstrip(_FINAL_MARKS))
    found = _DATE.fullmatch(digits)
    try:
        first = date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        return ""
    return first.isoformat().removesuffix("-01").removesuffix("-01") if first else ""


def _read_source(typed: str) -> str:
    return typed.rstrip(_FINAL_MARKS).strip('"“”').strip().removesuffix("/")


def _read_order(typed: str) -> str:
    return "newest" if typed.rstrip(_FINAL_MARKS).lower() == "newest" else ""


_READ = {"after": _read_date, "before": _read_date, "in": _read_source, "sort": _read_order}


def apply_filter(
    reader: Reader, searcher: SentenceIndex | None, parsed: ParsedQuestion
) -> tuple[SentenceIndex | None, Scope | None]:
    """Return a searcher of the selected articles alone, and what became of the operators, None without any."""
    wanted = parsed.filter
    scope = Scope(wanted, mistakes=parsed.mistakes, too_many=parsed.too_many) if wanted else None
    if searcher is None or wanted is None or parsed.is_refused or not (wanted.after or wanted.before or wanted.sources):
        return searcher, scope
    versions, undated = reader.matching(searcher.generation.number, wanted)
    return searcher.restricted_to(np.array(versions, np.int64)), Scope(wanted, articles=len(versions), undated=undated)
