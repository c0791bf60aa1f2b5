"""What was typed -> what is asked, and the operators in it: which articles are wanted.

    after:2024  after:2024-05  after:2024-05-03    published on the first day of that time, or later
    before:2024                                    published before the first day of that time
    in:news/  in:example.org  in:"my folder"       of that source: see `Filter.sources`; of any of several
    sort:newest, or newest: as the first or last   among hits that are about as good, the later published first

An operator stands after white space, or first, and has no white space behind its colon: "before: dawn" is text. With
several dates the narrowest counts.
"""

import math
import re
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from unicodedata import decimal

import numpy as np
from numpy.typing import NDArray

from retrieval.index.searcher import Searcher
from retrieval.ranking.weights import Scores
from retrieval.records import Filter, Scope
from retrieval.store.reader import Reader
from retrieval.text.dates import day_of

_QUOTED = r'["“][^"”]+["”]'
_OPERATOR = re.compile(rf"(?<!\S)(after|before|in|sort):({_QUOTED}\S*|\S+)", re.IGNORECASE)
_NEWEST = re.compile(r"^\s*newest:(?!\S)|(?<!\S)newest:\s*$", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_BEHIND = "?!.,;؟。？"  # signs that end a question or a clause, not a value


class ParsedQuestion(NamedTuple):
    """A question parted from its operators."""

    asked: str
    filter: Filter | None  # None where nothing was typed that looks like an operator
    mistakes: tuple[str, ...]  # operators that mean nothing, as typed


def read_filter(question: str) -> ParsedQuestion:
    """Part a question from its operators; without any it stays as it is, to the letter."""
    if ":" not in question:
        return ParsedQuestion(question, None, ())
    asked, newest = _NEWEST.subn(" ", question)
    operators = _OPERATOR.findall(asked)
    if not operators and not newest:
        return ParsedQuestion(question, None, ())
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
    return ParsedQuestion(" ".join(_OPERATOR.sub(_ending, asked).split()), wanted, tuple(mistakes))


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


ABOUT_AS_GOOD = 1.0  # points of score behind the first: a sentence that six articles hold word for word spreads over .7


def narrowed(
    reader: Reader, searcher: Searcher | None, typed: ParsedQuestion, wanted: Filter
) -> tuple[Searcher | None, Scope]:
    """Give a searcher of the articles that are wanted alone, and what became of the operators."""
    scope = Scope(wanted, mistakes=typed.mistakes)
    if searcher is None or scope.mistakes or not (wanted.after or wanted.before or wanted.sources):
        return searcher, scope
    versions, undated = reader.matching(searcher.generation.number, wanted)
    found = searcher.restricted_to(np.array(versions, np.int64))
    return found, replace(scope, articles=len(versions), undated=undated)


def newest_first(
    reader: Reader, searcher: Searcher, rows: NDArray[np.intp], verdict: Scores, order: NDArray[np.intp]
) -> tuple[Scores, NDArray[np.intp]]:
    """Put candidates that are about as good as the best in order of publication, those without a date last.

    `order` are the numbers of candidates, the best first. A first that is less good is as much less sure to answer.
    """
    equals = order[verdict.scores[order] >= verdict.scores[order[0]] - ABOUT_AS_GOOD]
    keys = searcher.keys(rows[equals])
    places = reader.places(keys)
    days = [day_of(places[key].article.published) if key in places else "" for key in keys]
    by_day = sorted(range(len(days)), key=days.__getitem__, reverse=True)  # stable: of one day the best stays first
    first = np.concatenate([equals[by_day], order[len(equals) :]])
    behind = float(verdict.scores[order[0]] - verdict.scores[first[0]])
    return replace(verdict, confidence=verdict.confidence * math.exp(-behind)), first
