"""Titles of articles, told apart where several are equal."""

from collections import Counter
from collections.abc import Sequence


def distinct(titles: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return titles, those that occur more than once each with its id."""
    times = Counter(titles)
    return [title if times[title] == 1 else f"{title} ({id_})" for title, id_ in zip(titles, ids, strict=True)]
