"""Two sentences of different articles -> whether they state different numbers or dates of the same thing.

They do if they share most of their words, neither puts another word in the place of one of the other's ("adults",
"children"), and of their quantities all agree but those of one kind and unit. What is only worded otherwise ("6 pm",
"18:00"), rounded, bounded ("at least 5") or about another time does not disagree.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from retrieval.asking.answer import MAX_LAG, MAX_SNIPPETS, RankedSentence, snippet_of
from retrieval.asking.highlight import QueryWord
from retrieval.asking.quantities import BOUNDS, Quantity, find_quantities
from retrieval.index.records import Query
from retrieval.records import Hit, Snippet
from retrieval.text.analyzer import Token, analyzer
from retrieval.text.dates import day_of, moment_of
from retrieval.text.languages import word_lists
from retrieval.text.lexicon import listed_words

MIN_SHARED = 0.6  # of the content words of the sentence that has fewer
MIN_SHARED_OF_MORE = 0.35  # of the one that has more
FEW = 2  # content words: sentences that share no more must share all
MOST_APART = 3.0  # times the other: numbers further apart are mostly of a part and the whole
SLOT = 2  # words at most that stand for one thing
MOST_WORDS = 200  # of a sentence: what has more is a list or a table, and comparing takes the square of it


class Disagreement(NamedTuple):
    """Where two sentences differ, in half-open character offsets into each."""

    first: tuple[int, int]
    other: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as it is compared with others."""

    language: str
    quantities: Sequence[Quantity]
    words: Sequence[int | str]  # terms of its content words, and the units of its quantities, in order
    names: frozenset[int]  # terms of its capitalised words, be it the first
    since: str | None  # the year of "this year" and the like, "" if unknown; None if nothing is said relative to a time
    around: frozenset[int]  # terms of its title and headings
    contrasts: Sequence[frozenset[int]]  # its terms of each group of words like "north", "south"


def read_statement(
    text: str, tokens: Iterable[Token], language: str, headings: Iterable[str] = (), published: str | None = None
) -> Statement:
    """Read a sentence below its title and headings; one without quantities, or too long, disagrees with none."""
    every = list(tokens)
    said = f" {' '.join(token.word for token in every)} "
    is_relative = any(f" {phrase} " in said for phrase in listed_words(language, "relative_time"))
    quantities = find_quantities(text, every, language) if len(every) <= MOST_WORDS else []
    units = {quantity.unit for quantity in quantities}
    stated = {at for quantity in quantities for at in range(quantity.start, quantity.end)}
    aside = _words_aside(language)
    words = [
        token
        for token in every
        if not token.grammar and token.word not in aside and str(token.term) not in units and token.start not in stated
    ]
    terms = frozenset(token.term for token in every)
    placed: list[tuple[int, int | str]] = [(token.start, token.term) for token in words]
    placed += [(one.start, f"{one.kind} {one.unit}") for one in quantities]
    return Statement(
        language=language,
        quantities=quantities,
        words=[word for _, word in sorted(placed, key=lambda one: one[0])],
        names=frozenset(token.term for token in words if text[token.start].isupper()),
        since=day_of(published)[:4] if is_relative else None,
        around=frozenset(term for heading in headings for term in analyzer(language).terms(heading)),
        contrasts=[group.terms & terms for group in _contrasts(language)],
    )


@cache
def _words_aside(language: str) -> frozenset[str]:
    """Return the words of "at least", "about" and the like, which say nothing of what is counted."""
    phrases = (phrase for name in (*BOUNDS, "about") for phrase in listed_words(language, name))
    return frozenset(word for phrase in phrases for word in phrase.split())


def find_disagreement(first: Statement, other: Statement, asked: Collection[int] = ()) -> Disagreement | None:
    """Return where two statements differ, None if they do not, or are not about the same thing.

    `asked` are the terms of a question that both answer: what one has of them, be it in a heading, the other must have too.
    """
    if not first.quantities or not other.quantities or not _are_about_the_same(first, other, asked):
        return None
    differ = [(one, another) for one, another in _pairs(first, other) if not one.agrees(another)]
    if len({(one.kind, one.unit) for one, _ in differ}) != 1 or any(one.kind == "label" for one, _ in differ):
        return None
    if any(MOST_APART * min(one.value, another.value) < max(one.value, another.value) for one, another in differ):
        return None
    one, another = differ[0]
    return Disagreement((one.start, one.end), (another.start, another.end))


def _pairs(first: Statement, other: Statement) -> list[tuple[Quantity, Quantity]]:
    """Return the quantities of each kind and unit side by side; none if that is unclear, or only one states a time."""
    ours, theirs = _by_unit(first.quantities), _by_unit(other.quantities)
    if any(kind != "number" for kind, _ in ours.keys() ^ theirs.keys()):
        return []
    shared = [unit for unit in ours if unit in theirs]
    if any(len(ours[unit]) != len(theirs[unit]) for unit in shared):
        return []
    return [pair for unit in shared for pair in zip(ours[unit], theirs[unit], strict=True)]


def beside_what_disagrees(
    snippets: Sequence[Snippet],
    ranked: Sequence[RankedSentence],
    hits: Sequence[Hit],
    query: Query,
    words: Sequence[QueryWord],
) -> tuple[tuple[Snippet, ...], bool]:
    """Show beside the first snippet the best sentence of another article that disagrees with it, the newer first.

    Also return whether there is one.
    """
    hit = snippets[0].hit
    mine, asked = ranked[hit.rank - 1], [term.term for term in query.terms if not term.grammar]
    first = _read(mine)
    if not first.quantities:
        return tuple(snippets), False
    for one, other in zip(ranked, hits, strict=True):
        if other.article == hit.article or one.score < mine.score - MAX_LAG:
            continue
        if found := find_disagreement(first, _read(one), asked):
            beside = replace(snippet_of(one, other, query, words), focus=found.other)
            pair = [replace(snippets[0], focus=found.first), beside]
            pair.sort(key=lambda snippet: moment_of(snippet.hit.published), reverse=True)
            rest = [snippet for snippet in snippets if snippet.hit not in (hit, other)]
            return (*pair, *rest)[:MAX_SNIPPETS], True
    return tuple(snippets), False


def _read(one: RankedSentence) -> Statement:
    place = one.place
    headings = (place.article.title, *place.around.section)
    return read_statement(place.sentence.text, one.tokens, place.article.language, headings, place.article.published)


class _Contrast(NamedTuple):
    """Words of which each names another thing: "adults", "children"."""

    terms: frozenset[int]
    alone: bool  # whether it matters too that only one of two sentences has one of them


@cache
def _contrasts(language: str) -> list[_Contrast]:
    """Return the groups that a language lists, divided by bars; a group with ! matters alone."""
    groups = [group for group in word_lists(language).get("contrasts", "").split("|") if group]
    terms = [frozenset(token.term for token in analyzer(language).tokens(group.lstrip("!"))) for group in groups]
    return [_Contrast(words, group.startswith("!")) for words, group in zip(terms, groups, strict=True)]


def _are_about_the_same(first: Statement, other: Statement, asked: Collection[int]) -> bool:
    if first.language != other.language or not first.contrasts:  # a language without a list is not judged
        return False
    if first.since != other.since:
        return False
    groups = zip(_contrasts(first.language), first.contrasts, other.contrasts, strict=True)
    if any(one != another and (group.alone or (one and another)) for group, one, another in groups):
        return False
    words, words_of_other = ({word for word in one.words if isinstance(word, int)} for one in (first, other))
    only, only_other = words - words_of_other, words_of_other - words
    if (words | first.around).intersection(asked) != (words_of_other | other.around).intersection(asked):
        return False
    fewer, shared = min(len(words), len(words_of_other)), len(words & words_of_other)
    more = max(len(words), len(words_of_other))
    if shared < max(MIN_SHARED * fewer, MIN_SHARED_OF_MORE * more, 1) or (
        only & first.names and only_other & other.names
    ):
        return False
    return not (only and only_other) or (shared > FEW and not _replaced(first.words, other.words))


def _replaced(words: Sequence[int | str], others: Sequence[int | str]) -> bool:
    """Whether a word or two stand in the place of others, between the same words."""
    return any(
        kind == "replace" and end - start <= SLOT and other_end - other_start <= SLOT
        for kind, start, end, other_start, other_end in SequenceMatcher(
            None, words, others, autojunk=False
        ).get_opcodes()
    )


def _by_unit(quantities: Iterable[Quantity]) -> dict[tuple[str, str], list[Quantity]]:
    found: dict[tuple[str, str], list[Quantity]] = defaultdict(list)
    for quantity in quantities:
        found[quantity.kind, quantity.unit].append(quantity)
    return found
