"""Ranked hits -> the answer a person reads: a few snippets, twins folded, matched words marked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from retrieval.analysis import Analyzer
from retrieval.records import Hit, Place, Snippet

MOST_SNIPPETS = 3
MOST_TITLES = 3
WORTH_SHOWING = 0.6  # of the first hit's score: a snippet after the first that has less is noise to a reader


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence in its place, with its score."""

    place: Place
    score: float


def to_hits(ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
    """Number the ranked sentences from 1."""
    return tuple(_hit(rank, one) for rank, one in enumerate(ranked, 1))


def _hit(rank: int, ranked: Ranked) -> Hit:
    article, sentence = ranked.place.article, ranked.place.sentence
    return Hit(
        rank=rank, score=ranked.score, article=article.id, title=article.title, url=article.url,
        published=article.published, start=sentence.start, end=sentence.end, position=sentence.position,
        of=article.sentences, text=sentence.text,
    )  # fmt: skip


def to_snippets(hits: Sequence[Hit], wanted: Collection[int], analyzer: Analyzer) -> tuple[Snippet, ...]:
    """Choose what a person sees of the hits; `wanted` are the terms to mark."""
    families: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.score >= WORTH_SHOWING * hits[0].score:
            families.setdefault(_likeness(hit.text), []).append(hit)
    return tuple(
        Snippet(hit=first, matched=_matched(first.text, wanted, analyzer), twins=tuple(twins))
        for first, *twins in list(families.values())[:MOST_SNIPPETS]
    )


def _likeness(text: str) -> str:
    return " ".join(text.casefold().split())


def _matched(text: str, wanted: Collection[int], analyzer: Analyzer) -> tuple[tuple[int, int], ...]:
    """Give the half-open offsets of the wanted words, those that touch joined."""
    spans: list[tuple[int, int]] = []
    for token in analyzer.tokens(text):
        if token.term in wanted:
            if spans and token.start <= spans[-1][1]:
                spans[-1] = spans[-1][0], token.end
            else:
                spans.append((token.start, token.end))
    return tuple(spans)


def nearest_titles(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Give the titles of the articles that came nearest, best first, each once."""
    return tuple(dict.fromkeys(hit.title for hit in hits if hit.title))[:MOST_TITLES]
