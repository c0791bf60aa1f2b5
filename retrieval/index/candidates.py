"""The best rows of a search -> all that the ranking wants to know of them: their words, and what stands around them.

Few words of a text are like a word of the question. Those are found first, once for each different word; the rest of
the text is passed over.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import SAME_TERM, Candidates, Floats, Query, join
from retrieval.index.scorer import distinct, ranges
from retrieval.index.searcher import Searcher
from retrieval.index.segment import WORD, WORD_BITS
from retrieval.index.segment_searcher import Forward, SegmentSearcher
from retrieval.index.top_k import TopHits
from retrieval.index.vocabulary import Vocabulary, word_number
from retrieval.text.spelling import can_be_misspelt

LONGEST = 70  # words of a sentence that are looked at
WINDOW = 8  # sentences of its paragraph that are looked at on each side of a candidate

Rows = NDArray[np.intp]
Kind = TypeVar("Kind", bound=np.generic)


def collect_candidates(searcher: Searcher, query: Query, found: TopHits) -> Candidates:
    """Look up the words and the surroundings of what a search has found, at least one sentence."""
    if len(searcher.shelves) == 1:
        return _gather(searcher, searcher.shelves[0], query, found)
    parts = []
    for shelf, here in searcher.by_shelf(found.rows):
        fields = {name: values[here] for name, values in found.fields.items()}
        part = TopHits(found.rows[here], found.score[here], fields, found.best)
        parts.append(_gather(searcher, shelf, query, part))
    return join(parts)


def _gather(searcher: Searcher, shelf: SegmentSearcher, query: Query, found: TopHits) -> Candidates:
    """Do so for the sentences of one shelf."""
    rows = found.rows - shelf.offsets.rows
    asked = _Asked(shelf, query)
    near = _Neighbourhood(shelf, rows)
    text = _Text(shelf.forward, near.rows)
    alike, similarity = _similarity(shelf.vocabulary, asked, distinct(text.words))
    words = _Words(shelf.forward, rows)
    numbers = shelf.numbers
    numbers[alike] = np.arange(1, len(alike) + 1)
    numbered, around = numbers.take(words.words), near.maxima(text.held(numbers.take(text.words), similarity))
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

    def __init__(self, shelf: SegmentSearcher, query: Query) -> None:
        self.query, self.terms = query, len(query.terms)
        read = [(number, *of) for number, term in enumerate(query.terms) for of in shelf.columns(term)]
        self._term = np.array([number for number, _, _ in read], np.intp)
        self.columns = np.array([column for _, column, _ in read], np.int32)
        self.nearness = np.array([nearness for _, _, nearness in read], np.float32)
        forms = [word_number(term.word, term.term) for term in query.terms]
        self.forms = np.array([forms[number] for number, _, _ in read], np.uint32)  # number of the very word asked for

    def mark(self, found: Floats, column: Rows, place: Rows, values: Floats) -> None:
        """Raise (T, k) in some places to values of columns: (m,), (m,), (m,)."""
        np.maximum.at(found.reshape(-1), self._term.take(column) * found.shape[1] + place, values)


class _Neighbourhood:
    """The rows in and around the paragraphs of the candidates, those of one after those of the other."""

    def __init__(self, shelf: SegmentSearcher, rows: Rows) -> None:
        self.paragraph = shelf.paragraphs(rows)
        self.article = shelf.articles(self.paragraph)
        first = np.maximum(shelf.first.take(self.paragraph), rows - WINDOW)
        end = np.minimum(shelf.first.take(self.paragraph + 1), rows + WINDOW + 1)
        begins, ends = (shelf.first.take(shelf.article_first.take(self.article + more)) for more in (0, 1))
        low = np.maximum(np.minimum(first, rows - 1), begins)
        sizes = np.minimum(np.maximum(end, rows + 2), ends) - low
        self.rows, self._of = ranges(low, sizes), np.arange(len(rows)).repeat(sizes)
        step = self.rows - rows.repeat(sizes)
        inside = (self.rows >= first.repeat(sizes)) & (self.rows < end.repeat(sizes))
        self._places = {"sentence": step == 0, "previous": step == -1, "next": step == 1, "paragraph": inside}

    def maxima(self, held: "_Held") -> dict[str, Floats]:
        """Give the most that each place around each candidate holds of each kind: (kinds, n)."""
        inside = np.array(list(self._places.values())).take(held.row, axis=1)
        place, word = _where(inside)
        found = np.zeros((len(inside), held.kinds, int(self._of[-1]) + 1), np.float32)
        at = (place * held.kinds + held.kind.take(word)) * found.shape[2] + self._of.take(held.row).take(word)
        np.maximum.at(found.reshape(-1), at, held.values.take(word))
        return dict(zip(self._places, found, strict=True))


class _Held(NamedTuple):
    """What rows hold: each term is a kind of its own, and so are each two that follow each other, 2 T - 1 together."""

    row: Rows  # (m,)
    kind: Rows  # (m,)
    values: Floats  # (m,) above 0
    kinds: int


def _where(true: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Give the rows and the columns of what is true, in a third of the time of NumPy's own `nonzero`."""
    return np.divmod(np.flatnonzero(true), max(true.shape[1], 1))


class _Text:
    """The running words of some rows."""

    def __init__(self, forward: Forward, rows: Rows) -> None:
        begin, lengths = forward.of(rows, LONGEST)
        self.words = forward.words.take(ranges(begin, lengths)) & WORD
        self._row = np.arange(len(rows)).repeat(lengths)

    def held(self, numbers: Rows, similarity: Floats) -> _Held:
        """Give what each row holds, of words that have these numbers in `similarity`."""
        alike = np.flatnonzero(numbers > 0)
        row = self._row.take(alike)
        terms = similarity.take(numbers.take(alike), axis=1)
        beside = (alike[1:] == alike[:-1] + 1) & (row[1:] == row[:-1])
        values = np.zeros((2 * len(terms) - 1, len(alike)), np.float32)
        values[: len(terms)] = terms
        np.multiply(np.minimum(terms[:-1, :-1], terms[1:, 1:]), beside, out=values[len(terms) :, :-1])
        kind, word = _where(values > 0)
        return _Held(row.take(word), kind, values[kind, word], len(values))


class _Words:
    """The words of the candidates themselves, one after the other from the first words of all to the last."""

    def __init__(self, forward: Forward, rows: Rows) -> None:
        begin, self.lengths = forward.of(rows, LONGEST)
        places = np.arange(self.lengths.max(initial=1))[:, None]
        self._shape = len(places), len(rows)
        self._at = np.flatnonzero(places < self.lengths)
        packed = forward.words.take((begin + places).reshape(-1).take(self._at))
        self.words, self.cues = packed & WORD, (packed >> WORD_BITS).astype(np.uint8)

    def table(self, values: NDArray[Kind]) -> NDArray[Kind]:
        """Put what is known of each word in its place, 0 behind the last: shape (L, n)."""
        found = np.zeros(self._shape, values.dtype)
        found.reshape(-1)[self._at] = values
        return found


def _similarity(vocabulary: Vocabulary, asked: _Asked, words: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], Floats]:
    """Compare all terms with words: give the R words that are like one, and how like, shape (T, R + 1), column 0 is 0.

    1 is the same form, SAME_TERM another form of the term, less a likeness in letters.
    """
    terms = asked.query.terms
    found = np.zeros((len(terms), len(words)), np.float32)
    spelt = [number for number, term in enumerate(terms) if can_be_misspelt(term.word)]
    if spelt:
        found[spelt] = vocabulary.likeness([terms[number].word for number in spelt], words)
    column, place = _where(asked.columns[:, None] == vocabulary.columns.take(words))
    form = vocabulary.numbers.take(words.take(place)) == asked.forms.take(column)
    asked.mark(found, column, place, np.where(form, np.float32(1), np.float32(SAME_TERM) * asked.nearness.take(column)))
    alike = np.flatnonzero(found.max(axis=0) > 0)
    return words[alike], np.concatenate([np.zeros((len(terms), 1), np.float32), found.take(alike, axis=1)], axis=1)


def _articles_hold(shelf: SegmentSearcher, asked: _Asked, article: NDArray[np.int32]) -> dict[str, Floats]:
    """Say of each term whether the title and the body of each candidate's article hold it: (T, n)."""
    held = {}
    for field in ("title", "article"):
        held[field] = np.zeros((asked.terms, len(article)), np.float32)
        column, place = _where(shelf.postings[field].hold(asked.columns, article))
        asked.mark(held[field], column, place, asked.nearness.take(column))
    return held
