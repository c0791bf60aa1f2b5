"""A past answer and the store -> whether each citation still quotes what its article says, or said."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.state.records import Citation, StoredAnswer
from retrieval import Engine
from retrieval.records import Span


class CitationStatus(StrEnum):
    """What became of a citation."""

    CURRENT = "current"  # the article still says it, character for character
    CHANGED = "changed"  # the version that was cited says it; the article has changed since
    REMOVED = "removed"  # the version that was cited says it; the article has been removed since
    BROKEN = "broken"  # the version that was cited says something else
    GONE = "gone"  # the version that was cited is no longer kept, so nobody can tell


GOOD = frozenset({CitationStatus.CURRENT, CitationStatus.CHANGED, CitationStatus.REMOVED})


@dataclass(frozen=True, slots=True)
class VerifiedCitation:
    """A citation and what became of it."""

    citation: Citation
    status: CitationStatus
    changed: str | None = None  # when the article was changed or removed, ISO 8601, UTC


def verify(engine: Engine, answer: StoredAnswer) -> tuple[VerifiedCitation, ...]:
    """Compare each citation of an answer, with its lead, with the store; raise StoreError if that cannot be read."""
    return tuple(_verify(engine, answer, citation) for citation in answer.citations)


def _verify(engine: Engine, answer: StoredAnswer, citation: Citation) -> VerifiedCitation:
    found = [engine.quoted(citation.article, citation.version, span.start, span.end) for span in _spans(citation)]
    texts = [one and one.text for one in found]
    if texts == [span.text for span in _spans(citation)] and found[0]:
        return VerifiedCitation(citation, _held(engine, citation, current=found[0].current), found[0].changed)
    if _is_another_store(engine, answer):  # in which the same numbers are other versions
        article = engine.article(citation.article)
        stands = article and all(article.text[span.start : span.end] == span.text for span in _spans(citation))
        return VerifiedCitation(citation, CitationStatus.CURRENT if stands else CitationStatus.GONE)
    return VerifiedCitation(citation, CitationStatus.GONE if None in found else CitationStatus.BROKEN)


def _held(engine: Engine, citation: Citation, *, current: bool) -> CitationStatus:
    if current:
        return CitationStatus.CURRENT
    return CitationStatus.CHANGED if engine.article(citation.article) else CitationStatus.REMOVED


def _spans(citation: Citation) -> Iterator[Span]:
    yield Span(citation.start, citation.end, citation.text)
    if citation.lead:
        yield citation.lead


def _is_another_store(engine: Engine, answer: StoredAnswer) -> bool:
    """Whether this store was made after the answer, in place of the store that gave it."""
    published = {generation.number: generation.published for generation in engine.history()}
    begun = published.get(answer.generation)
    return begun is None or datetime.fromisoformat(begun) > datetime.fromisoformat(answer.at)
