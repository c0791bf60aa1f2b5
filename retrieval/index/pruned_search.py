"""Search a large segment: a query's columns -> the best sentences, exactly, without looking at most of them.

A paragraph's bound is a score that none of its sentences exceeds. The search

1. adds up the bounds of the paragraphs that hold the columns. Columns of common words, which take long to add up and
   together hardly lift a sentence into the best, are deferred: at first, every paragraph could hold them,
2. scores the sentences of the paragraphs with the greatest bounds, for a first threshold: the k-th best score so far,
3. looks up the deferred columns in the paragraphs whose bound, with them, reaches the threshold,
4. scores the sentences of those where it still does, the greatest bound first, until none reaches the threshold.

Whichever step finds a sentence, it is scored in the same way from its running words, so that equal sentences tie. The
idea of bounds is that of MaxScore (Turtle and Flood 1995).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import ARTICLE_FIELDS, FIELDS, PARAGRAPH, PARAGRAPH_FIELDS, PREVIOUS, SECTION, SENTENCE, Means
from retrieval.index.postings import BoundedPostings, ParagraphPostings, Postings, SegmentQuery, Units
from retrieval.index.records import Floats
from retrieval.index.scorer import Scorer, ranges
from retrieval.index.segment import Segment
from retrieval.index.top_k import TopK, greatest

LIGHT = 0.1  # share of the sum of all bounds that the light columns may have together
LONG = 64  # a column that less than one paragraph in 64 holds is added up sooner than deferred
FIRST = 48  # paragraphs scored for the first threshold, or as many as sentences are wanted
PIECE = 192  # paragraphs scored before the threshold is looked at again, then twice as many, and so on
SMALL = 8_000  # paragraphs: in a segment of fewer, adding up a column takes less time than deferring it
LEAST = 1e-9  # above 0: a sentence without any of the words is no hit


class PrunedSearch:
    """Searches one segment; not to be shared between threads, since it keeps its sums from search to search."""

    def __init__(self, segment: Segment, means: Means, dead: Sequence[int], offset: int) -> None:
        """Take a segment, the mean lengths of its generation, the numbers of its deleted articles, and the number of rows
        in the segments before it.
        """
        arrays = segment.arrays
        self.offset = offset
        self.paragraphs = ParagraphPostings(segment, means)
        self.sections = BoundedPostings(segment, SECTION, means[SECTION.name])
        fields = {field.name: field for field in FIELDS}
        self.articles = {name: Postings(segment, fields[name], means[name]) for name in ARTICLE_FIELDS}
        self.scorer = Scorer(segment, means, self.paragraphs, self.sections)
        self.article, self.article_first = arrays["paragraph.article"], arrays["article.first"]
        self.sums = np.zeros(len(self.article), np.float32)  # of paragraphs; all 0 between searches
        self.dead = np.diff(self.article_first) == 0  # articles without a sentence to find
        self.dead[list(dead)] = True

    def search(self, query: SegmentQuery, best: TopK) -> None:
        """Add the best sentences of the segment to those of others."""
        if len(query.columns) and len(self.article):
            try:
                with self.scorer.scoring(query):
                    _Search(self, query, best).run()
            except BaseException:
                self.sums[:] = 0
                raise

    def scores(self, query: SegmentQuery, rows: Units, paragraphs: Units) -> dict[str, Floats]:
        """Return the scores by field of rows, which are in these paragraphs: (n,)."""
        units, names = np.unique(paragraphs), (SENTENCE.name, PREVIOUS, *PARAGRAPH_FIELDS)
        articles = _ArticleScores(self.articles, query, dict.fromkeys(ARTICLE_FIELDS, 1.0))
        with self.scorer.scoring(query):
            scored, fields = self.scorer.score(units, names, articles.by_field(self.article.take(units)))
        return {name: values[scored.searchsorted(rows)] for name, values in fields.items()}


class _Search:
    """One search of a segment."""

    def __init__(self, segment: PrunedSearch, query: SegmentQuery, best: TopK) -> None:
        self._segment, self._best, self._query = segment, best, query
        weights = best.weights
        self._paragraphs = _ParagraphBounds(segment, weights)
        self._bounds = self._paragraphs.most(query)  # (T,) without what the article adds
        self._articles = _ArticleScores(segment.articles, query, weights)
        self._articles.total[segment.dead] = -np.inf
        for name, score in self._articles.best(~segment.dead).items():
            best.note(name, score)
        self._deferred = self._light() | segment.paragraphs.are_dense(query.columns)
        if len(segment.article) < SMALL or self._deferred.all():
            self._deferred[:] = False

    def _light(self) -> NDArray[np.bool_]:
        """Return which columns have many postings and add little, together no more than their share."""
        order, light = np.argsort(self._bounds, kind="stable"), np.zeros(len(self._bounds), np.bool_)
        light[order[self._bounds[order].cumsum() <= LIGHT * self._bounds.sum()]] = True
        return light & (self._segment.paragraphs.sizes(self._query.columns) * LONG > len(self._segment.paragraphs))

    def run(self) -> None:
        """Search."""
        touched = self._add_up(~self._deferred)
        bounds = self._bounds_of(touched)
        first = touched.take(greatest(bounds, 4 * max(FIRST, self._best.k)))  # some several times
        done = np.unique(first[self._article_total(first) > -np.inf])
        self._score(done)
        while self._deferred.any() and self._rest() + self._articles.total.max() >= self._threshold():
            touched = np.concatenate([touched, self._add_up(self._heaviest_deferred())])
            bounds = self._bounds_of(touched)
        self._segment.sums[touched] = 0
        paragraphs, bounds = self._reaching(touched, bounds)
        bounds += self._deferred_bounds(paragraphs)
        paragraphs, bounds = _each_once(paragraphs, bounds, self._best.threshold, done)
        low, piece = 0, PIECE
        while low < len(bounds) and bounds[low] >= self._best.threshold:
            here = slice(low, low + piece)
            self._score(paragraphs[here][bounds[here] >= self._best.threshold])
            low, piece = low + piece, 2 * piece

    def _threshold(self) -> float:
        return max(self._best.threshold, LEAST)

    def _add_up(self, which: NDArray[np.bool_]) -> Units:
        """Add up the bounds of some columns; return the paragraphs, once for each column they hold."""
        return self._paragraphs.add(self._query.only(which), self._segment.sums)

    def _article_total(self, paragraphs: Units) -> Floats:
        return self._articles.total.take(self._segment.article.take(paragraphs))

    def _bounds_of(self, paragraphs: Units) -> Floats:
        """Return the bounds of paragraphs, without what the deferred columns add."""
        found = self._segment.sums.take(paragraphs)
        if self._articles.total.any():
            found += self._article_total(paragraphs)
        return found

    def _rest(self) -> np.float32:
        """Return the most that the deferred columns add to a paragraph's bound."""
        return self._bounds[self._deferred].sum()

    def _heaviest_deferred(self) -> NDArray[np.bool_]:
        """Choose the deferred column with the greatest bound, and defer it no longer."""
        chosen = np.zeros(len(self._deferred), np.bool_)
        chosen[np.where(self._deferred, self._bounds, -1).argmax()] = True
        self._deferred &= ~chosen
        return chosen

    def _reaching(self, touched: Units, bounds: Floats) -> tuple[Units, Floats]:
        """Find the paragraphs that could reach the threshold, and those that do by their article's score alone."""
        least = self._threshold() - self._rest()
        near = (bounds >= least).nonzero()[0]
        articles = (self._articles.total >= least).nonzero()[0]
        first, end = (self._segment.article_first.take(articles + more) for more in (0, 1))
        others = ranges(first, end - first)
        return np.concatenate([touched.take(near), others]), np.concatenate(
            [bounds.take(near), self._article_total(others)]
        )

    def _deferred_bounds(self, paragraphs: Units) -> Floats | np.float32:
        """Return the most that the deferred columns add to paragraphs."""
        if not self._deferred.any() or not len(paragraphs):
            return np.float32(0)
        return self._paragraphs.look_up(self._query.only(self._deferred), paragraphs)

    def _score(self, paragraphs: Units) -> None:
        """Score the sentences of some paragraphs."""
        if len(paragraphs):
            of_articles = self._articles.by_field(self._segment.article.take(paragraphs))
            rows, fields = self._segment.scorer.score(paragraphs, tuple(self._best.weights), of_articles)
            self._best.add(rows + self._segment.offset, fields)


def _each_once(paragraphs: Units, bounds: Floats, threshold: float, done: Units) -> tuple[Units, Floats]:
    """Keep each paragraph once, the greatest bound first, without those done or below the threshold."""
    kept = (bounds >= threshold).nonzero()[0]
    _, first = np.unique(np.concatenate([done, paragraphs.take(kept)]), return_index=True)
    order = kept.take(first[first >= len(done)] - len(done))
    order = order.take(np.argsort(-bounds.take(order), kind="stable"))
    return paragraphs.take(order), bounds.take(order)


class _ParagraphBounds:
    """The most that columns add to any sentence of a paragraph: weighted sums over the fields but those of articles."""

    def __init__(self, segment: PrunedSearch, weights: Mapping[str, float]) -> None:
        self._paragraphs, self._sections = segment.paragraphs, segment.sections
        self._own = weights.get(SENTENCE.name, 0.0) + weights.get(PREVIOUS, 0.0)
        self._around = weights.get(PARAGRAPH.name, 0.0)
        self._section = 0.0 if segment.sections.is_empty else weights.get(SECTION.name, 0.0)

    def most(self, query: SegmentQuery) -> Floats:
        """Return the most that each column adds in any paragraph: (T,)."""
        found = np.float32(self._own) * self._paragraphs.sentence_bounds(query)
        if self._around:
            found += np.float32(self._around) * self._paragraphs.bounds(query)
        if self._section:
            found += np.float32(self._section) * self._sections.bounds(query)
        return found

    def add(self, query: SegmentQuery, sums: Floats) -> Units:
        """Add to the sums of paragraphs; return those that hold the columns, once for each column they hold."""
        touched: list[Units] = [np.empty(0, np.int32)]
        if self._own or self._around:
            touched.append(self._paragraphs.add_bounds(query, sums, self._own, self._around))
        if self._section:
            self._sections.add_scores(query.times(self._section), sums)
            touched.append(self._sections.units(query.columns))
        return np.concatenate(touched)

    def look_up(self, query: SegmentQuery, paragraphs: Units) -> Floats:
        """Return what `add` adds to some paragraphs: (n,)."""
        found = self._paragraphs.look_up_bounds(query, paragraphs, self._own, self._around)
        if self._section:
            found += self._sections.look_up(query.times(self._section), paragraphs).sum(axis=0)
        return found


class _ArticleScores:
    """The scores of all articles in the fields whose unit is the article."""

    def __init__(self, postings: Mapping[str, Postings], query: SegmentQuery, weights: Mapping[str, float]) -> None:
        self._fields: dict[str, Floats] = {}
        self.total = np.zeros(len(postings[ARTICLE_FIELDS[0]]), np.float32)  # (A,) weighted sum over fields
        for name, field in postings.items():
            if name in weights:
                self._fields[name] = np.zeros(len(field), np.float32)
                field.add_scores(query, self._fields[name])
                self.total += np.float32(weights[name]) * self._fields[name]

    def best(self, alive: NDArray[np.bool_]) -> dict[str, float]:
        """Return the best score of any living article by field."""
        return {name: float(scores[alive].max(initial=0)) for name, scores in self._fields.items()}

    def by_field(self, articles: Units) -> dict[str, Floats]:
        """Return the scores of some articles by field, unweighted."""
        return {name: scores.take(articles) for name, scores in self._fields.items()}
