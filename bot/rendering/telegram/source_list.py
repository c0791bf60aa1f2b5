"""Sources -> Telegram HTML: what is read, when it was last read, and with what outcome."""

from collections.abc import Sequence
from pathlib import PurePath

from bot.rendering import admin_messages, operator_messages
from bot.rendering.ages import moment
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import escape
from bot.rendering.terminal.layout import printable
from retrieval.records import StoredSource

MOST = 20  # sources that are listed, to fit into one message
_PART_UNITS = 80  # UTF-16 units of a source's name or outcome
_LAST_PARTS = 2  # of a path: what is above them stays private


def sources_html(sources: Sequence[StoredSource], configured: Sequence[str], uploads: str) -> str:
    """List the added sources with numbers, then those of the settings; `uploads` is the folder of uploaded files."""
    lines = (
        [f"<b>{escape(operator_messages.count(len(sources), 'source'))}</b>", ""]
        if sources
        else [escape(admin_messages.NO_SOURCES)]
    )
    lines += [f"{number}. {_entry(one, uploads)}" for number, one in enumerate(sources[:MOST], 1)]
    if len(sources) > MOST:
        lines.append(escape(admin_messages.more_sources(len(sources) - MOST)))
    if configured:
        names = ", ".join(source_name(spec, uploads) for spec in configured)
        lines += ["", _one_line(shorten(admin_messages.configured_sources(names), 5 * _PART_UNITS))]
    return "\n".join(lines)


def source_name(spec: str, uploads: str) -> str:
    """Return a source's name for admins: a URL as it is, a path shortened to its end, the folder of uploads in words."""
    if spec == uploads:
        return admin_messages.UPLOADS
    if "://" in spec:
        return spec
    parts = PurePath(spec).parts
    return spec if len(parts) <= _LAST_PARTS else f"…/{'/'.join(parts[-_LAST_PARTS:])}"


def _entry(source: StoredSource, uploads: str) -> str:
    read = admin_messages.read_at(moment(source.read)) if source.read else admin_messages.NOT_READ_YET
    parts = [
        source_name(source.spec, uploads),
        operator_messages.count(source.articles, "article"),
        read,
        source.outcome,
    ]
    return " · ".join(_one_line(shorten(part, _PART_UNITS)) for part in parts if part)


def _one_line(text: str) -> str:
    return escape(printable(text))
