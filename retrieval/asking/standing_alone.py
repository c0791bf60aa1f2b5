"""Ranked sentences -> those that answer on their own.

A question inside an article answers nothing: if it opens a paragraph, as in a FAQ or an interview, the sentence after it
takes its place; any other is left out. So is a line that introduces something which cannot be shown with it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from retrieval.asking.answer import RankedSentence
from retrieval.records import Span
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.closing_signs import announces, asks

_Key = tuple[int, int]  # row of a version, and position
LookUp = Callable[[Sequence[_Key]], Mapping[_Key, SentencePlace]]


def standing_alone(ranked: Iterable[RankedSentence], look_up: LookUp) -> list[RankedSentence]:
    """Return the sentences that answer on their own, in their order, each once; `look_up` finds others in the store."""
    found: dict[_Key, RankedSentence] = {}
    for one in ranked:
        standing = _answer_to(one, look_up) if _asks(one.place) else one
        if standing is not None and not _introduces_nothing(standing):
            found.setdefault((standing.version, standing.place.sentence.position), standing)
    return list(found.values())


def _asks(place: SentencePlace) -> bool:
    return asks(place.sentence.text, place.article.language)


def _introduces_nothing(one: RankedSentence) -> bool:
    return announces(one.place.sentence.text) and one.place.around.code is None and one.trail is None


def _answer_to(asked: RankedSentence, look_up: LookUp) -> RankedSentence | None:
    """Return the sentence after a question that opens a paragraph, None after any other question."""
    place = asked.place
    if place.before is not None or place.after is None or asks(place.after.text, place.article.language):
        return None
    key = (asked.version, place.after.position)
    answer = look_up([key]).get(key)
    question = Span(place.sentence.start, place.sentence.end, place.sentence.text)
    return replace(asked, place=answer, question=question) if answer else None
