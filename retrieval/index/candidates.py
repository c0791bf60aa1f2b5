"""The best rows of a search -> what ranking needs to know about them: their words, and what is around them.

Few words of a text resemble a word of the question. Those are found first, once for each different word; the rest of
the text is skipped. Shapes as in `records`; C columns of the question, m places where something is found.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.index.records import SAME_TERM, Candidates, Floats, Query, VectorRows, join
from retrieval.index.scorer import ranges
from retrieval.index.searcher import Searcher
from retrieval.index.segment import WORD, WORD_BITS
from retrieval.index.segment_searcher import ForwardIndex, SegmentSearcher
from retrieval.index.top_k import TopHits
from retrieval.index.vocabulary import Vocabulary, word_number
from retrieval.text.spelling import can_be_misspelt

MAX_WORDS = 70  # of a sentence; the rest is not looked at
MAX_AROUND = 40  # words of a title, or of what surrounds a paragraph
WINDOW = 8  # sentences of its paragraph that are looked at before and after a candidate

Rows = NDArray[np.intp]
Kind = TypeVar("Kind", bound=np.generic)


def collect_candidates(searcher: Searcher, query: Query, found: TopHits) -> Candidates:
    """Look up the words and the surroundings of the sentences that a search has found, at least one."""
    if len(searcher.segments) == 1:
        return _collect(searcher, searcher.segments[0], query, found)
    parts = []
    for segment, here in searcher.by_segment(found.rows):
        fields = {name: values[here] for name, values in found.fields.items()}
        part = TopHits(found.rows[here], found.score[here], fields, found.best)
        parts.append(_collect(searcher, segment, query, part))
    return join(parts)


def _collect(searcher: Searcher, segment: SegmentSearcher, query: Query, found: TopHits) -> Candidates:
    """Collect the candidates of one segment."""
    rows = found.rows - segment.offsets.rows
    asked = _QuestionColumns(segment, query)
    near = _Surroundings(segment, rows)
    text = _Text(segment.forward, near.rows)
    alike, similarity = _similarity(segment.vocabulary, asked, _distinct(text.words))
    words = _CandidateWords(segment.forward, rows)
    numbers = segment.numbers
    numbers[alike] = np.arange(1, len(alike) + 1)
    numbered, around = numbers.take(words.words), near.maxima(text.matches(numbers.take(text.words), similarity))
    numbers[alike] = 0
    return Candidates(
        rows=found.rows,
        score=found.score,
        fields=found.fields,
        best=found.best,
        held={place: of[: asked.terms] for place, of in around.items()} | _units_hold(segment, asked, near),
        paired={place: around[place][asked.terms :] for place in ("sentence", "paragraph")},
        vectors=_vectors(segment, rows, near),
        similarity=similarity,
        words=words.table(numbered),
        unknown_idf=searcher.unknown_idf,
        word_idf=words.table(searcher.idfs(segment, words.words)),
        word_cues=words.table(segment.vocabulary.cues.take(words.words)),
        word_kinds=words.table(segment.vocabulary.kinds.take(words.words)),
        place_cues=words.table(words.cues),
        marks=segment.marks.take(rows),
        lengths=words.lengths,
        paragraph=near.paragraph + segment.offsets.paragraphs,
        article=near.article + segment.offsets.articles,
        in_paragraph=rows - segment.first.take(near.paragraph),
        in_article=rows - segment.first.take(segment.article_first.take(near.article)),
    )


def _vectors(segment: SegmentSearcher, rows: Rows, near: "_Surroundings") -> VectorRows:
    """Return the rows of the word vectors of the candidates and of what is around them."""
    beside = np.array([rows, rows - 1, rows + 1])
    inside = (beside >= near.starts) & (beside < near.ends)
    start, lengths = (of.reshape(-1) for of in segment.forward.of(np.where(inside, beside, 0), MAX_WORDS))
    lengths *= inside.reshape(-1)
    words = segment.vocabulary.vectors.take(segment.forward.words.take(ranges(start, lengths)) & WORD)
    sentence, n = int(lengths[: len(rows)].sum()), len(rows)
    headings = [
        segment.vectors[place].of(units, MAX_AROUND)
        for place, units in (("title", near.article), ("section", near.paragraph))
    ]
    return VectorRows.of(
        np.concatenate([words[:sentence], *(of for of, _ in headings), words[sentence:]]),
        np.concatenate([lengths[:n], *(sizes for _, sizes in headings), lengths[n:]]),
    )


class _QuestionColumns:
    """The columns of a question's terms, (C,): one or more for each term that is known."""

    def __init__(self, segment: SegmentSearcher, query: Query) -> None:
        self.query, self.terms = query, len(query.terms)
        read = [(number, *of) for number, term in enumerate(query.terms) for of in segment.columns(term)]
        self._term = np.array([number for number, _, _ in read], np.intp)
        self.columns = np.array([column for _, column, _ in read], np.int32)
        self.nearness = np.array([nearness for _, _, nearness in read], np.float32)
        forms = [word_number(term.word, term.term) for term in query.terms]
        self.forms = np.array([forms[number] for number, _, _ in read], np.uint32)  # the question's exact word

    def raise_terms(self, found: Floats, column: Rows, place: Rows, values: Floats) -> None:
        """Raise entries of `found`, (T, k), to at least `values`, given their columns and places: (m,) each."""
        np.maximum.at(found.reshape(-1), self._term.take(column) * found.shape[1] + place, values)


class _Surroundings:
    """The rows in and around the paragraphs of the candidates, candidate by candidate."""

    def __init__(self, segment: SegmentSearcher, rows: Rows) -> None:
        self.paragraph = segment.paragraphs(rows)
        self.article = segment.articles(self.paragraph)
        first = np.maximum(segment.first.take(self.paragraph), rows - WINDOW)
        end = np.minimum(segment.first.take(self.paragraph + 1), rows + WINDOW + 1)
        self.starts, self.ends = (
            segment.first.take(segment.article_first.take(self.article + more)) for more in (0, 1)
        )
        low = np.maximum(np.minimum(first, rows - 1), self.starts)
        sizes = np.minimum(np.maximum(end, rows + 2), self.ends) - low
        self.rows, self._candidate = ranges(low, sizes), np.arange(len(rows)).repeat(sizes)
        step = self.rows - rows.repeat(sizes)
        inside = (self.rows >= first.repeat(sizes)) & (self.rows < end.repeat(sizes))
        self._places = {"sentence": step == 0, "previous": step == -1, "next": step == 1, "paragraph": inside}

    def maxima(self, matches: "_Matches") -> dict[str, Floats]:
        """Return the greatest value of each kind in each place around each candidate: (kinds, n)."""
        inside = np.array(list(self._places.values())).take(matches.row, axis=1)
        place, match = _where(inside)
        found = np.zeros((len(inside), matches.kinds, int(self._candidate[-1]) + 1), np.float32)
        at = place * matches.kinds + matches.kind.take(match)
        at = at * found.shape[2] + self._candidate.take(matches.row).take(match)
        np.maximum.at(found.reshape(-1), at, matches.values.take(match))
        return dict(zip(self._places, found, strict=True))


class _Matches(NamedTuple):
    """What rows hold, in 2 T - 1 kinds: each of the T terms, then each pair of consecutive terms."""

    row: Rows  # (m,)
    kind: Rows  # (m,)
    values: Floats  # (m,) above 0
    kinds: int


class _Text:
    """The running words of some rows."""

    def __init__(self, forward: ForwardIndex, rows: Rows) -> None:
        start, lengths = forward.of(rows, MAX_WORDS)
        self.words = forward.words.take(ranges(start, lengths)) & WORD
        self._row = np.arange(len(rows)).repeat(lengths)

    def matches(self, numbers: Rows, similarity: Floats) -> _Matches:
        """Return what each row holds, given the column of `similarity` of each word, 0 for a word that matches nothing."""
        alike = np.flatnonzero(numbers > 0)
        row = self._row.take(alike)
        terms = similarity.take(numbers.take(alike), axis=1)
        beside = (alike[1:] == alike[:-1] + 1) & (row[1:] == row[:-1])
        values = np.zeros((2 * len(terms) - 1, len(alike)), np.float32)
        values[: len(terms)] = terms
        np.multiply(np.minimum(terms[:-1, :-1], terms[1:, 1:]), beside, out=values[len(terms) :, :-1])
        kind, word = _where(values > 0)
        return _Matches(row.take(word), kind, values[kind, word], len(values))


class _CandidateWords:
    """The words of the candidates themselves: the first words of all, then the second, and so on."""

    def __init__(self, forward: ForwardIndex, rows: Rows) -> None:
        start, self.lengths = forward.of(rows, MAX_WORDS)
        places = np.arange(self.lengths.max(initial=1))[:, None]
        self._shape = len(places), len(rows)
        self._at = np.flatnonzero(places < self.lengths)
        packed = forward.words.take((start + places).reshape(-1).take(self._at))
        self.words, self.cues = packed & WORD, (packed >> WORD_BITS).astype(np.uint8)

    def table(self, values: NDArray[Kind]) -> NDArray[Kind]:
        """Arrange what is known of each word as a table, 0 after the last word: (L, n)."""
        found = np.zeros(self._shape, values.dtype)
        found.reshape(-1)[self._at] = values
        return found


def _similarity(
    vocabulary: Vocabulary, asked: _QuestionColumns, words: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], Floats]:
    """Compare all terms with words: return the R words that resemble one, and how much, (T, R + 1); column 0 is 0.

    1 is the same form, SAME_TERM another form of the term, less a similar spelling.
    """
    terms = asked.query.terms
    found = np.zeros((len(terms), len(words)), np.float32)
    spelt = [number for number, term in enumerate(terms) if can_be_misspelt(term.word)]
    if spelt:
        found[spelt] = vocabulary.likeness([terms[number].word for number in spelt], words)
    column, place = _where(asked.columns[:, None] == vocabulary.columns.take(words))
    same_form = vocabulary.numbers.take(words.take(place)) == asked.forms.take(column)
    values = np.where(same_form, np.float32(1), np.float32(SAME_TERM) * asked.nearness.take(column))
    asked.raise_terms(found, column, place, values)
    alike = np.flatnonzero(found.max(axis=0) > 0)
    return words[alike], np.concatenate([np.zeros((len(terms), 1), np.float32), found.take(alike, axis=1)], axis=1)


def _units_hold(segment: SegmentSearcher, asked: _QuestionColumns, near: _Surroundings) -> dict[str, Floats]:
    """Return how much section, title and article of each candidate hold each term: (T, n)."""
    held = {}
    for field, units in (("section", near.paragraph), ("title", near.article), ("article", near.article)):
        held[field] = np.zeros((asked.terms, len(units)), np.float32)
        column, place = _where(segment.postings[field].holds(asked.columns, units))
        asked.raise_terms(held[field], column, place, asked.nearness.take(column))
    return held


def _where(true: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Return the rows and columns of what is true, in a third of the time of NumPy's `nonzero`."""
    return np.divmod(np.flatnonzero(true), max(true.shape[1], 1))


def _distinct(numbers: NDArray[Kind]) -> NDArray[Kind]:
    """Return each number once, ascending; for a few thousand, NumPy's `unique` takes six times as long."""
    numbers = np.sort(numbers)
    new = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    return numbers.take(np.flatnonzero(new))
