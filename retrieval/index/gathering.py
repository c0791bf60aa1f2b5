"""The best rows of a search -> all that the ranking wants to know of them: their words, and what stands around them.

Few words of a text are like a word of the question. Those are found first, once for each different word; the rest of
the text is passed over.
"""

from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.evidence import SAME_TERM, Candidates, Floats, Query, join
from retrieval.index.best import Found
from retrieval.index.search import Searcher
from retrieval.index.segments import WORD, WORD_BITS
from retrieval.index.shelf import Forward, Shelf
from retrieval.index.vocabulary import Vocabulary
from retrieval.likeness import has_likes

LONGEST = 70  # words of a sentence that are looked at
WINDOW = 8  # sentences of its paragraph that are looked at on each side of a candidate

Rows = NDArray[np.intp]
Kind = TypeVar("Kind", bound=np.generic)


def gather(searcher: Searcher, query: Query, found: Found) -> Candidates:
    """Look up the words and the surroundings of what a search has found, at least one sentence."""
    parts = []
    for shelf, here in searcher.by_shelf(found.rows):
        fields = {name: values[here] for name, values in found.fields.items()}
        part = Found(found.rows[here], found.score[here], fields, found.best)
        parts.append(_gather(searcher, shelf, query, part))
    return join(parts)


def _gather(searcher: Searcher, shelf: Shelf, query: Query, found: Found) -> Candidates:
    """Do so for the sentences of one shelf."""
    rows = found.rows - shelf.offsets.rows
    asked = _Asked(shelf, query)
    near = _Neighbourhood(shelf, rows)
    text = _Text(shelf.forward, near.rows)
    alike, similarity = _similarity(shelf.vocabulary, asked, _distinct(text.words).astype(np.intp))
    words = _Words(shelf.forward, rows)
    numbers = shelf.numbers
    numbers[alike] = np.arange(1, len(alike) + 1)
    around, numbered = near.maxima(text.held(numbers, similarity)), numbers.take(words.words)
    numbers[alike] = 0
    return Candidates(
        rows=found.rows,
        score=found.score,
        fields=found.fields,
        best=found.best,
        held={place: of[: asked.terms] for place, of in around.items()} | _articles_hold(shelf, asked, near.article),
        paired={place: around[place][asked.terms :] for place in ("sentence", "paragraph")},
        similarity=similarity,
        words=words.table(numbered),
        unknown_idf=searcher.unknown_idf,
        word_idf=words.table(searcher.idfs(shelf, words.words)),
        word_cues=words.table(shelf.vocabulary.cues.take(words.words)),
        place_cues=words.table(words.cues),
        lengths=words.lengths,
        paragraph=near.paragraph + shelf.offsets.paragraphs,
        article=near.article + shelf.offsets.articles,
        in_paragraph=rows - shelf.first.take(near.paragraph),
        in_article=rows - shelf.first.take(shelf.article_first.take(near.article)),
    )


class _Asked:
    """The columns of all terms of a question under each other: C of them, one or more for each term that is known."""

    def __init__(self, shelf: Shelf, query: Query) -> None:
        self.query, self.terms = query, len(query.terms)
        of_terms = [shelf.columns(term) for term in query.terms]
        columns = [column for of_term in of_terms for column in of_term]
        self.columns = np.array([column for column, _ in columns], np.int32)
        self.nearness = np.array([nearness for _, nearness in columns], np.float32)
        self._term = np.repeat(np.arange(self.terms), list(map(len, of_terms)))

    def mark(self, found: Floats, same: NDArray[np.bool_], weight: float = 1) -> None:
        """Raise (T, k) to the nearness of the columns, times a weight, where they are the same: (C, k)."""
        column, place = divmod(np.flatnonzero(same), same.shape[1])
        at = self._term[column] * same.shape[1] + place
        np.maximum.at(found.reshape(-1), at, np.float32(weight) * self.nearness[column])


class _Neighbourhood:
    """The rows in and around the paragraphs of the candidates."""

    def __init__(self, shelf: Shelf, rows: Rows) -> None:
        self.paragraph = shelf.paragraphs(rows)
        self.article = shelf.articles(self.paragraph)
        first = np.maximum(shelf.first.take(self.paragraph), rows - WINDOW)
        end = np.minimum(shelf.first.take(self.paragraph + 1), rows + WINDOW + 1)
        begins, ends = (shelf.first.take(shelf.article_first.take(self.article + more)) for more in (0, 1))
        self.rows: Rows = _union(
            np.maximum(np.minimum(first, rows - 1), begins), np.minimum(np.maximum(end, rows + 2), ends)
        )
        own, shift = self.rows.searchsorted(rows), self.rows.searchsorted(first) - first
        self.places = {  # half-open, in `self.rows`
            "sentence": (own, own + 1),
            "previous": (own - (rows > begins), own),
            "next": (own + 1, own + 1 + (rows + 1 < ends)),
            "paragraph": (first + shift, end + shift),
        }

    def maxima(self, held: Floats) -> dict[str, Floats]:
        """Give the most that each place around each candidate holds of what rows hold: (n_rows, k) -> (k, n)."""
        first, end = (np.array(bounds) for bounds in zip(*self.places.values(), strict=True))
        found = range_maxima(held, first.ravel(), end.ravel()).T.reshape(held.shape[1], *first.shape)
        return dict(zip(self.places, found.swapaxes(0, 1).copy(), strict=True))


def _distinct(numbers: NDArray[Kind]) -> NDArray[Kind]:
    """Give each number once, ascending; for a few thousand NumPy's own `unique` takes six times as long."""
    numbers = np.sort(numbers)
    new = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    return numbers[new]


def _union(first: Rows, end: Rows) -> Rows:
    """Give the rows of half-open ranges once each, ascending; of two ranges the one that begins later ends later."""
    begin, end = np.sort(first), np.sort(end)
    begin[1:] = np.maximum(begin[1:], end[:-1])
    return _counted(begin, end - begin)


def _counted(begin: NDArray[np.integer], counts: NDArray[np.integer]) -> Rows:
    """Count up from each beginning: (k,), (k,) -> (sum of counts,)."""
    ends = counts.cumsum()
    return np.arange(ends[-1]) + np.repeat(begin - (ends - counts), counts)


class _Text:
    """The running words of some rows."""

    def __init__(self, forward: Forward, rows: Rows) -> None:
        begin, lengths = forward.of(rows, LONGEST)
        self.words = forward.words.take(_counted(begin, lengths)) & WORD
        self._at = np.zeros(len(rows) + 1, np.intp)
        lengths.cumsum(out=self._at[1:])

    def held(self, numbers: Rows, similarity: Floats) -> Floats:
        """Give what each row holds of each term, and of each two that follow each other: (n_rows, 2 T - 1)."""
        number = numbers.take(self.words)
        alike = np.flatnonzero(number != 0)
        row = np.repeat(np.arange(len(self._at) - 1), np.diff(alike.searchsorted(self._at)))
        terms = similarity.take(number[alike], axis=1)
        beside = (alike[1:] == alike[:-1] + 1) & (row[1:] == row[:-1])
        pairs = np.zeros((max(len(terms) - 1, 0), len(alike)), np.float32)
        np.multiply(np.minimum(terms[:-1, :-1], terms[1:, 1:]), beside, out=pairs[:, :-1])
        values = np.concatenate([terms, pairs])
        found = np.zeros((len(self._at) - 1, len(values)), np.float32)
        at = np.flatnonzero(values > 0)
        kind, word = divmod(at, max(len(alike), 1))
        np.maximum.at(found.reshape(-1), row[word] * len(values) + kind, values.reshape(-1)[at])
        return found


def range_maxima(values: Floats, first: Rows, end: Rows) -> Floats:
    """Give the maxima of half-open ranges of rows, 0 for an empty one: (m, k), (r,), (r,) -> (r, k).

    A sparse table (Bender and Farach-Colton 2000): of the maxima of all runs of 1, 2, 4, ... rows two cover a range.
    """
    held = end > first
    if not held.any():
        return np.zeros((len(first), values.shape[1]), np.float32)
    level = np.frexp(np.where(held, end - first, 1))[1].astype(np.intp) - 1
    runs = np.empty((int(level.max()) + 1, *values.shape), np.float32)
    runs[0] = values
    for step, (shorter, longer) in enumerate(pairwise(runs)):
        np.maximum(shorter[: -1 << step], shorter[1 << step :], out=longer[: -1 << step])
    starts = np.where(held, [first, end - (1 << level)], 0) + level * len(values)
    one, other = runs.reshape(-1, values.shape[1]).take(starts, axis=0)
    return np.maximum(one, other) * held[:, None]


class _Words:
    """The words of the candidates themselves, one after the other from the first words of all to the last."""

    def __init__(self, forward: Forward, rows: Rows) -> None:
        begin, self.lengths = forward.of(rows, LONGEST)
        places = np.arange(self.lengths.max(initial=1))[:, None]
        self._inside = places < self.lengths
        packed = forward.words.take((begin + places)[self._inside])
        self.words, self.cues = packed & WORD, (packed >> WORD_BITS).astype(np.uint8)

    def table(self, values: NDArray[Kind]) -> NDArray[Kind]:
        """Put what is known of each word in its place, 0 behind the last: shape (L, n)."""
        found = np.zeros(self._inside.shape, values.dtype)
        found[self._inside] = values
        return found


def _similarity(vocabulary: Vocabulary, asked: _Asked, words: Rows) -> tuple[Rows, Floats]:
    """Compare all terms with words: give the R words that are like one, and how like, shape (T, R + 1), column 0 is 0.

    1 is the same form, SAME_TERM another form of the term, less a likeness in letters.
    """
    terms = asked.query.terms
    found = np.zeros((len(terms), len(words)), np.float32)
    spelt = [number for number, term in enumerate(terms) if has_likes(term.word)]
    if spelt:
        found[spelt] = vocabulary.likeness([terms[number].word for number in spelt], words)
    asked.mark(found, asked.columns[:, None] == vocabulary.columns.take(words), SAME_TERM)
    for number, term in enumerate(terms):
        form = vocabulary.word_of(term.word, term.term)
        place = words.searchsorted(form) if form is not None else len(words)
        if place < len(words) and words[place] == form:
            found[number, place] = 1
    alike = np.flatnonzero(found.max(axis=0))
    return words[alike], np.concatenate([np.zeros((len(terms), 1), np.float32), found.take(alike, axis=1)], axis=1)


def _articles_hold(shelf: Shelf, asked: _Asked, article: NDArray[np.int32]) -> dict[str, Floats]:
    """Say of each term whether the title and the body of each candidate's article hold it: (T, n)."""
    articles = _distinct(article)
    place = articles.searchsorted(article)
    held = {}
    for field in ("title", "article"):
        found = np.zeros((asked.terms, len(articles)), np.float32)
        asked.mark(found, shelf.postings[field].hold(asked.columns, articles))
        held[field] = found.take(place, axis=1)
    return held
