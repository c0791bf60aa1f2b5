"""Candidates -> features: a number for each candidate and each way in which it may answer.

All features are functions of arrays of numbers, for all candidates at once: T terms, n candidates, L words. Words of a
candidate that the question does not hold are its news; an answer is news of the kind that the question asks for, near
the words that the question holds.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.cues import PlaceCue, WordCue
from retrieval.evidence import SAME_TERM, Candidates, Floats, Query
from retrieval.nearness import nearness

Features = dict[str, Floats]  # each (n,)

RARE = 4.0  # idf
SHORT = 8  # words: a sentence of fewer seldom says enough

WORD_NEWS = {
    "number": WordCue.NUMBER, "year": WordCue.YEAR, "month": WordCue.MONTH,
    "number_word": WordCue.NUMBER_WORD, "cause": WordCue.CAUSE, "copula": WordCue.COPULA, "time": WordCue.TIME,
    "unit": WordCue.UNIT, "person": WordCue.PERSON,
}  # fmt: skip
PLACE_NEWS = {"capital": PlaceCue.CAPITAL, "pair": PlaceCue.PAIR, "place": PlaceCue.PLACE}
NEAR_NEWS = ("capital", "number", "year", "month", "number_word", "cause", "place", "time", "person")


class View:
    """What the features of one question share."""

    def __init__(self, query: Query, candidates: Candidates) -> None:
        """Take a question and its candidates."""
        self.query, self.candidates = query, candidates

    @cached_property
    def weights(self) -> Floats:
        """The weight of each term: (T,)."""
        return np.array([term.weight for term in self.query.terms], np.float32)

    @cached_property
    def shares(self) -> Floats:
        """The share of each term in the question's weight: (T,)."""
        return self.weights / max(float(self.weights.sum()), 1e-6)

    @cached_property
    def content(self) -> NDArray[np.intp]:
        """The terms that are no function words, in order."""
        return np.flatnonzero([not term.grammar for term in self.query.terms])

    @cached_property
    def matches(self) -> Floats:
        """How much each word of a candidate is each term: (T, n, L), 1 for any form of it."""
        similarity = self.candidates.similarity
        return np.where(similarity >= SAME_TERM, np.float32(1), similarity)[:, self.candidates.words]

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Where a candidate has a word: (n, L)."""
        return np.arange(self.candidates.words.shape[1]) < self.candidates.lengths[:, None]

    @cached_property
    def places(self) -> dict[str, Floats]:
        """How much of each term stands in the sentence, or further and further around it: (T, n) by place."""
        held = self.candidates.held
        around = np.where(held["sentence"] >= SAME_TERM, np.float32(1), held["sentence"])
        found = {"form": (held["sentence"] >= 1).astype(np.float32), "sentence": around}
        for name in ("title", "previous", "next", "paragraph", "article"):
            found[name] = around = np.maximum(around, held[name])
        return found

    @cached_property
    def nearness(self) -> Floats:
        """How near each word is to each content term, 1 at the term itself: (n_content, n, L)."""
        return nearness(self.matches[self.content])

    @cached_property
    def density(self) -> Floats:
        """How much of the question stands near each word: (n, L), 0 to 1."""
        return np.tensordot(self.shares[self.content], self.nearness, axes=1) * self.inside

    @cached_property
    def news(self) -> NDArray[np.bool_]:
        """Where a candidate has a word that the question does not hold: (n, L)."""
        return (self.matches.max(axis=0, initial=0) < SAME_TERM) & self.inside

    def news_of(self, name: str) -> NDArray[np.bool_]:
        """Where the news is of a kind: (n, L)."""
        if name in WORD_NEWS:
            return self.news & ((self.candidates.word_cues & WORD_NEWS[name].value) > 0)
        return self.news & ((self.candidates.place_cues & PLACE_NEWS[name].value) > 0)


def fields(view: View) -> Features:
    """Give the scores of the fields: as they are (tenths), and relative to the best of the store."""
    found: Features = {}
    for name, scores in view.candidates.fields.items():
        found[f"score of {name}"] = scores / np.float32(10)
        found[f"relative score of {name}"] = scores / np.float32(max(view.candidates.best[name], 1e-6))
    score = view.candidates.score
    found["score"] = score / np.float32(10)
    found["relative score"] = score / max(float(score.max(initial=0)), 1e-6)
    found["rank"] = np.log1p(np.arange(len(score), dtype=np.float32))
    return found


def coverage(view: View) -> Features:
    """Give how much of the question each place around a candidate covers: by weight (tenths), by share, by names."""
    named = np.array([term.name for term in view.query.terms], np.float32)
    ways = np.stack([view.weights / 10, view.shares, view.shares * named])
    found: Features = {}
    for place, held in view.places.items():
        found[f"weight of {place}"], found[f"share of {place}"], found[f"names in {place}"] = ways @ held
    found["share of title alone"] = view.shares @ view.candidates.held["title"]
    return found


def closeness(view: View) -> Features:
    """Give how close together a candidate holds the question's words, and neighbours of the question as neighbours."""
    content = view.weights[view.content]
    mass = np.minimum(content[:-1], content[1:])
    mass = mass / max(float(mass.sum()), 1e-6)
    first, second = view.matches[view.content[:-1]], view.matches[view.content[1:]]
    near = mass @ np.minimum(first, view.nearness[1:]).max(axis=2, initial=0)
    adjacent = mass @ np.minimum(first[:, :, :-1], second[:, :, 1:]).max(axis=2, initial=0)
    weights = np.minimum(view.weights[:-1], view.weights[1:])
    weights = weights / max(float(weights.sum()), 1e-6)
    follow = np.minimum(view.matches[:-1, :, :-1], view.matches[1:, :, 1:]).max(axis=2, initial=0)
    return {
        "closeness": view.density.max(axis=1, initial=0),
        "pairs near": near,
        "pairs": adjacent,
        "neighbours in sentence": weights @ follow,
        "neighbours in paragraph": weights @ view.candidates.paired,
    }


def news(view: View) -> Features:
    """Count the news of each kind (log), and give how near to the question's words it stands."""
    idf = view.candidates.word_idf[view.candidates.words]
    rare = view.news & (idf > RARE)
    held = np.where(view.matches.max(axis=0, initial=0) >= SAME_TERM, idf, 0) * view.inside
    found: Features = {
        "news": np.log1p((idf * view.news).sum(axis=1)),
        "rare news": np.log1p(rare.sum(axis=1)).astype(np.float32),
        "rare news near": (rare * view.density).max(axis=1, initial=0),
        "question among words": held.sum(axis=1) / ((idf * view.inside).sum(axis=1) + 1),
    }
    for name in (*WORD_NEWS, *PLACE_NEWS):
        here = view.news_of(name)
        found[f"{name} news"] = np.log1p(here.sum(axis=1)).astype(np.float32)
        if name in NEAR_NEWS:
            found[f"{name} news near"] = (here * view.density).max(axis=1, initial=0)
    found["money news"] = _money(view, WordCue.MONEY, PlaceCue.MONEY)
    found["percent news"] = _money(view, WordCue.PERCENT, PlaceCue.PERCENT)
    return found


def _money(view: View, word: WordCue, place: PlaceCue) -> Floats:
    candidates = view.candidates
    said = ((candidates.word_cues & word.value) > 0) | ((candidates.place_cues & place.value) > 0)
    return np.log1p((view.news & said).sum(axis=1)).astype(np.float32)


def shape(view: View) -> Features:
    """Give a candidate's length and place, and whether it leans on the sentence before."""
    candidates = view.candidates
    leaning = ((candidates.word_cues[:, :2] & WordCue.PRONOUN.value) > 0).any(axis=1).astype(np.float32)
    covered = {place: view.shares @ held for place, held in view.places.items()}
    return {
        "leaning": leaning,
        "leaning on previous": leaning * (covered["previous"] - covered["title"]),
        "leaning on title": leaning * (covered["title"] - covered["sentence"]),
        "length": np.log1p(candidates.lengths).astype(np.float32),
        "shortness": np.maximum(0, 1 - candidates.lengths / SHORT).astype(np.float32),
        "place in paragraph": np.log1p(candidates.in_paragraph).astype(np.float32),
        "place in article": np.log1p(candidates.in_article).astype(np.float32),
        "first of article": (candidates.in_article == 0).astype(np.float32),
    }


FAMILIES: tuple[Callable[[View], Features], ...] = (fields, coverage, closeness, news, shape)


def features(query: Query, candidates: Candidates) -> Features:
    """Give all features of a question's candidates by name, each of shape (n,)."""
    view = View(query, candidates)
    return {name: values for family in FAMILIES for name, values in family(view).items()}
