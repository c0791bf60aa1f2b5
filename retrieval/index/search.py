"""A query -> the score of every sentence, from the postings of a segment.

Each field gives a score per unit; paragraph and article scores reach a sentence through its unit number, they are
never copied onto the sentences on disk.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.fields import FIELDS, GRAMMAR_WEIGHT, PREVIOUS, PREVIOUS_WEIGHT, Field
from retrieval.index.segments import Segment

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the index sees it."""

    terms: Mapping[int, bool]  # term -> whether it is a function word
    pairs: Collection[int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence found in the index."""

    row: int  # of the sentence in the segment; rows are ordered by article id, then position
    score: float


class Searcher:
    """Scores the sentences of one segment; not to be shared between threads."""

    def __init__(self, segment: Segment) -> None:
        """Take the arrays of an opened segment."""
        self._arrays = segment.arrays
        self.generation = segment.generation
        self.languages = segment.languages
        self.paragraph: NDArray[np.int32] = segment.arrays["paragraph"]  # type: ignore[assignment]
        self.article: NDArray[np.int32] = segment.arrays["article"]  # type: ignore[assignment]
        self.sentences = len(self.paragraph)

    def key(self, row: int) -> tuple[int, int]:
        """Give the version row and the position by which the store knows a sentence."""
        return int(self._arrays["version"][self.article[row]]), int(self._arrays["position"][row])

    def idf(self, term: int) -> float:
        """Give the idf of a term, that of a term in no sentence when it is unknown."""
        column = self._column(1, term)
        return self._idf(1, column) if column is not None else _idf(self.sentences, 0)

    def running_terms(self, row: int) -> NDArray[np.uint32]:
        """Give the terms of a sentence in their order."""
        at = self._arrays["forward.at"]
        return self._arrays["forward.terms"][at[row] : at[row + 1]]  # type: ignore[return-value]

    def title_holds(self, row: int, term: int) -> bool:
        """Say whether the title of a sentence's article holds a term."""
        column = self._column(1, term)
        return column is not None and self.article[row] in self._posting("title", column)[0]

    def search(self, query: Query, k: int, fields: Collection[str] | None = None) -> list[Candidate]:
        """Find the best k sentences, `-score` first, then by row; only sentences that share a term with the query."""
        total = np.zeros(self.sentences, np.float32)
        for field in FIELDS:
            if fields is None or field.name in fields:
                scores = self._field(field, query)
                total += field.weight * self._on_sentences(field, scores)
                if field.name == "sentence" and fields is None:
                    total += PREVIOUS_WEIGHT * self._previous(scores)
            elif field.name == "sentence" and PREVIOUS in fields:
                total += PREVIOUS_WEIGHT * self._previous(self._field(field, query))
        return [Candidate(int(row), float(total[row])) for row in best(total, k)]

    def _field(self, field: Field, query: Query) -> Scores:
        """Score the units of a field: shape (n_units,)."""
        weights = query.terms.items() if field.grams == 1 else ((pair, False) for pair in query.pairs)
        units, shares = [], []
        for term, grammar in weights:
            column = self._column(field.grams, term)
            if column is not None:
                found, impacts = self._posting(field.name, column)
                units.append(found)
                shares.append(impacts * (self._idf(field.grams, column) * (GRAMMAR_WEIGHT if grammar else 1.0)))
        if not units:
            return np.zeros(self._units(field), np.float32)
        return np.bincount(np.concatenate(units), np.concatenate(shares), self._units(field)).astype(np.float32)

    def _on_sentences(self, field: Field, scores: Scores) -> Scores:
        if field.unit == "sentence":
            return scores
        return scores[self.paragraph if field.unit == "paragraph" else self.article]

    def _previous(self, scores: Scores) -> Scores:
        """Give each sentence the score of the one before it in its paragraph."""
        shifted = np.zeros_like(scores)
        shifted[1:] = scores[:-1] * (self.paragraph[1:] == self.paragraph[:-1])
        return shifted

    def _units(self, field: Field) -> int:
        if field.unit == "sentence":
            return self.sentences
        if field.unit == "article":
            return len(self._arrays["version"])
        return int(self.paragraph[-1]) + 1 if self.sentences else 0

    def _column(self, grams: int, term: int) -> int | None:
        terms = self._arrays[f"terms{grams}"]
        column = int(terms.searchsorted(np.uint32(term)))
        return column if column < len(terms) and terms[column] == term else None

    def _idf(self, grams: int, column: int) -> float:
        return _idf(self.sentences, int(self._arrays[f"df{grams}"][column]))

    def _posting(self, name: str, column: int) -> tuple[NDArray[np.int32], Scores]:
        at = self._arrays[f"{name}.at"]
        here = slice(int(at[column]), int(at[column + 1]))
        return self._arrays[f"{name}.units"][here], self._arrays[f"{name}.impacts"][here]  # type: ignore[return-value]


def _idf(documents: int, df: int) -> float:
    return float(np.log(1 + (documents - df + 0.5) / (df + 0.5)))


def best(scores: Scores, k: int) -> NDArray[np.intp]:
    """Give the rows of the k greatest positive scores, equal scores by ascending row."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        kth = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= kth]
    return rows[np.lexsort((rows, -scores[rows]))][:k]
