"""`published` as an article states it -> a date that can be compared."""

import re
from datetime import UTC, datetime

_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(?=$|[T ])", re.ASCII)


def day_of(published: str | None) -> str:
    """Return the day, month or year of a date, as precise as it was given; "" if unknown or not ISO 8601."""
    found = _ISO_DATE.match(published) if published else None
    return found[0] if found else ""


def moment_of(published: str | None) -> str:
    """Return what sorts by time: the day as `day_of` does, with the time of day if one was given; in UTC if it says where."""
    day = day_of(published)
    if not published or published == day:
        return day
    try:
        moment = datetime.fromisoformat(published)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None).isoformat()
    except (ValueError, OverflowError):  # no time of day, or one that no calendar has
        return day
