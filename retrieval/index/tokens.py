"""Versions of articles -> arrays of the numbers of their running words, with what is around each word.

A load sees millions of words, so no word becomes an object: forms.py gives their codes.
"""

from array import array
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.forms import Forms, Offsets, WordList
from retrieval.index.meanings import kinds_of_words, sentence_marks, vector_rows
from retrieval.records import ANSWERING, NO_SURROUNDINGS, Surroundings, Version
from retrieval.text.languages import UNKNOWN
from retrieval.text.lexicon import ALLOWED_AFTER, SENTENCE_START, SHAPE_BITS

MAX_FORMS = 700_000  # forms and words remembered from one chunk to the next, about 150 MB
MAX_PARAGRAPH = 12  # in a paragraph of the index; a longer one, a text without blank lines, is split
MAX_SECTION = 500  # characters of what surrounds a paragraph
BATCH = 200_000  # characters analyzed at once

_STANDING = (1 << SHAPE_BITS) - 1
_ALLOWED = np.array(ALLOWED_AFTER, np.int64)

Words = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """The words of some articles: S sentences that can answer, P paragraphs, A articles, W different words.

    Numbers count from 0 within the chunk. Words in sentences come before those in sections and titles only.
    """

    words: Words  # of all sentences in order; those of sentence i are words[at[i]:at[i + 1]]
    cues: NDArray[np.uint8]  # PlaceCue bits of each of them
    at: Offsets  # (S + 1,)
    position: NDArray[np.int32]  # (S,) in the article, from 1
    paragraph: NDArray[np.int32]  # (S,) ascending
    article: NDArray[np.int32]  # (P,) of each paragraph, ascending
    section_words: Words  # of what surrounds paragraph i: section_words[section_at[i]:section_at[i + 1]]
    section_at: Offsets  # (P + 1,)
    version: NDArray[np.int64]  # (A,) row of each article's version in the store
    title_words: Words  # those of article i are title_words[title_at[i]:title_at[i + 1]]
    title_at: Offsets  # (A + 1,)
    marks: NDArray[np.uint8]  # (S,) SentenceMark bits
    letters: list[str]  # (W,) the normalised words
    term: NDArray[np.uint32]  # (W,)
    word_cues: NDArray[np.uint16]  # (W,) WordCue bits
    vectors: NDArray[np.uint16]  # (W,) rows in the table of word vectors, from 1
    kinds: NDArray[np.uint64]  # (W,) of things that the word names, as bits
    languages: Counter[str]  # articles of each


class TokenCollector:
    """Collects the words of articles; `take` returns those added since the last call."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._list = WordList()
        self._forms: dict[str, Forms] = {}
        self._begin()

    def _begin(self) -> None:
        self._sentences, self._sections, self._titles = _Running(), _Running(), _Running()
        self._position, self._paragraph, self._article = array("i"), array("i"), array("i")
        self._version, self._languages, self._marks = array("q"), Counter[str](), array("B")

    def __len__(self) -> int:
        """Return the number of sentences since the last `take`."""
        return len(self._position)

    def add(self, version: Version) -> None:
        """Add the sentences of an article that can answer, and its title."""
        language = version.article.language or UNKNOWN
        if language not in self._forms:
            self._forms[language] = Forms(language, self._list)
        forms = self._forms[language]
        paragraph = held = 0
        for sentence in version.sentences:
            if sentence.kind in ANSWERING:
                around = version.surroundings.get(sentence.paragraph, NO_SURROUNDINGS)
                if sentence.paragraph != paragraph or held == MAX_PARAGRAPH:
                    paragraph, held = sentence.paragraph, 0
                    self._article.append(len(self._version))
                    self._sections.add(_words_around(around), forms)
                held += 1
                self._position.append(sentence.position)
                self._paragraph.append(len(self._article) - 1)
                self._marks.append(sentence_marks(sentence.text, language, around))
                self._sentences.add(sentence.text, forms)
        self._titles.add(version.article.title, forms)
        self._version.append(version.row)
        self._languages[language] += 1

    def take(self) -> Chunk:
        """Return what was added since the last call, and start again."""
        words, cues, at = self._sentences.arrays()
        section_words, _, section_at = self._sections.arrays()
        title_words, _, title_at = self._titles.arrays()
        used = _first_used(len(self._list), words, section_words, title_words)
        number = np.zeros(len(self._list), np.int32)
        number[used] = np.arange(len(used), dtype=np.int32)
        letters, terms, word_cues_ = self._list.of(used)
        chunk = Chunk(
            number[words], cues, at,
            np.array(self._position, np.int32), np.array(self._paragraph, np.int32), np.array(self._article, np.int32),
            number[section_words], section_at, np.array(self._version, np.int64), number[title_words], title_at,
            np.array(self._marks, np.uint8), letters, terms, word_cues_, vector_rows(letters, terms),
            kinds_of_words(letters), self._languages,
        )  # fmt: skip
        if len(self._list) + sum(map(len, self._forms.values())) > MAX_FORMS:
            self._list, self._forms = WordList(), {}
        self._begin()
        return chunk


def _words_around(around: Surroundings) -> str:
    spans = (span.text for span in (around.header, around.intro) if span)
    return " ".join([*around.section, *spans])[:MAX_SECTION]


def _first_used(words: int, *users: Words) -> NDArray[np.intp]:
    """Return the numbers below `words` that are used: those of the first user, then those that only later ones use."""
    fresh = np.ones(words, bool)
    used = []
    for user in users:
        held = np.zeros(words, bool)
        held[user] = True
        used.append(np.flatnonzero(held & fresh))
        fresh &= ~held
    return np.concatenate(used)


class _Running:
    """The running words of texts, analyzed many texts of a language at a time."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._characters = 0
        self._forms: Forms | None = None
        self._parts = [(np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.int64))]  # words, cues, lengths

    def add(self, text: str, forms: Forms) -> None:
        """Add a text."""
        if forms is not self._forms or self._characters > BATCH:
            self._analyze()
            self._forms = forms
        self._texts.append(text)
        self._characters += len(text)

    def arrays(self) -> tuple[Words, NDArray[np.uint8], Offsets]:
        """Return the words, cues and (n_texts + 1,) offsets of all texts."""
        self._analyze()
        words, cues, lengths = map(np.concatenate, zip(*self._parts, strict=True))
        return words, cues, np.concatenate([[0], np.cumsum(lengths)])

    def _analyze(self) -> None:
        if self._forms is None or not self._texts:
            return
        codes = self._forms.codes(self._texts)
        before = np.concatenate([[SENTENCE_START], codes[:-1] & _STANDING])
        edge = (codes & SENTENCE_START) > 0
        cues = (codes & _ALLOWED[before])[~edge].astype(np.uint8)
        lengths = np.diff(np.flatnonzero(edge), append=len(codes)) - 1
        self._parts.append(((codes >> SHAPE_BITS)[~edge].astype(np.int32), cues, lengths))
        self._texts, self._characters = [], 0
