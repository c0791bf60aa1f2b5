"""Notices above an answer: what the question's operators did, and which words were read as others."""

from bot.rendering.languages import language_name
from bot.rendering.messages import carried, count, read_as, too_many_operators
from retrieval.records import MOST_OPERATORS, Answer, Filter, Intent, Scope

OPERATORS = (
    "You can narrow a question down: after:2024 searches only articles published on or after 2024-01-01, before:2024-05"
    " only those published before May 2024, and in:SOURCE only those of a folder, a site or the beginning of an ID."
    " Of answers that fit about equally well, sort:newest shows the newest first."
)
AS_WORDS = "To search for it literally, put a space after the colon."


def notices(answer: Answer) -> list[str]:
    """Return what to read before an answer: what was taken from the question before, what operators did, which words
    were read as others, and its language.
    """
    found = [
        carried(answer.carried), scope_notice(answer.scope) if answer.scope else "", read_as(answer.corrections),
        language_notice(answer),
    ]  # fmt: skip
    return [notice for notice in found if notice]


def language_notice(answer: Answer) -> str:
    """Return which languages an answer is in, if not all of it is in that of the question; empty if it is."""
    names = [*dict.fromkeys(language_name(snippet.hit.language) for snippet in answer.snippets)]
    asked = language_name(answer.language)
    if not asked or not all(names) or not set(names) - {asked}:
        return ""
    *others, last = names
    return f"Found in {', '.join(others)}{' and ' if others else ''}{last}."


def is_out_of_scope(answer: Answer) -> bool:
    """Whether no article was searched because of the question's operators; the notices say why."""
    scope = answer.scope
    if scope is None or answer.intent is not Intent.QUESTION:
        return False
    return scope.too_many or bool(scope.mistakes) or (bool(scope_notice(scope)) and not scope.articles)


def scope_notice(scope: Scope) -> str:
    """Return what a question's operators did, in words; empty if they excluded no article."""
    if scope.too_many:
        return too_many_operators(MOST_OPERATORS)
    if scope.mistakes:
        return " ".join([*map(_mistake, scope.mistakes), AS_WORDS])
    if not (scope.filter.after or scope.filter.before or scope.filter.sources):
        return ""
    undated = f" Skipped {count(scope.undated, 'article')} without a date." if scope.undated else ""
    if not scope.articles:
        return f"No article matches {operators(scope.filter)}.{undated}"
    return f"Searched {count(scope.articles, 'article')}: {operators(scope.filter)}.{undated}"


def _mistake(operator: str) -> str:
    name = operator.partition(":")[0].lower()
    what = {
        "in": "needs a source, such as in:news/ or in:example.org",
        "sort": "is not supported; use sort:newest",
    }.get(name, f"needs a date, such as {name}:2024, {name}:2024-05 or {name}:2024-05-03")
    return f"“{operator}” {what}."


def operators(wanted: Filter) -> str:
    """Return a filter as it is typed."""
    sources = [f'in:"{source}"' if " " in source else f"in:{source}" for source in wanted.sources]
    dates = [f"{name}:{day}" for name, day in (("after", wanted.after), ("before", wanted.before)) if day]
    return " ".join([*dates, *sources, *(["sort:newest"] if wanted.newest else [])])
