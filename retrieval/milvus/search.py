"""A query -> the best sentences of an engine that can only multiply sparse vectors, exactly those of the local index.

A sentence scores what its own vector gives and what its article gives. The engine lists the best sentences and the
best articles by each alone. No sentence of an article scores more than the article's bound: what the lists say of it, or
their last entries where they do not name it. The articles with the greatest bounds are fetched and searched by the
index, in memory, until no other article's bound reaches the k-th best score. (The idea is the threshold algorithm of
Fagin, Lotem and Naor 2003.)

Words that nearly all sentences share prove nothing so. Of such a question no more than MOST_ARTICLES are fetched, those
with the greatest bounds, and no list is longer than Milvus allows: then the best of these sentences are found.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import ARTICLE, FIELD_NAMES, SENTENCE, TITLE, WEIGHTS
from retrieval.index.manifest import Generation, LiveSegment
from retrieval.index.merger import merge_in_memory
from retrieval.index.merger_input import MergeInput
from retrieval.index.query_reader import QueryReader
from retrieval.index.records import Query
from retrieval.index.searcher import Found, Searcher
from retrieval.text.analyzer import Token

LISTED = {SENTENCE.name: 200, ARTICLE.name: 50, TITLE.name: 50}  # by list: entries at first
WIDER = 4  # times as many, where a list has ended too early
MOST = 16_384  # that Milvus lists at most
FIRST = 32  # articles that are fetched at first, then as many again as there are
MOST_ARTICLES = 1000  # that are fetched for one question; twice as many as were ever needed for one of a question set
ROUNDED = 1 + 1e-5  # of bounds: vectors hold 32-bit numbers, added up in another order

Vector = Mapping[int, float]
Versions = NDArray[np.int64]


class Listed(NamedTuple):
    """The best entries of a list."""

    versions: list[int]  # of each entry; a version comes once for each of its sentences
    scores: list[float]  # descending
    last: float  # the most that any other entry scores; 0 if all that score are listed

    def by_version(self) -> dict[int, float]:
        """Return the best score of each version."""
        return dict(zip(reversed(self.versions), reversed(self.scores), strict=True))


class Rows(Protocol):
    """What an engine holds of the articles of one generation."""

    def lists(self, query: Vector, most: Mapping[str, int]) -> dict[str, Listed]:
        """List so many of the best articles by the article field and by the title, not weighted, and of the best
        sentences by all other fields together: those lists that are named.
        """

    def words(self, versions: Sequence[int]) -> list[MergeInput]:
        """Return the words of articles, in the order of their versions."""

    def only(self, versions: Versions) -> Self:
        """Return the rows of these versions only, which ascend."""


class Counted(NamedTuple):
    """What was found, and what it took."""

    found: Found
    rounds: int  # times that articles were fetched
    articles: int  # that were fetched
    is_proven: bool  # whether no other article could be better


def _no_limit() -> None:
    pass


@dataclass(frozen=True, slots=True)
class EngineSearcher:
    """Searches one generation that an engine holds; not to be shared between threads."""

    generation: Generation  # its segments hold words and no articles
    reader: QueryReader
    rows: Rows
    slack: float = 1.0  # how many times what the vectors say the index can score
    check_time: Callable[[], None] = _no_limit  # raises an error where a question takes too long

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the articles, the most common first."""
        return self.generation.languages

    def restricted_to(self, versions: Versions) -> Self:
        """Return a searcher of the articles of these versions only, whose rows ascend."""
        return replace(self, rows=self.rows.only(versions))

    def query(
        self, text: str, language: str, tokens: Collection[Token], types: frozenset[str] = frozenset(), kinds: int = 0
    ) -> Query:
        """Look up the words of a question, each once."""
        return self.reader.query(text, language, tokens, types, kinds)

    def top(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> Found:
        """Find the best k sentences by the weighted sum of the named fields."""
        return self.count_rounds(query, k, names).found

    def count_rounds(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> Counted:
        """Find the same, and count what that takes."""
        vector, wider, rounds = _weights(query), 1, 0
        most = max(MOST_ARTICLES, k)
        fetched: dict[int, MergeInput] = {}
        found = self._search(query, k, names, fetched)
        while True:
            bounds = _Bounds(self.rows, vector, names, wider, self.slack)
            while wanted := bounds.reaching(found, k, fetched)[: min(max(FIRST, len(fetched)), most - len(fetched))]:
                rounds += 1
                self.check_time()
                fetched |= zip(wanted, self.rows.words(wanted), strict=True)
                found = self._search(query, k, names, fetched)
            is_proven = bounds.are_wide_enough(found, k) and not bounds.reaching(found, k, fetched)
            if is_proven or bounds.are_widest or len(fetched) >= most:
                return Counted(found, rounds, len(fetched), is_proven)
            wider *= WIDER

    def _search(self, query: Query, k: int, names: Collection[str], fetched: Mapping[int, MergeInput]) -> Found:
        """Search the articles that were fetched, as a small generation of their own."""
        inputs = [fetched[version] for version in sorted(fetched)]
        segments = (LiveSegment(merge_in_memory(inputs, self.generation.means)),) if inputs else ()
        searcher = Searcher(replace(self.generation, segments=segments), self.reader)
        return Found(searcher, searcher.search(query, k, names))


class _Bounds:
    """What the lists of an engine say of the most that articles can score in some fields."""

    def __init__(self, rows: Rows, query: Vector, names: Collection[str], wider: int, slack: float) -> None:
        self._slack = slack
        weights = {name: WEIGHTS[name] for name in (ARTICLE.name, TITLE.name) if name in names}
        if not weights.keys() >= set(names):
            weights[SENTENCE.name] = 1.0
        most = {name: min(LISTED[name] * wider, MOST) for name in weights}
        lists = rows.lists(query, most)
        self._of_articles = {name: one for name, one in lists.items() if name != SENTENCE.name}
        self.are_widest = all(number == MOST for number in most.values())
        self._unlisted = slack * ROUNDED * sum(weights[name] * one.last for name, one in lists.items())
        scores = [(one.by_version(), one.last, weights[name]) for name, one in lists.items()]
        bounds = {
            version: slack * ROUNDED * sum(weight * known.get(version, last) for known, last, weight in scores)
            for version in dict.fromkeys(version for known, _, _ in scores for version in known)
        }
        self._bounds = dict(sorted(bounds.items(), key=lambda one: (-one[1], one[0])))

    def reaching(self, found: Found, k: int, fetched: Collection[int]) -> list[int]:
        """Return the versions, but those that were fetched, that may have one of the best k sentences, the greatest bounds
        first, then those that may have the best score of all in a field. Of equal sentences the first are the best.
        """
        least, last = _least(found, k), _last_version(found)
        tied = least * ROUNDED**2
        wanted = [
            version
            for version, bound in self._bounds.items()
            if bound > tied or not least or (bound >= least and version < last)
        ]
        for name, listed in self._of_articles.items():
            most = found.hits.best[name] * ROUNDED
            wanted += [one for one, score in zip(*listed[:2], strict=True) if self._slack * score > most]
        return [version for version in dict.fromkeys(wanted) if version not in fetched]

    def are_wide_enough(self, found: Found, k: int) -> bool:
        """Whether no article that is not listed can have one of the best k sentences, or the best score in a field."""
        are_known = all(one.versions or not one.last for one in self._of_articles.values())
        return are_known and self._unlisted <= _least(found, k)


def _least(found: Found, k: int) -> float:
    """Return the score that one more sentence would have to reach, 0 as long as fewer than k were found."""
    return float(found.hits.score[-1]) if len(found.hits.score) == k else 0.0


def _last_version(found: Found) -> int:
    """Return the version of the last sentence that was found, 0 for none."""
    ((version, _),) = found.searcher.keys(found.hits.rows[-1:]) or [(0, 0)]
    return version


def _weights(query: Query) -> Vector:
    """Return the weights of a query's terms, those of what they are read as included."""
    weights: dict[int, float] = {}
    for term in query.terms:
        for number, nearness in term.readings:
            weights[number] = weights.get(number, 0.0) + term.weight * nearness
    return {number: weight for number, weight in weights.items() if weight > 0}
