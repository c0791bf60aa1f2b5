"""From an `Answer` to what is to be known before it: what became of operators, and which words were read as others."""

from bot.rendering.messages import count, read_as
from retrieval.records import Answer, Filter, Intent, Scope

OPERATORS = (
    "In a question, after:2024 asks only articles published on 2024-01-01 or later, before:2024-05 only earlier ones than"
    " May 2024, in:SOURCE only those of a folder, a site or the beginning of an id; sort:newest puts the later first of"
    " what answers about as well."
)
AS_WORDS = "To ask for it as words, put a space behind the colon."


def remarks(answer: Answer) -> list[str]:
    """Say what is to be known before an answer: what became of operators, which words were read as others."""
    told = [scope(answer.scope)] if answer.scope else []
    return [remark for remark in [*told, read_as(answer.corrections)] if remark]


def is_out_of_scope(answer: Answer) -> bool:
    """Tell whether no article was asked at all, because of the question's operators, of which the remarks tell."""
    found = answer.scope
    if found is None or answer.intent is not Intent.QUESTION:
        return False
    return bool(found.mistakes) or (bool(scope(found)) and not found.articles)


def scope(found: Scope) -> str:
    """Say what became of a question's operators; empty when they left no article out."""
    if found.mistakes:
        return " ".join([*map(_mistake, found.mistakes), AS_WORDS])
    if not (found.filter.after or found.filter.before or found.filter.sources):
        return ""
    left_out = f" {count(found.undated, 'article')} without a date left out." if found.undated else ""
    if not found.articles:
        return f"No article matches {operators(found.filter)}.{left_out}"
    return f"Looked up in {count(found.articles, 'article')}: {operators(found.filter)}.{left_out}"


def _mistake(operator: str) -> str:
    name = operator.partition(":")[0].lower()
    what = {
        "in": "source: write in:news/ or in:example.org",
        "sort": "order: there is sort:newest",
    }.get(name, f"date: write {name}:2024, {name}:2024-05 or {name}:2024-05-03")
    return f"“{operator}” names no {what}."


def operators(wanted: Filter) -> str:
    """Write a filter as it is typed."""
    sources = [f'in:"{source}"' if " " in source else f"in:{source}" for source in wanted.sources]
    dates = [f"{name}:{day}" for name, day in (("after", wanted.after), ("before", wanted.before)) if day]
    return " ".join([*dates, *sources, *(["sort:newest"] if wanted.newest else [])])
