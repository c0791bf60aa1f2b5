"""A sentence that leans on the one before it -> that sentence, as its lead.

It leans when it opens with a pronoun ("He said ..."), a demonstrative or a word that goes on from something
("However, ..."), also after a time ("In 1997 he ..."), when it goes on with a quotation that began earlier, or when a
pronoun says who spoke. What opens so is listed by language in `retrieval/wordlists/` under `leaning`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from retrieval.records import Hit, Snippet, Span
from retrieval.store.reader import SentencePlace
from retrieval.text.analyzer import analyzer
from retrieval.text.languages import UNSPACED
from retrieval.text.lexicon import WordClass, listed_words, word_cues

_OPENING = 5  # words in which a sentence shows that it leans
_SPEAKER = 2  # words after a quotation that say who spoke: "he said", "said he"
_MARK = re.compile('["“”„«»]')
_BEFORE_OPENING = re.compile(r"[\s(\[—–-]?")
_PASSED = (WordClass.TIME | WordClass.NUMBER | WordClass.MONTH).value


def needs_lead(text: str, language: str) -> bool:
    """Say whether a sentence can hardly be understood without the one before."""
    listed = listed_words(language, "leaning")
    if language in UNSPACED:
        return text.startswith(tuple(listed)) if listed else False
    return _opens_leaning(text, listed, language) or _goes_on_quoting(text, listed, language)


def lead_of(place: SentencePlace) -> Span | None:
    """Give the sentence before one that leans on it, None for one that does not."""
    return place.before if place.before and needs_lead(place.sentence.text, place.article.language) else None


def without_repeated_leads(snippets: Sequence[Snippet], shown: Sequence[Hit] = ()) -> tuple[Snippet, ...]:
    """Take away leads that are themselves shown, as the sentence of a snippet or of a hit that was shown before."""
    sentences = {(hit.article, hit.start) for hit in (*shown, *(snippet.hit for snippet in snippets))}
    return tuple(
        replace(snippet, hit=replace(snippet.hit, lead=None))
        if snippet.hit.lead is not None and (snippet.hit.article, snippet.hit.lead.start) in sentences
        else snippet
        for snippet in snippets
    )


def _opens_leaning(text: str, listed: frozenset[str], language: str) -> bool:
    """Look for a listed phrase at the start, or behind function words, numbers and words of time."""
    begun: list[str] = []  # what may become a listed phrase
    opening, beginnings = True, _beginnings(listed)
    for number, token in enumerate(analyzer(language).tokens(text)):
        opening &= number < _OPENING
        words = [f"{phrase} {token.word}" for phrase in begun] + [token.word] * opening
        if not listed.isdisjoint(words):
            return True
        begun = [phrase for phrase in words if phrase in beginnings]
        opening = opening and (token.grammar or word_cues(token.word, language) & _PASSED > 0)
        if not opening and not begun:
            return False
    return False


@cache
def _beginnings(phrases: frozenset[str]) -> frozenset[str]:
    """Give what phrases of several words begin with: "as a", and "as", of "as a result"."""
    found = (phrase.split(" ") for phrase in phrases)
    return frozenset(" ".join(words[:length]) for words in found for length in range(1, len(words)))


def _goes_on_quoting(text: str, listed: frozenset[str], language: str) -> bool:
    """Tell whether the first quotation mark closes what an earlier sentence opened, or a pronoun says who spoke."""
    marks = list(_MARK.finditer(text))
    if not marks:
        return False
    if _closes(text, marks[0]):
        return True
    after = islice(analyzer(language).tokens(text[marks[-1].end() :]), _SPEAKER)
    return _closes(text, marks[-1]) and any(token.word in listed for token in after)


def _closes(text: str, mark: re.Match[str]) -> bool:
    """Tell a closing mark by what is before it: „…“, »…«, «…» and "…" do not agree on the signs."""
    return not _BEFORE_OPENING.fullmatch(text[max(0, mark.start() - 1) : mark.start()])
