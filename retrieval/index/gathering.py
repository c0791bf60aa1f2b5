"""The best rows of a search -> all that the ranking wants to know of them: their words, and what stands around them."""

import numpy as np
from numpy.typing import NDArray

from retrieval.evidence import SAME_TERM, Candidates, Floats, Query
from retrieval.index.search import Scores, Searcher
from retrieval.likeness import has_likes

LONGEST = 70  # words of a sentence that are looked at
WINDOW = 8  # sentences of its paragraph that are looked at on each side of a candidate

Rows = NDArray[np.intp]


def gather(searcher: Searcher, query: Query, rows: Rows, score: Floats, scores: Scores) -> Candidates:
    """Look up the words and the surroundings of candidates."""
    near = _Neighbourhood(searcher, rows)
    text = _Text(searcher, near.rows)
    similarity = _similarity(searcher, query, text.words)
    places = text.matrix(near.place_of(rows))
    paragraph, article = searcher.paragraph[rows], searcher.article[rows]
    return Candidates(
        rows=rows,
        score=score,
        fields={name: values[rows] for name, values in scores.items()},
        best={name: float(values.max(initial=0)) for name, values in scores.items()},
        held=near.held(text.rows_hold(similarity)) | _article_holds(searcher, query, article),
        paired=near.held(text.rows_hold_pairs(similarity))["paragraph"],
        similarity=similarity,
        words=text.numbers[places],
        unknown_idf=searcher.vocabulary.unknown_idf,
        word_idf=np.append(searcher.vocabulary.idfs(text.words), np.float32(0)),
        word_cues=np.append(searcher.vocabulary.cues[text.words], np.uint16(0))[text.numbers[places]],
        place_cues=text.cues[places],
        lengths=text.lengths[near.place_of(rows)],
        paragraph=paragraph,
        article=article,
        in_paragraph=rows - searcher.paragraph.searchsorted(paragraph),
        in_article=rows - searcher.article.searchsorted(article),
    )


class _Neighbourhood:
    """The rows in and around the paragraphs of the candidates."""

    def __init__(self, searcher: Searcher, rows: Rows) -> None:
        paragraph = searcher.paragraph[rows]
        self._first = np.maximum(searcher.paragraph.searchsorted(paragraph), rows - WINDOW)
        self._end = np.minimum(searcher.paragraph.searchsorted(paragraph, side="right"), rows + WINDOW + 1)
        self._before, self._after = np.maximum(rows - 1, 0), np.minimum(rows + 1, searcher.sentences - 1)
        article = searcher.article
        self._has_before = (rows > 0) & (article[self._before] == article[rows])
        self._has_after = (rows < searcher.sentences - 1) & (article[self._after] == article[rows])
        windows = [np.arange(first, end) for first, end in zip(self._first, self._end, strict=True)]
        self.rows: Rows = np.unique(np.concatenate([self._before, self._after, *windows]))
        self._own = self.place_of(rows)

    def place_of(self, rows: Rows) -> Rows:
        """Say where in `self.rows` some rows stand."""
        return self.rows.searchsorted(rows)

    def held(self, hold: Floats) -> dict[str, Floats]:
        """Give what stands around each candidate from what each row holds, shape (T, n_rows)."""
        bounds = np.stack([self.place_of(self._first), self.place_of(self._end - 1) + 1], axis=1).ravel()
        padded = np.pad(hold, ((0, 0), (0, 1)))  # a bound may be the end
        return {
            "sentence": hold[:, self._own],
            "previous": hold[:, self.place_of(self._before)] * self._has_before,
            "next": hold[:, self.place_of(self._after)] * self._has_after,
            "paragraph": np.maximum.reduceat(padded, bounds, axis=1)[:, ::2],
        }


class _Text:
    """The running words of some rows, each row followed by one empty place."""

    def __init__(self, searcher: Searcher, rows: Rows) -> None:
        forward = searcher.forward
        self.lengths = np.minimum(forward.at[rows + 1] - forward.at[rows], LONGEST).astype(np.intp)
        self._ends = np.cumsum(self.lengths + 1)
        self._starts = self._ends - self.lengths - 1
        offsets = np.arange(self._ends[-1]) - np.repeat(self._starts, self.lengths + 1)
        inside = offsets < np.repeat(self.lengths, self.lengths + 1)
        source = np.where(inside, np.repeat(forward.at[rows], self.lengths + 1) + offsets, 0)
        self.words, numbers = np.unique(forward.words[source[inside]], return_inverse=True)
        self.numbers = np.full(len(inside), len(self.words), np.intp)  # the empty place is the word behind the last
        self.numbers[inside] = numbers
        self.cues = np.where(inside, forward.cues[source], 0).astype(np.uint8)

    def rows_hold(self, similarity: Floats) -> Floats:
        """Give how much each row holds of each term: (T, n_words + 1) -> (T, n_rows)."""
        return np.maximum.reduceat(similarity[:, self.numbers], self._starts, axis=1)

    def rows_hold_pairs(self, similarity: Floats) -> Floats:
        """Give how much each row holds of each two terms that follow each other, as neighbours: (T - 1, n_rows)."""
        terms = similarity[:, self.numbers]
        neighbours = np.zeros((max(len(terms) - 1, 0), len(self.numbers)), np.float32)
        np.minimum(terms[:-1, :-1], terms[1:, 1:], out=neighbours[:, :-1])
        return np.maximum.reduceat(neighbours, self._starts, axis=1)

    def matrix(self, rows: Rows) -> Rows:
        """Give the places of the words of some rows, shape (n, L), the rows' empty places behind their words."""
        columns = np.arange(self.lengths[rows].max(initial=1))
        return np.minimum(self._starts[rows][:, None] + columns, self._ends[rows][:, None] - 1)


def _similarity(searcher: Searcher, query: Query, words: Rows) -> Floats:
    """Compare all terms with words: shape (T, U + 1), the last column 0.

    1 is the same form, SAME_TERM another form of the term, less a likeness in letters.
    """
    vocabulary = searcher.vocabulary
    found = np.zeros((len(query.terms), len(words) + 1), np.float32)
    spelt = [number for number, term in enumerate(query.terms) if has_likes(term.word)]
    if spelt:
        found[spelt, :-1] = vocabulary.likeness([query.terms[number].word for number in spelt], words)
    columns = vocabulary.column[words]
    for number, term in enumerate(query.terms):
        for column, nearness in term.columns:
            same = np.flatnonzero(columns == column)
            found[number, same] = np.maximum(found[number, same], SAME_TERM * nearness)
        form = vocabulary.word_of(term.word, term.term)
        place = words.searchsorted(form) if form is not None else len(words)
        if place < len(words) and words[place] == form:
            found[number, place] = 1
    return found


def _article_holds(searcher: Searcher, query: Query, article: NDArray[np.int32]) -> dict[str, Floats]:
    """Say of each term whether the title and the body of each candidate's article hold it: (T, n)."""
    found = {name: np.zeros((len(query.terms), len(article)), np.float32) for name in ("title", "article")}
    articles, place = np.unique(article, return_inverse=True)
    for number, term in enumerate(query.terms):
        for column, nearness in term.columns:
            for name, held in found.items():
                holds = _contains(searcher.posting(name, column)[0], articles)[place] * np.float32(nearness)
                np.maximum(held[number], holds, out=held[number])
    return found


def _contains(posting: NDArray[np.int32], units: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Say which units an ascending posting holds."""
    if not len(posting):
        return np.zeros(len(units), np.bool_)
    found = posting.searchsorted(units)
    found[found == len(posting)] = 0
    return posting[found] == units
