"""The read side: a question goes in, ranked hits and an answer come out.

An asker belongs to one thread. It reads the current generation at each question and maps new segments when a load
has published them; where the index is missing or damaged, it is built again from SQLite, which is the truth.
"""

import logging
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.asking.answer import Ranked, nearest_titles, to_hits, to_snippets
from retrieval.asking.corrections import find_corrections
from retrieval.asking.filters import narrowed, newest_first, read_filter
from retrieval.asking.highlight import QueryWord
from retrieval.asking.intents import intent_of
from retrieval.asking.leads import lead_of
from retrieval.errors import StoreError
from retrieval.index.bm25 import FIELD_NAMES
from retrieval.index.candidates import collect_candidates
from retrieval.index.manifest import Generation, index_folder, open_generation
from retrieval.index.records import Candidates, Floats, Query
from retrieval.index.searcher import Searcher
from retrieval.index.segment import SegmentDamaged
from retrieval.ranking.features import Features, features
from retrieval.ranking.question_types import question_types
from retrieval.ranking.weights import Scores, StoreWeights
from retrieval.records import Answer, Caution, Hit, Intent
from retrieval.store.reader import Reader
from retrieval.text.analyzer import Token, analyzer
from retrieval.text.languages import detect_question_language
from retrieval.text.near_duplicates import NearDuplicates

if TYPE_CHECKING:
    from retrieval.asking.explanation import Explanation

LONGEST_QUESTION = 1000  # characters that are looked up; nobody types more, and a pasted page is no question
CANDIDATES = 50  # sentences that are ranked: they hold the answer as often as a hundred do, within half a per cent
TRIES = 3  # to build an index again before giving up

_log = logging.getLogger(__name__)
_rebuilding = threading.Lock()


@dataclass(frozen=True, slots=True)
class RankingInput:
    """A question with all that its ranking was made from."""

    query: Query
    candidates: Candidates
    features: Features
    searcher: Searcher


@dataclass(frozen=True, slots=True)
class Ranking:
    """A question whose candidates have been ranked."""

    considered: RankingInput
    verdict: Scores
    best: NDArray[np.intp]  # numbers of the candidates that the answer's hits cite, best first


class Answerer:
    """Answers questions from one store."""

    def __init__(self, store: Path, caution: Caution = "normal", reader: Reader | None = None) -> None:
        """Open the store for reading; one that does not exist has no articles. `reader` says which generation is asked."""
        self._caution: Caution = caution
        self._weights = StoreWeights(store)
        self._index = index_folder(store)
        self._reader = reader or Reader(store)
        self._searcher: Searcher | None = None

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
        unknown = set(fields or ()) - set(FIELD_NAMES)
        if unknown:
            raise ValueError(f"There is no field {', '.join(sorted(unknown))}; there are {', '.join(FIELD_NAMES)}.")
        searcher = self.searcher()
        if searcher is None or k < 1:
            return []
        looked_up, _ = _query(searcher, query)
        found = searcher.search(looked_up, k, FIELD_NAMES if fields is None else fields)
        return list(self._hits(searcher, found.rows, found.score))

    def consider(self, question: str) -> RankingInput | None:
        """Gather the candidates of a question and their features; None where no word is known."""
        searcher = self.searcher()
        if searcher is None:
            return None
        query, _ = _query(searcher, question)
        return _considered(searcher, query)

    def ask(self, question: str, k: int = 10) -> Answer:
        """Answer a question with at most k hits, or say that the articles do not."""
        return self._answer(question, k)[0]

    def explain(self, question: str, k: int = 10) -> "Explanation":
        """Answer a question as `ask` does, and say how the answer came about."""
        from retrieval.asking import explanation  # noqa: PLC0415 - only who asks why waits for the import

        answer, ranking = self._answer(question, k)
        if ranking is not None:
            of = ranking.considered
            basis = explanation.ExplanationInput(
                of.query, of.candidates, of.features, of.searcher, ranking.verdict, ranking.best
            )
            return explanation.explain(answer, basis, self._caution)
        searcher = self.searcher()
        query = (
            _query(searcher, read_filter(question).asked)[0] if searcher and answer.intent is Intent.QUESTION else None
        )
        return explanation.explain_nothing(answer, query, self._weights.judge(), self._caution)

    def _answer(self, question: str, k: int) -> tuple[Answer, Ranking | None]:
        searcher, typed = self.searcher(), read_filter(question)
        if typed.filter is None:
            return self._answer_from(searcher, question, k)
        searcher, scope = narrowed(self._reader, searcher, typed, typed.filter)
        if scope.mistakes:
            return replace(_silent(typed.asked, Intent.QUESTION, searcher), question=question, scope=scope), None
        answer, ranking = self._answer_from(searcher, typed.asked, k, newest=scope.filter.newest)
        return replace(answer, question=question, scope=scope), ranking

    def _answer_from(
        self, searcher: Searcher | None, question: str, k: int, *, newest: bool = False
    ) -> tuple[Answer, Ranking | None]:
        intent = intent_of(question[:LONGEST_QUESTION])
        if searcher is None or intent is not Intent.QUESTION:
            return _silent(question, intent, searcher), None
        query, tokens = _query(searcher, question)
        considered = _considered(searcher, query)
        if considered is None:
            return _silent(question, intent, searcher), None
        verdict = self._weights.verdict(query, considered.candidates, considered.features)
        order = np.lexsort((considered.candidates.rows, -verdict.scores))
        if newest:
            verdict, order = newest_first(self._reader, searcher, considered.candidates.rows, verdict, order)
        order = order[: max(k, 0)]
        ranked = self._ranked(searcher, considered.candidates.rows[order], verdict.scores[order], led=True)
        hits, sought = to_hits(ranked), _sought(query)
        answered = verdict.confidence >= verdict.judge.thresholds[self._caution] and bool(hits)
        answer = Answer(
            question=question, language=query.language, intent=intent, answered=answered, confidence=verdict.confidence, hits=hits,
            snippets=to_snippets(ranked, hits, query, sought, NearDuplicates(searcher.running_terms).are, newest=newest) if answered else (),
            nearest=() if answered else nearest_titles(hits), generation=searcher.generation.number,
            corrections=find_corrections(question, tokens, sought, ranked[0]) if answered else (),
        )  # fmt: skip
        return answer, Ranking(considered, verdict, order)

    def hits(self, considered: RankingInput) -> tuple[Hit, ...]:
        """Cite all candidates, in the order of their fields' score."""
        return self._hits(considered.searcher, considered.candidates.rows, considered.candidates.score)

    def _hits(self, searcher: Searcher, rows: NDArray[np.intp], scores: Floats) -> tuple[Hit, ...]:
        return to_hits(self._ranked(searcher, rows, scores, led=False))

    def _ranked(self, searcher: Searcher, rows: NDArray[np.intp], scores: Floats, *, led: bool) -> list[Ranked]:
        """Look up sentences, with their leads if wanted; one that a run of loads purges in this moment is left out."""
        keys = searcher.keys(rows)
        places = self._reader.places(keys)
        return [
            Ranked(place, score, lead_of(place) if led else None, key[0])
            for key, place, score in zip(keys, map(places.get, keys), scores.tolist(), strict=True)
            if place is not None
        ]

    def searcher(self) -> Searcher | None:
        """Give the searcher of the current generation; None while the store holds none."""
        generation, begun = self._reader.identity()
        if not generation:
            self._searcher = None
        elif self._searcher is None or not self._searcher.generation.is_current(self._index, generation, begun):
            self._searcher = Searcher(self._opened(generation, begun))
        return self._searcher

    def _opened(self, number: int, begun: str) -> Generation:
        """Open a generation; build it again where that fails, one thread for all of them."""
        known = [one.segment for one in self._searcher.generation.segments] if self._searcher else []
        with suppress(SegmentDamaged):
            return open_generation(self._index, number, begun, known)
        with _rebuilding:
            for _ in range(TRIES):  # another process may be putting its own in place at this moment
                try:
                    return open_generation(self._index, number, begun)
                except SegmentDamaged as damage:
                    _log.warning("building the index again: %s", damage)
                    self._build(number, begun)
        raise StoreError(f"{self._index} keeps changing. Ask again when nothing else works on it.")

    def _build(self, generation: int, begun: str) -> None:
        from retrieval.index.builder import build_index  # noqa: PLC0415 - imports scipy, for this rare case

        try:
            build_index(self._reader.versions(generation), self._index, generation, begun)
        except OSError as error:
            remedy = "Make room on the disk or give access to the folder."
            raise StoreError(f"{self._index} cannot be written ({error.strerror}). {remedy}") from error


def _query(searcher: Searcher, question: str) -> tuple[Query, list[Token]]:
    asked = question[:LONGEST_QUESTION]
    language = detect_question_language(asked, searcher.languages)
    tokens = list(analyzer(language).tokens(asked))
    types = question_types(asked, language, [token.word for token in tokens])
    return searcher.query(asked, language, tokens, types), tokens


def _sought(query: Query) -> list[QueryWord]:
    """Give the words of a question that are marked in its answer, each with the terms it is read as."""
    return [QueryWord(term, dict(term.readings)) for term in query.terms if not term.grammar]


def _considered(searcher: Searcher, query: Query) -> RankingInput | None:
    found = searcher.search(query, CANDIDATES)
    if not len(found.rows):
        return None
    candidates = collect_candidates(searcher, query, found)
    return RankingInput(query, candidates, features(query, candidates), searcher)


def _silent(question: str, intent: Intent, searcher: Searcher | None) -> Answer:
    language = detect_question_language(question[:LONGEST_QUESTION], searcher.languages if searcher else ())
    return Answer(
        question=question, language=language, intent=intent, answered=False, confidence=0.0, hits=(), snippets=(),
        nearest=(), generation=searcher.generation.number if searcher else 0,
    )  # fmt: skip
