"""An `Answer` -> Telegram HTML that fits one message: quotations with their source, or why there are none."""

from collections.abc import Iterator, Sequence

from bot.rendering import messages
from bot.rendering.blocks import block_lines
from bot.rendering.lengths import ELLIPSIS, beginning, shorten
from bot.rendering.notices import is_out_of_scope, notices
from bot.rendering.telegram.citation import PART_UNITS, Citing
from bot.rendering.telegram.escaping import MESSAGE_UNITS, escape, one_line, own_html, to_plain, units
from bot.rendering.texts import Own, Texts
from retrieval.records import Answer, Snippet, Span

_NOTICE_UNITS = 400


def answer_html(
    answer: Answer, citing: Citing | None = None, *, store_is_empty: bool = False, most: int = MESSAGE_UNITS
) -> str:
    """Show an answer in at most so many units: as many whole snippets as fit, or why there are none."""
    citing = citing or Citing()
    found = [] if store_is_empty else notices(answer, citing.texts)
    head = "\n".join(f"<i>{own_html(Own(shorten(notice, _NOTICE_UNITS)))}</i>" for notice in found)
    if head and is_out_of_scope(answer):
        return head
    head += "\n\n" if head else ""
    return head + _body(answer, citing, store_is_empty, most - units(head))


def _body(answer: Answer, citing: Citing, store_is_empty: bool, most: int) -> str:
    texts = citing.texts
    if answer.answered:
        opening = f"{own_html(texts(messages.PERHAPS))}\n" if answer.certainty == "perhaps" else ""
        return opening + snippets_html(answer.snippets, citing, most - units(opening))
    reply = messages.reply_without_articles(answer)
    if reply is not None or store_is_empty:
        return own_html(texts(reply or messages.NO_ARTICLES))
    return "\n".join([own_html(texts(messages.ABSTENTION)), "", *_nearest(answer.nearest, texts)])


def snippets_html(snippets: Sequence[Snippet], citing: Citing, most: int = MESSAGE_UNITS) -> str:
    """Drop whole snippets from the end until the rest fits; if one alone is too long, cut its quotation."""
    for count in range(len(snippets), 0, -1):
        markup = "\n\n".join(_snippet(snippet, citing) for snippet in snippets[:count])
        if units(markup) <= most:
            return markup
    return _cut_snippet(snippets[0], citing, most)


def _snippet(snippet: Snippet, citing: Citing) -> str:
    hit = snippet.hit
    intro = f"<i>{one_line(hit.intro.text)}</i>\n" if hit.intro else ""
    lead = f"<i>{one_line(hit.lead.text)}</i> " if hit.lead else ""
    trail = f" <i>{one_line(hit.trail.text)}</i>" if hit.trail else ""
    quotation = _quotation(intro + lead + marked(snippet, hit.text) + trail)
    return "\n".join([quotation, *_block(hit.code), citing.source(snippet)])


def _block(block: Span | None) -> Iterator[str]:
    """Yield the code block, list or table below a sentence; a quotation may not hold one."""
    lines, has_more = block_lines(block.text) if block else ([], False)
    if lines:
        shown = escape("\n".join(lines))
        yield f"<pre>{shown}</pre>{ELLIPSIS if has_more else ''}"


def _cut_snippet(snippet: Snippet, citing: Citing, most: int) -> str:
    """Quote the beginning of a sentence alone; the ellipsis stays outside: it is not in the article."""
    source = citing.source(snippet)
    begun = beginning(snippet.hit.text, most - units(source) - 2)
    cut = ELLIPSIS if begun != snippet.hit.text else ""
    return f"{_quotation(marked(snippet, begun))}{cut}\n{source}"


def _quotation(markup: str) -> str:
    """Quote, unless it is blank: Telegram refuses an empty element."""
    return f"<blockquote>{markup}</blockquote>" if to_plain(markup).strip() else markup


def marked(snippet: Snippet, text: str) -> str:
    """Escape a sentence or its beginning, with the likely answer in bold."""
    start, end = snippet.focus or (0, 0)
    focus = one_line(text[start:end])
    return f"{one_line(text[:start])}<b>{focus}</b>{one_line(text[end:])}" if focus else one_line(text)


def _nearest(titles: Sequence[str], texts: Texts) -> Iterator[str]:
    yield own_html(texts(messages.NEAREST if titles else messages.NOTHING_NEAR))
    for title in titles:
        yield "• " + own_html(texts.isolated(shorten(title, PART_UNITS)))
