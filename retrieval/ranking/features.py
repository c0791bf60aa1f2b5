"""Candidates -> features: a table of numbers, a row for each feature and a column for each candidate.

All features are computed from arrays, for all candidates at once: T terms, n candidates, L words. The words of a
candidate that are not in the question are its news; an answer is news of the kind that the question asks for, near the
words that the question has.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from retrieval.index.meanings import SentenceMark
from retrieval.index.records import Candidates, Floats, Query
from retrieval.ranking.meaning import BESIDE, Meaning
from retrieval.ranking.proximity import COVERED, Proximity, ignoring_form
from retrieval.text.lexicon import TokenShape, WordClass

RARE = 4.0  # idf above which a word is rare
OPENING = 8  # words in which a definition begins
SHORT = 8  # words; shorter sentences seldom say enough

# A word's bits: its WordClass from bit 0, its TokenShape from bit 16, and whether it is rare.
_RARE, _SHIFT = np.uint32(1 << 31), 16
NEAR_NEWS = {  # kinds of news, each with the bits of which a word has at least one; counted, and how near they are
    "rare": _RARE, "number": WordClass.NUMBER, "year": WordClass.YEAR, "month": WordClass.MONTH,
    "number_word": WordClass.NUMBER_WORD, "cause": WordClass.CAUSE, "time": WordClass.TIME, "person": WordClass.PERSON,
    "capital": TokenShape.CAPITAL << _SHIFT, "place": TokenShape.PLACE << _SHIFT,
}  # fmt: skip
FAR_NEWS = {  # kinds that are only counted
    "copula": WordClass.COPULA, "unit": WordClass.UNIT, "pair": TokenShape.PAIR << _SHIFT,
    "money": WordClass.MONEY | TokenShape.MONEY << _SHIFT, "percent": WordClass.PERCENT | TokenShape.PERCENT << _SHIFT,
}  # fmt: skip
_PRONOUN, _COPULA = np.uint16(WordClass.PRONOUN), np.uint16(WordClass.COPULA)
_KINDS = np.array([*NEAR_NEWS.values(), *FAR_NEWS.values()], np.uint32)[:, None]
_NEWS = (
    "news", *(f"{kind} news" for kind in (*NEAR_NEWS, *FAR_NEWS)), *(f"{kind} news near" for kind in NEAR_NEWS),
    "question among words",
)  # fmt: skip


class Features(Mapping[str, Floats]):
    """Features by name, each of shape (n,), stored as one table."""

    def __init__(self, names: tuple[str, ...], table: Floats) -> None:
        """Take the names, and the table: (f, n)."""
        self.names, self.table = names, table

    def __getitem__(self, name: str) -> Floats:
        """Return one feature."""
        return self.table[_row_numbers(self.names)[name]]

    def __iter__(self) -> Iterator[str]:
        """Yield the names in order."""
        return iter(self.names)

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.names)

    def of(self, candidate: int) -> dict[str, float]:
        """Return all features of one candidate by name."""
        return dict(zip(self.names, self.table[:, candidate].tolist(), strict=True))


@lru_cache(maxsize=64)
def _row_numbers(names: tuple[str, ...]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


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


def news(proximity: Proximity) -> Features:
    """Return how much news of each kind there is (log), and how near it is to the question's words."""
    candidates, n = proximity.candidates, len(proximity.candidates)
    bits, idf = _word_bits(candidates), candidates.word_idf.copy()
    mass = idf.sum(axis=0)
    for of_words in (idf, bits):
        np.put(of_words, proximity.known, 0)
    news_idf = idf.sum(axis=0)
    at = np.flatnonzero(bits > 0)
    kind, word = np.divmod(np.flatnonzero(bits.reshape(-1)[at] & _KINDS > 0), max(len(at), 1))
    place = kind * n + (at % n)[word]  # in a table (kinds, n)
    counts = np.bincount(place, minlength=len(_KINDS) * n).reshape(-1, n)
    near = np.zeros(counts.shape, np.float32)
    np.maximum.at(near.reshape(-1), place, proximity.density[at][word])
    logs = np.log1p(np.concatenate([[news_idf], counts], dtype=np.float32))
    table = np.concatenate([logs, near[: len(NEAR_NEWS)], [(mass - news_idf) / (mass + 1)]])
    return Features(_NEWS, table)


def _word_bits(candidates: Candidates) -> NDArray[np.integer]:
    bits = candidates.place_cues.astype(np.uint32) << _SHIFT
    bits |= candidates.word_cues
    bits |= (candidates.word_idf > RARE) * _RARE
    return bits


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


def form(proximity: Proximity) -> Features:
    """Return the marks of each sentence, and whether it says what something is."""
    candidates = proximity.candidates
    marks = (candidates.marks & _MARKS) > 0
    content = np.zeros(candidates.words.size, np.bool_)
    content[proximity.like[(proximity.similarity[proximity.content] == 1).any(axis=0)]] = True
    opening = content.reshape(candidates.words.shape)[:OPENING]
    copula = (candidates.word_cues[: OPENING + 2] & _COPULA) > 0
    defines = np.zeros(len(candidates), np.bool_)
    for step in (1, 2):
        after = copula[step : step + len(opening)]
        defines |= (opening[: len(after)] & after).any(axis=0)
    return Features(_FORM, np.array([*marks, defines], np.float32))


_MARKS = np.array([mark.value for mark in SentenceMark], np.uint8)[:, None]
_FORM = (*(f"mark {mark.name.lower()}" for mark in SentenceMark if mark.name), "defines")


def asked_kinds(proximity: Proximity) -> Features:
    """Return how many words name what is asked for, a city or a language (log), and how near they are."""
    candidates = proximity.candidates
    if not proximity.query.kinds:
        return Features(_KINDS_ASKED, np.zeros((len(_KINDS_ASKED), len(candidates)), np.float32))
    bits = candidates.word_kinds & np.uint64(proximity.query.kinds)
    of_kind = (bits > 0).reshape(-1)
    of_kind[proximity.known] = False
    near = np.where(of_kind, proximity.density, 0).reshape(bits.shape).max(axis=0)
    return Features(_KINDS_ASKED, np.array([np.log1p(of_kind.reshape(bits.shape).sum(axis=0)), near], np.float32))


_KINDS_ASKED = ("asked kind news", "asked kind news near")


def subject(proximity: Proximity) -> Features:
    """Return how much the places around a candidate hold the rarest word of the question, which is mostly its subject."""
    n = len(proximity.candidates)
    if not len(proximity.content):
        return Features(_SUBJECT, np.zeros((len(_SUBJECT), n), np.float32))
    terms = proximity.query.terms
    rarest = max(proximity.content.tolist(), key=lambda number: terms[number].idf)
    held = proximity.candidates.held
    sentence, title, section = (held[place][rarest] for place in ("sentence", "title", "section"))
    near = np.maximum.reduce([sentence, title, section, held["previous"][rarest], held["next"][rarest]])
    alone = proximity.shares @ held["section"]
    return Features(_SUBJECT, np.array([sentence, np.maximum(title, section), near, held["article"][rarest], alone]))


_SUBJECT = (
    "subject in sentence",
    "subject in headings",
    "subject near",
    "subject in article",
    "share of section alone",
)
FEATURE_GROUPS: tuple[Callable[[Proximity], Features], ...] = (
    fields, coverage, closeness, news, shape, meaning, form, asked_kinds, subject,
)  # fmt: skip
