"""Candidates -> features: a table of numbers, a row for each feature and a column for each candidate.

All features are computed from arrays, for all candidates at once: T terms, n candidates, L words.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain

import numpy as np

from retrieval.index.records import Candidates, Floats, Query
from retrieval.ranking.feature_table import Features
from retrieval.ranking.meaning import BESIDE, Meaning
from retrieval.ranking.news import amounts, asked_kinds, form, news
from retrieval.ranking.proximity import COVERED, Proximity, ignoring_form
from retrieval.text.lexicon import WordClass

SHORT = 8  # words; shorter sentences seldom say enough
_PRONOUN = np.uint16(WordClass.PRONOUN)


def compute_features(query: Query, candidates: Candidates) -> Features:
    """Return all features of a question's candidates."""
    proximity = Proximity(query, _with_headings_as_titles(candidates))
    found = [group(proximity) for group in FEATURE_GROUPS]
    return Features(_joined(*(one.names for one in found)), np.concatenate([one.table for one in found]))


def _with_headings_as_titles(candidates: Candidates) -> Candidates:
    """Return the candidates with what surrounds a paragraph as part of its title, since no weights were learned for it."""
    if not candidates.held["section"].any():
        return candidates
    held, fields = (
        {**values, "title": np.maximum(values["title"], values["section"])}
        for values in (candidates.held, candidates.fields)
    )
    best = {**candidates.best, "title": max(candidates.best["title"], candidates.best["section"])}
    return replace(candidates, held=held, fields=fields, best=best)


@lru_cache(maxsize=64)
def _joined(*names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(names))


def fields(proximity: Proximity) -> Features:
    """Return the scores of the fields: as they are (divided by ten), and relative to the best candidate."""
    candidates, score = proximity.candidates, proximity.candidates.score
    scores = np.array([*candidates.fields.values(), score])
    best = np.array([*candidates.best.values(), score.max(initial=0)], np.float32)
    rank = np.log1p(np.arange(len(score), dtype=np.float32))
    relative = scores / np.maximum(best, np.float32(1e-6))[:, None]
    return Features(_field_names(tuple(candidates.fields)), np.concatenate([scores / np.float32(10), relative, [rank]]))


@lru_cache(maxsize=64)
def _field_names(fields: Sequence[str]) -> tuple[str, ...]:
    names = (*(f"score of {name}" for name in fields), "score")
    return (*names, *(f"relative {name}" for name in names), "rank")


def coverage(proximity: Proximity) -> Features:
    """Return how much of the question each place around a candidate covers: by weight (divided by ten), share and names."""
    title = proximity.shares @ proximity.candidates.held["title"]
    return Features(_COVERAGE, np.concatenate([*proximity.covered.values(), [title]]))


_COVERAGE = (
    *(f"{way} {place}" for place in COVERED for way in ("weight of", "share of", "names in")),
    "share of title alone",
)


def closeness(proximity: Proximity) -> Features:
    """Return how close together a candidate has the question's words, and whether neighbours stay neighbours in it."""
    mass, weights = _pair_shares(proximity.weights[proximity.content]), _pair_shares(proximity.weights)
    near, beside = proximity.matches.pairs()
    paired = proximity.candidates.paired
    rows = [
        # Greatest at a match: it falls off on both sides, so the padding after the last word never wins.
        proximity.density.reshape(proximity.candidates.words.shape).max(axis=0),
        mass @ near,
        mass @ beside,
        weights @ ignoring_form(paired["sentence"]),
        weights @ paired["paragraph"],
    ]
    return Features(_CLOSENESS, np.array(rows))


_CLOSENESS = ("closeness", "pairs near", "pairs", "neighbours in sentence", "neighbours in paragraph")


def _pair_shares(weights: Floats) -> Floats:
    """Return the share of each pair of neighbouring terms; a pair weighs as much as its lighter term."""
    mass = np.minimum(weights[:-1], weights[1:])
    return np.divide(mass, max(float(mass.sum()), 1e-6), dtype=np.float32)


def shape(proximity: Proximity) -> Features:
    """Return a candidate's length and place, and whether it leans on the sentence before."""
    candidates = proximity.candidates
    leaning = (candidates.word_cues[:2] & _PRONOUN).any(axis=0)
    sentence, title, previous = (proximity.covered[place][1] for place in ("sentence", "title", "previous"))
    counts = np.array([candidates.lengths, candidates.in_paragraph, candidates.in_article], np.float32)
    rows = [
        leaning, leaning * (previous - title), leaning * (title - sentence), *np.log1p(counts),
        np.maximum(0, 1 - candidates.lengths / SHORT), candidates.in_article == 0,
    ]  # fmt: skip
    return Features(_SHAPE, np.array(rows, np.float32))


_SHAPE = (
    "leaning", "leaning on previous", "leaning on title", "length", "place in paragraph", "place in article", "shortness",
    "first of article",
)  # fmt: skip


def meaning(proximity: Proximity) -> Features:
    """Return how near a candidate and what is around it are to the question in meaning."""
    near = Meaning(proximity)
    sentence = near.nearest("sentence")
    around = np.maximum.reduce([sentence, *map(near.nearest, BESIDE)])
    rows = [
        near.cosine("sentence"), near.cosine("sentence", "title", "section"), near.cosine("title", "section"),
        near.cosine("previous"), near.cosine("next"), near.soft_share(sentence), near.soft_share(around),
        *near.graded_shares(),
    ]  # fmt: skip
    return Features(_MEANING, np.array(rows, np.float32))


_MEANING = (
    "meaning of sentence", "meaning with headings", "meaning of headings", "meaning of previous", "meaning of next",
    "like words in sentence", "like words around", "words alike", "words much alike", "missing words alike",
    "missing words much alike",
)  # fmt: skip


def subject(proximity: Proximity) -> Features:
    """Return how much the places around a candidate hold the rarest word of the question, which is mostly its subject,
    and how rare the rarest word is that is not there (idf, 1 for a word that no article has).
    """
    candidates = proximity.candidates
    if not len(proximity.content):
        return Features(_SUBJECT, np.zeros((len(_SUBJECT), len(candidates)), np.float32))
    idf = np.array([proximity.query.terms[number].idf for number in proximity.content], np.float32)
    held = {place: values[proximity.content] for place, values in candidates.held.items()}
    headings = np.maximum(held["title"], held["section"])
    near = ignoring_form(np.maximum.reduce([held["sentence"], headings, held["previous"], held["next"]]))
    rarity = (idf / np.float32(max(candidates.unknown_idf, 1e-6)))[:, None]
    rarest = int(np.argmax(idf))
    rows = [
        held["sentence"][rarest], headings[rarest], near[rarest], held["article"][rarest],
        proximity.shares @ candidates.held["section"],
        (rarity * (1 - near)).max(axis=0), (rarity * (1 - np.maximum(near, held["paragraph"]))).max(axis=0),
    ]  # fmt: skip
    return Features(_SUBJECT, np.array(rows, np.float32))


_SUBJECT = (
    "subject in sentence", "subject in headings", "subject near", "subject in article", "share of section alone",
    "missed near", "missed in paragraph",
)  # fmt: skip
FEATURE_GROUPS: tuple[Callable[[Proximity], Features], ...] = (
    fields, coverage, closeness, news, shape, meaning, form, amounts, asked_kinds, subject,
)  # fmt: skip
