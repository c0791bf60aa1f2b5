"""Notices above an answer: what the question's operators did, and which words were read as others."""

from bot.rendering.messages import AND, ARTICLES, carried, read_as
from bot.rendering.texts import ENGLISH, Own, Texts
from retrieval.records import MOST_OPERATORS, Answer, Filter, Intent, Scope

OPERATORS = (
    "You can narrow a question down: after:2024 searches only articles published on or after 2024-01-01, before:2024-05"
    " only those published before May 2024, and in:SOURCE only those of a folder, a site or the beginning of an ID."
    " Of answers that fit about equally well, sort:newest shows the newest first."
)
NOTHING_MATCHES = "No article matches {filter}."
SEARCHED = "Searched {articles}: {filter}."
UNDATED = " Skipped {articles} without a date."
NEEDS_SOURCE = "“{operator}” needs a source, such as in:news/ or in:example.org."
NEEDS_SORT = "“{operator}” is not supported; use sort:newest."
NEEDS_DATE = "“{operator}” needs a date, such as {year}, {month} or {day}."
TOO_MANY_OPERATORS = "A question can have at most {most} operators such as in: or after:. Leave some out and ask again."
DISAGREE = "Two articles disagree about this."
FOUND_IN = "Found in {languages}."
AS_WORDS = "To search for it literally, put a space after the colon."


def notices(answer: Answer, texts: Texts = ENGLISH) -> list[Own]:
    """Return what to read before an answer: what was taken from the question before, what operators did, which words
    were read as others, its language, and whether articles disagree.
    """
    found = [
        carried(answer.carried, texts), scope_notice(answer.scope, texts) if answer.scope else Own(),
        read_as(answer.corrections, texts), language_notice(answer, texts),
        texts(DISAGREE) if answer.disagree else Own(),
    ]  # fmt: skip
    return [notice for notice in found if notice]


def language_notice(answer: Answer, texts: Texts = ENGLISH) -> Own:
    """Return which languages an answer is in, if not all of it is in that of the question; empty if it is."""
    names = [*dict.fromkeys(texts.language_name(snippet.hit.language) for snippet in answer.snippets)]
    asked = texts.language_name(answer.language)
    if not asked or not all(names) or not set(names) - {asked}:
        return Own()
    *others, last = names
    listed = texts(AND, first=texts.listed(others), last=last) if others else last
    return texts(FOUND_IN, languages=listed)


def is_out_of_scope(answer: Answer) -> bool:
    """Whether no article was searched because of the question's operators; the notices say why."""
    scope = answer.scope
    if scope is None or answer.intent is not Intent.QUESTION:
        return False
    return scope.too_many or bool(scope.mistakes) or (bool(scope_notice(scope)) and not scope.articles)


def scope_notice(scope: Scope, texts: Texts = ENGLISH) -> Own:
    """Return what a question's operators did, in words; empty if they excluded no article."""
    if scope.too_many:
        return texts(TOO_MANY_OPERATORS, most=MOST_OPERATORS)
    if scope.mistakes:
        return Own(" ".join([*(_mistake(operator, texts) for operator in scope.mistakes), texts(AS_WORDS)]))
    if not (scope.filter.after or scope.filter.before or scope.filter.sources):
        return Own()
    undated = texts(UNDATED, articles=texts.count(scope.undated, ARTICLES)) if scope.undated else ""
    typed = operators(scope.filter)
    if not scope.articles:
        return Own(texts(NOTHING_MATCHES, filter=typed) + undated)
    return Own(texts(SEARCHED, articles=texts.count(scope.articles, ARTICLES), filter=typed) + undated)


def _mistake(operator: str, texts: Texts) -> Own:
    name = operator.partition(":")[0].lower()
    needed = {"in": NEEDS_SOURCE, "sort": NEEDS_SORT}.get(name)
    if needed:
        return texts(needed, operator=operator)
    return texts(NEEDS_DATE, operator=operator, year=f"{name}:2024", month=f"{name}:2024-05", day=f"{name}:2024-05-03")


def operators(wanted: Filter) -> str:
    """Return a filter as it is typed."""
    sources = [f'in:"{source}"' if " " in source else f"in:{source}" for source in wanted.sources]
    dates = [f"{name}:{day}" for name, day in (("after", wanted.after), ("before", wanted.before)) if day]
    return " ".join([*dates, *sources, *(["sort:newest"] if wanted.newest else [])])
