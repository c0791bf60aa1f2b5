"""A query -> the best sentences of an engine that can only multiply sparse vectors, exactly those of the local index.

A sentence scores what its own vector gives and what its article gives. The engine lists the best sentences and the
best articles by each alone. No sentence of an article scores more than the article's bound: what the lists say of it, or
their last entries where they do not name it. The articles with the greatest bounds are fetched and searched by the
index, in memory, until no other article's bound reaches the k-th best score. (The idea is the threshold algorithm of
Fagin, Lotem and Naor 2003.)
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import ARTICLE, FIELD_NAMES, TITLE
from retrieval.index.manifest import Generation, LiveSegment
from retrieval.index.merger import merge_in_memory
from retrieval.index.merger_input import MergeInput
from retrieval.index.query_reader import QueryReader
from retrieval.index.records import Query
from retrieval.index.searcher import Found, Searcher
from retrieval.text.analyzer import Token

SENTENCES, ARTICLES = 200, 50  # that the engine lists at first
WIDER = 4  # times as many, where a list has ended too early
MOST = 16_384  # that Milvus lists at most
FIRST = 32  # articles that are fetched at first
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

    def sentences(self, query: Vector, most: int) -> Listed:
        """List the best sentences, by all fields but those of their article."""

    def articles(self, field: str, query: Vector, most: int) -> Listed:
        """List the best articles by one field, not weighted."""

    def words(self, versions: Sequence[int]) -> list[MergeInput]:
        """Return the words of articles, in the order of their versions."""

    def only(self, versions: Versions) -> Self:
        """Return the rows of these versions only, which ascend."""


@dataclass(frozen=True, slots=True)
class EngineSearcher:
    """Searches one generation that an engine holds; not to be shared between threads."""

    generation: Generation  # its segments hold words and no articles
    reader: QueryReader
    rows: Rows
    slack: float = 1.0  # how many times what the vectors say the index can score

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
        return self.count_rounds(query, k, names)[0]

    def count_rounds(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> tuple[Found, int]:
        """Find the same, and return how many times articles were fetched until no other could be better."""
        vector, wider, rounds = _weights(query), 1, 0
        fetched: dict[int, MergeInput] = {}
        found = self._search(query, k, names, fetched)
        while True:
            bounds = _Bounds(self.rows, vector, wider, self.slack)
            wanted = bounds.first(FIRST)
            while wanted := [version for version in wanted if version not in fetched]:
                rounds += 1
                fetched |= zip(wanted, self.rows.words(wanted), strict=True)
                found = self._search(query, k, names, fetched)
                wanted = bounds.reaching(found, k)
            if bounds.unlisted <= _least(found, k) or bounds.is_complete or wider * SENTENCES >= MOST:
                return found, rounds
            wider *= WIDER

    def _search(self, query: Query, k: int, names: Collection[str], fetched: Mapping[int, MergeInput]) -> Found:
        """Search the articles that were fetched, as a small generation of their own."""
        inputs = [fetched[version] for version in sorted(fetched)]
        segments = (LiveSegment(merge_in_memory(inputs, self.generation.means)),) if inputs else ()
        searcher = Searcher(replace(self.generation, segments=segments), self.reader)
        return Found(searcher, searcher.search(query, k, names))


class _Bounds:
    """What the lists of an engine say of the most that articles can score."""

    def __init__(self, rows: Rows, query: Vector, wider: int, slack: float) -> None:
        self._slack = slack
        sentences = rows.sentences(query, min(SENTENCES * wider, MOST))
        self._fields = {
            field: rows.articles(field.name, query, min(ARTICLES * wider, MOST)) for field in (ARTICLE, TITLE)
        }
        lists = [(sentences, 1.0), *((one, field.weight) for field, one in self._fields.items())]
        self.is_complete = not any(one.last for one, _ in lists)
        self.unlisted = slack * ROUNDED * sum(weight * one.last for one, weight in lists)
        scores = [(one.by_version(), one.last, weight) for one, weight in lists]
        self._bounds = {
            version: slack * ROUNDED * sum(weight * known.get(version, last) for known, last, weight in scores)
            for version in dict.fromkeys(version for known, _, _ in scores for version in known)
        }

    def first(self, count: int) -> list[int]:
        """Return the versions with the greatest bounds, ascending."""
        return sorted(sorted(self._bounds, key=lambda version: -self._bounds[version])[:count])

    def reaching(self, found: Found, k: int) -> list[int]:
        """Return the versions that may have one of the best k sentences, or the best score of all in a field, ascending."""
        least, best = _least(found, k), found.hits.best
        wanted = {version for version, bound in self._bounds.items() if bound >= least}
        for field, listed in self._fields.items():
            most = best.get(field.name, inf) * ROUNDED
            wanted |= {version for version, score in zip(*listed[:2], strict=True) if self._slack * score > most}
        return sorted(wanted)


def _least(found: Found, k: int) -> float:
    """Return the score that one more sentence would have to reach, 0 as long as fewer than k were found."""
    return float(found.hits.score[-1]) if len(found.hits.score) == k else 0.0


def _weights(query: Query) -> Vector:
    """Return the weights of a query's terms, those of what they are read as included."""
    weights: dict[int, float] = {}
    for term in query.terms:
        for number, nearness in term.readings:
            weights[number] = weights.get(number, 0.0) + term.weight * nearness
    return {number: weight for number, weight in weights.items() if weight > 0}
