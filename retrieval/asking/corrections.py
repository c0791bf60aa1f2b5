"""Words of a question that no article has -> the words they were read as, if the answer depends on them.

Only typing errors and variant spellings are reported. Often a word is unknown only because the articles have other
forms of it, which is not worth reporting; and a word that merely resembles another is not a typing error.
"""

from collections.abc import Iterable, Iterator, Sequence

from retrieval.asking.answer import RankedSentence
from retrieval.asking.highlight import QueryWord
from retrieval.records import Correction
from retrieval.text.analyzer import Token, analyzer
from retrieval.text.word_forms import differ_by_ending, differ_by_prefix

MIN_SIMILARITY = 0.79  # share of equal letters: one error in five
MIN_SIMILARITY_OF_NAME = 0.7  # with another ending: "Haniya" and "Haniyeh" have .71
_MIN_STEM = 4  # letters that two forms have in common

_FIXED_NAMES = frozenset(["en", "es", "fr", "it", "pt", "nl", "ro", "vi"])  # where names take no endings


def find_corrections(
    question: str, tokens: Sequence[Token], words: Iterable[QueryWord], first: RankedSentence
) -> tuple[Correction, ...]:
    """Return the corrections behind the first hit, in the order of the question, whose tokens are `tokens`.

    The hit, what is shown with it or its title must have the word that was read.
    """
    guesses = [word for word in words if word.is_guess]
    shown = list(_shown_words(first)) if guesses else []
    return tuple(
        Correction(question[typed.start : typed.end], read)
        for guess in guesses
        for typed in [token for token in tokens if token.term == guess.term.term][:1]
        for word, read in _nearest(
            typed.word, [(token.word, read) for token, read in shown if token.term in guess.readings]
        )
        if _is_slip(typed.word, word, first.place.article.language, capital=read[0].isupper())
    )


def _shown_words(first: RankedSentence) -> Iterator[tuple[Token, str]]:
    """Yield the words of a hit and of what is shown with it, each as token and as written."""
    place, text = first.place, first.place.sentence.text
    yield from ((token, text[token.start : token.end]) for token in first.tokens)
    spans = (span.text for span in (first.lead, first.trail, place.around.header or place.around.intro) if span)
    for text in (*spans, *place.around.section, place.article.title):
        yield from ((token, text[token.start : token.end]) for token in analyzer(place.article.language).tokens(text))


def _nearest(typed: str, read: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Return the word most similar to the typed one, the first of equals; [] if there are none."""
    return sorted(read, key=lambda word: -_similarity(typed, word[0]))[:1]


def _is_slip(typed: str, read: str, language: str, *, capital: bool) -> bool:
    """Whether a word is a typing error or a variant spelling of the other, not a form of it or a different word."""
    by_ending = differ_by_ending(typed, read, _MIN_STEM)
    is_name = capital and language in _FIXED_NAMES
    if by_ending and not is_name and language != "en":  # its stemmer removes nearly all endings there are
        return False
    if differ_by_prefix(typed, read, language):
        return False
    return (MIN_SIMILARITY_OF_NAME if by_ending and is_name else MIN_SIMILARITY) <= _similarity(typed, read) < 1


def _similarity(one: str, other: str) -> float:
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - only unknown words need it

    return DamerauLevenshtein.normalized_similarity(one, other)
