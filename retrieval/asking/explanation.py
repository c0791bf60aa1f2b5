"""An answer and what it was made from -> why: what each word and each feature gave to the first hits.

The features' parts add up to a hit's score. What a word gave is another cut through the same score: how much lower it
would be if the word had not been found there, all else being equal. Those do not add up, since words work together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELDS, PREVIOUS, PREVIOUS_WEIGHT
from retrieval.index.records import SAME_TERM, Candidates, Floats, Query, QueryTerm
from retrieval.index.searcher import Searcher
from retrieval.ranking.confidence import ConfidenceModel
from retrieval.ranking.feature_names import FeatureGroup, in_words
from retrieval.ranking.features import Features, features
from retrieval.ranking.weights import Scores
from retrieval.records import Answer, Caution, Hit, Intent

MOST_HITS = 3
FAINT = 0.005  # of a score: a mere likeness that gave less is not worth a line
_FIELD_WEIGHTS = {field.name: field.weight for field in FIELDS} | {PREVIOUS: PREVIOUS_WEIGHT}
_PLACES = ("sentence", "title", "previous", "next", "paragraph", "article")  # the nearest first
_INSIDE = {"paragraph": {"sentence", "previous", "next"}, "article": {"sentence", "previous", "next", "paragraph"}}
_BY_TERM = frozenset({"title", "article"})  # where terms are known, but not their forms
_FORM = SAME_TERM - 1e-3  # single precision
_ABOUT = 0.9  # of the likeness of the likest word: others are no match beside it

Numbers = NDArray[np.intp]


class Fault(StrEnum):
    """The stage at which a question went without an answer."""

    NO_QUESTION = "no question"  # a greeting, thanks, or no word at all
    NO_WORDS = "no words"  # no article holds any of its words
    OUTSIDE = "outside"  # none of the articles that its operators name holds any of its words
    NOT_SURE = "not sure"  # sentences hold words of it, but the best of them is not sure enough to answer


class Match(StrEnum):
    """How alike a word of the question and what was found are."""

    SAME = "same"
    FORM = "form"  # the word in another form, or in some form in a title or elsewhere in the article
    ALIKE = "alike"  # another word that looks like it


@dataclass(frozen=True, slots=True)
class FoundWord:
    """A word of the question that a hit or its surroundings hold."""

    word: str  # as it was looked up: lower case, without accents
    found: str  # the form that stands in the sentence; "" where only the surroundings hold it
    match: Match
    places: tuple[
        str, ...
    ]  # sentence, title, previous, next, paragraph, article; the last two where no nearer one does
    grammar: bool  # a function word
    gave: float  # how much lower the score would be without it


@dataclass(frozen=True, slots=True)
class Part:
    """What one feature gave to a hit's score."""

    feature: str
    family: FeatureGroup
    meaning: str  # in plain words
    value: float
    gave: float  # weight times value


@dataclass(frozen=True, slots=True)
class ExplainedHit:
    """A hit with all that made its score."""

    hit: Hit
    words: tuple[FoundWord, ...]  # in the question's order
    parts: tuple[Part, ...]  # the greatest first; what they gave adds up to the hit's score

    def families(self) -> Mapping[FeatureGroup, float]:
        """Give what the parts of each family gave together."""
        return {
            family: sum(part.gave for part in self.parts if part.family is family)
            for family in FeatureGroup
            if any(part.family is family for part in self.parts)
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer, and why it is as it is."""

    answer: Answer
    caution: Caution
    threshold: float  # confidence from which a question is answered, 0 to 1
    fault: Fault | None  # None: it was answered
    unknown: tuple[str, ...]  # words of the question that no article holds
    hits: tuple[ExplainedHit, ...]  # at most 3


@dataclass(frozen=True, slots=True)
class ExplanationInput:
    """What an answer was made from."""

    query: Query
    candidates: Candidates
    features: Features
    searcher: Searcher
    verdict: Scores
    best: Numbers  # numbers of the candidates that the answer's hits cite, best first


def explain(answer: Answer, basis: ExplanationInput, caution: Caution) -> Explanation:
    """Explain an answer that has candidates; hits go unexplained when a load purged one of them in this moment."""
    cited = basis.best[:MOST_HITS] if len(basis.best) == len(answer.hits) else basis.best[:0]
    words = _words(basis, cited)
    hits = tuple(
        ExplainedHit(hit, words[number], _parts(basis, candidate))
        for number, (candidate, hit) in enumerate(zip(cited.tolist(), answer.hits, strict=False))
    )
    fault = None if answer.answered else Fault.NOT_SURE
    return Explanation(answer, caution, basis.verdict.judge.thresholds[caution], fault, _unknown(basis.query), hits)


def explain_nothing(answer: Answer, query: Query | None, judge: ConfidenceModel, caution: Caution) -> Explanation:
    """Explain an answer that no article had anything to do with; the query is None where nothing was looked up."""
    silent = Fault.OUTSIDE if answer.scope else Fault.NO_WORDS
    fault = silent if answer.intent is Intent.QUESTION else Fault.NO_QUESTION
    unknown = () if query is None else _unknown(query)
    return Explanation(answer, caution, judge.thresholds[caution], fault, unknown, ())


def _unknown(query: Query) -> tuple[str, ...]:
    """Give the words that are in no article; those that were read as a word like them are among these."""
    known = [any(nearness == 1 for _, nearness in term.readings) for term in query.terms]
    return tuple(term.word for term, held in zip(query.terms, known, strict=True) if not held and not term.grammar)


def _parts(basis: ExplanationInput, candidate: int) -> tuple[Part, ...]:
    gave = basis.verdict.ranker.contributions(basis.features, basis.query.types, candidate)
    parts = [Part(name, *in_words(name), float(basis.features[name][candidate]), share) for name, share in gave.items()]
    return tuple(sorted(parts, key=lambda part: (-abs(part.gave), part.feature)))


def _words(basis: ExplanationInput, cited: Numbers) -> list[tuple[FoundWord, ...]]:
    """Give the words that each cited candidate holds, with what they gave to it."""
    found: list[list[FoundWord]] = [[] for _ in cited]
    for number, term in enumerate(basis.query.terms):
        if not len(cited) or not any(held[number, cited].any() for held in basis.candidates.held.values()):
            continue
        gave = basis.verdict.scores[cited] - _scores_without(basis, number, term, cited)
        for words, candidate, share in zip(found, cited.tolist(), gave.tolist(), strict=True):
            words.extend(_found(basis, number, term, candidate, share))
    return [tuple(words) for words in found]


def _found(basis: ExplanationInput, number: int, term: QueryTerm, candidate: int, gave: float) -> Iterator[FoundWord]:
    held = {place: float(basis.candidates.held[place][number, candidate]) for place in _PLACES}
    nearness = max(held.values())
    if not nearness or (nearness < _FORM and abs(gave) < FAINT):
        return
    least = _FORM if nearness >= _FORM else _ABOUT * nearness
    places = [place for place in _PLACES if held[place] >= least]
    nearest = tuple(place for place in places if not _INSIDE.get(place, set()) & set(places))
    same = any(held[place] >= 1 for place in nearest if place not in _BY_TERM)
    match = Match.SAME if same else Match.FORM if nearness >= _FORM else Match.ALIKE
    spelling = _spelling(basis, number, candidate) if "sentence" in nearest else ""
    yield FoundWord(term.word, spelling, match, nearest, term.grammar, gave)


def _spelling(basis: ExplanationInput, number: int, candidate: int) -> str:
    """Give the word of a sentence that is most like a term."""
    place = int(basis.candidates.similarity[number, basis.candidates.words[:, candidate]].argmax())
    return basis.searcher.word(int(basis.candidates.rows[candidate]), place)


def _scores_without(basis: ExplanationInput, number: int, term: QueryTerm, cited: Numbers) -> Floats:
    """Score the cited candidates as though they and their surroundings did not hold a term: shape (n_cited,)."""
    lost = basis.searcher.scores(replace(basis.query, terms=(term,)), basis.candidates.rows[cited])
    without = _without_words(_without_scores(basis.candidates, lost, cited), number, cited)
    pairs = [pair for pair in (number - 1, number) if 0 <= pair < len(basis.query.terms) - 1]
    held = {place: _blank(values, [number], cited) for place, values in without.held.items()}
    paired = {place: _blank(values, pairs, cited) for place, values in without.paired.items()}
    without = replace(without, held=held, paired=paired)
    return basis.verdict.ranker.score(features(basis.query, without), basis.query.types)[cited]


def _without_scores(candidates: Candidates, lost: Mapping[str, Floats], cited: Numbers) -> Candidates:
    """Take what the fields gave for a term off the scores of the cited candidates; `lost` is (n_cited,) by field."""
    score = candidates.score.copy()
    fields = {name: values.copy() for name, values in candidates.fields.items()}
    for name, values in lost.items():
        fields[name][cited] -= values
        score[cited] -= np.float32(_FIELD_WEIGHTS[name]) * values
    return replace(candidates, score=score, fields=fields)


def _without_words(candidates: Candidates, number: int, cited: Numbers) -> Candidates:
    """Leave out the words that a term is the likest of: what remains has neither their matches nor their cues."""
    alike = candidates.similarity[:, candidates.words[:, cited]]
    own = np.zeros(candidates.words.shape, np.bool_)
    own[:, cited] = (alike[number] > 0) & (alike.argmax(axis=0) == number)
    return replace(
        candidates,
        words=np.where(own, 0, candidates.words),
        word_idf=np.where(own, np.float32(0), candidates.word_idf),
        word_cues=np.where(own, 0, candidates.word_cues).astype(candidates.word_cues.dtype),
        place_cues=np.where(own, 0, candidates.place_cues).astype(candidates.place_cues.dtype),
    )


def _blank(values: Floats, terms: list[int], cited: Numbers) -> Floats:
    changed = values.copy()
    for term in terms:
        changed[term, cited] = 0
    return changed
