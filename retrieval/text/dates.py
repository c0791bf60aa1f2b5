"""When an article was published, as it was given -> a date that can be compared."""

import re

_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(?=$|[T ])", re.ASCII)


def day_of(published: str | None) -> str:
    """Give the day, the month or the year, as precise as it was given; "" where it is not known, or not in ISO 8601."""
    found = _ISO.match(published) if published else None
    return found[0] if found else ""
