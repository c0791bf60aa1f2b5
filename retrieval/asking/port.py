"""What asking takes from an index, be it that of files on this machine or of an engine elsewhere."""

from collections.abc import Callable, Collection
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import FIELD_NAMES
from retrieval.index.manifest import Generation
from retrieval.index.records import Query
from retrieval.index.searcher import Found
from retrieval.text.analyzer import Token

T = TypeVar("T")


class SentenceIndex(Protocol):
    """The sentences of one generation, which stays the same while a question is answered."""

    @property
    def generation(self) -> Generation:
        """The generation."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its articles, the most common first."""

    def restricted_to(self, versions: NDArray[np.int64]) -> Self:
        """Return the sentences of the articles of these versions only, whose rows ascend."""

    def query(
        self, text: str, language: str, tokens: Collection[Token], types: frozenset[str] = ..., kinds: int = ...
    ) -> Query:
        """Look up the words of a question, each once."""

    def top(self, query: Query, k: int, names: Collection[str] = FIELD_NAMES) -> Found:
        """Find the best k sentences by the weighted sum of the named fields, equal ones by row, and all about them."""


class Index(Protocol):
    """Where the current generation is found; for one thread."""

    def searcher(self) -> SentenceIndex | None:
        """Return the current generation, None if there are no articles."""

    def mending(self, ask: Callable[[], T]) -> T:
        """Ask; where the index turns out to be damaged, build it anew and ask again."""

    def close(self) -> None:
        """Let go of the generation; the next question opens it again."""
