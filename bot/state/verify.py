"""An answer as it was given, and the store -> whether each citation quotes what stands, or stood, in its article."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.state.records import Citation, StoredAnswer
from retrieval.engine import Engine
from retrieval.records import Span


class CitationStatus(StrEnum):
    """What became of a citation."""

    CURRENT = "current"  # it is in the article as it stands, character for character
    CHANGED = "changed"  # it was in the article that was cited; the article has another text by now
    REMOVED = "removed"  # it was in the article that was cited, which has left the store since
    BROKEN = "broken"  # the version that was cited says something else
    GONE = "gone"  # that version is no longer kept: nobody can tell


GOOD = frozenset({CitationStatus.CURRENT, CitationStatus.CHANGED, CitationStatus.REMOVED})


@dataclass(frozen=True, slots=True)
class VerifiedCitation:
    """A citation with its verdict."""

    citation: Citation
    verdict: CitationStatus
    changed: str | None = None  # when the article got another text or was removed, ISO 8601, UTC


def verify(engine: Engine, given: StoredAnswer) -> tuple[VerifiedCitation, ...]:
    """Compare each citation of an answer with the store, its lead included; raises StoreError."""
    return tuple(_verify(engine, given, citation) for citation in given.citations)


def _verify(engine: Engine, given: StoredAnswer, citation: Citation) -> VerifiedCitation:
    found = [engine.quoted(citation.article, citation.version, span.start, span.end) for span in _spans(citation)]
    texts = [one and one.text for one in found]
    if texts == [span.text for span in _spans(citation)] and found[0]:
        return VerifiedCitation(citation, _held(engine, citation, current=found[0].current), found[0].changed)
    if _is_another_store(engine, given):  # its versions have the same numbers, but are others
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


def _is_another_store(engine: Engine, given: StoredAnswer) -> bool:
    """Tell whether this store was made after the answer, in the place of the one that gave it."""
    published = {generation.number: generation.published for generation in engine.history()}
    begun = published.get(given.generation)
    return begun is None or datetime.fromisoformat(begun) > datetime.fromisoformat(given.at)
