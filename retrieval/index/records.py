"""What passes between index and ranking: a question's terms, and all that is known about its candidates.

Shapes: T terms of the question, n candidates, L words of the longest candidate, R different words in the candidates and
around them that resemble a word of the question. What is known word by word has shape (L, n), so that sums and maxima
over the words of all candidates run over whole rows of memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SAME_TERM = 0.95  # similarity of two forms of one term


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A word of a question; each word has one, in the order of the question."""

    word: str  # normalised
    term: int
    readings: tuple[tuple[int, float], ...]  # terms to look up, with weights: its own, or those of similar words
    idf: float
    weight: float  # its idf, less for a function word
    grammar: bool  # a function word
    name: bool  # capitalised within the question, or a number
    foreign: bool = False  # read as words of other languages, since no article has it

    @property
    def is_unknown(self) -> bool:
        """Whether no article has it, whatever it is read as."""
        return self.foreign or not any(weight == 1 for _, weight in self.readings)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as index and ranking see it."""

    text: str
    language: str
    terms: tuple[QueryTerm, ...]
    types: frozenset[str] = frozenset()  # what it asks for: who, when, how_many, ...
    kinds: int = 0  # bits of the kinds of things that it asks for: a city, a language, ...

    @property
    def total_weight(self) -> float:
        """Return the sum of its terms' weights."""
        return sum(term.weight for term in self.terms)


VECTOR_PLACES = ("sentence", "title", "section", "previous", "next")


@dataclass(frozen=True, slots=True)
class VectorRows:
    """The rows of the word vectors in each of VECTOR_PLACES of each candidate: (P, n) stretches, one after the other."""

    rows: NDArray[np.uint16]  # (W,) from 1, 0 for none; each stretch begins with a 0, so that none is empty
    starts: NDArray[np.intp]  # (P n,) of the stretches

    @classmethod
    def of(cls, rows: NDArray[np.uint16], lengths: NDArray[np.integer]) -> "VectorRows":
        """Put stretches together, given their rows one after the other and how many each has: (P n,)."""
        starts = np.cumsum(lengths, dtype=np.intp) - lengths + np.arange(len(lengths))
        found = np.zeros(len(rows) + len(starts), np.uint16)
        inside = np.ones(len(found), np.bool_)
        inside[starts] = False
        found[inside] = rows
        return cls(found, starts)

    def of_sentence(self, candidate: int) -> NDArray[np.uint16]:
        """Return the rows of a candidate's own words."""
        start, end = self.starts[candidate : candidate + 2]
        return self.rows[start + 1 : end]

    def stretches(self) -> list[NDArray[np.uint16]]:
        """Return the rows of each stretch."""
        return [rows[1:] for rows in np.split(self.rows, self.starts[1:])]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The sentences that may answer a question, by the score of their fields, best first."""

    rows: NDArray[np.intp]  # (n,) over all segments, by version and position
    score: Floats  # (n,) of all fields together
    fields: Mapping[str, Floats]  # (n,) by field
    best: Mapping[str, float]  # by field: the best score of any article in the store, or of the candidates
    held: Mapping[str, Floats]  # by place, from sentence to article: (T, n) how much it holds each term, up to 1
    paired: Mapping[str, Floats]  # "sentence", "paragraph": (T - 1, n) how much terms t and t + 1 are neighbours
    vectors: VectorRows
    similarity: Floats  # (T, R + 1) 1 the same form, SAME_TERM another form, less a similar word; column 0 is 0
    words: NDArray[np.intp]  # (L, n) numbers from 1 to R; 0 for any other word and after the last
    unknown_idf: float  # of a word in no sentence: the greatest idf there is, which grows with the store
    word_idf: Floats  # (L, n) 0 after the last word
    word_cues: NDArray[np.uint16]  # (L, n) WordCue bits
    word_kinds: NDArray[np.uint64]  # (L, n) bits of the kinds of things that words name
    place_cues: NDArray[np.uint8]  # (L, n) PlaceCue bits
    marks: NDArray[np.uint8]  # (n,) SentenceMark bits
    lengths: NDArray[np.intp]  # (n,) words
    paragraph: NDArray[np.integer]  # (n,) numbers over all segments
    article: NDArray[np.integer]  # (n,)
    in_paragraph: NDArray[np.intp]  # (n,) sentences before it in its paragraph
    in_article: NDArray[np.intp]  # (n,) sentences before it in its article

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.rows)


def join(parts: Sequence[Candidates]) -> Candidates:
    """Join candidates from several segments, best first, equal scores by row; takes at least one part.

    Their rows, paragraphs and articles are numbered over all segments. A word that two segments hold gets two numbers.
    """
    if len(parts) == 1:
        return parts[0]
    order = np.lexsort((_concatenated("rows", parts), -_concatenated("score", parts)))
    longest = max(len(part.words) for part in parts)
    sizes = [part.similarity.shape[1] - 1 for part in parts]
    shifts = np.cumsum(sizes) - sizes
    words = [np.where(part.words > 0, part.words + shift, 0) for part, shift in zip(parts, shifts, strict=True)]
    by_word = {name: [getattr(part, name) for part in parts] for name in _BY_WORD}
    joined: dict[str, Any] = {name: _concatenated(name, parts)[order] for name in _BY_CANDIDATE}
    joined |= {name: _joined([getattr(part, name) for part in parts], order) for name in ("fields", "held", "paired")}
    joined |= {name: _padded(some, longest)[:, order] for name, some in (by_word | {"words": words}).items()}
    return Candidates(
        **joined,
        vectors=_joined_vectors(parts, order),
        best={name: max(part.best[name] for part in parts) for name in parts[0].best},
        similarity=np.concatenate([parts[0].similarity[:, :1], *(part.similarity[:, 1:] for part in parts)], axis=1),
        unknown_idf=max(part.unknown_idf for part in parts),
    )


_BY_WORD = ("word_idf", "word_cues", "word_kinds", "place_cues")
_BY_CANDIDATE = ("rows", "score", "marks", "lengths", "paragraph", "article", "in_paragraph", "in_article")


def _concatenated(name: str, parts: Sequence[Candidates]) -> NDArray[Any]:
    return np.concatenate([getattr(part, name) for part in parts])


def _joined(parts: Sequence[Mapping[str, Floats]], order: NDArray[np.intp]) -> dict[str, Floats]:
    return {name: np.concatenate([part[name] for part in parts], axis=-1)[..., order] for name in parts[0]}


def _joined_vectors(parts: Sequence[Candidates], order: NDArray[np.intp]) -> VectorRows:
    by_part = [(len(part), part.vectors.stretches()) for part in parts]
    chosen = []
    for place in range(len(VECTOR_PLACES)):
        of_place = [rows for n, stretches in by_part for rows in stretches[place * n : (place + 1) * n]]
        chosen += [of_place[number] for number in order.tolist()]
    return VectorRows.of(np.concatenate(chosen), np.fromiter(map(len, chosen), np.intp))


def _padded(parts: Sequence[NDArray[Any]], longest: int) -> NDArray[Any]:
    """Put arrays of shape (L, n) side by side, with 0 after the shorter columns."""
    return np.concatenate([np.pad(part, ((0, longest - len(part)), (0, 0))) for part in parts], axis=1)
