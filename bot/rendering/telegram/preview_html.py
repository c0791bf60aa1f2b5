"""A load preview -> Telegram HTML that fits one message: a report, then old and new answers."""

from collections.abc import Iterator, Mapping

from bot.rendering import admin_messages, messages
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import MESSAGE_UNITS, escape, units
from bot.rendering.terminal.layout import printable
from bot.rendering.terminal.load_lines import NO_ANSWER, report_lines
from bot.rendering.titles import distinct
from retrieval.records import ChangedAnswer, Hit, Preview

_REPORT_UNITS = 1600  # UTF-16 units: longer reports are for the terminal
_QUESTION_UNITS = 200
_QUOTATION_UNITS = 300
_ARTICLE_UNITS = 100
_ROOM_FOR_REST = 100


def preview_html(preview: Preview, asked: int) -> str:
    """Show what a load would change, compared on `asked` questions, in at most MESSAGE_UNITS."""
    lines = [escape(shorten("\n".join(report_lines(preview.report)), _REPORT_UNITS)), ""]
    changed = preview.changed_answers
    lines.append(escape(admin_messages.answers_would_change(len(changed), asked)))
    room = MESSAGE_UNITS - _ROOM_FOR_REST - units("\n".join(lines))
    for shown, one in enumerate(changed):
        entry = "\n".join(["", *_changed(one)])
        room -= units(entry) + 1
        if room < 0:
            return "\n".join([*lines, "", escape(admin_messages.more_answers(len(changed) - shown))])
        lines.append(entry)
    return "\n".join(lines)


def _changed(changed: ChangedAnswer) -> Iterator[str]:
    hits = {hit.article: hit for hit in (changed.before, changed.after) if hit}
    titles = [shorten(messages.title(hit), _ARTICLE_UNITS) for hit in hits.values()]
    named = dict(zip(hits, distinct(titles, [shorten(id_, _ARTICLE_UNITS) for id_ in hits]), strict=True))
    yield f"<b>{_one_line(changed.question, _QUESTION_UNITS)}</b>"
    yield f"Now: {_answer(changed.before, named)}"
    yield f"After: {_answer(changed.after, named)}"


def _answer(hit: Hit | None, named: Mapping[str, str]) -> str:
    """Quote a hit; `named` holds what to call its article, by id."""
    if hit is None:
        return NO_ANSWER
    return f"“{_one_line(hit.text, _QUOTATION_UNITS)}” ({_one_line(named[hit.article], 2 * _ARTICLE_UNITS + 3)})"


def _one_line(text: str, most: int) -> str:
    return escape(printable(shorten(text, most)))
