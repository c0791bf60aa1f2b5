"""Candidates -> features of their news: words that are not in the question, by what they could be the answer to.

An answer is news of the kind that the question asks for, near the words that the question has.
"""

import numpy as np
from numpy.typing import NDArray

from retrieval.index.meanings import SentenceMark
from retrieval.index.records import Candidates
from retrieval.ranking.feature_table import Features
from retrieval.ranking.proximity import Proximity
from retrieval.text.lexicon import TokenShape, WordClass

RARE = 4.0  # idf above which a word is rare
OPENING = 8  # words in which a definition begins
BESIDE_AMOUNT = 2  # words from an amount to what is counted: "three small hearts"
SPAN, SPAN_START = 4, 20  # words between the years of a life, and from the start of a sentence to the later one

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
_KINDS = np.array([*NEAR_NEWS.values(), *FAR_NEWS.values()], np.uint32)[:, None]
_NEWS = (
    "news", *(f"{kind} news" for kind in (*NEAR_NEWS, *FAR_NEWS)), *(f"{kind} news near" for kind in NEAR_NEWS),
    "question among words",
)  # fmt: skip


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
    at_home = defines * (proximity.shares @ candidates.held["title"])
    return Features(_FORM, np.array([*marks, defines, at_home], np.float32))


_MARKS = np.array([mark.value for mark in SentenceMark], np.uint8)[:, None]
_COPULA = np.uint16(WordClass.COPULA)
_FORM = (*(f"mark {mark.name.lower()}" for mark in SentenceMark if mark.name), "defines", "headed defines")


def amounts(proximity: Proximity) -> Features:
    """Return whether a number stands before the first content word of the question ("how many hearts": "three hearts"),
    and whether two years stand together near the start, as the dates of a life do.
    """
    cues = proximity.candidates.word_cues
    first = np.zeros(cues.shape, np.float32)
    if len(proximity.content):
        first.reshape(-1)[proximity.like] = proximity.similarity[proximity.content[0]]
    number, year = (cues & _NUMBER) > 0, (cues[:SPAN_START] & _YEAR) > 0
    counted = np.zeros((2, len(proximity.candidates)), np.float32)
    for step in range(1, BESIDE_AMOUNT + 1):
        np.maximum(counted[0], (number[:-step] * first[step:]).max(axis=0, initial=0), out=counted[0])
    for step in range(1, SPAN + 1):
        np.maximum(counted[1], (year[:-step] & year[step:]).any(axis=0), out=counted[1])
    return Features(_AMOUNTS, counted)


_AMOUNTS = ("amount news", "life span news")
_NUMBER, _YEAR = np.uint16(WordClass.NUMBER | WordClass.NUMBER_WORD), np.uint16(WordClass.YEAR)


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
