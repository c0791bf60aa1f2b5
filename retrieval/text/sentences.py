"""Article text -> sentences, or one paragraph -> the offsets of its sentences.

`split_article` composes the stages: paragraphs, the sentences of each, and their kinds. Within a paragraph
sentence_ends.py finds the ends; then the sentences of a short quotation are joined, and what is too long to be quoted is
split.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from retrieval.records import Article, Sentence, Surroundings
from retrieval.text.kinds import closing_kind, paragraph_kinds
from retrieval.text.paragraphs import Mark, Paragraph, split_paragraphs
from retrieval.text.sentence_ends import sentence_ends
from retrieval.text.surroundings import find_surroundings
from retrieval.text.unbroken import rejoin

SPLITTER_VERSION = 5  # raise it when sentences, kinds or surroundings change: the next load then splits all again
CLOSING_SENTENCES = 3  # at the end of an article, one of which may be its agency line
WHOLE = frozenset(
    {Mark.RULE, Mark.CODE, Mark.HEADING, Mark.HEADER, Mark.ROW}
)  # not prose: the paragraph is one sentence
MAX_QUOTATION = 200  # characters of a sentence up to which a quotation in it is kept whole
MAX_LENGTH = 1000  # characters of a sentence; a longer one could not be quoted, and is split
LOOKAHEAD = 5  # sentences that a quotation may run on for
PIECE = range(250, 601)  # characters of each piece of a sentence that is too long

Cut = tuple[int, int]  # half-open offsets
NOT_SPACE = re.compile(r"\S")
WORD = re.compile(r"\w")
BRACKETS = {"(": ")", "[": "]", "（": "）"}
CLOSERS = {closer: opener for opener, closer in BRACKETS.items()}
QUOTES = {sign: family for family in ('"', "“”„‟", "«»", "「」", "『』", "《》") for sign in family}
QUOTING = re.compile(rf'[{re.escape("".join({**BRACKETS, **CLOSERS, **QUOTES}).replace(chr(34), ""))}]|"(?!(?<=\w")\w)')
WEAK_STOPS = ("; ", "؛ ", "；", ": ", " — ", " – ", ", ", "، ", "，", "、", " ")


class SplitArticle(NamedTuple):
    """An article's sentences, of all kinds, and by paragraph, counted from 1, what surrounds them if anything does."""

    sentences: tuple[Sentence, ...]
    surroundings: dict[int, Surroundings]


def split_article(article: Article, language: str) -> SplitArticle:
    """Split an article into sentences; `language` is ISO 639-1.

    `article.text[s.start:s.end] == s.text`; they are ordered and disjoint, with only white space between them.
    """
    text = article.text
    paragraphs = split_paragraphs(text)
    kinds = paragraph_kinds(article.title, text, paragraphs)
    sentences: list[Sentence] = []
    last: list[Cut] = []  # sentence of each paragraph
    for number, (paragraph, kind) in enumerate(zip(paragraphs, kinds, strict=True), start=1):
        for start, end in rejoin(_sentences_of(text, paragraph, language), article.unbroken):
            sentences.append(Sentence(len(sentences) + 1, number, start, end, kind, text[start:end]))
        last.append((sentences[-1].start, sentences[-1].end))
    closing = (one._replace(kind=closing_kind(one.kind, one.text)) for one in sentences[-CLOSING_SENTENCES:])
    surroundings = find_surroundings(article.title, text, paragraphs, last)
    return SplitArticle((*sentences[:-CLOSING_SENTENCES], *closing), surroundings)


def _sentences_of(text: str, paragraph: Paragraph, language: str) -> list[Cut]:
    start = paragraph.start
    if paragraph.mark in WHOLE:
        return [(start, paragraph.end)]
    return [(start + left, start + right) for left, right in split_sentences(text[start : paragraph.end], language)]


def split_sentences(paragraph: str, language: str) -> list[Cut]:
    """Return the half-open offsets of the sentences: ordered, disjoint, with only white space between them.

    `language` is ISO 639-1; a language without abbreviations of its own has the English ones.
    """
    cuts = _between(paragraph, sentence_ends(paragraph, language))
    if len(cuts) > 1 and QUOTING.search(paragraph):
        cuts = list(_joined(paragraph, cuts))
    if max((end - start for start, end in cuts), default=0) <= MAX_LENGTH:
        return cuts
    return [piece for cut in cuts for piece in _pieces(paragraph, cut)]


def _between(text: str, ends: Iterable[int]) -> list[Cut]:
    """Return what lies between the ends, without white space; signs alone belong to the sentence before them."""
    cuts: list[Cut] = []
    start = _next_word(text, 0)
    for end in chain(ends, (len(text.rstrip()),)):
        if start < end:
            if cuts and not text[start].isalnum() and not WORD.search(text, start, end):
                cuts[-1] = (cuts[-1][0], end)
            else:
                cuts.append((start, end))
            start = _next_word(text, end)
    return cuts


def _next_word(text: str, start: int) -> int:
    """Return where white space ends."""
    if not text[start + 1 : start + 2].isspace() and text[start : start + 1] == " ":  # most often
        return start + 1
    found = NOT_SPACE.search(text, start)
    return found.start() if found else len(text)


def _joined(text: str, cuts: Sequence[Cut]) -> Iterator[Cut]:
    """Join the sentences of a short quotation."""
    held = cuts[0]
    for number, cut in enumerate(cuts[1:], start=1):
        if _is_one_quotation(text, held, cuts[number : number + LOOKAHEAD]):
            held = (held[0], cut[1])
        else:
            yield held
            held = cut
    yield held


def _is_one_quotation(text: str, held: Cut, rest: Sequence[Cut]) -> bool:
    """Whether a quotation that is open at the end of `held` closes soon enough to be kept whole."""
    start, end = held
    if end - start > MAX_QUOTATION or not _is_open(text, start, end):
        return False
    return any(not _is_open(text, start, end) for _, end in rest if end - start <= MAX_QUOTATION)


def _is_open(text: str, start: int, end: int) -> bool:
    """Whether a quotation or bracket is open at the end of a stretch; one sign may open and close, as in German."""
    quotes: set[str] = set()
    depth = dict.fromkeys(BRACKETS, 0)
    for sign in QUOTING.findall(text, start, end):
        if sign in QUOTES:
            quotes ^= {QUOTES[sign]}
        else:
            depth[CLOSERS.get(sign, sign)] += 1 if sign in BRACKETS else -1
    return bool(quotes) or max(depth.values()) > 0


def _pieces(text: str, cut: Cut) -> Iterator[Cut]:
    """Split what no reader would call a sentence, at the best stop near the end of each piece."""
    start, end = cut
    while end - start > (MAX_LENGTH if start == cut[0] else PIECE.stop):
        middle = _soft_stop(text, start)
        yield start, start + len(text[start:middle].rstrip())
        start = _next_word(text, middle)
    yield start, end


def _soft_stop(text: str, start: int) -> int:
    window = text[start + PIECE.start : start + PIECE.stop - 1]
    for stop in WEAK_STOPS:
        found = window.rfind(stop)
        if found >= 0:
            return start + PIECE.start + found + len(stop)
    middle = start + PIECE.stop - 1
    while middle > start + PIECE.start and unicodedata.category(text[middle]).startswith("M"):
        middle -= 1
    return middle
