"""From an `Answer` to lines for a terminal, or for a pipe: plain, unwrapped, one sentence a line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.rendering import words
from bot.rendering.cells import is_right_to_left, printable, wrap
from retrieval.records import Answer, Article, Hit, Sentence, Snippet

_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_NARROWEST = 20  # cells; below that, wrapping makes text harder to read than the terminal's own breaking


@dataclass(frozen=True, slots=True)
class Look:
    """How the output may look."""

    width: int | None = None  # cells; None = lines are not wrapped
    styled: bool = False  # bold and dim by ANSI sequences


PLAIN = Look()


def answer_lines(answer: Answer, look: Look = PLAIN, *, store_is_empty: bool = False) -> Iterator[str]:
    """Show an answer: its snippets, or in words that there is none."""
    if answer.answered:
        yield from snippet_lines(answer.snippets, look)
        return
    reply = words.reply_without_articles(answer)
    yield from text_lines(reply or (words.NO_ARTICLES if store_is_empty else words.ABSTENTION), look)
    if reply is None and not store_is_empty:
        yield from _nearest(answer.nearest, look)


def snippet_lines(snippets: Iterable[Snippet], look: Look = PLAIN, first: int = 1) -> Iterator[str]:
    """Show snippets with their numbers from `first` on: the sentence in quotation marks, below it where it is from."""
    for number, snippet in enumerate(snippets, first):
        label = f"{number}. "
        indent = " " * len(label)
        yield from text_lines(*_quotation(snippet, look), first=label, rest=indent)
        yield from text_lines(citation(snippet.hit), look, first=indent, rest=indent, style=_DIM)
        if snippet.twins:
            yield from text_lines(words.also_in(snippet.twins), look, first=indent, rest=indent, style=_DIM)


def context_lines(hit: Hit, sentences: Iterable[Sentence], look: Look = PLAIN) -> Iterator[str]:
    """Show the sentences around a hit, which is marked."""
    for sentence in sentences:
        here = sentence.start == hit.start
        spans = [(0, len(sentence.text))] if here else []
        yield from text_lines(sentence.text, look, spans, first="> " if here else "  ", rest="  ")
    yield from text_lines(citation(hit), look, first="  ", rest="  ", style=_DIM)


def source_lines(hit: Hit, article: Article | None, look: Look = PLAIN) -> Iterator[str]:
    """Show where a hit is from, one fact a line; the article is None when it has left the store meanwhile."""
    facts = {
        "title": hit.title,
        "author": article.author if article else None,
        "published": hit.published,
        "link": hit.url,
        "article": hit.article if article else f"{hit.article} (no longer in the store)",
        "place": f"{words.place(hit)}, characters {hit.start:,} to {hit.end:,}",
    }
    for name, fact in facts.items():
        if fact:
            yield from text_lines(fact, look, first=f"{name:<10} ", rest=" " * 11)


def citation(hit: Hit) -> str:
    """Say in one line where a hit is from: title, link or id, date if known, place."""
    parts = [words.title(hit), words.source(hit), words.date(hit.published or ""), words.place(hit)]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _nearest(titles: Sequence[str], look: Look) -> Iterator[str]:
    yield words.NEAREST if titles else words.NOTHING_NEAR
    for title in titles:
        yield from text_lines(title, look, first="- ", rest="  ")


def _quotation(snippet: Snippet, look: Look) -> tuple[str, Look, list[tuple[int, int]]]:
    lead = f"{snippet.hit.lead.text} " if snippet.hit.lead else ""
    before = len(lead) + 1
    spans = [(start + before, end + before) for start, end in snippet.matched]
    return f"“{lead}{snippet.hit.text}”", look, spans


def text_lines(
    text: str,
    look: Look,
    bold: Iterable[tuple[int, int]] = (),
    *,
    first: str = "",
    rest: str = "",
    style: str = "",
) -> Iterator[str]:
    """Wrap and style a text; `bold` holds offsets into it, `first` and `rest` stand before its lines."""
    text = printable(text)
    if is_right_to_left(text):
        yield first + text
        return
    spans = sorted(bold) if look.styled else []
    width = max((look.width or 0) - len(rest), _NARROWEST)
    lines = [(0, len(text))] if look.width is None else wrap(text, width)
    for number, (start, end) in enumerate(lines):
        line = _embolden(text, start, end, spans)
        styled = f"{style}{line}{_PLAIN}" if style and look.styled else line
        yield (rest if number else first) + styled


def _embolden(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    """Give `text[start:end]` with what the ordered, disjoint spans cover in bold."""
    parts, at = [], start
    for begin, stop in spans:
        begin, stop = max(begin, at), min(stop, end)  # noqa: PLW2901 - cut to this line
        if begin < stop:
            parts += [text[at:begin], _BOLD, text[begin:stop], _PLAIN]
            at = stop
    return "".join([*parts, text[at:end]])
