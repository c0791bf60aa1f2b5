"""The read side: a question goes in, ranked hits and an answer come out.

An asker belongs to one thread. It reads the current generation at each question and maps a new segment when a load
has published one; where the segment is missing or damaged, it is built again from SQLite, which is the truth.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.analysis import Token, analyzer
from retrieval.answers import Ranked, nearest_titles, to_hits, to_snippets
from retrieval.evidence import Candidates, Floats, Query
from retrieval.index.fields import NAMES
from retrieval.index.gathering import gather
from retrieval.index.search import Searcher
from retrieval.index.segments import Segment, SegmentDamaged, open_segment
from retrieval.intents import intent_of
from retrieval.languages import detect_question_language
from retrieval.ranking.confidence import figures, packaged_judge
from retrieval.ranking.features import Features, features
from retrieval.ranking.model import packaged_ranker
from retrieval.ranking.question_types import question_types
from retrieval.records import Answer, Hit, Intent
from retrieval.store.reading import Reader

LONGEST_QUESTION = 1000  # characters that are looked up; nobody types more, and a pasted page is no question
CANDIDATES = 50  # sentences that are ranked: they hold the answer as often as a hundred do, within half a per cent
CAUTION = "normal"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Considered:
    """A question with all that its ranking was made from."""

    query: Query
    candidates: Candidates
    features: Features
    searcher: Searcher


class Asker:
    """Answers questions from one store."""

    def __init__(self, store: Path) -> None:
        """Open the store for reading; one that does not exist has no articles."""
        self._index = Path(f"{store}.index")
        self._reader = Reader(store)
        self._searcher: Searcher | None = None
        self._ids: tuple[Searcher, NDArray[np.str_]] | None = None

    def close(self) -> None:
        """Close the store."""
        self._reader.close()
        self._searcher = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def retrieve(self, query: str, k: int = 10, fields: Collection[str] | None = None) -> list[Hit]:
        """Rank sentences by the fields alone (all of them, or those named), at most k; [] where no word is known."""
        searcher = self._current()
        if searcher is None:
            return []
        looked_up, _ = _query(searcher, query)
        rows, scores, _ = searcher.search(looked_up, k, NAMES if fields is None else fields)
        return list(self._hits(searcher, rows, scores))

    def consider(self, question: str, without: Collection[str] = ()) -> Considered | None:
        """Gather the candidates of a question and their features; None where no word is known.

        `without` are ids of articles to leave aside, as though they were not in the store.
        """
        searcher = self._current()
        if searcher is None:
            return None
        query, _ = _query(searcher, question)
        scores = searcher.scores(query)
        if without:
            scores = searcher.masked(scores, self._rows_of(searcher, without))
        return _considered(searcher, query, scores)

    def ask(self, question: str, k: int = 10) -> Answer:
        """Answer a question with at most k hits, or say that the articles do not."""
        intent = intent_of(question[:LONGEST_QUESTION])
        searcher = self._current()
        if searcher is None or intent is not Intent.QUESTION:
            return _silent(question, intent, searcher)
        query, _ = _query(searcher, question)
        considered = _considered(searcher, query, searcher.scores(query))
        if considered is None:
            return _silent(question, intent, searcher)
        ranked = packaged_ranker().score(considered.features, query.types)
        judge = packaged_judge()
        sure = judge.confidence(figures(query, considered.candidates, considered.features, ranked))
        order = np.lexsort((considered.candidates.rows, -ranked))[:k]
        hits = self._hits(searcher, considered.candidates.rows[order], ranked[order])
        answered = sure >= judge.thresholds[CAUTION]
        wanted = {term.term for term in query.terms if not term.grammar}
        return Answer(
            question=question, language=query.language, intent=intent, answered=answered, confidence=sure, hits=hits,
            snippets=to_snippets(hits, wanted, analyzer(query.language)) if answered else (),
            nearest=() if answered else nearest_titles(hits), generation=searcher.generation,
        )  # fmt: skip

    def hits(self, considered: Considered) -> tuple[Hit, ...]:
        """Cite all candidates, in the order of their fields' score."""
        return self._hits(considered.searcher, considered.candidates.rows, considered.candidates.score)

    def _hits(self, searcher: Searcher, rows: NDArray[np.intp], scores: Floats) -> tuple[Hit, ...]:
        """Cite sentences; one whose version a run of loads has purged in this very moment is left out."""
        return to_hits(
            [
                Ranked(place, float(score))
                for row, score in zip(rows, scores, strict=True)
                for place in self._reader.places([searcher.key(int(row))])
            ]
        )

    def _rows_of(self, searcher: Searcher, articles: Collection[str]) -> NDArray[np.bool_]:
        """Say which rows are of some articles; asked for each question of a training, so the ids are kept."""
        if self._ids is None or self._ids[0] is not searcher:
            firsts, article = np.unique(searcher.article, return_index=True, return_inverse=True)[1:]
            places = self._reader.places([searcher.key(int(row)) for row in firsts])
            self._ids = searcher, np.array([place.article.id for place in places])[article]
        return np.isin(self._ids[1], list(articles))

    def _current(self) -> Searcher | None:
        """Give the searcher of the current generation; None while the store holds none."""
        generation = self._reader.generation()
        if self._searcher is None or self._searcher.generation != generation:
            self._searcher = Searcher(self._segment(generation)) if generation else None
        return self._searcher

    def _segment(self, generation: int) -> Segment:
        try:
            return open_segment(self._index, generation)
        except SegmentDamaged as damage:
            _log.warning("building the index again: %s", damage)
            from retrieval.index.building import build_index  # noqa: PLC0415 - imports scikit-learn, for this rare case

            build_index(self._reader.versions(generation), self._index, generation)
            return open_segment(self._index, generation)


def _query(searcher: Searcher, question: str) -> tuple[Query, list[Token]]:
    asked = question[:LONGEST_QUESTION]
    language = detect_question_language(asked, searcher.languages)
    tokens = list(analyzer(language).tokens(asked))
    types = question_types(asked, language, [token.word for token in tokens])
    return searcher.query(asked, language, tokens, types), tokens


def _considered(searcher: Searcher, query: Query, scores: dict[str, Floats]) -> Considered | None:
    rows, score = searcher.best(scores, CANDIDATES)
    if not len(rows):
        return None
    candidates = gather(searcher, query, rows, score, scores)
    return Considered(query, candidates, features(query, candidates), searcher)


def _silent(question: str, intent: Intent, searcher: Searcher | None) -> Answer:
    language = detect_question_language(question[:LONGEST_QUESTION], searcher.languages if searcher else ())
    return Answer(
        question=question, language=language, intent=intent, answered=False, confidence=0.0, hits=(), snippets=(),
        nearest=(), generation=searcher.generation if searcher else 0,
    )  # fmt: skip
