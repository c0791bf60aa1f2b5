"""Candidates -> features: a number for each candidate and each way in which it may answer.

All features are functions of arrays of numbers, for all candidates at once: T terms, n candidates, L words. Words of a
candidate that the question does not hold are its news; an answer is news of the kind that the question asks for, near
the words that the question holds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

from retrieval.index.records import Candidates, Floats, Query
from retrieval.ranking.proximity import COVERED, Proximity, any_form
from retrieval.text.lexicon import TokenShape, WordClass

RARE = 4.0  # idf
SHORT = 8  # words: a sentence of fewer seldom says enough

_RARE, _SHIFT = np.uint32(1 << 31), 16  # among a word's bits: that it is rare, and where its PlaceCue bits begin
NEAR_NEWS = {  # kinds of news, each with the bits of which a word has one; how near to the question it stands counts
    "rare": _RARE, "number": WordClass.NUMBER, "year": WordClass.YEAR, "month": WordClass.MONTH,
    "number_word": WordClass.NUMBER_WORD, "cause": WordClass.CAUSE, "time": WordClass.TIME, "person": WordClass.PERSON,
    "capital": TokenShape.CAPITAL << _SHIFT, "place": TokenShape.PLACE << _SHIFT,
}  # fmt: skip
FAR_NEWS = {  # and kinds of which only the number counts
    "copula": WordClass.COPULA, "unit": WordClass.UNIT, "pair": TokenShape.PAIR << _SHIFT,
    "money": WordClass.MONEY | TokenShape.MONEY << _SHIFT, "percent": WordClass.PERCENT | TokenShape.PERCENT << _SHIFT,
}  # fmt: skip
_PRONOUN = np.uint16(WordClass.PRONOUN)
_KINDS = np.array([*NEAR_NEWS.values(), *FAR_NEWS.values()], np.uint32)[:, None]
_NEWS = (
    "news", *(f"{kind} news" for kind in (*NEAR_NEWS, *FAR_NEWS)), *(f"{kind} news near" for kind in NEAR_NEWS),
    "question among words",
)  # fmt: skip


class Features(Mapping[str, Floats]):
    """Features by name, each of shape (n,), laid down as a table."""

    def __init__(self, names: tuple[str, ...], table: Floats) -> None:
        """Take their names, and the table: (f, n)."""
        self.names, self.table = names, table

    def __getitem__(self, name: str) -> Floats:
        """Give one feature."""
        return self.table[_numbered(self.names)[name]]

    def __iter__(self) -> Iterator[str]:
        """Give the names in order."""
        return iter(self.names)

    def __len__(self) -> int:
        """Count the features."""
        return len(self.names)

    def of(self, candidate: int) -> dict[str, float]:
        """Give all features of one candidate by name."""
        return dict(zip(self.names, self.table[:, candidate].tolist(), strict=True))


@lru_cache(maxsize=64)
def _numbered(names: tuple[str, ...]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def fields(view: Proximity) -> Features:
    """Give the scores of the fields: as they are (tenths), and relative to the best of the candidates."""
    candidates, score = view.candidates, view.candidates.score
    scores = np.array([*candidates.fields.values(), score])
    best = np.array([*candidates.best.values(), score.max(initial=0)], np.float32)
    rank = np.log1p(np.arange(len(score), dtype=np.float32))
    relative = scores / np.maximum(best, np.float32(1e-6))[:, None]
    return Features(_field_names(tuple(candidates.fields)), np.concatenate([scores / np.float32(10), relative, [rank]]))


@lru_cache(maxsize=64)
def _field_names(fields: Sequence[str]) -> tuple[str, ...]:
    names = (*(f"score of {name}" for name in fields), "score")
    return (*names, *(f"relative {name}" for name in names), "rank")


def coverage(view: Proximity) -> Features:
    """Give how much of the question each place around a candidate covers: by weight (tenths), by share, by names."""
    title = view.shares @ view.candidates.held["title"]
    return Features(_COVERAGE, np.concatenate([*view.covered.values(), [title]]))


_COVERAGE = (
    *(f"{way} {place}" for place in COVERED for way in ("weight of", "share of", "names in")),
    "share of title alone",
)


def closeness(view: Proximity) -> Features:
    """Give how close together a candidate holds the question's words, and neighbours of the question as neighbours.

    The closest of the question is at a match, since on each side of all matches it falls: never behind the last word.
    """
    mass, weights = _pair_shares(view.weights[view.content]), _pair_shares(view.weights)
    near, beside = view.matches.pairs()
    paired = view.candidates.paired
    rows = [
        view.density.reshape(view.candidates.words.shape).max(axis=0),
        mass @ near,
        mass @ beside,
        weights @ any_form(paired["sentence"]),
        weights @ paired["paragraph"],
    ]
    return Features(_CLOSENESS, np.array(rows))


_CLOSENESS = ("closeness", "pairs near", "pairs", "neighbours in sentence", "neighbours in paragraph")


def _pair_shares(weights: Floats) -> Floats:
    """Give the share of each two terms that follow each other, each pair as heavy as its lighter term."""
    mass = np.minimum(weights[:-1], weights[1:])
    return np.divide(mass, max(float(mass.sum()), 1e-6), dtype=np.float32)


def news(view: Proximity) -> Features:
    """Count the news of each kind (log), and give how near to the question's words it stands."""
    candidates, n = view.candidates, len(view.candidates)
    bits = candidates.place_cues.astype(np.uint32) << _SHIFT
    bits |= candidates.word_cues
    bits |= (candidates.word_idf > RARE) * _RARE
    idf = candidates.word_idf.copy()
    mass = idf.sum(axis=0)
    for of_words in (idf, bits):
        np.put(of_words, view.known, 0)
    told = idf.sum(axis=0)
    at = np.flatnonzero(bits > 0)
    kind, word = np.divmod(np.flatnonzero(bits.reshape(-1)[at] & _KINDS > 0), max(len(at), 1))
    place = kind * n + (at % n)[word]  # in a table (kinds, n)
    counts = np.bincount(place, minlength=len(_KINDS) * n).reshape(-1, n)
    near = np.zeros(counts.shape, np.float32)
    np.maximum.at(near.reshape(-1), place, view.density[at][word])
    logs = np.log1p(np.concatenate([[told], counts], dtype=np.float32))
    table = np.concatenate([logs, near[: len(NEAR_NEWS)], [(mass - told) / (mass + 1)]])
    return Features(_NEWS, table)


def shape(view: Proximity) -> Features:
    """Give a candidate's length and place, and whether it leans on the sentence before."""
    candidates = view.candidates
    leaning = (candidates.word_cues[:2] & _PRONOUN).any(axis=0)
    sentence, title, previous = (view.covered[place][1] for place in ("sentence", "title", "previous"))
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
FAMILIES: tuple[Callable[[Proximity], Features], ...] = (fields, coverage, closeness, news, shape)


def features(query: Query, candidates: Candidates) -> Features:
    """Give all features of a question's candidates."""
    view = Proximity(query, candidates)
    found = [family(view) for family in FAMILIES]
    return Features(_joined(*(one.names for one in found)), np.concatenate([one.table for one in found]))


@lru_cache(maxsize=64)
def _joined(*names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(names))
