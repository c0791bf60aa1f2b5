"""What was typed -> whether it is a question at all, or a greeting, thanks or no words."""

from functools import cache

from retrieval.records import Intent
from retrieval.text.analyzer import Analyzer, normalize
from retrieval.text.languages import phrases_of_all_languages

_MAX_LENGTH = 40  # characters; anything longer is more than a greeting


def detect_intent(text: str) -> Intent:
    """Return the intent of a text; whatever is neither empty nor exactly a listed phrase is a question."""
    if next(_analyzer.tokens(text), None) is None:
        return Intent.EMPTY
    if len(text.strip()) > _MAX_LENGTH:
        return Intent.QUESTION
    words = _words(text[: _MAX_LENGTH + 1])
    if words in _phrases("greetings"):
        return Intent.GREETING
    return Intent.THANKS if words in _phrases("thanks") else Intent.QUESTION


@cache
def _phrases(name: str) -> frozenset[tuple[str, ...]]:
    return frozenset(map(_words, phrases_of_all_languages(name)))


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text without accents, which people leave out on a phone."""
    return tuple(normalize(token.word, "") for token in _analyzer.tokens(text))


_analyzer = Analyzer("")
