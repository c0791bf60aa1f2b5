"""Scored candidates -> the ranking, and the sentences that become hits: the stages after the ranker, each called once."""

import numpy as np
from numpy.typing import NDArray

from retrieval.asking.answer import MAX_LAG, AreAlike, RankedSentence
from retrieval.asking.editions import asked_first
from retrieval.asking.recency import corrections_first, newest_first
from retrieval.asking.records import Ranking, RankingInput, with_lag
from retrieval.asking.standing_alone import standing_alone
from retrieval.index.records import Floats
from retrieval.index.searcher import Searcher
from retrieval.ranking.weights import Scores
from retrieval.store.reader import Reader

SPARE = 5  # candidates beyond those wanted, in place of those that cannot answer on their own


def order_candidates(
    reader: Reader,
    collected: RankingInput,
    scores: Scores,
    k: int,
    are_alike: AreAlike,
    *,
    newest: bool,
    undated_last: bool,
) -> tuple[Ranking, list[RankedSentence]]:
    """Put the candidates in order, and return the best k that answer on their own."""
    query, searcher, rows = collected.query, collected.searcher, collected.candidates.rows
    best = np.lexsort((rows, -scores.scores))
    if newest:
        scores, best = newest_first(reader, searcher, rows, scores, best, undated_last=undated_last)
    best = best[: k + SPARE if k > 0 else 0]
    ranked = _that_answer(reader, searcher, rows[best], scores.scores[best], k)
    if not newest:
        ranked = corrections_first(ranked, are_alike)
    ranked, lag = asked_first(query.text, query.language, ranked)
    ranked = ranked[: max(k, 0)]
    kept = best[[one.number for one in ranked]]
    if len(kept):
        scores = with_lag(scores, lag + max(float(scores.scores[best[0]] - scores.scores[kept[0]]), 0.0))
    return Ranking(collected, scores, kept, newest), ranked


def _that_answer(
    reader: Reader, searcher: Searcher, rows: NDArray[np.intp], scores: Floats, k: int
) -> list[RankedSentence]:
    """Look up the sentences that answer on their own; more than k only if those are near enough to come first, or some
    of the k do not.
    """
    near = int(np.count_nonzero(scores >= scores[:1] - MAX_LAG))
    looked_up = look_up(reader, searcher, rows[: max(k, near)], scores)
    ranked = standing_alone(looked_up, reader.places)
    if len(ranked) >= k or len(looked_up) == len(rows):
        return ranked
    return standing_alone(look_up(reader, searcher, rows, scores), reader.places)


def look_up(reader: Reader, searcher: Searcher, rows: NDArray[np.intp], scores: Floats) -> list[RankedSentence]:
    """Read sentences from the store, except those that a load is deleting at this moment; `scores` may be of more."""
    keys = searcher.keys(rows)
    places = reader.places(keys)
    return [
        RankedSentence(places[key], score, version=key[0], number=number)
        for number, (key, score) in enumerate(zip(keys, scores.tolist(), strict=False))
        if key in places
    ]
