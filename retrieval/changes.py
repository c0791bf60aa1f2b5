"""The nouns of reloading: what was shown before, and what a load would change."""

from dataclasses import dataclass

from retrieval.records import Hit, LoadReport


@dataclass(frozen=True, slots=True)
class PublishedGeneration:
    """What was shown from one load, removal or going back to the next."""

    number: int
    published: str  # ISO 8601, UTC
    note: str  # what was done, in words
    articles: int | None  # None where it was not counted: by an earlier version of citebot
    sentences: int | None  # of all kinds
    current: bool
    kept: bool  # it is shown, or can be gone back to


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A question whose first hit a load would change; None = silence."""

    question: str
    before: Hit | None
    after: Hit | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load would do."""

    report: LoadReport  # with the current generation's number, and the sentences that there would be
    changed_answers: tuple[ChangedAnswer, ...] = ()  # in the order of the questions
