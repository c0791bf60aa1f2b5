"""From the sources of a store to Telegram HTML: what is read, when it last was, and what came of it."""

from collections.abc import Sequence
from pathlib import PurePath

from bot.rendering import admin_messages, messages
from bot.rendering.dates import moment
from bot.rendering.telegram.answer import escape, shorten
from bot.rendering.terminal.layout import printable
from retrieval.records import StoredSource

MOST = 20  # sources that are listed: all of them fit into a message
_PART_UNITS = 80  # UTF-16 units of a source's name and of what came of it
_LAST_PARTS = 2  # of a path: what is above them is the machine's own affair


def sources_html(sources: Sequence[StoredSource], configured: Sequence[str], uploads: str) -> str:
    """List the sources that were added, then those of the settings, each source with a number; `uploads` is a folder."""
    lines = (
        [f"<b>{escape(messages.count(len(sources), 'source'))}</b>", ""]
        if sources
        else [escape(admin_messages.NO_SOURCES)]
    )
    lines += [f"{number}. {_entry(one, uploads)}" for number, one in enumerate(sources[:MOST], 1)]
    if len(sources) > MOST:
        lines.append(escape(admin_messages.more_sources(len(sources) - MOST)))
    if configured:
        names = ", ".join(source_name(spec, uploads) for spec in configured)
        lines += ["", _one_line(shorten(admin_messages.read_in_any_case(names), 5 * _PART_UNITS))]
    return "\n".join(lines)


def source_name(spec: str, uploads: str) -> str:
    """Name a source to an admin: an address as it is, a path by its end, the folder of uploads by what it is."""
    if spec == uploads:
        return admin_messages.SENT_HERE
    if "://" in spec:
        return spec
    parts = PurePath(spec).parts
    return spec if len(parts) <= _LAST_PARTS else f"…/{'/'.join(parts[-_LAST_PARTS:])}"


def _entry(source: StoredSource, uploads: str) -> str:
    read = admin_messages.read_at(moment(source.read)) if source.read else admin_messages.NOT_READ_YET
    told = [source_name(source.spec, uploads), messages.count(source.articles, "article"), read, source.outcome]
    return " · ".join(_one_line(shorten(part, _PART_UNITS)) for part in told if part)


def _one_line(text: str) -> str:
    return escape(printable(text))
