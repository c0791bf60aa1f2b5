"""`published` as an article states it -> a date that can be compared."""

import re

_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(?=$|[T ])", re.ASCII)


def day_of(published: str | None) -> str:
    """Return the day, month or year of a date, as precise as it was given; "" if unknown or not ISO 8601."""
    found = _ISO_DATE.match(published) if published else None
    return found[0] if found else ""
