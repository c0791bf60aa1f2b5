"""An overview of questions and answers in words, for operators in the terminal and admins in Telegram."""

from collections.abc import Iterator

from bot.rendering import gap_messages
from bot.rendering.lengths import shorten
from bot.rendering.load_messages import named_articles
from bot.rendering.operator_messages import count, nothing_asked, questions_kept
from bot.state.records import Figures, Overview

_MOST = 5  # articles and gaps
_QUESTION_UNITS = 200  # UTF-16 units
_NOT_JUDGED = "Wrong first answers: not measured yet. `citebot judge` measures it."
_FEW = 30  # judgements, below which the interval is wide


def overview_lines(found: Overview, keep_days: int) -> Iterator[str]:
    """Say how many questions were answered and how well, what is cited, and what the articles leave open."""
    if not found.figures.questions:
        yield nothing_asked(unanswered=False, keep_days=keep_days)
        return
    yield questions_kept(found.figures.questions, found.figures.since, keep_days)
    yield from _answers(found.figures)
    yield _wrong_first(found)
    yield from _feedback(found.figures)
    if cited := [f"{name} ({times:,})" for name, times in found.figures.cited.items()][:_MOST]:
        yield f"Cited most: {', '.join(cited)}."
    if found.never_cited:
        yield f"Never cited: {named_articles(found.never_cited)} of {found.articles:,}."
    if found.gaps:
        yield from ("", gap_messages.heading(len(found.gaps)))
    for number, gap in enumerate(found.gaps[:_MOST], 1):
        yield gap_messages.line(number, gap, shorten(" ".join(gap.questions[0].split()), _QUESTION_UNITS))


def _answers(figures: Figures) -> Iterator[str]:
    took = "" if figures.milliseconds is None else f" Median time of an answer: {figures.milliseconds:.0f} ms."
    yield f"Answered: {figures.answered:,} ({percent(figures.answered / figures.questions)}).{took}"
    if figures.undelivered:
        yield f"Not delivered: {count(figures.undelivered, 'answer')}; the last because: {figures.reason}."


def _wrong_first(found: Overview) -> str:
    share, judged = found.figures.share_wrong, found.figures.judged
    if found.interval is None or share is None:
        return _NOT_JUDGED
    low, high = map(percent, found.interval)
    more = " Judge more for a closer figure: `citebot judge`." if judged < _FEW else ""
    return f"Wrong first answers: {percent(share)} ({low} to {high}), by {count(judged, 'judgement')}.{more}"


def _feedback(figures: Figures) -> Iterator[str]:
    if refusals := figures.refused_rightly + figures.refused_wrongly:
        yield f"Refused, although the articles answer: {figures.refused_wrongly:,} of {count(refusals, 'judged refusal')}."
    if figures.helpful or figures.unhelpful:
        reasons = ", ".join(f"{times:,} {reason}" for reason, times in figures.reasons.items())
        why = f" ({reasons})" if reasons else ""
        yield f"Readers found helpful: {count(figures.helpful, 'answer')}; not helpful: {figures.unhelpful:,}{why}."


def percent(share: float) -> str:
    """Return a share, 0 to 1, in percent."""
    return f"{100 * share:.0f} %"
