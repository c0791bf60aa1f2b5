"""Times -> words: when something of ours happened, and how old an article is."""

from datetime import date

_LEAST_MONTHS = {1: 12, 2: 1, 3: 0}  # by the parts of a date: the age below which it is too vague to tell


def moment(stored: str) -> str:
    """Show when something happened, to the minute: `2024-05-03 14:05 UTC` of an ISO 8601 time in UTC."""
    return f"{stored[:16].replace('T', ' ')} UTC"


def age(day: str, today: date) -> str:
    """Say how old something of a day, a month or a year of ISO 8601 is: `3 years old`, `about 2 months old`, `of today`.

    Empty for no date, for one to come, and where it is too vague to tell.
    """
    parts = day.split("-") if day else []
    begun = _middle(parts)
    if begun is None or begun > today:
        return ""
    months = 12 * (today.year - begun.year) + today.month - begun.month - (today.day < begun.day)
    if months < _LEAST_MONTHS[len(parts)]:
        return ""
    about = "" if _LEAST_MONTHS[len(parts)] == 0 else "about "
    return about + _old(months, (today - begun).days)


def _middle(parts: list[str]) -> date | None:
    """Take the middle of a month or a year for the day; None for what is in no calendar."""
    year, month, day = [*map(int, parts), *(0, 0, 0)[len(parts) :]]
    try:
        return date(year, month or 7, day or (15 if month else 1))
    except ValueError:
        return None


def _old(months: int, days: int) -> str:
    for number, noun in ((months // 12, "year"), (months, "month"), (days, "day")):
        if number:
            return f"{number} {noun}{'s' if number > 1 else ''} old"
    return "of today"
