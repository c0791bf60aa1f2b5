"""Search a generation: a question's tokens -> a query -> the best sentences of all segments."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import CHANCE_PAIR_WEIGHT, FIELD_NAMES, GRAMMAR_WEIGHT, WEIGHTS, idf, idf_array
from retrieval.index.manifest import Generation
from retrieval.index.records import Floats, Query, QueryTerm
from retrieval.index.segment import WORD
from retrieval.index.segment_searcher import Offsets, SegmentSearcher
from retrieval.index.top_k import TopHits, TopK
from retrieval.text.analyzer import Token
from retrieval.text.word_families import related_terms
from retrieval.text.word_forms import KNOWN, is_word
from retrieval.text.word_frequency import zipf

MARGIN = 0.12  # an unknown word is also read as other words, if their likeness is this little below the nearest one's
MAX_READINGS = 3
KNOWN_WORD = 0.5  # how much less another word weighs if what was typed is a word of the language, hence not misspelt
RELATED = 0.6  # how much an irregular or derived form of a word weighs: "death" for "die"
FOREIGN_SHARE = 0.9  # of its content words no article has: a question may be meant for articles in another language
DOUBT = 0.65  # weight of such words if there are articles in the language of the question too
COMMON_NAME = 4.6  # Zipf frequency from which a word is no name, in a script without capitals
FOREIGN_MARGIN = 0.15  # as MARGIN, for words of other languages


class Searcher:
    """Searches one generation; not to be shared between threads."""

    def __init__(self, generation: Generation) -> None:
        """Take an opened generation."""
        self.generation, self.languages = generation, generation.languages
        self.sentences = generation.sentences
        self.segments: list[SegmentSearcher] = []
        offsets = Offsets(0, 0, 0)
        for living in generation.segments:
            segment = SegmentSearcher(living, generation.means, offsets)
            self.segments.append(segment)
            sizes = segment.sentences, len(segment.first) - 1, len(segment.article_first) - 1
            offsets = Offsets(*(before + size for before, size in zip(offsets, sizes, strict=True)))
        self.unknown_idf = idf(self.sentences, 0)

    def restricted_to(self, versions: NDArray[np.int64]) -> "Searcher":
        """Return a searcher of the articles of these versions only, whose rows ascend.

        Words weigh the same as in the whole generation.
        """
        segments = tuple(one.only(versions) for one in self.generation.segments)
        return Searcher(replace(self.generation, segments=segments))

    def query(
        self, text: str, language: str, tokens: Collection[Token], types: frozenset[str] = frozenset(), kinds: int = 0
    ) -> Query:
        """Look up the words of a question, each once."""
        terms: dict[int, QueryTerm] = {}
        for number, token in enumerate(tokens):
            name = token.word[:1].isdigit() or (number > 0 and text[token.start].isupper())
            if token.term not in terms:
                terms[token.term] = self._term(token, language, name=name and not token.grammar)
        found = self._with_foreign_words(tuple(terms.values()), language)
        return Query(text, language, found, types, kinds)

    def _term(self, token: Token, language: str, *, name: bool) -> QueryTerm:
        df = self._df(token.term)
        known = self._holds(token.term)
        readings: tuple[tuple[int, float], ...] = ((token.term, 1.0),) if known else ()
        if not token.grammar:
            family = self._family(token.term) if language == "en" else ()
            readings = (*readings, *family) or self._near(token.word, language)
        own = idf(self.sentences, df if known or not readings else self._df(readings[0][0]))
        weight = own * _idf_share(token, known=bool(readings))
        return QueryTerm(token.word, token.term, readings, own, weight, token.grammar, name)

    def _with_foreign_words(self, terms: tuple[QueryTerm, ...], language: str) -> tuple[QueryTerm, ...]:
        """Read words that no article has as those of other languages, if there are articles in another one.

        Where there are some in that of the question too, only names are, unless most of its words are unknown.
        """
        if all(one == language for one in self.languages):
            return terms
        content = [term for term in terms if not term.grammar]
        unknown = {term.term for term in content if term.is_unknown and not term.word[:1].isdigit()}
        own = language in self.languages
        names_only = own and len(unknown) < FOREIGN_SHARE * len(content)
        return tuple(
            self._foreign(term, language, DOUBT if own else 1.0, names_only=names_only)
            if term.term in unknown
            else term
            for term in terms
        )

    def _foreign(self, term: QueryTerm, language: str, share: float, *, names_only: bool) -> QueryTerm:
        """Return a word that no article has with those of other languages, if they are likelier than those spelt like it."""
        found: dict[int, float] = {}
        for segment in () if names_only else self.segments:
            _raise(found, segment.foreign.translations(term.word, term.term, language))
        if term.name or (not found and _may_be_name(term.word, language)):
            for segment in self.segments:
                _raise(found, segment.foreign.names(term.word, capital=term.name))
        best = tuple((one, near * share) for one, near in _likeliest(found, FOREIGN_MARGIN))
        if not best or (term.readings and term.readings[0][1] >= best[0][1]):
            return term
        own = idf(self.sentences, self._df(best[0][0]))
        return replace(term, readings=best, idf=own, weight=own, foreign=True)

    def _df(self, term: int) -> int:
        return sum(segment.vocabulary.df(term) for segment in self.segments)

    def _family(self, term: int) -> list[tuple[int, float]]:
        """Find the irregular and derived forms of a term that the store holds."""
        return [(other, RELATED) for other in related_terms(term) if self._holds(other)]

    def _holds(self, term: int) -> bool:
        return any(segment.vocabulary.column_of(term) is not None for segment in self.segments)

    def _near(self, word: str, language: str) -> tuple[tuple[int, float], ...]:
        """Find the terms of the words most like an unknown one, with weights up to 1."""
        found: dict[int, float] = {}
        for segment in self.segments:
            _raise(found, segment.vocabulary.near(word, language))
        share = KNOWN_WORD if is_word(word, language) else 1.0
        return tuple((term, near**2 * share) for term, near in _likeliest(found, MARGIN))

    def search(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> TopHits:
        """Find the best k sentences by the weighted sum of the named fields."""
        best = TopK(k, {name: weight for name, weight in WEIGHTS.items() if name in names})
        for segment in self.segments:
            segment.search(query, best)
        return best.hits()

    def scores(self, query: Query, rows: NDArray[np.intp]) -> dict[str, Floats]:
        """Return the scores of some sentences by field: (n,)."""
        found = {name: np.zeros(len(rows), np.float32) for name in WEIGHTS}
        for segment, here in self.by_segment(rows):
            for name, values in segment.scores(query, rows[here] - segment.offsets.rows).items():
                found[name][here] = values
        return found

    def keys(self, rows: NDArray[np.intp]) -> list[tuple[int, int]]:
        """Return the version row and the position that identify each sentence in the store."""
        found: dict[int, tuple[int, int]] = {}
        for segment, here in self.by_segment(rows):
            found.update(zip(here.tolist(), segment.keys(rows[here] - segment.offsets.rows), strict=True))
        return [found[number] for number in range(len(rows))]

    def idfs(self, segment: SegmentSearcher, words: NDArray[np.integer]) -> Floats:
        """Return the idf of the terms of some words of a segment."""
        columns = segment.vocabulary.columns.take(words)
        df = segment.vocabulary.df_of.take(columns)
        for other in self.segments:
            if other is not segment:
                df = df + other.vocabulary.dfs(segment.vocabulary.terms.take(columns))
        return idf_array(self.sentences, df)

    def word(self, row: int, place: int) -> str:
        """Return the letters, normalised, of a running word of a sentence; places count from 0."""
        (segment, _), *_ = self.by_segment(np.array([row]))
        at = int(segment.forward.at[row - segment.offsets.rows]) + place
        return segment.vocabulary.spelling(int(segment.forward.words[at] & WORD))

    def running_terms(self, version: int, most: int) -> NDArray[np.uint32]:
        """Return the first terms of the sentences of an article, by the row of its version in the store."""
        found = (segment.running_terms(version, most) for segment in self.segments)
        return next((terms for terms in found if terms is not None), np.empty(0, np.uint32))

    def by_segment(self, rows: NDArray[np.intp]) -> list[tuple[SegmentSearcher, NDArray[np.intp]]]:
        """Group rows by the segment that holds them: return the segments with places in `rows`."""
        if len(self.segments) == 1:
            return [(self.segments[0], np.arange(len(rows)))]
        starts = np.array([segment.offsets.rows for segment in self.segments])
        number = starts.searchsorted(rows, side="right") - 1
        return [(self.segments[one], np.flatnonzero(number == one)) for one in np.unique(number)]


def _may_be_name(word: str, language: str) -> bool:
    """Whether a word that is not written with a capital can be a name: not if its language has it as a word."""
    return zipf(word, language) < (KNOWN if word != word.upper() else COMMON_NAME)


def _raise(found: dict[int, float], more: Mapping[int, float]) -> None:
    for term, near in more.items():
        found[term] = max(found.get(term, 0.0), near)


def _likeliest(found: Mapping[int, float], margin: float) -> tuple[tuple[int, float], ...]:
    """Return the best readings of a word, those that are little below the best one."""
    best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MAX_READINGS]
    return tuple((term, near) for term, near in best if near >= best[0][1] - margin)


def _idf_share(token: Token, *, known: bool) -> float:
    """Return how much of its idf a word weighs: less for a function word, or two characters that may be no word."""
    if token.unspaced:
        return 1.0 if known else CHANCE_PAIR_WEIGHT
    return GRAMMAR_WEIGHT if token.grammar else 1.0
