"""From a `Preview` to Telegram HTML that fits one message: numbers and first names, then old and new answers."""

from collections.abc import Iterator

from bot.rendering import admin_words, words
from bot.rendering.cells import printable
from bot.rendering.changes import NO_QUESTIONS_YET, SILENCE, report_lines
from bot.rendering.telegram import MESSAGE_UNITS, escape, shorten, units
from retrieval.changes import ChangedAnswer, Preview
from retrieval.records import Hit

_REPORT_UNITS = 1600  # UTF-16 units: more than that of names and failures is for the terminal
_QUESTION_UNITS = 200
_QUOTATION_UNITS = 300
_ARTICLE_UNITS = 100
_ROOM_FOR_REST = 100


def preview_html(preview: Preview, asked: int) -> str:
    """Tell what a load would change; `asked` questions were tried with it. At most MESSAGE_UNITS."""
    lines = [escape(shorten("\n".join(report_lines(preview.report)), _REPORT_UNITS)), ""]
    changed = preview.changed_answers
    lines.append(escape(admin_words.answers_would_change(len(changed), asked) if asked else NO_QUESTIONS_YET))
    room = MESSAGE_UNITS - _ROOM_FOR_REST - units("\n".join(lines))
    for shown, one in enumerate(changed):
        entry = "\n".join(["", *_changed(one)])
        room -= units(entry) + 1
        if room < 0:
            return "\n".join([*lines, "", escape(admin_words.more_answers(len(changed) - shown))])
        lines.append(entry)
    return "\n".join(lines)


def _changed(changed: ChangedAnswer) -> Iterator[str]:
    yield f"<b>{_one_line(changed.question, _QUESTION_UNITS)}</b>"
    yield f"{escape(admin_words.NOW)} {_answer(changed.before)}"
    yield f"{escape(admin_words.THEN)} {_answer(changed.after)}"


def _answer(hit: Hit | None) -> str:
    if hit is None:
        return escape(SILENCE)
    return f"“{_one_line(hit.text, _QUOTATION_UNITS)}” ({_one_line(words.title(hit), _ARTICLE_UNITS)})"


def _one_line(text: str, most: int) -> str:
    return escape(printable(shorten(text, most)))
