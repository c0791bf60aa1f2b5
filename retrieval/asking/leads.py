"""A sentence that cannot be understood without the one before -> that one, as its lead.

A sentence leans on the one before if it opens with a pronoun ("He said ..."), a demonstrative or a word that continues
something ("However, ..."), even after a time ("In 1997 he ..."); if it continues a quotation that began earlier; or if
a pronoun says who spoke. These words are listed by language, under `leaning` in `retrieval/text/wordlists/`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from retrieval.records import Hit, Snippet, Span
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.analyzer import Token
from retrieval.text.languages import UNSPACED
from retrieval.text.lexicon import WordClass, listed_words, word_classes

_OPENING = 5  # words in which a sentence shows that it leans
_SPEAKER = 2  # words after a quotation that say who spoke: "he said", "said he"
_QUOTATION_MARK = re.compile('["“”„«»]')
_BEFORE_OPENING_MARK = re.compile(r"[\s(\[—–-]?")
_SKIPPED = (WordClass.TIME | WordClass.NUMBER | WordClass.MONTH).value


def find_lead(place: SentencePlace, tokens: Iterable[Token]) -> Span | None:
    """Return the sentence before one that leans on it, None for any other; `tokens` are the sentence's."""
    return place.before if place.before and needs_lead(place.sentence.text, place.article.language, tokens) else None


def needs_lead(text: str, language: str, tokens: Iterable[Token]) -> bool:
    """Whether a sentence can hardly be understood without the one before."""
    listed = listed_words(language, "leaning")
    if language in UNSPACED:
        return text.startswith(tuple(listed)) if listed else False
    return _opens_leaning(tokens, listed, language) or _continues_quotation(text, tokens, listed)


def _opens_leaning(tokens: Iterable[Token], listed: frozenset[str], language: str) -> bool:
    """Whether a listed phrase is at the start, or follows function words, numbers and words of time."""
    begun: list[str] = []  # beginnings of listed phrases
    opening, beginnings = True, _beginnings(listed)
    for number, token in enumerate(tokens):
        opening &= number < _OPENING
        words = [f"{phrase} {token.word}" for phrase in begun] + [token.word] * opening
        if not listed.isdisjoint(words):
            return True
        begun = [phrase for phrase in words if phrase in beginnings]
        opening = opening and (token.grammar or word_classes(token.word, language) & _SKIPPED > 0)
        if not opening and not begun:
            return False
    return False


@cache
def _beginnings(phrases: frozenset[str]) -> frozenset[str]:
    """Return the beginnings of phrases of several words: "as" and "as a" of "as a result"."""
    found = (phrase.split(" ") for phrase in phrases)
    return frozenset(" ".join(words[:length]) for words in found for length in range(1, len(words)))


def _continues_quotation(text: str, tokens: Iterable[Token], listed: frozenset[str]) -> bool:
    """Whether the first quotation mark closes what an earlier sentence opened, or a pronoun says who spoke."""
    marks = list(_QUOTATION_MARK.finditer(text))
    if not marks:
        return False
    if _closes(text, marks[0]):
        return True
    after = [token.word for token in tokens if token.start >= marks[-1].end()]
    return _closes(text, marks[-1]) and not listed.isdisjoint(after[:_SPEAKER])


def _closes(text: str, mark: re.Match[str]) -> bool:
    """Whether a mark closes, by what is before it: „…“, »…«, «…» and "…" disagree on the signs."""
    return not _BEFORE_OPENING_MARK.fullmatch(text[max(0, mark.start() - 1) : mark.start()])


def without_repeated_leads(snippets: Sequence[Snippet], shown: Sequence[Hit] = ()) -> tuple[Snippet, ...]:
    """Return snippets without leads, introductions and trails that are shown anyway, as the sentence of a snippet or of
    a hit shown before.
    """
    sentences = {(hit.article, hit.start) for hit in (*shown, *(snippet.hit for snippet in snippets))}

    def without(hit: Hit) -> Hit:
        beside = (hit.lead, hit.intro, hit.trail)
        left = tuple(None if span is None or (hit.article, span.start) in sentences else span for span in beside)
        return hit if left == beside else replace(hit, lead=left[0], intro=left[1], trail=left[2])

    return tuple(replace(snippet, hit=without(snippet.hit)) for snippet in snippets)
