"""The read side: a question goes in, ranked hits and an answer come out.

An asker belongs to one thread. It reads the current generation at each question and maps a new segment when a load
has published one; where the segment is missing or damaged, it is built again from SQLite, which is the truth.
"""

import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.analysis import analyzer, pair_numbers
from retrieval.answers import Ranked, nearest_titles, to_hits, to_snippets
from retrieval.index.search import Candidate, Query, Searcher
from retrieval.index.segments import Segment, SegmentDamaged, open_segment
from retrieval.intents import intent_of
from retrieval.languages import detect_question_language
from retrieval.ranking.confidence import THRESHOLD, confidence
from retrieval.records import Answer, Hit, Intent
from retrieval.store.reading import Reader

LONGEST_QUESTION = 1000  # characters that are looked up; nobody types more, and a pasted page is no question

_log = logging.getLogger(__name__)


class Asker:
    """Answers questions from one store."""

    def __init__(self, store: Path) -> None:
        """Open the store for reading; one that does not exist has no articles."""
        self._index = Path(f"{store}.index")
        self._reader = Reader(store)
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
        searcher = self._current()
        if searcher is None:
            return []
        language = detect_question_language(query[:LONGEST_QUESTION], searcher.languages)
        found = searcher.search(_query(query[:LONGEST_QUESTION], language), k, fields)
        return list(self._hits(searcher, found))

    def ask(self, question: str, k: int = 10) -> Answer:
        """Answer a question with at most k hits, or say that the articles do not."""
        asked = question[:LONGEST_QUESTION]
        intent = intent_of(asked)
        searcher = self._current()
        language = detect_question_language(asked, searcher.languages if searcher else ())
        if searcher is None or intent is not Intent.QUESTION:
            return _silent(question, language, intent, searcher.generation if searcher else 0)
        query = _query(asked, language)
        found = searcher.search(query, max(k, 1))
        wanted = {term: searcher.idf(term) for term, grammar in query.terms.items() if not grammar}
        sure = confidence(wanted, _window(searcher, found[0].row, wanted)) if found else 0.0
        hits = self._hits(searcher, found)
        answered = sure >= THRESHOLD
        return Answer(
            question=question, language=language, intent=intent, answered=answered, confidence=sure, hits=hits,
            snippets=to_snippets(hits, wanted, analyzer(language)) if answered else (),
            nearest=() if answered else nearest_titles(hits), generation=searcher.generation,
        )  # fmt: skip

    def _hits(self, searcher: Searcher, found: list[Candidate]) -> tuple[Hit, ...]:
        """Cite the candidates; one whose version a run of loads has purged in this very moment is left out."""
        return to_hits(
            [Ranked(place, one.score) for one in found for place in self._reader.places([searcher.key(one.row)])]
        )

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


def _query(question: str, language: str) -> Query:
    tokens = list(analyzer(language).tokens(question))
    return Query({token.term: token.grammar for token in tokens}, set(pair_numbers([token.term for token in tokens])))


def _window(searcher: Searcher, row: int, wanted: Mapping[int, float]) -> set[int]:
    """Give the terms around a hit: its own, those of the sentence before in its paragraph, its title's."""
    rows = [row]
    if row and searcher.paragraph[row - 1] == searcher.paragraph[row]:
        rows.append(row - 1)
    terms = {int(term) for near in rows for term in searcher.running_terms(near)}
    return terms | {term for term in wanted if searcher.title_holds(row, term)}


def _silent(question: str, language: str, intent: Intent, generation: int) -> Answer:
    return Answer(
        question=question, language=language, intent=intent, answered=False, confidence=0.0, hits=(), snippets=(),
        nearest=(), generation=generation,
    )  # fmt: skip
