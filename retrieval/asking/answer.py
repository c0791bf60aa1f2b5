"""Ranked sentences -> hits, and the snippets that people read: duplicates folded, matched words and the answer marked."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from retrieval.asking.answer_span import find_answer_span
from retrieval.asking.highlight import QueryWord, match_words, matched_spans
from retrieval.asking.leads import find_lead, without_repeated_leads
from retrieval.asking.trails import find_trail, without_shown_trails
from retrieval.index.records import Query
from retrieval.records import Hit, Snippet, Span
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.analyzer import Token, analyzer
from retrieval.text.closing_signs import announces
from retrieval.text.dates import day_of

MAX_SNIPPETS = 3
MAX_LAG = 3.0  # points of score behind the first hit; with more, a sentence is twenty times less likely to answer
SURE_LAG = 1.5  # the same if the first hit is certain: five times less likely

AreAlike = Callable[[int, int], bool]  # two versions, by their rows in the store -> whether they tell the same story
_PLAIN = str.maketrans("“”„«»‘’‚–—", '"""""\'\'\'--')
_DATELINE_ENDS = ("-", ":", ")")


@dataclass(frozen=True)  # without slots: what is cached is computed once, when needed
class RankedSentence:
    """A sentence in its place, with its score."""

    place: SentencePlace
    score: float
    version: int = 0  # row of the article's version in the store
    number: int = 0  # of its candidate
    question: Span | None = None  # that it answers, if that was found in its place

    @cached_property
    def tokens(self) -> Iterable[Token]:
        """Its words."""
        return _TokensOnce(analyzer(self.place.article.language).tokens(self.place.sentence.text))

    @cached_property
    def lead(self) -> Span | None:
        """The sentence before, if this one cannot be understood without it."""
        return self.question or (find_lead(self.place, self.tokens) if self.place.before else None)

    @cached_property
    def trail(self) -> Span | None:
        """The sentence after, if this one only announces it."""
        return find_trail(self.place, self.tokens) if self.place.after else None


class _TokensOnce:
    """Tokens that can be read again, computed only as far as they are read: a lead mostly needs the first few."""

    def __init__(self, tokens: Iterator[Token]) -> None:
        self._rest, self._known = tokens, list[Token]()

    def __iter__(self) -> Iterator[Token]:
        yield from self._known
        for token in self._rest:
            self._known.append(token)
            yield token


class _Member(NamedTuple):
    """A ranked sentence and its hit."""

    sentence: RankedSentence
    hit: Hit


_Group = list[_Member]  # of hits that say the same


def to_hits(ranked: Sequence[RankedSentence], *, leads: bool = True) -> tuple[Hit, ...]:
    """Return ranked sentences as hits, numbered from 1; with `leads`, also the sentences that they need beside them."""
    return tuple(_hit(rank, one, leads=leads) for rank, one in enumerate(ranked, 1))


def _hit(rank: int, ranked: RankedSentence, *, leads: bool) -> Hit:
    article, sentence, around = ranked.place.article, ranked.place.sentence, ranked.place.around
    return Hit(
        rank=rank, score=ranked.score, article=article.id, title=article.title, url=article.url,
        published=article.published, start=sentence.start, end=sentence.end, position=sentence.position,
        of=article.sentences, text=sentence.text, lead=ranked.lead if leads else None, section=around.section,
        intro=around.header or around.intro,
        code=around.code if announces(sentence.text) else None, trail=ranked.trail if leads else None,
        author=article.author, version=ranked.version, language=article.language,
    )  # fmt: skip


def to_snippets(
    ranked: Sequence[RankedSentence],
    hits: Sequence[Hit],
    query: Query,
    words: Sequence[QueryWord],
    are_alike: AreAlike = lambda _, __: False,
    *,
    newest: bool = False,
    sure: bool = False,
) -> tuple[Snippet, ...]:
    """Return what people see of ranked sentences and their hits; `words` are those of the question to mark.

    If several articles tell the same story, the first published is cited, since the others took it from there; if the
    newest are wanted, the one that ranks first is cited. If the first is `sure`, only what is nearly as good is shown too.
    If not, a question that asks for a date, a number or a name is answered first by a sentence that has one.
    """
    if not ranked:
        return ()
    groups: dict[str, _Group] = {}
    least = ranked[0].score - (SURE_LAG if sure else MAX_LAG)
    good = [hit for hit in hits if hit.score >= least]
    repeated = {hit.rank for hit in good} - {hit.rank for hit in without_shown_trails(good)}
    for one, hit in zip(ranked, hits, strict=True):
        if hit.rank not in repeated:
            groups.setdefault(wording(hit.text), []).append(_Member(one, hit))
    merged = _merge_groups(list(groups.values()), are_alike)
    chosen = [group for group in merged if group[0].hit.score >= least][:MAX_SNIPPETS]
    if not newest:
        chosen = [_first_published(group, are_alike) for group in chosen]
    snippets = [snippet_of(*group[0], query, words, [twin.hit for twin in group[1:]]) for group in chosen]
    return without_repeated_leads(snippets if newest or sure else _answer_first(snippets))


def _answer_first(snippets: list[Snippet]) -> list[Snippet]:
    """Move the first snippet with a likely answer to the front, if the best has none and is hardly better."""
    least = snippets[0].hit.score - SURE_LAG
    good = (at for at, snippet in enumerate(snippets) if snippet.focus and snippet.hit.score >= least)
    at = next(good, 0)
    return [snippets[at], *snippets[:at], *snippets[at + 1 :]]


def wording(text: str) -> str:
    """Return a sentence without what depends on its publisher: case, spaces, kinds of quotation marks and dashes."""
    return " ".join((text if text.isascii() else text.translate(_PLAIN)).casefold().split())


def _merge_groups(groups: list[_Group], are_alike: AreAlike) -> list[_Group]:
    """Merge groups from articles that tell the same story if one says what the other says after a dateline.

    Sentences that differ in a word are left alone: the word may be what an update corrected.
    """
    if len({member.hit.article for group in groups for member in group}) <= 1:
        return groups
    merged: list[tuple[str, _Group]] = []
    for group in groups:
        words, first = wording(group[0].hit.text), group[0].hit.version
        same = (known for said, known in merged if repeats(words, said) and are_alike(known[0].hit.version, first))
        known = next(same, None)
        if known is None:
            merged.append((words, list(group)))
        else:
            known += group
    return [group for _, group in merged]


def repeats(words: str, others: str) -> bool:
    """Whether one of two sentences is the other after a dateline: `RIVERTOWN, 3 May (Agency) - `."""
    short, long = (words, others) if len(words) <= len(others) else (others, words)
    return long.endswith(short) and long.removesuffix(short).rstrip().endswith(_DATELINE_ENDS)


def _first_published(group: _Group, are_alike: AreAlike) -> _Group:
    """Move the first published of the first member and those like it to the front; dated before undated, then by rank."""
    first, *others = group
    days = [day_of(member.hit.published) for member in group]
    if not any(days):
        return group
    alike = [0, *(at for at, one in enumerate(others, 1) if are_alike(first.hit.version, one.hit.version))]
    cited = min(alike, key=lambda at: (not days[at], days[at], at))
    return [group[cited], *group[:cited], *group[cited + 1 :]]


def snippet_of(
    sentence: RankedSentence, hit: Hit, query: Query, words: Sequence[QueryWord], twins: Iterable[Hit] = ()
) -> Snippet:
    """Return a ranked sentence and its hit as people see them."""
    matched = match_words(hit.text, sentence.place.article.language, tuple(sentence.tokens), words)
    return Snippet(hit=hit, matched=matched_spans(matched), focus=find_answer_span(query, matched), twins=tuple(twins))
