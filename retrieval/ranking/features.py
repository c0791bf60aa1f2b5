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

_RARE, _SHIFT = np.uint32(1 << 31), 16  # among a word's bits: that it is rare, and where its PlaceCue bits begin
NEAR_NEWS = {  # kinds of news, each with the bits of which a word has one; how near to the question it stands counts
    "rare": _RARE, "number": WordCue.NUMBER, "year": WordCue.YEAR, "month": WordCue.MONTH,
    "number_word": WordCue.NUMBER_WORD, "cause": WordCue.CAUSE, "time": WordCue.TIME, "person": WordCue.PERSON,
    "capital": PlaceCue.CAPITAL << _SHIFT, "place": PlaceCue.PLACE << _SHIFT,
}  # fmt: skip
FAR_NEWS = {  # and kinds of which only the number counts
    "copula": WordCue.COPULA, "unit": WordCue.UNIT, "pair": PlaceCue.PAIR << _SHIFT,
    "money": WordCue.MONEY | PlaceCue.MONEY << _SHIFT, "percent": WordCue.PERCENT | PlaceCue.PERCENT << _SHIFT,
}  # fmt: skip
_KINDS = np.array([*NEAR_NEWS.values(), *FAR_NEWS.values()], np.uint32)[:, None]


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
        """How much each word of a candidate is each content term: (n_content, L, n), 1 for any form of it."""
        return _any_form(self.candidates.similarity[self.content]).take(self.candidates.words, axis=1)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Where a candidate has a word: (L, n)."""
        return np.arange(len(self.candidates.words))[:, None] < self.candidates.lengths

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Where a candidate has a word of the question: (L, n)."""
        return (self.candidates.similarity.max(axis=0, initial=0) >= SAME_TERM).take(self.candidates.words)

    @cached_property
    def covered(self) -> dict[str, Floats]:
        """How much of the question stands in the sentence, or further and further around it: (3, n) by place.

        By weight (tenths), by share and by names.
        """
        named = np.array([term.name for term in self.query.terms], np.float32)
        ways = np.stack([self.weights / 10, self.shares, self.shares * named])
        held = self.candidates.held
        around = _any_form(held["sentence"])
        places = {"form": (held["sentence"] >= 1).astype(np.float32), "sentence": around}
        for name in ("title", "previous", "next", "paragraph", "article"):
            places[name] = around = np.maximum(around, held[name])
        covered = (ways @ np.concatenate(list(places.values()), axis=1)).reshape(len(ways), len(places), -1)
        return dict(zip(places, covered.swapaxes(0, 1), strict=True))

    @cached_property
    def nearness(self) -> Floats:
        """How near each word is to each content term, 1 at the term itself: (n_content, L, n)."""
        return nearness(self.matches)

    @cached_property
    def density(self) -> Floats:
        """How much of the question stands near each word: (L, n), 0 to 1."""
        near = self.nearness.reshape(len(self.content), self.inside.size)
        return (self.shares[self.content] @ near).reshape(self.inside.shape) * self.inside

    @cached_property
    def news(self) -> NDArray[np.bool_]:
        """Where a candidate has a word that the question does not hold: (L, n)."""
        return self.inside & ~self.known


def _any_form(similarity: Floats) -> Floats:
    return np.where(similarity >= SAME_TERM, np.float32(1), similarity)


def fields(view: View) -> Features:
    """Give the scores of the fields: as they are (tenths), and relative to the best of the candidates."""
    candidates, score = view.candidates, view.candidates.score
    scores = np.array([*candidates.fields.values(), score])
    best = np.array([*candidates.best.values(), score.max(initial=0)], np.float32)
    names = [*(f"score of {name}" for name in candidates.fields), "score"]
    found: Features = dict(zip(names, scores / np.float32(10), strict=True))
    found |= zip((f"relative {name}" for name in names), scores / np.maximum(best, 1e-6)[:, None], strict=True)
    found["rank"] = np.log1p(np.arange(len(score), dtype=np.float32))
    return found


def coverage(view: View) -> Features:
    """Give how much of the question each place around a candidate covers: by weight (tenths), by share, by names."""
    found: Features = {}
    for place, covered in view.covered.items():
        found[f"weight of {place}"], found[f"share of {place}"], found[f"names in {place}"] = covered
    found["share of title alone"] = view.shares @ view.candidates.held["title"]
    return found


def closeness(view: View) -> Features:
    """Give how close together a candidate holds the question's words, and neighbours of the question as neighbours."""
    mass, weights = _pair_shares(view.weights[view.content]), _pair_shares(view.weights)
    first, second = view.matches[:-1], view.matches[1:]
    near = np.minimum(first, view.nearness[1:]).max(axis=1, initial=0)
    adjacent = np.minimum(first[:, :-1], second[:, 1:]).max(axis=1, initial=0)
    return {
        "closeness": view.density.max(axis=0, initial=0),
        "pairs near": mass @ near,
        "pairs": mass @ adjacent,
        "neighbours in sentence": weights @ _any_form(view.candidates.paired["sentence"]),
        "neighbours in paragraph": weights @ view.candidates.paired["paragraph"],
    }


def _pair_shares(weights: Floats) -> Floats:
    """Give the share of each two terms that follow each other, each pair as heavy as its lighter term."""
    mass = np.minimum(weights[:-1], weights[1:])
    return np.divide(mass, max(float(mass.sum()), 1e-6), dtype=np.float32)


def news(view: View) -> Features:
    """Count the news of each kind (log), and give how near to the question's words it stands."""
    candidates, idf = view.candidates, view.candidates.word_idf
    told, mass = (idf * view.news).sum(axis=0), idf.sum(axis=0)
    bits = candidates.place_cues.astype(np.uint32) << _SHIFT | candidates.word_cues | (idf > RARE) * _RARE
    at = np.flatnonzero((bits > 0) & view.news)
    kind, word = divmod(np.flatnonzero(bits.reshape(-1)[at] & _KINDS > 0), max(len(at), 1))
    place = kind * len(candidates) + at[word] % len(candidates)  # in a table (kinds, n)
    counts = np.bincount(place, minlength=len(_KINDS) * len(candidates)).reshape(len(_KINDS), -1)
    near = np.zeros(counts.shape, np.float32)
    np.maximum.at(near.reshape(-1), place, view.density.reshape(-1)[at[word]])
    found: Features = {"news": np.log1p(told), "question among words": (mass - told) / (mass + 1)}
    found |= zip((f"{name} news" for name in (*NEAR_NEWS, *FAR_NEWS)), np.log1p(counts, dtype=np.float32), strict=True)
    found |= zip((f"{name} news near" for name in NEAR_NEWS), near, strict=False)
    return found


def shape(view: View) -> Features:
    """Give a candidate's length and place, and whether it leans on the sentence before."""
    candidates = view.candidates
    leaning = ((candidates.word_cues[:2] & WordCue.PRONOUN.value) > 0).any(axis=0).astype(np.float32)
    covered = {place: shares for place, (_, shares, _) in view.covered.items()}
    counts = np.stack([candidates.lengths, candidates.in_paragraph, candidates.in_article])
    length, in_paragraph, in_article = np.log1p(counts, dtype=np.float32)
    return {
        "leaning": leaning,
        "leaning on previous": leaning * (covered["previous"] - covered["title"]),
        "leaning on title": leaning * (covered["title"] - covered["sentence"]),
        "length": length,
        "shortness": np.maximum(0, 1 - candidates.lengths / SHORT).astype(np.float32),
        "place in paragraph": in_paragraph,
        "place in article": in_article,
        "first of article": (candidates.in_article == 0).astype(np.float32),
    }


FAMILIES: tuple[Callable[[View], Features], ...] = (fields, coverage, closeness, news, shape)


def features(query: Query, candidates: Candidates) -> Features:
    """Give all features of a question's candidates by name, each of shape (n,)."""
    view = View(query, candidates)
    return {name: values for family in FAMILIES for name, values in family(view).items()}
