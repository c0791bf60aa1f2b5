"""An `Answer` -> lines for a terminal, or for a pipe: plain, unwrapped, one sentence a line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from bot.rendering import messages, operator_messages
from bot.rendering.ages import dated, with_age
from bot.rendering.blocks import block_lines
from bot.rendering.notices import is_out_of_scope, notices
from bot.rendering.terminal.layout import is_right_to_left, printable, wrap
from retrieval.records import Answer, Article, Hit, Sentence, Snippet

BOLD, _BOLD_UNDERLINED, DIM, _PLAIN = "\x1b[1m", "\x1b[1m\x1b[4m", "\x1b[2m", "\x1b[0m"
_NARROWEST = 20  # cells; below that, the terminal's own line breaks read better


@dataclass(frozen=True, slots=True)
class Layout:
    """Width and style of the output."""

    width: int | None = None  # cells; None = no wrapping
    styled: bool = False  # bold and dim by ANSI sequences
    today: date | None = None  # for the age of articles; None hides it


class Mark(NamedTuple):
    """A span of a text, in half-open offsets, and the ANSI sequence of its style."""

    start: int
    end: int
    style: str


PLAIN = Layout()


def answer_lines(answer: Answer, look: Layout = PLAIN, *, store_is_empty: bool = False) -> Iterator[str]:
    """Show an answer: its snippets, or why there are none."""
    if not store_is_empty:
        yield from notice_lines(answer, look)
        if is_out_of_scope(answer):
            return
    if answer.answered:
        yield from perhaps_lines(answer)
        yield from snippet_lines(answer.snippets, look)
        return
    reply = messages.reply_without_articles(answer)
    yield from text_lines(reply or (messages.NO_ARTICLES if store_is_empty else messages.ABSTENTION), look)
    if reply is None and not store_is_empty:
        yield from _nearest(answer.nearest, look)


def notice_lines(answer: Answer, look: Layout = PLAIN) -> Iterator[str]:
    """Show the notices above an answer, if any."""
    for notice in notices(answer):
        yield from text_lines(notice, look)


def perhaps_lines(answer: Answer) -> Iterator[str]:
    """Show above an answer that it may be wrong, if so."""
    if answer.certainty == "perhaps":
        yield messages.PERHAPS


def snippet_lines(snippets: Iterable[Snippet], look: Layout = PLAIN, first: int = 1) -> Iterator[str]:
    """Show numbered snippets, starting at `first`: the quoted sentence, and its citation below."""
    for number, snippet in enumerate(snippets, first):
        label = f"{number}. "
        indent = " " * len(label)
        yield from _quotation_lines(snippet, look, label)
        yield from text_lines(citation(snippet.hit, look.today), look, first=indent, rest=indent, style=DIM)
        if also := messages.also_in(snippet):
            yield from text_lines(also, look, first=indent, rest=indent, style=DIM)


def context_lines(hit: Hit, sentences: Iterable[Sentence], look: Layout = PLAIN) -> Iterator[str]:
    """Show the sentences around a hit, with the hit marked."""
    for sentence in sentences:
        here = sentence.start == hit.start
        marks = [Mark(0, len(sentence.text), BOLD)] if here else []
        yield from text_lines(sentence.text, look, marks, first="> " if here else "  ", rest="  ")
    yield from text_lines(citation(hit, look.today), look, first="  ", rest="  ", style=DIM)


def source_lines(hit: Hit, article: Article | None, look: Layout = PLAIN) -> Iterator[str]:
    """Show the source of a hit, one fact a line; `article` is None if it has left the store since."""
    facts = {
        "title": hit.title,
        "section": messages.section(hit),
        "author": article.author if article else None,
        "published": hit.published and with_age(hit.published, hit.published, look.today),
        "link": hit.url,
        "article": hit.article if article else f"{hit.article} (no longer in the store)",
        "place": f"{operator_messages.place(hit)}, characters {hit.start:,} to {hit.end:,}",
    }
    for name, fact in facts.items():
        if fact:
            yield from text_lines(fact, look, first=f"{name:<10} ", rest=" " * 11)


def citation(hit: Hit, today: date | None = None) -> str:
    """Cite a hit in one line: title, headings, URL or id, date and age if known, position."""
    whole, published = (messages.title(hit), messages.section(hit)), dated(hit.published, today)
    parts = [*whole, messages.source(hit), published, operator_messages.place(hit)]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _nearest(titles: Sequence[str], look: Layout) -> Iterator[str]:
    yield messages.NEAREST if titles else messages.NOTHING_NEAR
    for title in titles:
        yield from text_lines(title, look, first="- ", rest="  ")


def _quotation_lines(snippet: Snippet, look: Layout, label: str) -> Iterator[str]:
    """Quote a sentence, with the line that introduces it above, and what it introduces below."""
    indent, (text, marks) = " " * len(label), _quotation(snippet)
    if snippet.hit.intro:
        yield from text_lines(f"“{snippet.hit.intro.text}", look, first=label, rest=indent, style=DIM)
        label = indent
    yield from text_lines(text, look, marks, first=label, rest=indent)
    if snippet.hit.code:
        lines, has_more = block_lines(snippet.hit.code.text)
        yield from ((indent + printable(line)).rstrip() for line in [*lines[:-1], "".join(lines[-1:]) + "”"])
        if has_more:
            yield f"{indent}…"


def _quotation(snippet: Snippet) -> tuple[str, list[Mark]]:
    """Quote a sentence: its lead and its trail dimmed, matched words in bold, the likely answer underlined too."""
    hit = snippet.hit
    opening, closing = "" if hit.intro else "“", "" if hit.code else "”"
    lead = f"{hit.lead.text} " if hit.lead else ""
    trail = f" {hit.trail.text}" if hit.trail else ""
    before = len(opening) + len(lead)
    end = before + len(hit.text)
    marks = [Mark(len(opening), before - 1, DIM)] if lead else []
    marks += [Mark(start + before, stop + before, style) for start, stop, style in _emphases(snippet)]
    marks += [Mark(end + 1, end + len(trail), DIM)] if trail else []
    return f"{opening}{lead}{hit.text}{trail}{closing}", marks


def _emphases(snippet: Snippet) -> Iterator[Mark]:
    """Yield the disjoint marks of a sentence; the likely answer takes the place of matched words."""
    start, end = snippet.focus or (0, 0)
    for first, last in snippet.matched:
        parts = [(first, min(last, start)), (max(first, end), last)] if start < end else [(first, last)]
        yield from (Mark(begin, stop, BOLD) for begin, stop in parts if begin < stop)
    if start < end:
        yield Mark(start, end, _BOLD_UNDERLINED)


def text_lines(
    text: str,
    look: Layout,
    marks: Iterable[Mark] = (),
    *,
    first: str = "",
    rest: str = "",
    style: str = "",
) -> Iterator[str]:
    """Wrap and style a text; `marks` are disjoint, `first` and `rest` are the prefixes of its lines."""
    text = printable(text)
    if is_right_to_left(text):
        yield first + text
        return
    ordered = sorted(marks) if look.styled else []
    width = max((look.width or 0) - len(rest), _NARROWEST)
    lines = [(0, len(text))] if look.width is None else wrap(text, width)
    for number, (start, end) in enumerate(lines):
        line = _marked(text, start, end, ordered)
        styled = f"{style}{line}{_PLAIN}" if style and look.styled else line
        yield (rest if number else first) + styled


def _marked(text: str, start: int, end: int, marks: Sequence[Mark]) -> str:
    """Return `text[start:end]` with the ordered, disjoint marks in their style."""
    parts, at = [], start
    for begin, stop, style in marks:
        begin, stop = max(begin, at), min(stop, end)  # noqa: PLW2901 - cut to this line
        if begin < stop:
            parts += [text[at:begin], style, text[begin:stop], _PLAIN]
            at = stop
    return "".join([*parts, text[at:end]])
