"""What passes between the index and the ranking: a question's terms, and all that is known of its candidates.

Shapes: T terms of the question, n candidates, L the words of the longest of them, U different words among them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A word of a question, each once, in the question's order."""

    word: str  # normalised
    term: int
    columns: tuple[tuple[int, float], ...]  # of the index, with weights: its own term's, or those of words near it
    idf: float
    weight: float  # idf, less for a function word
    grammar: bool
    name: bool  # capitalised within the question, or a number


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the index and the ranking see it."""

    text: str
    language: str
    terms: tuple[QueryTerm, ...]
    types: frozenset[str] = frozenset()  # what it asks for: who, when, how_many, ...

    @property
    def mass(self) -> float:
        """The weight of all its terms."""
        return sum(term.weight for term in self.terms)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The sentences that may answer a question, best first by their fields' score."""

    rows: NDArray[np.intp]  # (n,) of the segment; ordered by article id and position
    score: Floats  # (n,) of the fields together
    fields: Mapping[str, Floats]  # (n,) of each field
    best: Mapping[str, float]  # the best score of each field in the whole store
    held: Mapping[
        str, Floats
    ]  # (T, n), 1 or less: whether "sentence", "previous", "next", "title", "paragraph", "article" hold a term
    paired: Floats  # (T - 1, n), 1 or less: whether the paragraph holds terms t and t + 1 as neighbours
    similarity: (
        Floats  # (T, U + 1) of terms and words: 1 the same form, SAME_TERM another form, less a likeness; last column 0
    )
    words: NDArray[np.intp]  # (n, L) numbers of words from 0 to U - 1, U where a sentence is shorter
    unknown_idf: float  # of a word that no sentence holds: the greatest there is, more in a larger store
    word_idf: Floats  # (U + 1,)
    word_cues: NDArray[np.uint32]  # (n, L) WordCue bits
    place_cues: NDArray[np.uint8]  # (n, L) PlaceCue bits
    lengths: NDArray[np.intp]  # (n,) words
    paragraph: NDArray[np.int32]  # (n,) numbers over the segment
    article: NDArray[np.int32]  # (n,)
    in_paragraph: NDArray[np.intp]  # (n,) sentences before it in its paragraph
    in_article: NDArray[np.intp]  # (n,) sentences before it in its article

    def __len__(self) -> int:
        """Count the candidates."""
        return len(self.rows)


SAME_TERM = 0.95  # similarity of two forms of one term
