"""The progress of a load, and what came of it -> lines, for a terminal, a log and admins."""

from collections.abc import Iterable, Sequence

from bot.rendering.lengths import shorten
from bot.rendering.operator_messages import count
from retrieval.records import Failure, LoadReport, Progress

SETTLED = 1.0  # seconds of a load before which its rate says little
LONGEST_IN_SECONDS = 90
MOST_NAMES = 5  # that a line lists
_URL_UNITS = 80  # UTF-16 units


def progress(state: Progress) -> str:
    """Describe the progress of a load in one line: `12,400 of ~80,000 sentences · 9,100/s · 2 min left`."""
    if state.total is None:
        return "Looking for articles"
    share = state.done / state.total if state.total else 1.0
    if state.phase == "indexing":
        parts = [f"Indexing: {state.done:,} of {count(state.total, 'sentence')}"]
    elif state.sentences and share:
        parts = [f"{state.sentences:,} of ~{count(_rounded(state.sentences / share), 'sentence')}"]
    else:
        parts = [f"{int(100 * share)}% read, nothing new"]
    if state.seconds >= SETTLED:
        parts += [f"{state.sentences / state.seconds:,.0f}/s"] if state.sentences else []
        parts += [f"{_duration(state.seconds * (1 / share - 1))} left"] if share else []
    if "://" in state.source:  # a server may be slow
        parts.append(f"now {shorten(state.source, _URL_UNITS)}")
    return " · ".join(parts)


def _rounded(number: float) -> int:
    """Round an estimate to two digits."""
    return int(float(f"{number:.1e}"))


def _duration(seconds: float) -> str:
    """Return a rough duration: `40 s`, `2 min`, `1 h 10 min`."""
    minutes = round(seconds / 60)
    if seconds < LONGEST_IN_SECONDS:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004


def load_report(report: LoadReport) -> list[str]:
    """Describe a load in lines: what was added, changed, left alone or removed, and what failed and why."""
    lines = changes(report)
    if report.resumed:
        articles = count(report.resumed, "article")
        lines.append(f"Of these, {articles} had already been read by a preview or an interrupted load.")
    if report.unchanged:
        lines.append(f"Unchanged: {count(len(report.unchanged), 'article')}.")
    if report.vanished:
        lines.append(f"No longer in the sources, but kept: {named_articles(report.vanished)}.")
    lines += failures(report.failed)
    if not lines:
        lines.append("There was nothing to read.")
    return [*lines, f"The store holds {held(report)}."]


def held(report: LoadReport) -> str:
    """Count what a store holds after a load: `3 articles (40 sentences)`."""
    return f"{count(report.articles, 'article')} ({count(report.sentences, 'sentence')})"


def changes(report: LoadReport) -> list[str]:
    """Describe in lines what a load has added, changed and removed."""
    groups = {"Added": report.added, "Changed": report.changed, "Removed": report.removed}
    lines = [f"{verb} {named_articles(ids)}." for verb, ids in groups.items() if ids]
    return [*lines, replaced(report)] if report.replaced else lines


def replaced(report: LoadReport) -> str:
    """Say which articles have taken the place of those of another source."""
    return (
        f"Of these, {named_articles(report.replaced)} had the ID of an article of another source, and replaced it. To keep"
        " both, rename one or load a folder above both."
    )


def named_articles(ids: Sequence[str]) -> str:
    """Count articles and name the first ones: `7 articles (a, b, c, d, e and 2 more)`."""
    return f"{count(len(ids), 'article')} ({_listed(ids)})"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def failures(failed: Iterable[Failure]) -> list[str]:
    """Describe in lines what could not be read, each reason once, with the names of what has it in common."""
    names: dict[str, list[str]] = {}
    for one in failed:
        names.setdefault(one.reason, []).append(one.name)
    return [f"Failed: {_listed(alike)}: {reason}" for reason, alike in names.items()]


def refresh_failed(failed: Iterable[Failure]) -> str:
    """Return an alert about what failed in an automatic load."""
    lines = failures(failed)
    more = [f"And {len(lines) - MOST_NAMES:,} more."] if len(lines) > MOST_NAMES else []
    return "\n".join(["Some sources could not be read again. Their articles are kept.", *lines[:MOST_NAMES], *more])
