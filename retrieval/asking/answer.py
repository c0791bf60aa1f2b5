"""Ranked sentences -> the answer a person reads: a few snippets, twins folded, matched words and the answer marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from retrieval.asking.answer_span import find_focus
from retrieval.asking.highlight import QueryWord, match, matched_spans
from retrieval.asking.leads import without_repeated_leads
from retrieval.index.records import Query
from retrieval.records import Hit, Snippet, Span
from retrieval.store.reader import SentencePlace
from retrieval.text.dates import day_of

MOST_SNIPPETS = 3
MOST_TITLES = 3
FAR_BEHIND = 3.0  # points of score; what stands further behind the first has a twentieth of its chance to answer

AreTwins = Callable[[int, int], bool]
_PLAIN = str.maketrans("“”„«»‘’‚–—", '"""""\'\'\'--')
_ENDS_OF_DATELINES = ("-", ":", ")")


class _Member(NamedTuple):
    """A hit of a family: of those that say the same."""

    hit: Hit
    language: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence in its place, with its score."""

    place: SentencePlace
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
    ranked: Sequence[Ranked],
    hits: Sequence[Hit],
    query: Query,
    sought: Sequence[QueryWord],
    are_twins: AreTwins = lambda _, __: False,
    *,
    newest: bool = False,
) -> tuple[Snippet, ...]:
    """Choose what a person sees of the ranked sentences and their hits; `sought` are the question's words to mark.

    `are_twins` says of two versions whether their articles tell the same story. Of twins the first to be published is
    cited, for the others have it from there; where the newest are asked for, the one that ranks first.
    """
    families: dict[str, list[_Member]] = {}
    for one, hit in zip(ranked, hits, strict=True):
        if hit.score >= ranked[0].score - FAR_BEHIND:
            families.setdefault(_wording(hit.text), []).append(_Member(hit, one.place.article.language))
    chosen = _joined(list(families.values()), are_twins)[:MOST_SNIPPETS]
    if not newest:
        chosen = [_first_published(family, are_twins) for family in chosen]
    return without_repeated_leads(
        [
            _snippet(first.hit, first.language, tuple(twin.hit for twin in twins), query, sought)
            for first, *twins in chosen
        ]
    )


def _joined(families: list[list[_Member]], are_twins: AreTwins) -> list[list[_Member]]:
    """Join families of twins of which one says what the other says behind a dateline.

    A sentence that differs in a word is left alone: an update may have put right just that.
    """
    if len({member.hit.article for family in families for member in family}) <= 1:
        return families
    joined: list[tuple[str, list[_Member]]] = []
    for family in families:
        words, first = _wording(family[0].hit.text), family[0].hit.version
        near = (known for said, known in joined if _repeats(words, said) and are_twins(known[0].hit.version, first))
        known = next(near, None)
        if known is None:
            joined.append((words, list(family)))
        else:
            known += family
    return [family for _, family in joined]


def _repeats(words: str, others: str) -> bool:
    """Say whether one of two sentences is the other behind a dateline: `RIVERTOWN, 3 May (Agency) - `."""
    short, long = sorted((words, others), key=len)
    return long.endswith(short) and long.removesuffix(short).rstrip().endswith(_ENDS_OF_DATELINES)


def _first_published(family: list[_Member], are_twins: AreTwins) -> list[_Member]:
    """Put that one of the first and its twins in front that was published first; dated before undated, then by rank."""
    first, *others = family
    days = [day_of(member.hit.published) for member in family]
    if not any(days):
        return family
    alike = [0, *(at for at, one in enumerate(others, 1) if are_twins(first.hit.version, one.hit.version))]
    cited = min(alike, key=lambda at: (not days[at], days[at], at))
    return [family[cited], *family[:cited], *family[cited + 1 :]]


def _snippet(hit: Hit, language: str, twins: tuple[Hit, ...], query: Query, sought: Sequence[QueryWord]) -> Snippet:
    matched = match(hit.text, language, sought)
    return Snippet(hit=hit, matched=matched_spans(matched), focus=find_focus(query, matched), twins=twins)


def _wording(text: str) -> str:
    """Give a sentence without what depends on who printed it: capitals, spaces, the form of quotation marks and dashes."""
    return " ".join((text if text.isascii() else text.translate(_PLAIN)).casefold().split())


def nearest_titles(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Give the titles of the articles that came nearest, best first, each once."""
    return tuple(dict.fromkeys(hit.title for hit in hits if hit.title))[:MOST_TITLES]
