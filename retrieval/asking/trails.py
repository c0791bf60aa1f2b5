"""A sentence that only announces the one after it -> that one, as its trail.

"It is done like this:" announces a sentence that may be a paragraph of its own. "Yes.", "Good news!" and "The reason is
simple." announce what their paragraph goes on with.
"""

from collections.abc import Iterable
from itertools import chain, islice, repeat

from retrieval.records import Hit, Kind, Sentence, Span
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.analyzer import Token
from retrieval.text.closing_signs import announces, asks, exclaims

MAX_ANNOUNCEMENT, _LONGEST_ANNOUNCEMENT = 4, 100  # words and characters; no longer sentence has its words counted


def find_trail(place: SentencePlace, tokens: Iterable[Token]) -> Span | None:
    """Return the sentence after one that announces it, None for any other; `tokens` are the sentence's."""
    sentence, after = place.sentence, place.after
    if after is None or announces(after.text) or asks(after.text, place.article.language):
        return None
    if announces(sentence.text):
        follows = place.around.code is None and (_share_paragraph(sentence, after) or after.kind is Kind.BODY)
    else:
        follows = _share_paragraph(sentence, after) and _opens_paragraph(sentence.text, tokens)
    return Span(after.start, after.end, after.text) if follows else None


def without_shown_trails(hits: Iterable[Hit], shown: Iterable[Hit] = ()) -> list[Hit]:
    """Return hits without those that are shown as the trail of one before them, and without lines that only introduce
    one; `shown` is what was shown before.
    """
    kept: list[Hit] = []
    sentences, trails = set[tuple[str, int]](), set[tuple[str, int]]()
    for hit, is_new in chain(zip(shown, repeat(False)), zip(hits, repeat(True))):
        announced = (hit.article, hit.trail.start) if hit.trail else None
        if is_new:
            if (hit.article, hit.start) in trails or (announced in sentences and announces(hit.text)):
                continue
            kept.append(hit)
        sentences.add((hit.article, hit.start))
        trails |= {announced} if announced else set()
    return kept


def _opens_paragraph(text: str, tokens: Iterable[Token]) -> bool:
    if exclaims(text):
        return True
    return len(text) <= _LONGEST_ANNOUNCEMENT and len(list(islice(tokens, MAX_ANNOUNCEMENT + 1))) <= MAX_ANNOUNCEMENT


def _share_paragraph(sentence: Sentence, after: Sentence) -> bool:
    return sentence.paragraph == after.paragraph
