"""The paragraphs of an article -> the kind of each, and of each closing sentence.

In doubt a sentence is body: a caption among the answers does less harm than an answer that cannot be found. What is
recognisable as page furniture only on a news page (a caption without a credit, a standfirst, a pull quote, a byline)
counts only on a page that begins with a headline, which an encyclopedia's text does not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from retrieval.records import Kind
from retrieval.text import boilerplate
from retrieval.text.paragraphs import Mark, Paragraph

TOP = 8  # paragraphs from the top that may be bylines and standfirsts
END = 6  # paragraphs from the end that may be agency lines
LONGEST_HEADLINE = 200  # characters, like those below
LONGEST_SUBHEADING = 60
LONGEST_CAPTION = 400
LONGEST_LINE = 200
SHORT_DATE = 40
SHORTEST_REPEAT = 20
MOST_PULL_QUOTES = 50  # keeps a page of nothing but quotations fast
STOPS = tuple(".!?…。！？؟۔।॥:;,،")
FULL_STOPS = tuple(".。۔।॥")
BAR_WORD = re.compile(r"[^\W\d]+(?:-[^\W\d]+)?")
CLOSING = "\"'”’»)]*_`"  # signs that may follow a stop
QUOTED = re.compile(r"[>\s*_]*[\"“„«‘「].*[\"”“»’」][.!?]?[\s*_]*|>.*", re.DOTALL)
ATTRIBUTION = re.compile(r"[-–—―]+\s*[^.!?]{2,80}")
OF_MARK = {
    Mark.HEADING: Kind.HEADLINE,
    Mark.QUESTION: Kind.HEADLINE,
    Mark.ITEM: Kind.LIST,
    Mark.HEADER: Kind.HEADLINE,
    Mark.ROW: Kind.LIST,
    Mark.IMAGE: Kind.CAPTION,
    Mark.CODE: Kind.OTHER,
    Mark.RULE: Kind.OTHER,
}


@dataclass(frozen=True)
class ArticleText:
    """An article as the rules see it: the texts of its paragraphs, with and without case and punctuation."""

    title: str
    texts: tuple[str, ...]
    marks: tuple[Mark, ...]

    @cached_property
    def bare_title(self) -> str:
        """The words of the title."""
        return bare(self.title)

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The words of each paragraph, `n_paragraphs` of them."""
        return tuple(bare(text) for text in self.texts)

    @cached_property
    def prose(self) -> str:
        """The words of all paragraphs, a line each."""
        return "\n".join(f" {words} " for words in self.bare)

    @cached_property
    def has_headline(self) -> bool:
        """Whether the page begins with a headline, as a news page does and an encyclopedia's paragraphs do not."""
        return bool(self.texts) and is_headline(self, 0)


def bare(text: str) -> str:
    """Return the words of a text in lower case, one space between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


def paragraph_kinds(title: str, text: str, paragraphs: Sequence[Paragraph]) -> list[Kind]:
    """Return the kind of each paragraph, `n_paragraphs` of them."""
    texts = tuple(text[paragraph.start : paragraph.end] for paragraph in paragraphs)
    page = ArticleText(title, texts, tuple(paragraph.mark for paragraph in paragraphs))
    kinds = [_kind(page, number) for number in range(len(texts))]
    if page.has_headline:
        for refine in (_captions, _repeats):
            for number, kind in list(refine(page, kinds)):
                kinds[number] = kind
    for number in _related(page, kinds):
        kinds[number] = Kind.OTHER
    return kinds


def closing_kind(kind: Kind, sentence: str) -> Kind:
    """Return the kind of one of an article's last sentences: an agency line may end a paragraph of the body."""
    if kind is Kind.BODY and len(sentence) <= LONGEST_LINE and _is_agency_line(sentence):
        return Kind.AGENCY
    return kind


def is_headline(page: ArticleText, number: int) -> bool:
    """Whether a paragraph is the headline of the page: a heading, the title, or a first line that looks like one."""
    text = page.texts[number]
    if page.marks[number] is Mark.HEADING:
        return True
    if len(page.texts) == 1 or len(text) > LONGEST_HEADLINE or page.marks[number] is not Mark.PLAIN:
        return False
    if number >= TOP or _stops(text, FULL_STOPS):
        return False
    if page.bare_title and page.bare_title == bare(text):
        return True
    return number == 0 and _looks_like_heading(page, number, LONGEST_HEADLINE // 2)


def _looks_like_heading(page: ArticleText, number: int, longest: int) -> bool:
    """Whether a line is short, has no stop at its end, begins like a title and is followed by prose."""
    text, following = page.texts[number], page.texts[number + 1 : number + 3]
    shaped = len(text) <= longest and "\n" not in text and not _stops(text, STOPS) and text[:1].isupper()
    return shaped and any(len(prose) > 2 * len(text) and _stops(prose, STOPS) for prose in following)


def _stops(text: str, stops: tuple[str, ...]) -> bool:
    """Whether a text ends in a stop, closing marks aside."""
    return text.rstrip(CLOSING).endswith(stops)


def _is_subheading(page: ArticleText, number: int) -> bool:
    """Whether a line is a heading of what follows; with a number in it, it states a fact, and facts are body."""
    return _looks_like_heading(page, number, LONGEST_SUBHEADING) and not re.search(r"\d", page.texts[number])


def _kind(page: ArticleText, number: int) -> Kind:
    """Return the kind of a paragraph by its own words and its place."""
    text, mark = page.texts[number], page.marks[number]
    if mark in OF_MARK:
        return _of_mark(text, mark)
    if is_headline(page, number):
        return Kind.HEADLINE
    if len(text) <= LONGEST_CAPTION:
        kind = _furniture(text, len(page.texts) - number <= END)
        if kind is not Kind.BODY:
            return kind
    if page.has_headline and _is_page_line(page, number):
        return Kind.OTHER
    if page.has_headline and number > 0 and _is_subheading(page, number):
        return Kind.HEADLINE
    return Kind.BODY


def _of_mark(text: str, mark: Mark) -> Kind:
    if mark is Mark.HEADER and re.search(r"\d", text):
        return Kind.LIST  # a number states a fact
    if mark is Mark.ITEM and len(text) <= SHORT_DATE and boilerplate.DATE_LINE.fullmatch(text):
        return Kind.OTHER  # "28. August 2016" begins like the twenty-eighth item
    return OF_MARK[mark]


def _furniture(text: str, near_end: bool) -> Kind:
    """Return what a line identifies itself as, or body."""
    if boilerplate.CAPTION_START.match(text) or _ends_as_caption(text):
        return Kind.CREDIT if boilerplate.CREDIT.fullmatch(text) else Kind.CAPTION
    if len(text) > LONGEST_LINE:
        return Kind.BODY
    if near_end and _is_agency_line(text):
        return Kind.AGENCY
    if boilerplate.CREDIT.fullmatch(text):
        return Kind.CREDIT
    pointing = boilerplate.POINTER.fullmatch(text) or boilerplate.DATE_LINE.fullmatch(text)
    return Kind.OTHER if pointing or _is_cookie_note(text) or _is_share_bar(text) else Kind.BODY


def _is_agency_line(text: str) -> bool:
    reserved = text.lower().rstrip(".").endswith(boilerplate.RIGHTS)  # a test before the pattern, which is slow to fail
    return bool(boilerplate.AGENCY.fullmatch(text) or (reserved and boilerplate.RIGHTS_LINE.fullmatch(text)))


def _ends_as_caption(text: str) -> bool:
    signed = any(sign in text for sign in boilerplate.CAPTION_SIGNS)  # a hundred times as fast as the pattern
    return signed and boilerplate.CAPTION_END.search(text) is not None


def _is_cookie_note(text: str) -> bool:
    named = "ookie" in text or (not text.isascii() and any(word in text for word in boilerplate.COOKIE_WORDS))
    return named and boilerplate.COOKIES.fullmatch(text) is not None


def _is_share_bar(text: str) -> bool:
    """Whether a line has only words of share bars; for most lines the first word decides."""
    return all(word in boilerplate.SHARE_WORDS for word in _bar_words(text)) and any(
        word in boilerplate.SHARE_MUST for word in _bar_words(text)
    )


def _bar_words(text: str) -> Iterator[str]:
    return (found[0] for found in BAR_WORD.finditer(text.lower()))


def _is_page_line(page: ArticleText, number: int) -> bool:
    """Whether a line near the top is a byline: "By" and a name, or a name or job title in capitals."""
    text = page.texts[number]
    if number >= TOP or len(text) > LONGEST_LINE // 2:
        return False
    byline = boilerplate.BYLINE.fullmatch(text)
    named = any(word[:1].isupper() or not word[:1].isascii() for word in text.split()[1:])
    return bool(byline and named) or boilerplate.CAPITALS.fullmatch(text) is not None


def _captions(page: ArticleText, kinds: Sequence[Kind]) -> Iterator[tuple[int, Kind]]:
    """Find captions by their surroundings: a credit follows, or the same words are elsewhere with a credit."""
    named = {
        bare(boilerplate.CAPTION_END.sub("", page.texts[n])) for n, kind in enumerate(kinds) if kind is Kind.CAPTION
    }
    for number, kind in enumerate(kinds):
        text, credited = page.texts[number], kinds[number + 1 : number + 2] == [Kind.CREDIT]
        short = len(text) <= LONGEST_LINE and not _stops(text, FULL_STOPS)
        if kind in {Kind.BODY, Kind.HEADLINE} and number > 0:
            shown = credited and (short or boilerplate.CAPTION_WORDS.search(text))
            if shown or page.bare[number] in named:
                yield number, Kind.CAPTION


def _repeats(page: ArticleText, kinds: Sequence[Kind]) -> Iterator[tuple[int, Kind]]:
    """Find standfirsts and pull quotes: paragraphs that are repeated within a longer one."""
    first_body = next((n for n, kind in enumerate(kinds) if kind is Kind.BODY), 0)
    short = [n for n, kind in enumerate(kinds) if kind is Kind.BODY and len(page.texts[n]) <= LONGEST_CAPTION]
    quoted = [n for n in short if QUOTED.fullmatch(page.texts[n])]
    standfirst = [first_body] if 0 < first_body < TOP and first_body in short else []
    for number in sorted({*standfirst, *quoted[:MOST_PULL_QUOTES]}):
        if _is_repeated(page, page.bare[number]):
            yield number, Kind.OTHER
            yield from _attribution(page, kinds, number + 1)


def _is_repeated(page: ArticleText, words: str) -> bool:
    """Whether the words of a paragraph are also part of a longer one."""
    alone = sum(words == other for other in page.bare)
    return len(words) >= SHORTEST_REPEAT and page.prose.count(f" {words} ") > alone


def _attribution(page: ArticleText, kinds: Sequence[Kind], number: int) -> Iterator[tuple[int, Kind]]:
    follows = number < len(kinds) and kinds[number] in {Kind.BODY, Kind.LIST, Kind.HEADLINE}
    if follows and ATTRIBUTION.fullmatch(page.texts[number]):
        yield number, Kind.OTHER


def _related(page: ArticleText, kinds: Sequence[Kind]) -> Iterator[int]:
    """Find lists of related stories: the line that announces them, and what follows up to the next prose."""
    within = False
    for number, kind in enumerate(kinds):
        text = page.texts[number]
        if boilerplate.RELATED.fullmatch(text.strip("#*_ ")) and kind is not Kind.LIST:
            within = True
            yield number
        elif within and kind in {Kind.BODY, Kind.LIST, Kind.HEADLINE} and page.marks[number] is not Mark.HEADING:
            within = len(text) <= LONGEST_LINE and not _stops(text, FULL_STOPS)
            if within:
                yield number
        elif page.marks[number] is Mark.HEADING:
            within = False
