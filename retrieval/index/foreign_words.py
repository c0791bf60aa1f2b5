"""A word that no article has -> words of other languages in one segment that it may stand for, by meaning and by sound.

A translation is a word near in meaning that the language of the question lacks. A name that sounds the same is in
another script. Both are worked out when they are first needed.
"""

from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.index.vocabulary import Vocabulary
from retrieval.text.transliteration import (
    Keys,
    count_consonants,
    keys,
    likeness,
    other_scripts,
    sounds_by_key,
    without_script,
)
from retrieval.text.word_frequency import LANGUAGES, array, zipf
from retrieval.text.word_vectors import NONE, open_word_vectors

MIN_COSINE = 0.5
SAME_MEANING = 0.7  # cosine from which a word is a translation beyond doubt
MAX_WORDS = 3  # of like meaning
MOST_ALIKE = 200  # words with the same consonants that are compared
SAME_SOUND = 0.85  # likeness from which a name is the same beyond doubt
MIN_LIKENESS = (1.0, 0.95, 0.75, 0.67)  # of a name, by the number of consonants, the last for more too
MIN_LIKENESS_OF_ANY = (1.0, 1.0, 0.95, 0.75)
COMMON = 5.4  # Zipf frequency from which a word is no name; "china" has 5.2

Readings = dict[int, float]


class ForeignWords:
    """Looks up words of other languages in a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary."""
        self._vocabulary = vocabulary

    def translations(self, word: str, term: int, language: str) -> Readings:
        """Find the terms of the words nearest in meaning that a language lacks, with weights up to 1."""
        table, bit = open_word_vectors(), _bit(language)
        (row,) = table.rows([word], np.array([term], np.uint32))
        if row < 0 or not _languages()[row] & bit:
            return {}
        others = self._rows[(_languages()[self._rows] & bit) == 0]
        near = table.vectors_of_rows(others) @ table.vectors_of_rows(np.array([row]))[0]
        best = [at for at in np.argsort(-near, kind="stable")[:MAX_WORDS].tolist() if near[at] >= MIN_COSINE]
        found: Readings = {}
        for at in reversed(best):
            words = np.flatnonzero(self._vocabulary.vectors == others[at] + 1)
            found |= dict.fromkeys(self._terms(words), min(float(near[at]) / SAME_MEANING, 1.0))
        return found

    def names(self, word: str, *, capital: bool) -> Readings:
        """Find the terms of words in another script that sound like a word, with weights up to 1.

        A word that is not written with a capital must sound more alike: it may be no name.
        """
        found: Readings = {}
        asked = sounds_by_key(word)
        if not asked or not len(self._sounds):
            return found
        bare, least = without_script(self._sounds), MIN_LIKENESS if capital else MIN_LIKENESS_OF_ANY
        words = np.flatnonzero(np.isin(bare, np.array(list(asked), np.uint64)) & other_scripts(self._sounds, word))
        words = words[:MOST_ALIKE]
        for number, same, term in zip(words.tolist(), bare[words].tolist(), self._terms(words), strict=True):
            other = self._vocabulary.spelling(number)
            alike = likeness(word, asked[same], other)
            if alike >= least[min(count_consonants(same), len(least) - 1)] and zipf(other) < COMMON:
                found[term] = max(found.get(term, 0.0), min(alike / SAME_SOUND, 1.0))
        return found

    def _terms(self, words: NDArray[np.intp]) -> list[int]:
        terms: list[int] = self._vocabulary.terms.take(self._vocabulary.columns.take(words)).tolist()
        return terms

    @cached_property
    def _sounds(self) -> Keys:
        return keys(self._vocabulary.letters, self._vocabulary.at)

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        return np.unique(self._vocabulary.vectors[self._vocabulary.vectors > 0]).astype(np.intp) - 1


@cache
def _languages() -> NDArray[np.uint32]:
    """Return the languages that have the words of each vector, as bits: (n_rows,)."""
    found, rows = np.zeros(open_word_vectors().size, np.uint32), array("rows")
    known = np.flatnonzero(rows != NONE)
    np.bitwise_or.at(found, rows[known], array("languages")[known])
    return found


def _bit(language: str) -> np.uint32:
    return np.uint32(1 << LANGUAGES.index(language) if language in LANGUAGES else 0)
