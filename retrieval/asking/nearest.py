"""A ranking without an answer -> the titles to offer: of articles that have the rarest word of the question."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from retrieval.asking.records import Ranking
from retrieval.index.records import SAME_TERM, Query
from retrieval.records import Hit

MAX_TITLES = 3
_HELD = SAME_TERM - 1e-3  # single precision
_NEAR = ("title", "section", "sentence", "paragraph")


def hits_with_rarest_word(ranking: Ranking, hits: Sequence[Hit]) -> Iterator[Hit]:
    """Yield the hits of a ranking that have the rarest word of the question in their paragraph, headings or title."""
    number = _rarest_word(ranking.input.query)
    if number is None:
        return
    held = ranking.input.candidates.held
    for candidate, hit in zip(ranking.best.tolist(), hits, strict=True):
        if any(held[place][number, candidate] >= _HELD for place in _NEAR):
            yield hit


def _rarest_word(query: Query) -> int | None:
    """Return the number of the rarest content word that any article has, of a name if there is one."""
    known = [
        (term.name, term.idf, -number)
        for number, term in enumerate(query.terms)
        if not term.grammar and any(weight == 1 for _, weight in term.readings)
    ]
    return -max(known)[2] if known else None


def nearest_titles(hits: Iterable[Hit]) -> tuple[str, ...]:
    """Return the titles of the first articles, with the id where several are equal."""
    titles = list({hit.article: hit.title for hit in hits if hit.title}.items())[:MAX_TITLES]
    equal = Counter(title for _, title in titles)
    return tuple(title if equal[title] == 1 else f"{title} ({article})" for article, title in titles)
