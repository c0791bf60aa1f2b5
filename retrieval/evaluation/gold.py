"""What answers a question, as a stretch of an article or as a quote from it, and whether a hit is it.

Offsets hold for one state of an article. A quote outlives changes of the article and of what reads it, and a person can
write it by hand, so it is compared by its words, and its article is known by the end of its id.
"""

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

FRAGMENT = 4  # words in common; fewer are too little, unless one text holds the other
_CACHED = 10_000  # texts


class Citation(Protocol):
    """A stretch of an article that an answer cites: a Hit, or one read from a saved run."""

    @property
    def article(self) -> str:
        """The id of the article."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The character after its last."""

    @property
    def text(self) -> str:
        """The text between the two."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A stretch of an article that answers a question, in half-open character offsets."""

    article: str
    start: int
    end: int
    text: str = field(default="", compare=False)  # as far as it was looked up

    def matches(self, hit: Citation) -> bool:
        """Whether a hit overlaps this by at least half of the shorter of the two."""
        shared = min(hit.end, self.end) - max(hit.start, self.start)
        return self.is_from(hit.article) and 2 * shared >= min(hit.end - hit.start, self.end - self.start) > 0

    def is_from(self, article: str) -> bool:
        """Whether the article of this id holds the answer."""
        return article == self.article


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that answers a question, as it reads in an article."""

    article: str  # the id, or its end: what comes after a `/`, `:` or `#`
    text: str

    def matches(self, hit: Citation) -> bool:
        """Whether a hit is from the article and says the same."""
        return self.is_from(hit.article) and overlaps(hit.text, self.text)

    def is_from(self, article: str) -> bool:
        """Whether the article of this id holds the answer."""
        return article == self.article or article.endswith(tuple(mark + self.article for mark in "/:#"))


def overlaps(text: str, quote: str) -> bool:
    """Whether one holds the other, or a run of words that is at least half of the shorter one and no mere fragment.

    A text within the quote must be no fragment either, so that a bare heading or a "Yes." is no answer.
    """
    given, wanted = words(text), words(quote)
    if not given or not wanted:
        return False
    if _holds(given, wanted):
        return True
    if _holds(wanted, given) and (len(given) >= FRAGMENT or 2 * len(given) >= len(wanted)):
        return True
    shared = longest_run(given, wanted)
    return shared >= FRAGMENT and 2 * shared >= min(len(given), len(wanted))


@lru_cache(_CACHED)
def words(text: str) -> tuple[str, ...]:
    """Return the words in lower case, without any character that is no letter, digit or combining mark."""
    text = unicodedata.normalize("NFKC", text).lower()
    kept = (one if one.isalnum() or unicodedata.category(one).startswith("M") else " " for one in text)
    return tuple("".join(kept).split())


def _holds(whole: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return f" {' '.join(part)} " in f" {' '.join(whole)} "


def longest_run(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Return how many words the longest run has that both hold."""
    longest, before = 0, [0] * (len(other) + 1)
    for word in one:
        row = [0]
        row += (before[place] + 1 if word == match else 0 for place, match in enumerate(other))
        before, longest = row, max(longest, *row)
    return longest
