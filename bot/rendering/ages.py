"""Dates and times in words: when something happened, and how old an article is."""

from datetime import date, datetime

from bot.rendering.texts import ENGLISH, Own, Texts
from retrieval import day_of

ABOUT, TODAY = "about {age}", "today"

_LEAST_MONTHS = {1: 12, 2: 1, 3: 0}  # months, by the number of parts in a date: it is too imprecise for a lower age


def today() -> date:
    """Return today's date where the program runs."""
    return datetime.now().astimezone().date()


def moment(stored: str) -> str:
    """Return an ISO 8601 time in UTC to the minute: `2024-05-03 14:05 UTC`."""
    return f"{stored[:16].replace('T', ' ')} UTC"


def day(published: str) -> str:
    """Return a date without its time of day; one that cannot be parsed is returned as given."""
    return day_of(published) or published


def dated(published: str | None, today: date | None, texts: Texts = ENGLISH) -> str:
    """Return a date without its time of day, followed by its age; empty if there is none."""
    return with_age(texts.date(day(published)), published, today, texts) if published else ""


def with_age(shown: str, published: str, today: date | None, texts: Texts = ENGLISH) -> str:
    """Append the age to a date: `2023-04-11, 3 years old`.

    Age counts from today, not from the newest article, because the reader relies on the answer today.
    """
    passed = age(day_of(published), today, texts) if today else ""
    return texts.listed([shown, passed]) if passed else shown


def age(published: str, today: date, texts: Texts = ENGLISH) -> str:
    """Return the age of an ISO 8601 day, month or year: `3 years old`, `about 2 months old`, `today`.

    Empty for no date, a date in the future, and one that is too imprecise.
    """
    parts = published.split("-") if published else []
    begun = _middle(parts)
    if begun is None or begun > today:
        return ""
    months = 12 * (today.year - begun.year) + today.month - begun.month - (today.day < begun.day)
    if months < _LEAST_MONTHS[len(parts)]:
        return ""
    passed = _in_words(months, (today - begun).days, texts)
    return passed if _LEAST_MONTHS[len(parts)] == 0 else texts(ABOUT, age=passed)


def _middle(parts: list[str]) -> date | None:
    """Return a day, or the middle of a month or year; None if there is no such date."""
    year, month, day_of_month = [*map(int, parts), *(0, 0, 0)[len(parts) :]]
    try:
        return date(year, month or 7, day_of_month or (15 if month else 1))
    except ValueError:
        return None


def _in_words(months: int, days: int, texts: Texts) -> Own:
    for number, unit in ((months // 12, "year"), (months, "month"), (days, "day")):
        if number:
            return texts.ago(number, unit)
    return texts(TODAY)
