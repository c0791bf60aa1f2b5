"""A question's words -> a query: each looked up in the vocabulary of a generation, or read as the words most like it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import CHANCE_PAIR_WEIGHT, GRAMMAR_WEIGHT, idf, idf_array
from retrieval.index.foreign_words import ForeignWords
from retrieval.index.records import Floats, Query, QueryTerm
from retrieval.index.vocabulary import Vocabulary
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


class SegmentWords(Protocol):
    """The words of one segment."""

    vocabulary: Vocabulary
    foreign: ForeignWords


class QueryReader:
    """Reads questions by the words of one generation; not to be shared between threads."""

    def __init__(self, segments: Sequence[SegmentWords], languages: tuple[str, ...], sentences: int) -> None:
        """Take the words of all segments, the languages of the articles, the most common first, and how many sentences
        there are.
        """
        self._segments, self._languages, self._sentences = segments, languages, sentences
        self.unknown_idf = idf(sentences, 0)

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
        own = idf(self._sentences, df if known or not readings else self._df(readings[0][0]))
        weight = own * _idf_share(token, known=bool(readings))
        return QueryTerm(token.word, token.term, readings, own, weight, token.grammar, name)

    def _with_foreign_words(self, terms: tuple[QueryTerm, ...], language: str) -> tuple[QueryTerm, ...]:
        """Read words that no article has as those of other languages, if there are articles in another one.

        Where there are some in that of the question too, only names are, unless most of its words are unknown.
        """
        if all(one == language for one in self._languages):
            return terms
        content = [term for term in terms if not term.grammar]
        unknown = {term.term for term in content if term.is_unknown and not term.word[:1].isdigit()}
        own = language in self._languages
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
        for segment in () if names_only else self._segments:
            _raise(found, segment.foreign.translations(term.word, term.term, language))
        if term.name or (not found and _may_be_name(term.word, language)):
            for segment in self._segments:
                _raise(found, segment.foreign.names(term.word, capital=term.name))
        best = tuple((one, near * share) for one, near in _likeliest(found, FOREIGN_MARGIN))
        if not best or (term.readings and term.readings[0][1] >= best[0][1]):
            return term
        own = idf(self._sentences, self._df(best[0][0]))
        return replace(term, readings=best, idf=own, weight=own, foreign=True)

    def _df(self, term: int) -> int:
        return sum(segment.vocabulary.df(term) for segment in self._segments)

    def _family(self, term: int) -> list[tuple[int, float]]:
        """Find the irregular and derived forms of a term that the store holds."""
        return [(other, RELATED) for other in related_terms(term) if self._holds(other)]

    def _holds(self, term: int) -> bool:
        return any(segment.vocabulary.column_of(term) is not None for segment in self._segments)

    def _near(self, word: str, language: str) -> tuple[tuple[int, float], ...]:
        """Find the terms of the words most like an unknown one, with weights up to 1."""
        found: dict[int, float] = {}
        for segment in self._segments:
            _raise(found, segment.vocabulary.near(word, language))
        share = KNOWN_WORD if is_word(word, language) else 1.0
        return tuple((term, near**2 * share) for term, near in _likeliest(found, MARGIN))

    def idfs(self, terms: NDArray[np.uint32]) -> Floats:
        """Return the idf of each term."""
        df = np.zeros(len(terms), np.int64)
        for segment in self._segments:
            df += segment.vocabulary.dfs(terms)
        return idf_array(self._sentences, df)


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
