"""A query -> the score of every sentence, from the postings of a segment.

Each field gives a score per unit; paragraph and article scores reach a sentence through its unit number, they are
never copied onto the sentences on disk.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.analysis import Token
from retrieval.evidence import Floats, Query, QueryTerm
from retrieval.index.fields import CHANCE_PAIR_WEIGHT, FIELDS, GRAMMAR_WEIGHT, NAMES, PREVIOUS, PREVIOUS_WEIGHT, Field
from retrieval.index.segments import Segment
from retrieval.index.vocabulary import Vocabulary

Scores = dict[str, Floats]  # by field: (n_sentences,)


class Forward(NamedTuple):
    """The running words of the sentences: those of row i are at[i]:at[i + 1]."""

    at: NDArray[np.int64]
    words: NDArray[np.int32]  # numbers in the table of words
    cues: NDArray[np.uint8]  # PlaceCue bits


class Searcher:
    """Scores the sentences of one segment; not to be shared between threads."""

    def __init__(self, segment: Segment) -> None:
        """Take the arrays of an opened segment."""
        self._arrays = segment.arrays
        self.generation = segment.generation
        self.begun = segment.begun
        self.languages = segment.languages
        self.vocabulary = Vocabulary(segment)
        self.paragraph: NDArray[np.int32] = segment.arrays["paragraph"]  # type: ignore[assignment]
        self.article: NDArray[np.int32] = segment.arrays["article"]  # type: ignore[assignment]
        self.sentences = len(self.paragraph)
        self.forward = Forward(*(segment.arrays[f"forward.{name}"] for name in Forward._fields))  # type: ignore[arg-type]

    def key(self, row: int) -> tuple[int, int]:
        """Give the version row and the position by which the store knows a sentence."""
        return int(self._arrays["version"][self.article[row]]), int(self._arrays["position"][row])

    def query(self, text: str, language: str, tokens: Collection[Token], types: frozenset[str] = frozenset()) -> Query:
        """Look up the words of a question, each once."""
        terms: dict[int, QueryTerm] = {}
        for number, token in enumerate(tokens):
            name = token.word[:1].isdigit() or (number > 0 and text[token.start].isupper())
            if token.term not in terms:
                terms[token.term] = self._term(token, name=name and not token.grammar)
        return Query(text, language, tuple(terms.values()), types)

    def _term(self, token: Token, *, name: bool) -> QueryTerm:
        column = self.vocabulary.column_of(token.term)
        near = [(column, 1.0)] if column is not None else [] if token.grammar else self.vocabulary.near(token.word)
        idf = self.vocabulary.idf(near[0][0]) if near else self.vocabulary.unknown_idf
        weight = idf * _share(token, known=bool(near))
        return QueryTerm(token.word, token.term, tuple(near), idf, weight, token.grammar, name)

    def scores(self, query: Query, names: Collection[str] = NAMES) -> Scores:
        """Score all sentences by each of the named fields."""
        found = {
            field.name: self._on_sentences(field, self._units(field, query)) for field in FIELDS if field.name in names
        }
        if PREVIOUS in names:
            sentence = FIELDS[0]
            own = found[sentence.name] if sentence.name in found else self._units(sentence, query)
            found[PREVIOUS] = self._previous(own)
        return found

    def search(self, query: Query, k: int, names: Collection[str] = NAMES) -> tuple[NDArray[np.intp], Floats, Scores]:
        """Find the best k sentences: their rows, `-score` first, then by row; their scores; and those of all by field."""
        scores = self.scores(query, names)
        return *self.best(scores, k), scores

    def best(self, scores: Scores, k: int) -> tuple[NDArray[np.intp], Floats]:
        """Find the best k rows by the weighted sum of their fields, `-score` first, then by row; and their scores."""
        total = np.zeros(self.sentences, np.float32)
        for field in FIELDS:
            if field.name in scores:
                total += field.weight * scores[field.name]
        if PREVIOUS in scores:
            total += PREVIOUS_WEIGHT * scores[PREVIOUS]
        rows = greatest(total, k)
        return rows, total[rows]

    def posting(self, field: str, column: int) -> tuple[NDArray[np.int32], Floats]:
        """Give the units that hold a term, ascending, and its impact in each."""
        at = self._arrays[f"{field}.at"]
        here = slice(int(at[column]), int(at[column + 1]))
        return self._arrays[f"{field}.units"][here], self._arrays[f"{field}.impacts"][here]  # type: ignore[return-value]

    def _units(self, field: Field, query: Query) -> Floats:
        """Score the units of a field: shape (n_units,)."""
        units, shares = [], []
        for term in query.terms:
            for column, nearness in term.columns:
                found, impacts = self.posting(field.name, column)
                units.append(found)
                shares.append(impacts * (term.weight * nearness))
        size = self._size(field)
        if not units:
            return np.zeros(size, np.float32)
        return np.bincount(np.concatenate(units), np.concatenate(shares), size).astype(np.float32)

    def _on_sentences(self, field: Field, scores: Floats) -> Floats:
        if field.unit == "sentence":
            return scores
        return scores[self.paragraph if field.unit == "paragraph" else self.article]

    def _previous(self, scores: Floats) -> Floats:
        """Give each sentence the score of the one before it in its paragraph."""
        shifted = np.zeros_like(scores)
        shifted[1:] = scores[:-1] * (self.paragraph[1:] == self.paragraph[:-1])
        return shifted

    def _size(self, field: Field) -> int:
        if field.unit == "sentence":
            return self.sentences
        if field.unit == "article":
            return len(self._arrays["version"])
        return int(self.paragraph[-1]) + 1 if self.sentences else 0


def _share(token: Token, *, known: bool) -> float:
    """Give how much of its idf a word weighs: less as grammar, or as two characters that may be no word at all."""
    if token.unspaced:
        return 1.0 if known else CHANCE_PAIR_WEIGHT
    return GRAMMAR_WEIGHT if token.grammar else 1.0


def greatest(scores: Floats, k: int) -> NDArray[np.intp]:
    """Give the rows of the k greatest positive scores, equal scores by ascending row."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        kth = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= kth]
    return rows[np.lexsort((rows, -scores[rows]))][:k]
