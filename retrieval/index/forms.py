"""Texts -> the codes of their words, each the number of a word and how it stands there.

Text is split at white space, and each form between, such as `“Canal,`, is looked up in a dictionary that holds an integer
for the word in it. A new form goes through the analyzer, so that text is analyzed in one way only.
"""

from array import array
from collections.abc import Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from retrieval.text.analyzer import Analyzer
from retrieval.text.lexicon import PERCENT_SIGNS, SENTENCE_START, SHAPE_BITS, possible_shapes, word_classes

MAX_FORM_LENGTH = 30  # characters; a longer one, a clause in a script without spaces, seldom recurs

_PART, _NO_WORD = "\0", "\1"  # the first separates texts; the second replaces it in a text that has one
_AROUND = '.,;:!?()[]"“”„«»…'  # signs at the ends of a form that do not change its word

Offsets = NDArray[np.int64]


class WordList:
    """Numbers different words; the same letters with another term are another word."""

    def __init__(self) -> None:
        """Start with no word."""
        self._numbers: dict[tuple[str, int], int] = {}
        self._keys: list[tuple[str, int]] = []
        self._cues = array("H")

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, word: str, term: int, cues: int) -> int:
        """Return a word's number, the next one for a new word."""
        number = self._numbers.setdefault((word, term), len(self._keys))
        if number == len(self._keys):
            self._keys.append((word, term))
            self._cues.append(cues)
        return number

    def of(self, numbers: NDArray[np.intp]) -> tuple[list[str], NDArray[np.uint32], NDArray[np.uint16]]:
        """Return the letters, terms and WordCue bits of some words."""
        keys = [self._keys[number] for number in numbers.tolist()]
        terms = np.fromiter((term for _, term in keys), np.uint32, len(keys))
        return [word for word, _ in keys], terms, np.array(self._cues, np.uint16)[numbers]


class Forms(dict[str, int]):
    """What is between white space in a language -> the code of its word, `number << SHAPE_BITS | standing`.

    A form that holds no word, or several, has ~n instead, and the codes of its words are `_several[n]`.
    """

    def __init__(self, language: str, words: WordList) -> None:
        """Number new words in `words`."""
        super().__init__({_PART: SENTENCE_START})
        self._analyzer = Analyzer(language)
        self._words = words
        self._several: list[tuple[int, ...]] = []
        self._passing: list[int] = []  # places of forms that are not remembered

    def __missing__(self, form: str) -> int:
        bare = form.strip(_AROUND)
        code = self[bare] if bare != form else self._analyze(form)
        if len(form) <= MAX_FORM_LENGTH:
            self[form] = code
        return code

    def _analyze(self, form: str) -> int:
        tokens = list(self._analyzer.tokens(form))
        cues = [word_classes(token.word, self._analyzer.language) for token in tokens]
        found = zip(tokens, cues, possible_shapes(form, tokens, cues), strict=True)
        codes = [self._words.add(token.word, token.term, cue) << SHAPE_BITS | stands for token, cue, stands in found]
        if len(codes) == 1:
            return codes[0]
        if len(form) > MAX_FORM_LENGTH:
            self._passing.append(len(self._several))
        self._several.append(tuple(codes))
        return ~(len(self._several) - 1)

    def codes(self, texts: Iterable[str]) -> Offsets:
        """Return the codes of all words of some texts, with the code EDGE before each text."""
        joined = "".join([f" {_PART}  {text.replace(_PART, _NO_WORD)}" for text in texts])
        for sign in PERCENT_SIGNS:
            joined = _without_space_before(joined, sign)
        forms = joined.split()
        codes = self._expanded(np.fromiter(map(self.__getitem__, forms), np.int64, len(forms)))
        for number in self._passing:
            self._several[number] = ()
        self._passing.clear()
        return codes

    def _expanded(self, codes: Offsets) -> Offsets:
        """Replace each form that holds no word, or several, by the codes of its words."""
        places = np.flatnonzero(codes < 0)
        several = [self._several[~code] for code in codes[places].tolist()]
        counts = np.ones(len(codes), np.int64)
        counts[places] = list(map(len, several))
        codes = np.repeat(codes, counts)
        codes[codes < 0] = list(chain.from_iterable(several))
        return codes


def _without_space_before(text: str, sign: str) -> str:
    """Remove one space before each sign, so that a number and its sign are one form: `40%` for `40 %`."""
    *parts, last = text.split(sign)
    return sign.join([*(part[:-1] if part[-1:].isspace() else part for part in parts), last])
