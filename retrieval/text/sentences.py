"""Article text -> sentences, or one paragraph -> the offsets of its sentences.

`split_article` composes the stages: paragraphs, the sentences of each, their kinds and surroundings. Within a paragraph sentencex
finds the ends. It keeps whatever is in quotation marks or brackets together, however long, and takes an apostrophe for
a quotation mark, so it is given the text without them; afterwards what belongs together is joined (a short quotation,
"Vol. 2", "1. The") and what is too long to be quoted is split.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from retrieval.records import Article, Sentence, Surroundings
from retrieval.text.kinds import closing_kind, paragraph_kinds
from retrieval.text.paragraphs import Mark, Paragraph, split_paragraphs
from retrieval.text.surroundings import find_surroundings

SPLITTER_VERSION = 4  # raise it when what follows changes: the next load then splits every article again
CLOSING_SENTENCES = 3  # at the end of an article, one of which may be its agency line
WHOLE = frozenset(
    {Mark.RULE, Mark.CODE, Mark.HEADING, Mark.HEADER, Mark.ROW}
)  # not prose: the paragraph is one sentence
MAX_QUOTATION = 200  # characters of a sentence up to which a quotation in it is kept whole
MAX_LENGTH = 1000  # characters of a sentence; a longer one could not be quoted, and is split
LOOKAHEAD = 5  # sentences that a quotation may run on for
TAIL = 80  # characters before an end that can show whether it is one
MAX_ABBREVIATION = 8  # characters: the longest one recognised by its letters, with its full stop and the sign before it
LONG_WORD = 7  # letters: more than any abbreviation has
PIECE = range(250, 601)  # characters of each piece of a sentence that is too long
LONGEST_STRETCH = 2000  # characters that sentencex is given at once, and on to the next full-width stop

Cut = tuple[int, int]  # half-open offsets
Joins = Callable[[str, Cut, Sequence[Cut], str], bool]  # text, the current cut, the cuts that follow, language

MASKED = "\"'“”„‟‘’‚«»‹›「」『』()[]（）*_`"
MASKED_ASCII = "".join(filter(str.isascii, MASKED))
CLOSING = re.compile(r"""(?:\[\d{1,3}\]|["'”’»›)\]」』）*_`]|[“«](?=\s|$))+""")
MONTHS = (
    "jan|janv|ene|feb|febr|fév|févr|abr|apr|avr|jun|jui|juil|jul|aug|sep|sept|oct|okt|nov|dec|dez|déc|dic"
    "|янв|фев|февр|апр|авг|сен|сент|окт|ноя|нояб|дек"
)
UNITS = "mm|cm|km|kg|min|مم|سم|كم|جم|كغ"


def _behind(words: str, before: str) -> str:
    """Return a pattern for the position after any of these words and a full stop; `re` looks back a fixed length only."""
    by_length: dict[int, list[str]] = {}
    for word in words.split("|"):
        by_length.setdefault(len(word), []).append(word)
    return "|".join(rf"(?<={before}(?:{'|'.join(alike)})\.)" for alike in by_length.values())


BEFORE_DIGIT = re.compile(r"[。！？।॥؟۔](?=\s*\d)")  # an end that sentencex misses
SHORT_MONTH = _behind(f"{MONTHS}|mar|may|ago|bien", before=r"\b")
UNIT = "|".join(_behind(UNITS, before) for before in (r"\d", r"\d\s"))
# It misses these too: before a year, and after a bracket or quotation mark; and, if a capitalised word follows, after
# the short name of a month (a date would continue with a number or a small letter), after a unit with its number, and
# after words that only look like abbreviations. The pattern begins with the stop, which `re` finds fast, and then tests
# what is true of the fewest stops.
MORE_ENDS = re.compile(
    r"\.(?=\s)(?:"
    r"(?=\s+[12]\d{3}\b(?!\.\d))(?<=[^\W\d_A-Z]{4}\.)|(?<=[)\]”’»\"]\.)(?=\s+[^\W\d_])"
    rf"|(?i:{SHORT_MONTH})(?=\s+[\"“«¿¡(]*[A-ZÀ-Þ][a-zß-ÿ]*\b(?!\.))"
    rf"|(?:{UNIT})(?=\s+[\"“«¿¡(]*(?:[A-ZÀ-Þ]|[\u0600-\u06ff])))"
)
OPENING = "\"'“„‘«‹([（「『*_`—–-> "
ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}|[^\W\d]|[ivxIVX]{1,4})[.)]")
BEFORE_NUMBER = re.compile(
    r"(?:^|\W)(?:vols?|nos?|nrs?|pp?|figs?|chs?|chap|secs?|arts?|eds?|eq|núms?|pág|cap|abb|kap|bd|abs|aufl"
    rf"|гл|рис|стр|табл|ст|п|рр|m\.ö|m\.s|sq|op|ca?|approx|ص|ج|{MONTHS})\.$",
    re.IGNORECASE,
)
BEFORE_NAME = re.compile(
    r"(?:^|\s)[(\"'“«„]?(?:им|ул|просп|пос|св|акад|проф|ред|ср|см|т\. ?н|डॉ|प्रो|श्री|सं|рис|vs|cf|e\.g|i\.e|κ|κα|αγ|dott"
    r"|av|cad|doç|yrd|prof|gen|col|lt|sgt|capt|ssa|mme|mlle|[\u0590-\u06ff\u0900-\u097f])\.$",
    re.IGNORECASE,
)
NUMBER_END = re.compile(r"(?:^|\s)(?:\d{1,3}|[IVX]{2,5})\.$")
# After these German words a number with a full stop is an ordinal, unless a new sentence obviously begins.
ORDINAL_BEFORE = re.compile(
    r"\b(?:de[rmns]|die|das|am|im|vom|zum|zur|bis|ab|beim|und|seine[nrms]?|ihre[nrms]?) \S+$", re.IGNORECASE
)
BEGINS_GERMAN = re.compile(
    r"(?:Der|Die|Das|Dies\w*|Er|Sie|Es|Wir|Ich|Danach|Dann|Dabei|Damit|Doch|Aber|Auch|Als|Am|Im|In|Nach|Seit|Vo[nr]"
    r"|Zu|Zum|Bei|Bis|Mit|Durch|Für|Eine?|Einer|Seine|Ihre|Heute|Zudem|Jedoch|So|Später|Während|Wenn)\b"
)
ADDRESS = re.compile(r"://|www\.|@|\w/\w")
LETTERED_STOP = re.compile(r"(?:[^\W\d_]{2}|[\d%)\]])[.!?…]+$")
FAMILIES = ('"', "“”„‟", "«»", "「」", "『』")
QUOTING = re.compile("[(" + "".join(FAMILIES) + "]")
WEAK_STOPS = ("; ", "؛ ", "；", ": ", " — ", " – ", ", ", "، ", "，", "、", " ")
FULL_WIDTH_STOP = re.compile("[。！？]+[」』”’）】》]*")


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
        for start, end in _sentences_of(text, paragraph, language):
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

    `language` is ISO 639-1; sentencex uses English rules for languages that it does not know.
    """
    masked = paragraph
    for sign in MASKED_ASCII if paragraph.isascii() else MASKED:  # many times as fast as `str.translate`
        masked = masked.replace(sign, " ")
    cuts = list(_between(paragraph, _ends(paragraph, masked, language)))
    cuts = list(_joined(paragraph, cuts, language, _is_one_sentence))
    if masked != paragraph and QUOTING.search(paragraph):
        cuts = list(_joined(paragraph, cuts, language, _is_one_quotation))
    if max((end - start for start, end in cuts), default=0) <= MAX_LENGTH:
        return cuts
    return [piece for cut in cuts for piece in _pieces(paragraph, cut)]


def _ends(text: str, masked: str, language: str) -> list[int]:
    """Return where sentences end, after the quotation marks and footnote numbers that follow the full stop."""
    from sentencex import get_sentence_boundaries  # noqa: PLC0415 - only loads need it

    ends = {len(text)}
    for offset, stretch in _stretches(masked):
        for sentence in get_sentence_boundaries(language, stretch):
            ends.add(offset + sentence["start_index"] + len(sentence["text"].rstrip()))
    ends.update(end.end() for end in MORE_ENDS.finditer(text))
    if not text.isascii():
        ends.update(end.end() for end in BEFORE_DIGIT.finditer(text))
    return [_after_closing(text, end) for end in sorted(ends)]


def _stretches(text: str) -> Iterator[tuple[int, str]]:
    """Cut a long text after full-width stops: without spaces, sentencex takes time in the square of the length."""
    start = 0
    while len(text) - start > LONGEST_STRETCH:
        stop = FULL_WIDTH_STOP.search(text, start + LONGEST_STRETCH)
        if stop is None:
            break
        yield start, text[start : stop.end()]
        start = stop.end()
    yield start, text[start:]


def _after_closing(text: str, end: int) -> int:
    closing = CLOSING.match(text, end)
    return closing.end() if closing else end


def _between(text: str, ends: Sequence[int]) -> Iterator[Cut]:
    start = 0
    for end in ends:  # one may be before `start`: then the stretch is empty
        stretch = text[start:end]
        words = stretch.strip()
        if words:
            left = start + stretch.index(words)
            yield left, left + len(words)
            start = end


def _joined(text: str, cuts: Sequence[Cut], language: str, joins: Joins) -> Iterator[Cut]:
    held: Cut | None = None
    for number, cut in enumerate(cuts):
        if held is None:
            held = cut
        elif joins(text, held, cuts[number : number + LOOKAHEAD], language):
            held = (held[0], cut[1])
        else:
            yield held
            held = cut
    if held is not None:
        yield held


def _is_one_sentence(text: str, held: Cut, rest: Sequence[Cut], language: str) -> bool:
    """Whether the sentence goes on after `held`, although an end was found there."""
    start, end = rest[0]
    if start > held[1] and text[start].isupper() and _ends_in_long_word(text, held):  # half of all ends
        return False
    before = text[max(held[0], held[1] - TAIL) : held[1]]
    after = text[start : min(end, start + TAIL)].lstrip(OPENING)
    return (
        after[:1].islower()
        or not after
        or ENUMERATOR.fullmatch(before) is not None
        or (start == held[1] and not _unspaced_end(text, held, end))
        or (before.endswith(".") and _is_abbreviation(before, after, language))
    )


def _ends_in_long_word(text: str, held: Cut) -> bool:
    first, last = held[1] - LONG_WORD - 1, held[1] - 1
    return first >= held[0] and text[first:last].isalpha()


def _is_abbreviation(before: str, after: str, language: str) -> bool:
    if after[:1].isdigit() or after[:1] in "IVX":
        return BEFORE_NUMBER.search(before, len(before) - MAX_ABBREVIATION) is not None
    return BEFORE_NAME.search(before, len(before) - MAX_ABBREVIATION) is not None or (
        language == "de" and _is_ordinal(before, after)
    )


def _unspaced_end(text: str, held: Cut, end: int) -> bool:
    """Whether a full stop without a space after it ends a sentence ("ended.The"), and is not part of an address."""
    before, after = text[max(held[0], held[1] - TAIL) : held[1]], text[held[1] : min(end, held[1] + TAIL)]
    if unicodedata.category(after[0]) == "Lo" or unicodedata.category(before[-1]) == "Lo":
        return True
    if before[-1] in "。！？؟۔।॥":
        return True
    word = before.split()[-1] + (after.split() or [""])[0]
    return LETTERED_STOP.search(before) is not None and after[1:2].islower() and not ADDRESS.search(word)


def _is_ordinal(before: str, after: str) -> bool:
    number = NUMBER_END.search(before)
    return bool(number and ORDINAL_BEFORE.search(before) and after[:1].isalpha() and not BEGINS_GERMAN.match(after))


def _is_one_quotation(text: str, held: Cut, rest: Sequence[Cut], language: str) -> bool:  # noqa: ARG001
    """Whether a quotation that is open at the end of `held` closes soon enough to be kept whole."""
    if held[1] - held[0] > MAX_QUOTATION or not _is_open(text[held[0] : held[1]]):
        return False
    within = (end for _, end in rest if end - held[0] <= MAX_QUOTATION)
    return any(not _is_open(text[held[0] : end]) for end in within)


def _is_open(text: str) -> bool:
    if not QUOTING.search(text):
        return False
    outside_words = re.sub(r'(?<=\w)"(?=\w)', "", text)  # Hebrew writes abbreviations this way
    quoted = any(sum(map(outside_words.count, family)) % 2 for family in FAMILIES)
    return quoted or text.count("(") > text.count(")")


def _pieces(text: str, cut: Cut) -> Iterator[Cut]:
    """Split what no reader would call a sentence, at the best stop near the end of each piece."""
    start, end = cut
    while end - start > (MAX_LENGTH if start == cut[0] else PIECE.stop):
        middle = _soft_stop(text, start)
        yield start, start + len(text[start:middle].rstrip())
        start = middle + len(text[middle:end]) - len(text[middle:end].lstrip())
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
