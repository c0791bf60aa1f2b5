"""A question's words -> the query they make, and the best sentences of a generation, over all its segments."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import (
    CHANCE_PAIR_WEIGHT,
    FIELD_NAMES,
    FIELDS,
    GRAMMAR_WEIGHT,
    PREVIOUS,
    PREVIOUS_WEIGHT,
    inverse_document_frequencies,
    inverse_document_frequency,
)
from retrieval.index.manifest import Generation
from retrieval.index.records import Floats, Query, QueryTerm
from retrieval.index.segment import WORD
from retrieval.index.segment_searcher import Offsets, SegmentSearcher
from retrieval.index.top_k import TopHits, TopK
from retrieval.text.analyzer import Token

WEIGHTS = {field.name: field.weight for field in FIELDS} | {PREVIOUS: PREVIOUS_WEIGHT}
MARGIN = 0.12  # of likeness behind the best, within which a word is taken for an unknown one too
MOST_READINGS = 3


class Searcher:
    """Searches one generation; not to be shared between threads."""

    def __init__(self, generation: Generation) -> None:
        """Take an opened generation."""
        self.generation, self.languages = generation, generation.languages
        self.sentences = generation.sentences
        self.segments: list[SegmentSearcher] = []
        offsets = Offsets(0, 0, 0)
        for shown in generation.segments:
            shelf = SegmentSearcher(shown, generation.means, offsets)
            self.segments.append(shelf)
            sizes = shelf.sentences, len(shelf.first) - 1, len(shelf.article_first) - 1
            offsets = Offsets(*(before + size for before, size in zip(offsets, sizes, strict=True)))
        self.unknown_idf = inverse_document_frequency(self.sentences, 0)

    def restricted_to(self, versions: NDArray[np.int64]) -> "Searcher":
        """Search only the articles of some versions, whose rows ascend: as if the others were no longer shown.

        Words weigh what they do in the whole generation.
        """
        return Searcher(
            replace(self.generation, segments=tuple(one.only(versions) for one in self.generation.segments))
        )

    def keys(self, rows: NDArray[np.intp]) -> list[tuple[int, int]]:
        """Give the version row and the position by which the store knows each of some sentences."""
        found: dict[int, tuple[int, int]] = {}
        for shelf, here in self.by_segment(rows):
            found.update(zip(here.tolist(), shelf.keys(rows[here] - shelf.offsets.rows), strict=True))
        return [found[number] for number in range(len(rows))]

    def query(self, text: str, language: str, tokens: Collection[Token], types: frozenset[str] = frozenset()) -> Query:
        """Look up the words of a question, each once."""
        terms: dict[int, QueryTerm] = {}
        for number, token in enumerate(tokens):
            name = token.word[:1].isdigit() or (number > 0 and text[token.start].isupper())
            if token.term not in terms:
                terms[token.term] = self._term(token, name=name and not token.grammar)
        return Query(text, language, tuple(terms.values()), types)

    def _term(self, token: Token, *, name: bool) -> QueryTerm:
        df = self._df(token.term)
        known = any(shelf.vocabulary.column_of(token.term) is not None for shelf in self.segments)
        readings = ((token.term, 1.0),) if known else () if token.grammar else self._near(token.word)
        idf = inverse_document_frequency(self.sentences, df if known or not readings else self._df(readings[0][0]))
        weight = idf * _share(token, known=bool(readings))
        return QueryTerm(token.word, token.term, readings, idf, weight, token.grammar, name)

    def _df(self, term: int) -> int:
        return sum(shelf.vocabulary.df(term) for shelf in self.segments)

    def _near(self, word: str) -> tuple[tuple[int, float], ...]:
        """Find the terms of the words most like an unknown one, with weights up to 1."""
        found: dict[int, float] = {}
        for shelf in self.segments:
            for term, near in shelf.vocabulary.near(word).items():
                found[term] = max(found.get(term, 0.0), near)
        best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST_READINGS]
        return tuple((term, near**2) for term, near in best if near >= best[0][1] - MARGIN)

    def idfs(self, shelf: SegmentSearcher, words: NDArray[np.integer]) -> NDArray[np.float32]:
        """Give the idf of the terms of some words of a shelf."""
        columns = shelf.vocabulary.columns.take(words)
        df = shelf.vocabulary.df_of.take(columns)
        for other in self.segments:
            if other is not shelf:
                df = df + other.vocabulary.dfs(shelf.vocabulary.terms.take(columns))
        return inverse_document_frequencies(self.sentences, df)

    def search(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> TopHits:
        """Find the best k sentences by the weighted sum of the named fields."""
        best = TopK(k, {name: weight for name, weight in WEIGHTS.items() if name in names})
        for shelf in self.segments:
            shelf.search(query, best)
        return best.found()

    def scores(self, query: Query, rows: NDArray[np.intp]) -> dict[str, Floats]:
        """Give the scores of some sentences by field: (n,)."""
        found = {name: np.zeros(len(rows), np.float32) for name in WEIGHTS}
        for shelf, here in self.by_segment(rows):
            for name, values in shelf.scores(query, rows[here] - shelf.offsets.rows).items():
                found[name][here] = values
        return found

    def word(self, row: int, place: int) -> str:
        """Give the letters of a running word of a sentence, normalised; places count from 0."""
        (shelf, _), *_ = self.by_segment(np.array([row]))
        at = int(shelf.forward.at[row - shelf.offsets.rows]) + place
        return shelf.vocabulary.spelling(int(shelf.forward.words[at] & WORD))

    def running_terms(self, version: int, most: int) -> NDArray[np.uint32]:
        """Give the first terms of what can answer in an article, by the row of its version in the store."""
        found = (shelf.running_terms(version, most) for shelf in self.segments)
        return next((terms for terms in found if terms is not None), np.empty(0, np.uint32))

    def by_segment(self, rows: NDArray[np.intp]) -> list[tuple[SegmentSearcher, NDArray[np.intp]]]:
        """Say which of some rows stand on which shelf: numbers into `rows`."""
        if len(self.segments) == 1:
            return [(self.segments[0], np.arange(len(rows)))]
        starts = np.array([shelf.offsets.rows for shelf in self.segments])
        number = starts.searchsorted(rows, side="right") - 1
        return [(self.segments[one], np.flatnonzero(number == one)) for one in np.unique(number)]


def _share(token: Token, *, known: bool) -> float:
    """Give how much of its idf a word weighs: less as grammar, or as two characters that may be no word at all."""
    if token.unspaced:
        return 1.0 if known else CHANCE_PAIR_WEIGHT
    return GRAMMAR_WEIGHT if token.grammar else 1.0
