"""Text -> tokens with term ids: the one analyzer, for articles and questions alike.

A term is the stem of a normalised word. Its id is the CRC-32 of its UTF-8 bytes, so that it is the same in every segment,
language and process without a table. Among a million terms about 230 share an id with another, too few to affect a
ranking. Scripts written without spaces yield character bigrams.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator
from threading import local
from typing import NamedTuple

import Stemmer

from retrieval.text.languages import STEMMERS, UNSPACED, function_words

_LETTER = r"[^\W\d_]"
# Not letters to `re`, but parts of words: vowel signs and points, the joiners of Persian, the soft hyphen.
_MARK = "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f\u0951-\u0957" \
    "\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a4d\u0b82-\u0bcd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d\u00ad]"  # fmt: skip
_RUN = f"{_LETTER}+(?:{_MARK}+{_LETTER}*)*"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|{_RUN}")  # an apostrophe separates: l'eau is water, Türkiye'nin is Turkey's
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_APOSTROPHES = frozenset("'’")
_JOINERS = re.compile("[\u200c\u200d\u00ad\u0640]")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك"})
_PERSIAN = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ی", "ي": "ی", "ك": "ک", "ة": "ه"})
_TURKISH = str.maketrans({"İ": "i", "I": "ı"})
# In these languages a letter without its mark is another letter.
_MARKS_MATTER = frozenset({"hi", "ne", "th", "tr", "vi", "ta", "zh", "ja"})
_LONGEST_WORD = 200  # characters that are looked at: to order a word's marks takes the square of their number
NO_CACHE = 0  # the stemmer's own cache takes three times as long as stemming
_CACHE_WORDS = 400_000  # per language and thread, about 60 MB when full


class Token(NamedTuple):  # three times as fast to make as a dataclass, and no record is made more often
    """A word of a text, `text[start:end]`."""

    start: int
    end: int
    word: str  # normalised, not stemmed
    term: int  # its term id: 0 to 2**32 - 1
    grammar: bool  # a function word
    unspaced: bool = False  # two characters of a script without spaces, which need not be a word


def term_id(term: str) -> int:
    """Return the 32-bit id of a term."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def normalize(word: str, language: str) -> str:
    """Return a word without what readers ignore: case, width, accents, points, Arabic and Persian letter forms, yo."""
    if word.isascii() and language != "tr":  # nearly all words of English articles
        return word.lower().replace(",", "") if word[:1].isdigit() else word.lower()
    word = _JOINERS.sub("", unicodedata.normalize("NFKC", word[:_LONGEST_WORD]))
    word = (word.translate(_TURKISH) if language == "tr" else word).casefold()
    if language not in _MARKS_MATTER and not word.isascii():
        decomposed = unicodedata.normalize("NFD", word.translate(_PERSIAN if language == "fa" else _ARABIC))
        word = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
    if not word[:1].isdigit():
        return word
    if not word.isascii():  # Arabic, Persian, Hindi digits
        word = "".join(str(unicodedata.digit(letter, letter)) for letter in word)
    return word.replace(",", "")


class Analyzer:
    """Turns text of one language into tokens; not to be shared between threads."""

    def __init__(self, language: str) -> None:
        """Make the analyzer of a language; without a stemmer, words are kept whole."""
        self.language = language
        stemmer = STEMMERS.get(language)
        self._stem = Stemmer.Stemmer(stemmer, NO_CACHE).stemWord if stemmer else str
        self._grammar = frozenset(normalize(word, language) for word in function_words(language))
        # Without spaces between words, two characters are a function word if one of them belongs to any.
        self._grammar_signs = frozenset("".join(self._grammar)) if language in UNSPACED else frozenset()
        self._seen: dict[str, tuple[str, int, bool]] = {}

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the words of a text in order, with half-open character offsets into it."""
        if text.isalpha() and text.isascii():  # a single word, as in nearly all calls of a load
            yield Token(0, len(text), *self._look_up(text))
            return
        seen, look_up = self._seen, self._look_up
        for found in _TOKEN.finditer(text):
            start, end = found.span()
            word = found[0]
            if word in {"s", "S"} and self.language == "en" and text[start - 1 : start] in _APOSTROPHES:
                continue  # as in "the election's"
            if not word.isascii() and _UNSPACED.search(word):
                for at in range(start, max(start + 1, end - 1)):
                    yield Token(at, min(at + 2, end), *self._look_up(text[at : min(at + 2, end)]), unspaced=True)
            else:
                plain, term, grammar = seen.get(word) or look_up(word)
                yield Token(start, end, plain, term, grammar)

    def terms(self, text: str) -> list[int]:
        """Return the term ids of a text's words in order."""
        return [token.term for token in self.tokens(text)]

    def _look_up(self, word: str) -> tuple[str, int, bool]:
        known = self._seen.get(word)
        if known is None:
            if len(self._seen) >= _CACHE_WORDS:
                self._seen.clear()
            plain = normalize(word, self.language)
            grammar = plain in self._grammar or not self._grammar_signs.isdisjoint(plain)
            known = self._seen[word] = plain, term_id(self._stem(plain)), grammar
        return known


class _PerThread(local):
    """Analyzers by language; a stemmer has state, so that no two threads may share one."""

    def __init__(self) -> None:
        self.by_language: dict[str, Analyzer] = {}


_mine = _PerThread()


def analyzer(language: str) -> Analyzer:
    """Return this thread's analyzer of a language."""
    if language not in _mine.by_language:
        _mine.by_language[language] = Analyzer(language)
    return _mine.by_language[language]
