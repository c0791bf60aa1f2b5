"""An answer and its ranking -> why: what each word and each feature contributed to the first hits.

The contributions of the features add up to the score of a hit. The contribution of a word is how much lower the score
would be had the word not been found there, all else being equal. Those do not add up, since words work together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from retrieval.asking.records import Ranking
from retrieval.index.bm25 import FIELDS, PREVIOUS, PREVIOUS_WEIGHT
from retrieval.index.records import SAME_TERM, Candidates, Floats, Query, QueryTerm
from retrieval.ranking.confidence import Thresholds
from retrieval.ranking.feature_names import FeatureGroup, describe
from retrieval.ranking.features import compute_features
from retrieval.records import Answer, Caution, Hit, Intent

MAX_HITS = 3
FAINT = 0.005  # of a score: a similar word that contributed less is not worth a line
_FIELD_WEIGHTS = {field.name: field.weight for field in FIELDS} | {PREVIOUS: PREVIOUS_WEIGHT}
_PLACES = ("sentence", "section", "title", "previous", "next", "paragraph", "article")  # from near to far
_INSIDE = {"paragraph": {"sentence", "previous", "next"}, "article": {"sentence", "previous", "next", "paragraph"}}
_BY_TERM = frozenset({"section", "title", "article"})  # where only terms are known, not their forms
_FORM = SAME_TERM - 1e-3  # single precision
_ABOUT = 0.9  # of the similarity of the best match: less is not a match

Numbers = NDArray[np.intp]


class Fault(StrEnum):
    """Why a question got no answer, by the stage at which it failed."""

    NO_QUESTION = "no question"  # a greeting, thanks, grammar alone, or no word at all
    NO_WORDS = "no words"  # no article has any of its words
    OUTSIDE = "outside"  # none of the articles selected by its operators has any of its words
    NOT_SURE = "not sure"  # sentences have some of its words, but confidence in the best is too low


class Match(StrEnum):
    """How a word of the question matches what was found."""

    SAME = "same"
    FORM = "form"  # another form of the word, or any form of it in a title or elsewhere in the article
    ALIKE = "alike"  # another word of similar spelling
    FOREIGN = "foreign"  # a word of another language that means the same or sounds the same


@dataclass(frozen=True, slots=True)
class FoundWord:
    """A word of the question that is in a hit or its surroundings."""

    word: str  # as it was looked up: lower case, without accents
    found: str  # the form in the sentence; "" if only the surroundings have it
    match: Match
    places: tuple[
        str, ...
    ]  # of sentence, section, title, previous, next, paragraph, article; the last two only if no nearer
    grammar: bool  # a function word
    gave: float  # how much lower the score would be without it


@dataclass(frozen=True, slots=True)
class Part:
    """What one feature contributed to the score of a hit."""

    feature: str
    family: FeatureGroup
    meaning: str  # in plain words
    value: float
    gave: float  # weight times value


@dataclass(frozen=True, slots=True)
class ExplainedHit:
    """A hit with everything that made its score."""

    hit: Hit
    words: tuple[FoundWord, ...]  # in the question's order
    parts: tuple[Part, ...]  # greatest first; they add up to the score

    def families(self) -> Mapping[FeatureGroup, float]:
        """Return the sum of the parts of each group of features."""
        return {
            family: sum(part.gave for part in self.parts if part.family is family)
            for family in FeatureGroup
            if any(part.family is family for part in self.parts)
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer, and why it is what it is."""

    answer: Answer
    caution: Caution
    threshold: float  # `p_in_store` needed to answer, 0 to 1
    sure_threshold: float  # `p_right` needed to answer for certain, 0 to 1
    fault: Fault | None  # None if it was answered
    unknown: tuple[str, ...]  # words of the question that no article has
    hits: tuple[ExplainedHit, ...]  # the first 3, or the one that was named


def explain(answer: Answer, ranking: Ranking, caution: Caution, only: Hit | None = None) -> Explanation:
    """Explain an answer with candidates: its first hits, or only the one named."""
    wanted = [only is not None and _place(hit) == _place(only) for hit in answer.hits]
    cited = [number for number, is_wanted in enumerate(wanted) if is_wanted or number < MAX_HITS]
    words = _words(ranking, ranking.best[cited])  # which depend on what else is cited
    hits = tuple(
        ExplainedHit(answer.hits[number], found, _parts(ranking, int(ranking.best[number])))
        for number, found in zip(cited, words, strict=True)
        if only is None or wanted[number]
    )
    fault = None if answer.answered else Fault.NOT_SURE
    needed = ranking.scores.confidence_model.thresholds[caution]
    return Explanation(answer, caution, *needed, fault, _unknown(ranking.input.query), hits)


def _place(hit: Hit) -> tuple[str, int, str]:
    return hit.article, hit.start, hit.text


def explain_no_hits(answer: Answer, query: Query | None, caution: Caution, needed: Thresholds) -> Explanation:
    """Explain an answer without candidates; the query is None if nothing was looked up."""
    fault = Fault.OUTSIDE if answer.scope else Fault.NO_WORDS
    if answer.intent is not Intent.QUESTION:
        fault = Fault.NO_QUESTION
    return Explanation(answer, caution, *needed, fault, _unknown(query) if query else (), ())


def _unknown(query: Query) -> tuple[str, ...]:
    """Return the words that no article has, those read as similar words included."""
    return tuple(term.word for term in query.terms if not term.grammar and term.is_unknown)


def _parts(ranking: Ranking, candidate: int) -> tuple[Part, ...]:
    gave = ranking.scores.ranker.contributions(ranking.input.features, ranking.input.query.types, candidate)
    parts = [
        Part(name, *describe(name), float(ranking.input.features[name][candidate]), share)
        for name, share in gave.items()
    ]
    return tuple(sorted(parts, key=lambda part: (-abs(part.gave), part.feature)))


def _words(ranking: Ranking, cited: Numbers) -> list[tuple[FoundWord, ...]]:
    """Return the words that each cited candidate has, with what they contributed."""
    found: list[list[FoundWord]] = [[] for _ in cited]
    for number, term in enumerate(ranking.input.query.terms):
        if not len(cited) or not any(held[number, cited].any() for held in ranking.input.candidates.held.values()):
            continue
        gave = ranking.scores.scores[cited] - _scores_without(ranking, number, term, cited)
        for words, candidate, share in zip(found, cited.tolist(), gave.tolist(), strict=True):
            words.extend(_found(ranking, number, term, candidate, share))
    return [tuple(words) for words in found]


def _found(ranking: Ranking, number: int, term: QueryTerm, candidate: int, gave: float) -> Iterator[FoundWord]:
    held = {place: float(ranking.input.candidates.held[place][number, candidate]) for place in _PLACES}
    nearness = max(held.values())
    if not nearness or (nearness < _FORM and abs(gave) < FAINT):
        return
    least = _FORM if nearness >= _FORM else _ABOUT * nearness
    places = [place for place in _PLACES if held[place] >= least]
    nearest = tuple(place for place in places if not _INSIDE.get(place, set()) & set(places))
    same = any(held[place] >= 1 for place in nearest if place not in _BY_TERM)
    match = Match.SAME if same else Match.FORM if nearness >= _FORM else Match.ALIKE
    if term.foreign and match is not Match.SAME:
        match = Match.FOREIGN
    spelling = _spelling(ranking, number, candidate) if "sentence" in nearest else ""
    yield FoundWord(term.word, spelling, match, nearest, term.grammar, gave)


def _spelling(ranking: Ranking, number: int, candidate: int) -> str:
    """Return the word of a sentence that is most similar to a term."""
    place = int(ranking.input.candidates.similarity[number, ranking.input.candidates.words[:, candidate]].argmax())
    return ranking.input.searcher.word(int(ranking.input.candidates.rows[candidate]), place)


def _scores_without(ranking: Ranking, number: int, term: QueryTerm, cited: Numbers) -> Floats:
    """Return the scores of the cited candidates as if they and their surroundings lacked a term: shape (n_cited,)."""
    lost = ranking.input.searcher.scores(
        replace(ranking.input.query, terms=(term,)), ranking.input.candidates.rows[cited]
    )
    without = _without_words(_without_scores(ranking.input.candidates, lost, cited), number, cited)
    pairs = [pair for pair in (number - 1, number) if 0 <= pair < len(ranking.input.query.terms) - 1]
    held = {place: _blank(values, [number], cited) for place, values in without.held.items()}
    paired = {place: _blank(values, pairs, cited) for place, values in without.paired.items()}
    without = replace(without, held=held, paired=paired)
    return ranking.scores.ranker.score(compute_features(ranking.input.query, without), ranking.input.query.types)[cited]


def _without_scores(candidates: Candidates, lost: Mapping[str, Floats], cited: Numbers) -> Candidates:
    """Return the candidates, the scores of the cited ones lowered by those for a term; `lost` is (n_cited,) by field."""
    score = candidates.score.copy()
    fields = {name: values.copy() for name, values in candidates.fields.items()}
    for name, values in lost.items():
        fields[name][cited] -= values
        score[cited] -= np.float32(_FIELD_WEIGHTS[name]) * values
    return replace(candidates, score=score, fields=fields)


def _without_words(candidates: Candidates, number: int, cited: Numbers) -> Candidates:
    """Return the candidates without the words that a term matches best: without their matches and classes."""
    alike = candidates.similarity[:, candidates.words[:, cited]]
    own = np.zeros(candidates.words.shape, np.bool_)
    own[:, cited] = (alike[number] > 0) & (alike.argmax(axis=0) == number)
    place, candidate = np.nonzero(own)
    vectors = candidates.vectors.rows.copy()
    vectors[candidates.vectors.starts[candidate] + 1 + place] = 0  # sentences come first
    return replace(
        candidates,
        words=np.where(own, 0, candidates.words),
        vectors=replace(candidates.vectors, rows=vectors),
        word_kinds=np.where(own, 0, candidates.word_kinds).astype(np.uint64),
        word_idf=np.where(own, np.float32(0), candidates.word_idf),
        word_cues=np.where(own, 0, candidates.word_cues).astype(candidates.word_cues.dtype),
        place_cues=np.where(own, 0, candidates.place_cues).astype(candidates.place_cues.dtype),
    )


def _blank(values: Floats, terms: list[int], cited: Numbers) -> Floats:
    changed = values.copy()
    for term in terms:
        changed[term, cited] = 0
    return changed
