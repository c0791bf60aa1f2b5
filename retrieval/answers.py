"""Ranked sentences -> the answer a person reads: a few snippets, twins folded, matched words and the answer marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.evidence import Query
from retrieval.focus import find_focus
from retrieval.leads import without_repeated_leads
from retrieval.matching import Sought, match, matched_spans
from retrieval.records import Hit, Place, Snippet, Span

MOST_SNIPPETS = 3
MOST_TITLES = 3
FAR_BEHIND = 3.0  # points of score; what stands further behind the first has a twentieth of its chance to answer


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence in its place, with its score."""

    place: Place
    score: float
    lead: Span | None = None  # the sentence before, where this one leans on it
    version: int = 0  # row of the article's version in the store


def to_hits(ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
    """Number the ranked sentences from 1."""
    return tuple(_hit(rank, one) for rank, one in enumerate(ranked, 1))


def _hit(rank: int, ranked: Ranked) -> Hit:
    article, sentence = ranked.place.article, ranked.place.sentence
    return Hit(
        rank=rank, score=ranked.score, article=article.id, title=article.title, url=article.url,
        published=article.published, start=sentence.start, end=sentence.end, position=sentence.position,
        of=article.sentences, text=sentence.text, lead=ranked.lead,
        version=ranked.version,
    )  # fmt: skip


def to_snippets(
    ranked: Sequence[Ranked], hits: Sequence[Hit], query: Query, sought: Sequence[Sought]
) -> tuple[Snippet, ...]:
    """Choose what a person sees of the ranked sentences and their hits; `sought` are the question's words to mark."""
    families: dict[str, list[tuple[Hit, str]]] = {}
    for one, hit in zip(ranked, hits, strict=True):
        if hit.score >= ranked[0].score - FAR_BEHIND:
            families.setdefault(_wording(hit.text), []).append((hit, one.place.article.language))
    return without_repeated_leads(
        [
            _snippet(first, language, tuple(hit for hit, _ in twins), query, sought)
            for (first, language), *twins in list(families.values())[:MOST_SNIPPETS]
        ]
    )


def _snippet(hit: Hit, language: str, twins: tuple[Hit, ...], query: Query, sought: Sequence[Sought]) -> Snippet:
    matched = match(hit.text, language, sought)
    return Snippet(hit=hit, matched=matched_spans(matched), focus=find_focus(query, matched), twins=twins)


def _wording(text: str) -> str:
    return " ".join(text.casefold().split())


def nearest_titles(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Give the titles of the articles that came nearest, best first, each once."""
    return tuple(dict.fromkeys(hit.title for hit in hits if hit.title))[:MOST_TITLES]
