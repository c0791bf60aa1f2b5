"""A sentence that only announces the one after it -> that one, as its trail.

"It is done like this:" announces a sentence that may be a paragraph of its own. "Yes.", "Good news!" and "The reason is
simple." announce what their paragraph goes on with.
"""

from collections.abc import Iterable
from itertools import chain, islice, repeat

from retrieval.records import Hit, Kind, Sentence, Span
from retrieval.store.reader import SentencePlace
from retrieval.text.analyzer import Token

MAX_ANNOUNCEMENT = 4  # words
_COLONS, _EXCLAMATION_MARKS = (":", "："), ("!", "！")
_CLOSING, _CLOSING_QUOTES = ")]）*_", "\"'”’»"  # signs that may follow the last stop
_QUOTES = frozenset(_CLOSING_QUOTES + "“„«‘")
_QUESTION_MARKS = ("?", "？", "؟")
_GREEK_QUESTION_MARKS = (*_QUESTION_MARKS, ";", "\u037e")


def find_trail(place: SentencePlace, tokens: Iterable[Token]) -> Span | None:
    """Return the sentence after one that announces it, None for any other; `tokens` are the sentence's."""
    sentence, after = place.sentence, place.after
    if after is None or introduces(after.text) or is_question(after.text, place.article.language):
        return None
    if introduces(sentence.text):
        follows = place.around.code is None and (_share_paragraph(sentence, after) or after.kind is Kind.BODY)
    else:
        follows = _share_paragraph(sentence, after) and _announces(sentence.text, tokens)
    return Span(after.start, after.end, after.text) if follows else None


def introduces(text: str) -> bool:
    """Whether a sentence ends in a colon."""
    return text.rstrip(_CLOSING + _CLOSING_QUOTES).endswith(_COLONS)


def is_question(text: str, language: str) -> bool:
    """Whether a sentence is a question, and not one that quotes a question."""
    bare = text.rstrip(_CLOSING)
    if bare[:1] in _QUOTES:
        bare = bare.rstrip(_CLOSING_QUOTES)
    return bare.endswith(_GREEK_QUESTION_MARKS if language == "el" else _QUESTION_MARKS)


def without_shown_trails(hits: Iterable[Hit], shown: Iterable[Hit] = ()) -> list[Hit]:
    """Return hits without those that are shown as the trail of one before them, and without lines that only introduce
    one; `shown` is what was shown before.
    """
    kept: list[Hit] = []
    sentences, trails = set[tuple[str, int]](), set[tuple[str, int]]()
    for hit, is_new in chain(zip(shown, repeat(False)), zip(hits, repeat(True))):
        announced = (hit.article, hit.trail.start) if hit.trail else None
        if is_new:
            if (hit.article, hit.start) in trails or (announced in sentences and introduces(hit.text)):
                continue
            kept.append(hit)
        sentences.add((hit.article, hit.start))
        trails |= {announced} if announced else set()
    return kept


def _announces(text: str, tokens: Iterable[Token]) -> bool:
    exclaims = text.rstrip(_CLOSING + _CLOSING_QUOTES).endswith(_EXCLAMATION_MARKS)
    return exclaims or len(list(islice(tokens, MAX_ANNOUNCEMENT + 1))) <= MAX_ANNOUNCEMENT


def _share_paragraph(sentence: Sentence, after: Sentence) -> bool:
    return sentence.paragraph == after.paragraph
