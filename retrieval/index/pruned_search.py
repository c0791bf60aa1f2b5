"""The legs of a query, one segment -> the best of its sentences, exactly, without a look at most of them.

A bound is what the score of none of a paragraph's sentences exceeds. The search

1. adds up the bounds of the paragraphs that hold most legs. Legs of common words, which take long to add up and together
   hardly bring a sentence among the best, are deferred: every paragraph is taken to hold them at their greatest,
2. scores the sentences of the most promising paragraphs, which gives a threshold: the k-th best score so far,
3. looks the deferred legs up in the paragraphs whose bound reaches the threshold,
4. scores the sentences of those where it still does, the most promising first, until no bound reaches it.

Sentences are scored from their running words, the same way whichever step they are found in, so that twins tie. The
idea of bounds is that of MaxScore (Turtle and Flood 1995). For the sentence field alone `sentence_pruning` does better.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import PREVIOUS, Means
from retrieval.index.postings import (
    ARTICLE_FIELDS,
    BY_NAME,
    PARAGRAPH,
    SENTENCE,
    ParagraphPostings,
    Postings,
    SegmentQuery,
    Units,
)
from retrieval.index.records import Floats
from retrieval.index.scorer import Scorer, ranges
from retrieval.index.segment import Segment
from retrieval.index.sentence_pruning import MOST_LEGS, SentencePruner
from retrieval.index.top_k import TopK, greatest

LIGHT = 0.1  # share of all bounds that the light legs may have together
LONG = 64  # a leg that fewer than one paragraph in 64 holds is added up sooner than deferred
FIRST = 48  # paragraphs that are scored for the first threshold, or as many as sentences are wanted
PIECE = 192  # paragraphs that are scored before the threshold is looked at again, then twice as many, and so on
SMALL = 8_000  # paragraphs: in a segment of fewer, to add up a leg costs less than to defer it
LEAST = 1e-9  # above 0: a sentence that holds nothing is no hit


class PrunedSearch:
    """Searches one segment; not to be shared between threads, since its sums are kept from search to search."""

    def __init__(self, segment: Segment, means: Means, dead: Sequence[int], offset: int) -> None:
        """Take a segment, the mean lengths of its generation, the numbers of the articles that are no longer shown,
        and how many rows the segments before it have.
        """
        arrays = segment.arrays
        self.offset = offset
        self.paragraphs = ParagraphPostings(segment, PARAGRAPH, means[PARAGRAPH.name])
        self.articles = {name: Postings(segment, BY_NAME[name], means[name]) for name in ARTICLE_FIELDS}
        self.scorer = Scorer(segment, means, self.paragraphs)
        self.article, self._first = arrays["paragraph.article"], arrays["article.first"]
        self.sums = np.zeros(len(self.article), np.float32)  # of paragraphs; between searches all 0
        self.dead = np.diff(self._first) == 0  # articles without a sentence that is shown
        self.dead[list(dead)] = True
        self.alone = SentencePruner(segment, self.scorer, self.dead, offset)

    def search(self, legs: SegmentQuery, best: TopK) -> None:
        """Add the best sentences of the segment to the best of others."""
        if len(legs.columns) and len(self.article):
            try:
                with self.scorer.of(legs):
                    if list(best.weights) == [SENTENCE.name] and len(legs.columns) <= MOST_LEGS:
                        self.alone.search(legs, best)
                    else:
                        _Search(self, legs, best).run()
            except BaseException:
                self.sums[:] = 0
                raise

    def scores(self, legs: SegmentQuery, rows: Units, paragraphs: Units) -> dict[str, Floats]:
        """Give the scores of rows, which stand in these paragraphs, in all fields: (n,)."""
        units, names = np.unique(paragraphs), (SENTENCE.name, PREVIOUS, PARAGRAPH.name)
        articles = _Articles(self.articles, legs, dict.fromkeys(ARTICLE_FIELDS, 1.0))
        with self.scorer.of(legs):
            scored, fields = self.scorer.score(units, names, articles.scores(self.article.take(units)))
        return {name: values[scored.searchsorted(rows)] for name, values in fields.items()}

    def paragraphs_of(self, articles: Units) -> Units:
        """Give the paragraphs of articles."""
        first = self._first.take(articles)
        return ranges(first, self._first.take(articles + 1) - first)


class _Search:
    """One search of a segment."""

    def __init__(self, on: PrunedSearch, legs: SegmentQuery, best: TopK) -> None:
        self._on, self._best, self._legs = on, best, legs
        weights = best.weights
        self._shares = weights.get(SENTENCE.name, 0.0) + weights.get(PREVIOUS, 0.0), weights.get(PARAGRAPH.name, 0.0)
        own, around = map(np.float32, self._shares)
        self._bounds = own * on.paragraphs.sentence_bounds(legs)  # (T,) what a leg brings at most, but for the article
        if around:
            self._bounds += around * on.paragraphs.bounds(legs)
        self._articles = _Articles(on.articles, legs, weights)
        self._reach = self._articles.reach  # what an article brings
        self._reach[on.dead] = -np.inf
        for name, score in self._articles.best(~on.dead).items():
            best.see(name, score)
        self._deferred = self._light() | on.paragraphs.are_dense(legs.columns)
        if len(on.article) < SMALL or self._deferred.all():
            self._deferred[:] = False

    def _light(self) -> NDArray[np.bool_]:
        """Say which legs are long and bring little, together no more than their share."""
        order, light = np.argsort(self._bounds, kind="stable"), np.zeros(len(self._bounds), np.bool_)
        light[order[self._bounds[order].cumsum() <= LIGHT * self._bounds.sum()]] = True
        return light & (self._on.paragraphs.sizes(self._legs) * LONG > len(self._on.paragraphs))

    def run(self) -> None:
        """Search."""
        touched = self._add_up(~self._deferred)
        bounds = self._bounds_of(touched)
        first = touched.take(greatest(bounds, 4 * max(FIRST, self._best.k)))  # some come for several legs
        done = np.unique(first[self._reach.take(self._on.article.take(first)) > -np.inf])
        self._score(done)
        while self._deferred.any() and self._rest() + self._reach.max() >= max(self._best.threshold, LEAST):
            touched = np.concatenate([touched, self._add_up(self._heaviest_deferred())])
            bounds = self._bounds_of(touched)
        self._on.sums[touched] = 0
        paragraphs, bounds = self._reaching(touched, bounds)
        bounds += self._looked_up(paragraphs)
        paragraphs, bounds = _each_once(paragraphs, bounds, self._best.threshold, done)
        low, piece = 0, PIECE
        while low < len(bounds) and bounds[low] >= self._best.threshold:
            here = slice(low, low + piece)
            self._score(paragraphs[here][bounds[here] >= self._best.threshold])
            low, piece = low + piece, 2 * piece

    def _add_up(self, which: NDArray[np.bool_]) -> Units:
        """Add up the bounds of some legs, and give the paragraphs that hold any, once for each."""
        if not any(self._shares):
            return np.empty(0, np.int32)
        return self._on.paragraphs.add_bounds(self._legs.only(which), self._on.sums, *self._shares)

    def _bounds_of(self, paragraphs: Units) -> Floats:
        """Give the bounds of paragraphs, but for what the deferred legs bring."""
        found = self._on.sums.take(paragraphs)
        if self._reach.any():
            found += self._reach.take(self._on.article.take(paragraphs))
        return found

    def _rest(self) -> np.float32:
        """Give what the deferred legs bring a paragraph at most."""
        return self._bounds[self._deferred].sum()

    def _heaviest_deferred(self) -> NDArray[np.bool_]:
        """Choose the deferred leg that brings most, and defer it no longer."""
        chosen = np.zeros(len(self._deferred), np.bool_)
        chosen[np.where(self._deferred, self._bounds, -1).argmax()] = True
        self._deferred &= ~chosen
        return chosen

    def _reaching(self, touched: Units, bounds: Floats) -> tuple[Units, Floats]:
        """Find the paragraphs that could reach the threshold, those of articles that can do without the legs included."""
        least = max(self._best.threshold, LEAST) - self._rest()
        near = (bounds >= least).nonzero()[0]
        others = self._on.paragraphs_of((self._reach >= least).nonzero()[0])
        reach = self._reach.take(self._on.article.take(others))
        return np.concatenate([touched.take(near), others]), np.concatenate([bounds.take(near), reach])

    def _looked_up(self, paragraphs: Units) -> Floats | np.float32:
        """Give what the deferred legs bring to paragraphs at most."""
        if not self._deferred.any() or not len(paragraphs):
            return np.float32(0)
        return self._on.paragraphs.look_up_bounds(self._legs.only(self._deferred), paragraphs, *self._shares)

    def _score(self, paragraphs: Units) -> None:
        """Score the sentences of some paragraphs."""
        if len(paragraphs):
            of = self._articles.scores(self._on.article.take(paragraphs))
            rows, fields = self._on.scorer.score(paragraphs, tuple(self._best.weights), of)
            self._best.add(rows + self._on.offset, fields)


def _each_once(paragraphs: Units, bounds: Floats, threshold: float, done: Units) -> tuple[Units, Floats]:
    """Keep each paragraph once, the greatest bound first; without those done or below a threshold."""
    kept = (bounds >= threshold).nonzero()[0]
    _, first = np.unique(np.concatenate([done, paragraphs.take(kept)]), return_index=True)
    order = kept.take(first[first >= len(done)] - len(done))
    order = order.take(np.argsort(-bounds.take(order), kind="stable"))
    return paragraphs.take(order), bounds.take(order)


class _Articles:
    """The scores of all articles by a query, in the fields whose unit is the article."""

    def __init__(self, postings: Mapping[str, Postings], legs: SegmentQuery, weights: Mapping[str, float]) -> None:
        self._sums: dict[str, Floats] = {}
        self.reach = np.zeros(len(postings["article"]), np.float32)  # (A,) the same, fields weighed together
        for name, field in postings.items():
            if name in weights:
                self._sums[name] = np.zeros(len(field), np.float32)
                field.add_up(legs, self._sums[name])
                self.reach += np.float32(weights[name]) * self._sums[name]

    def best(self, alive: NDArray[np.bool_]) -> dict[str, float]:
        """Give the best score of any living article by field."""
        return {name: float(sums[alive].max(initial=0)) for name, sums in self._sums.items()}

    def scores(self, articles: Units) -> dict[str, Floats]:
        """Give the scores of some articles by field, unweighted."""
        return {name: sums.take(articles) for name, sums in self._sums.items()}
