"""Words and sentences -> what ranking needs to know about them beyond their letters, computed once, when they are indexed.

Of a word: the row of its vector, and the kinds of things that it names. Of a sentence: marks of its form.
"""

import re
from collections.abc import Sequence
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from retrieval.records import Surroundings
from retrieval.text.closing_signs import announces, asks, exclaims
from retrieval.text.word_kinds import kinds
from retrieval.text.word_vectors import open_word_vectors

NO_VECTOR = 0  # rows of the table of vectors count from 1 here, so that padding means no word
DATELINE = re.compile(r"[A-ZÀ-ÞА-ЯΑ-Ω][^\W\d_a-zß-ÿ]{2,}[^.!?]{0,60}? (?:[–—-]|--) ")  # KESTON – Workers at ...


class SentenceMark(IntFlag):
    """What the form of a sentence and its place say about it."""

    ASKS = 1  # it is a question
    ANNOUNCES = 2  # it ends in a colon
    ITEM = 4  # of a list that a sentence introduces
    ROW = 8  # of a table that has a header
    INTRODUCES = 16  # a block of code, a list or a table
    DATELINE = 32  # it begins with a place, as the first sentence of a news story does
    EXCLAIMS = 64


def vector_rows(words: Sequence[str], terms: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Return the row of each normalised word in the table of vectors, from 1; NO_VECTOR for an unknown one."""
    return (open_word_vectors().rows(words, terms) + 1).astype(np.uint16)


def kinds_of_words(words: Sequence[str]) -> NDArray[np.uint64]:
    """Return the kinds of things that each normalised word names, as bits."""
    return np.fromiter(map(kinds, words), np.uint64, len(words))


def sentence_marks(text: str, language: str, around: Surroundings) -> int:
    """Return the marks of a sentence."""
    marks = SentenceMark(0)
    if announces(text):
        marks |= SentenceMark.ANNOUNCES | (SentenceMark.INTRODUCES if around.code else 0)
    elif asks(text, language):
        marks |= SentenceMark.ASKS
    elif exclaims(text):
        marks |= SentenceMark.EXCLAIMS
    if around.header:
        marks |= SentenceMark.ROW
    elif around.intro:
        marks |= SentenceMark.ITEM
    if DATELINE.match(text):
        marks |= SentenceMark.DATELINE
    return int(marks)
