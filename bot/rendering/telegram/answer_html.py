"""An `Answer` -> Telegram HTML that fits one message: quotations with their source, or why there are none.

All text of articles is escaped here and nowhere else. Telegram counts UTF-16 units after parsing the entities.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import urlsplit

from bot.rendering import messages
from bot.rendering.ages import dated
from bot.rendering.blocks import block_lines
from bot.rendering.lengths import ELLIPSIS, beginning, shorten, utf16_units
from bot.rendering.notices import is_out_of_scope, notices
from bot.rendering.terminal.layout import printable
from retrieval.records import Answer, Hit, Snippet, Span

MESSAGE_UNITS = 4096
_PART_UNITS = 200  # of a title, an address or a date: together they leave most of a message for the quotation
_TWINS_UNITS = 500
_NOTICE_UNITS = 400
_MOST_MARKS = 20  # in a quotation: Telegram ignores more than 100 entities in a message
_LONGEST_ADDRESS = 2048  # characters


def answer_html(answer: Answer, *, store_is_empty: bool = False, today: date | None = None) -> str:
    """Show an answer in at most MESSAGE_UNITS: as many whole snippets as fit, or why there are none.

    The age of articles counts from `today`; None hides it.
    """
    found = [] if store_is_empty else notices(answer)
    head = "\n".join(f"<i>{_one_line(shorten(notice, _NOTICE_UNITS))}</i>" for notice in found)
    if head and is_out_of_scope(answer):
        return head
    head += "\n\n" if head else ""
    return head + _body(answer, MESSAGE_UNITS - units(head), store_is_empty, today)


def _body(answer: Answer, most: int, store_is_empty: bool, today: date | None) -> str:
    if answer.answered:
        opening = f"{messages.PERHAPS}\n" if answer.certainty == "perhaps" else ""
        return opening + _fitting(answer.snippets, most - units(opening), today)
    reply = messages.reply_without_articles(answer)
    if reply is not None or store_is_empty:
        return escape(reply or messages.NO_ARTICLES)
    return "\n".join([escape(messages.ABSTENTION), "", *_nearest(answer.nearest)])


def text_html(text: str) -> str:
    """Show plain text, cut to what fits into a message."""
    return escape(shorten(text, MESSAGE_UNITS))


def escape(text: str) -> str:
    """Escape text for an element: markup as references, no control characters, no surrogates."""
    whole = "\n".join(map(printable, text.split("\n")))
    return html.escape(re.sub("[\ud800-\udfff]", "\ufffd", whole), quote=False)


def to_plain(markup: str) -> str:
    """Return Telegram HTML as a reader sees it."""
    return html.unescape(re.sub(r"<[^<>]*>", "", markup))


def units(markup: str) -> int:
    """Return the length of Telegram HTML as Telegram counts it: in UTF-16 units, after parsing the entities."""
    return utf16_units(to_plain(markup))


def _fitting(snippets: Sequence[Snippet], most: int, today: date | None) -> str:
    """Drop whole snippets from the end until the rest fits; if one alone is too long, cut its quotation."""
    for count in range(len(snippets), 0, -1):
        markup = "\n\n".join(_snippet(snippet, today) for snippet in snippets[:count])
        if units(markup) <= most:
            return markup
    return _cut_snippet(snippets[0], most, today)


def _snippet(snippet: Snippet, today: date | None) -> str:
    hit = snippet.hit
    intro = f"<i>{_one_line(hit.intro.text)}</i>\n" if hit.intro else ""
    lead = f"<i>{_one_line(hit.lead.text)}</i> " if hit.lead else ""
    trail = f" <i>{_one_line(hit.trail.text)}</i>" if hit.trail else ""
    quotation = _quotation(intro + lead + _marked(snippet, hit.text) + trail)
    return "\n".join([quotation, *_block(hit.code), _source(snippet, today)])


def _block(block: Span | None) -> Iterator[str]:
    """Yield the code block, list or table below a sentence; a quotation may not hold one."""
    lines, has_more = block_lines(block.text) if block else ([], False)
    if lines:
        shown = escape("\n".join(lines))
        yield f"<pre>{shown}</pre>{ELLIPSIS if has_more else ''}"


def _cut_snippet(snippet: Snippet, most: int, today: date | None) -> str:
    """Quote the beginning of a sentence alone; the ellipsis stays outside: it is not in the article."""
    source = _source(snippet, today)
    begun = beginning(snippet.hit.text, most - units(source) - 2)
    cut = ELLIPSIS if begun != snippet.hit.text else ""
    return f"{_quotation(_marked(snippet, begun))}{cut}\n{source}"


def _quotation(markup: str) -> str:
    """Quote, unless it is blank: Telegram refuses an empty element."""
    return f"<blockquote>{markup}</blockquote>" if to_plain(markup).strip() else markup


def _marked(snippet: Snippet, text: str) -> str:
    """Escape a sentence or its beginning: matched words in bold, the likely answer underlined too."""
    matched = _joined(snippet.matched, text)[:_MOST_MARKS]
    start, end = snippet.focus or (0, 0)
    before, after = (_emboldened(text, *bounds, matched) for bounds in [(0, start), (end, len(text))])
    focus = _one_line(text[start:end])
    return f"{before}<u><b>{focus}</b></u>{after}" if focus else before + after


def _emboldened(text: str, start: int, end: int, spans: Iterable[tuple[int, int]]) -> str:
    """Escape `text[start:end]` with the ordered, disjoint spans in bold."""
    pieces, at = [], start
    for first, last in spans:
        first, last = max(first, at), min(last, end)  # noqa: PLW2901 - cut to this stretch
        if first < last:
            pieces += [_one_line(text[at:first]), "<b>", _one_line(text[first:last]), "</b>"]
            at = last
    return "".join([*pieces, _one_line(text[at:end])])


def _joined(spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Sort spans, cut them to the text, and join those with only white space between them."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start >= len(text):
            break
        if joined and not text[joined[-1][1] : start].strip():
            start = joined.pop()[0]  # noqa: PLW2901 - grows to the left
        joined.append((start, min(end, len(text))))
    return joined


def _source(snippet: Snippet, today: date | None) -> str:
    """Cite a snippet: linked title, headings, site or id, date and age if known, position; then articles with the same sentence."""
    hit = snippet.hit
    link = web_address(hit.url)
    title = escape(shorten(messages.title(hit), _PART_UNITS))
    linked = f'<a href="{html.escape(link)}">{title}</a>' if link else title
    parts = [linked, *(escape(shorten(part, _PART_UNITS)) for part in _details(hit, link, today))]
    line = "— " + " · ".join(dict.fromkeys(parts))
    also = escape(shorten(messages.also_in(snippet), _TWINS_UNITS))
    return f"{line}\n{also}" if also else line


def _details(hit: Hit, link: str | None, today: date | None) -> Iterator[str]:
    if hit.section:
        yield messages.section(hit)
    yield (urlsplit(link).hostname or "").removeprefix("www.") if link else messages.source(hit)
    if hit.published:
        yield dated(hit.published, today)
    yield messages.place(hit)


def web_address(url: str | None) -> str | None:
    """Return a URL that Telegram turns into a link, None for any other, or if it can look like that of another site.

    So do those with a name before the host (`https://bank.example@evil.example/`) and those with invisible characters,
    some of which turn the order of the others round.
    """
    if (
        url is None
        or len(url) > _LONGEST_ADDRESS
        or not url.isprintable()
        or not re.fullmatch(r"https?://[^\s\\]+", url, re.IGNORECASE)
    ):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # an invalid IPv6 address
        return None
    return url if "." in (parts.hostname or "").strip(".") and "@" not in parts.netloc else None


def _nearest(titles: Sequence[str]) -> Iterator[str]:
    yield escape(messages.NEAREST if titles else messages.NOTHING_NEAR)
    for title in titles:
        yield "• " + _one_line(shorten(title, _PART_UNITS))


def _one_line(text: str) -> str:
    return escape(printable(text))
