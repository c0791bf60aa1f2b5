"""The operators of a question -> the articles that it is put to, and the order of hits that are about as good."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retrieval.dates import day_of
from retrieval.filters import Typed
from retrieval.index.search import Searcher
from retrieval.ranking.weights import Verdict
from retrieval.records import Filter, Scope
from retrieval.store.reading import Reader

ABOUT_AS_GOOD = 1.0  # points of score behind the first: a sentence that six articles hold word for word spreads over .7


def narrowed(reader: Reader, searcher: Searcher | None, typed: Typed, wanted: Filter) -> tuple[Searcher | None, Scope]:
    """Give a searcher of the articles that are wanted alone, and what became of the operators."""
    scope = Scope(wanted, mistakes=typed.mistakes)
    if searcher is None or scope.mistakes or not (wanted.after or wanted.before or wanted.sources):
        return searcher, scope
    versions, undated = reader.matching(searcher.generation.number, wanted)
    found = searcher.among(np.array(versions, np.int64))
    return found, replace(scope, articles=len(versions), undated=undated)


def newest_first(
    reader: Reader, searcher: Searcher, rows: NDArray[np.intp], verdict: Verdict, order: NDArray[np.intp]
) -> tuple[Verdict, NDArray[np.intp]]:
    """Put candidates that are about as good as the best in order of publication, those without a date last.

    `order` are the numbers of candidates, the best first. A first that is less good is as much less sure to answer.
    """
    equals = order[verdict.scores[order] >= verdict.scores[order[0]] - ABOUT_AS_GOOD]
    keys = searcher.keys(rows[equals])
    places = reader.places(keys)
    days = [day_of(places[key].article.published) if key in places else "" for key in keys]
    by_day = sorted(range(len(days)), key=days.__getitem__, reverse=True)  # stable: of one day the best stays first
    first = np.concatenate([equals[by_day], order[len(equals) :]])
    behind = float(verdict.scores[order[0]] - verdict.scores[first[0]])
    return replace(verdict, confidence=verdict.confidence * math.exp(-behind)), first
