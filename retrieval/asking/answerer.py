"""The read side of one store: a question goes in, an answer comes out.

`Answerer._answer` takes a question through all stages; everything else here serves it. Questions are answered from the
current generation.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from retrieval.asking.answer import AreAlike, RankedSentence, to_hits, to_snippets
from retrieval.asking.corrections import find_corrections
from retrieval.asking.current_index import CurrentIndex
from retrieval.asking.disagreement import beside_what_disagrees
from retrieval.asking.filters import ParsedQuestion, apply_filter, parse_question
from retrieval.asking.follow_ups import Form, Reading
from retrieval.asking.highlight import query_words
from retrieval.asking.in_context import (
    LOOKED_UP,
    MAX_QUESTION,
    build_query,
    in_conversation,
    read_after,
    read_in_context,
    scores_in_context,
)
from retrieval.asking.intents import detect_intent, without_greeting
from retrieval.asking.nearest import hits_with_rarest_word, nearest_titles
from retrieval.asking.ordering import look_up, order_candidates
from retrieval.asking.port import Index, SentenceIndex
from retrieval.asking.recency import asks_for_newest
from retrieval.asking.records import Ranking, RankingInput, with_translations
from retrieval.index.bm25 import FIELD_NAMES
from retrieval.index.candidates import collect_candidates
from retrieval.index.records import Query
from retrieval.ranking.features import compute_features
from retrieval.ranking.weights import StoreWeights
from retrieval.records import Answer, Caution, Context, Hit, Intent
from retrieval.store.reader import Reader
from retrieval.store.time_limit import LONGEST
from retrieval.text.analyzer import Token
from retrieval.text.languages import detect_question_language
from retrieval.text.near_duplicates import NearDuplicates

if TYPE_CHECKING:
    from retrieval.asking.explanation import Explanation

MAX_CANDIDATES = 50  # sentences that are ranked: a hundred contain the answer hardly more often (within .5 %)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """An answer with what it was made from, as far as the question got."""

    answer: Answer
    query: Query | None = None
    ranking: Ranking | None = None


class Answerer:
    """Answers questions from one store; for one thread."""

    def __init__(
        self, store: Path, caution: Caution = "normal", reader: Reader | None = None, index: Index | None = None
    ) -> None:
        """Open the store for reading; one that does not exist is empty. `reader` decides which generation is asked, by
        default of the index beside the store.
        """
        self._caution: Caution = caution
        self._weights = StoreWeights(store)
        self._reader = reader or Reader(store)
        self._index = index or CurrentIndex(store, self._reader)

    def end_questions(self) -> None:
        """End the question that is asked, and those to come, with QuestionTooSlow; for any thread."""
        self._reader.limit.end()

    def close(self) -> None:
        """Close the store."""
        self._reader.close()
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def ask(self, question: str, k: int = 10, context: Context | None = None) -> Answer:
        """Answer a question with at most k hits; `answered` is false if the articles do not answer it.

        If it does not stand alone, it is read in the light of the question before, its context.
        """
        return self._index.mending(lambda: self._answer(question, k, context)).answer

    def more(self, context: Context) -> Answer:
        """Answer the question of a context again; the snippets are the next that were not shown."""
        return self._index.mending(lambda: self._more(context)).answer

    def explain(
        self, question: str, k: int = 10, context: Context | None = None, only: Hit | None = None
    ) -> "Explanation":
        """Answer a question as `ask` does, and explain the first hits; `only` one hit, if it is among the k."""
        from retrieval.asking import explanation  # noqa: PLC0415 - only explanations need it

        found = self._index.mending(lambda: self._answer(question, k, context))
        if found.ranking is not None:
            return explanation.explain(found.answer, found.ranking, self._caution, only)
        needed = self._weights.confidence_model().thresholds[self._caution]
        return explanation.explain_no_hits(found.answer, found.query, self._caution, needed)

    def _answer(self, question: str, k: int, context: Context | None = None) -> _Outcome:
        """Read a question, and look for what answers it."""
        question = _whole_characters(question)
        parsed, searcher = parse_question(without_greeting(question)), self.searcher()
        nothing = _no_answer(question, parsed, searcher)
        with self._reader.limit.within(LONGEST):
            return self._look_for(searcher, *read_in_context(nothing, parsed, context), k)

    def _more(self, context: Context) -> _Outcome:
        """Look for the answer to the question of a context again."""
        parsed, searcher = parse_question(""), self.searcher()
        nothing = replace(_no_answer(context.question, parsed, searcher), language=context.language)
        with self._reader.limit.within(LONGEST):
            return self._look_for(searcher, *read_after(context, nothing, parsed, Form.MORE), 0)

    def _look_for(
        self, searcher: SentenceIndex | None, nothing: Answer, parsed: ParsedQuestion, reading: Reading, k: int
    ) -> _Outcome:
        """Take a question through all stages, each called once, as long as there is time."""
        check_time = self._reader.limit.check
        searcher, scope = apply_filter(self._reader, searcher, parsed)
        nothing = replace(nothing, scope=scope)
        if searcher is None or nothing.intent not in LOOKED_UP:
            return _Outcome(nothing)
        query, tokens = build_query(searcher, reading, nothing.language)
        check_time()
        collected = None if parsed.is_refused else _collect(searcher, query)
        if collected is None:
            return _Outcome(in_conversation(nothing, reading, query.types, parsed.filter), query)
        check_time()
        newest = parsed.newest or asks_for_newest(parsed.text, query.language, [token.word for token in tokens])
        # It remembers the articles that it has compared.
        are_alike = NearDuplicates(collected.searcher.running_terms).are_alike
        scores = self._weights.score(query, collected.candidates, collected.features)
        scores = with_translations(scores, query, searcher.languages)
        scores = scores_in_context(self._reader, collected, scores, reading)
        k = MAX_CANDIDATES if nothing.intent is Intent.MORE else k
        ranking, ranked = order_candidates(
            self._reader, collected, scores, k, are_alike, newest=newest, undated_last=parsed.newest
        )
        check_time()
        answer = self._compose(nothing, parsed, tokens, ranking, ranked, are_alike=are_alike)
        return _Outcome(in_conversation(answer, reading, query.types, parsed.filter), query, ranking)

    def _compose(
        self,
        nothing: Answer,
        parsed: ParsedQuestion,
        tokens: Sequence[Token],
        ranking: Ranking,
        ranked: Sequence[RankedSentence],
        *,
        are_alike: AreAlike,
    ) -> Answer:
        """Make an answer of the best candidates if the first is certain enough."""
        query, scores = ranking.input.query, ranking.scores
        found = scores.confidence
        answer = replace(nothing, p_in_store=found.in_store, p_right=found.right, hits=to_hits(ranked))
        certainty = found.certainty(scores.confidence_model.thresholds[self._caution])
        if not ranked or certainty == "none":
            return replace(answer, nearest=nearest_titles(hits_with_rarest_word(ranking, answer.hits)))
        words = query_words(query)
        snippets = to_snippets(
            ranked, answer.hits, query, words, are_alike, newest=ranking.newest, sure=certainty == "sure"
        )
        snippets, disagree = beside_what_disagrees(snippets, ranked, answer.hits, query, words)
        corrections = find_corrections(parsed.text, tokens, words, ranked[0])
        return replace(answer, certainty=certainty, snippets=snippets, disagree=disagree, corrections=corrections)

    def best_in(self, versions: Sequence[int], question: str, k: int) -> list[Hit]:
        """Rank at most k sentences of some versions, whose rows ascend, whether or not they answer a question."""
        return self._index.mending(lambda: self._best_in(versions, _whole_characters(question), k))

    def _best_in(self, versions: Sequence[int], question: str, k: int) -> list[Hit]:
        parsed, searcher = parse_question(question)._replace(filter=None, mistakes=()), self.searcher()
        nothing = replace(_no_answer(question, parsed, searcher), intent=Intent.QUESTION)
        chosen = searcher and searcher.restricted_to(np.array(versions, np.int64))
        alone = Reading(parsed.text, len(parsed.text))
        with self._reader.limit.within(LONGEST):
            return list(self._look_for(chosen, nothing, parsed, alone, k).answer.hits)

    def retrieve(self, query: str, k: int = 10, fields: Collection[str] | None = None) -> list[Hit]:
        """Rank at most k sentences by all fields, or those named, without re-ranking. Raise ValueError for another field."""
        wanted = FIELD_NAMES if fields is None else fields
        unknown = set(wanted) - set(FIELD_NAMES)
        if unknown:
            raise ValueError(f"Unknown field {', '.join(sorted(unknown))}. Use {', '.join(FIELD_NAMES)}.")
        return self._index.mending(lambda: self._retrieve(_whole_characters(query), k, wanted))

    def _retrieve(self, query: str, k: int, fields: Collection[str]) -> list[Hit]:
        searcher = self.searcher()
        if searcher is None or k < 1:
            return []
        found = searcher.top(_plain_query(searcher, query), k, fields)
        return list(to_hits(look_up(self._reader, found.searcher, found.hits.rows, found.hits.score), leads=False))

    def ranking_input(self, question: str) -> RankingInput | None:
        """Return what a question would be ranked by, None if no article has any of its words; for training."""
        searcher = self.searcher()
        return _collect(searcher, _plain_query(searcher, question)) if searcher else None

    def hits(self, collected: RankingInput) -> tuple[Hit, ...]:
        """Return all candidates as hits, in the order of their scores in the index."""
        candidates = collected.candidates
        return to_hits(look_up(self._reader, collected.searcher, candidates.rows, candidates.score), leads=False)

    def searcher(self) -> SentenceIndex | None:
        """Return the searcher of the current generation, None for an empty store."""
        return self._index.searcher()


def _whole_characters(text: str) -> str:
    """Return a text with a sign in place of each half of a character, which no store and no terminal can take."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _no_answer(question: str, parsed: ParsedQuestion, searcher: SentenceIndex | None) -> Answer:
    """Return the answer to a question for which nothing is found, with its language and intent."""
    text, languages = parsed.text[:MAX_QUESTION], searcher.languages if searcher else ()
    return Answer(
        question=question,
        language=detect_question_language(text, languages),
        intent=Intent.QUESTION if parsed.is_refused else detect_intent(text, languages),
        certainty="none",
        p_in_store=0.0,
        p_right=0.0,
        hits=(),
        snippets=(),
        nearest=(),
        generation=searcher.generation.number if searcher else 0,
    )


def _plain_query(searcher: SentenceIndex, question: str) -> Query:
    """Return a question as the index knows it, as it is."""
    language = detect_question_language(question[:MAX_QUESTION], searcher.languages)
    return build_query(searcher, Reading(question, len(question)), language)[0]


def _collect(searcher: SentenceIndex, query: Query) -> RankingInput | None:
    """Search, and collect the candidates with their features; None if nothing is found."""
    found = searcher.top(query, MAX_CANDIDATES)
    if not len(found.hits.rows):
        return None
    candidates = collect_candidates(found.searcher, query, found.hits)
    return RankingInput(query, candidates, compute_features(query, candidates), found.searcher)
