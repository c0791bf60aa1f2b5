"""Gaps -> lines for a terminal or a pipe."""

from collections.abc import Iterable, Iterator

from bot.rendering.ages import day
from bot.rendering.operator_messages import count
from bot.rendering.terminal.answer_lines import PLAIN, Layout, text_lines
from bot.state.records import Gap

_MOST = 3  # other wordings of a gap


def gap_lines(gaps: Iterable[Gap], look: Layout = PLAIN) -> Iterator[str]:
    """Show each gap: how often it was asked, and in which words."""
    for gap in gaps:
        first, *others = gap.questions
        yield from text_lines(f"{times(gap)}: {_one_line(first)}", look)
        for question in others[:_MOST]:
            yield from text_lines(f"also: {_one_line(question)}", look, first="  ", rest="    ")


def times(gap: Gap) -> str:
    """Say how often, by how many people and when last a gap was asked, and whether it was answered wrongly."""
    by = f" by {'1 person' if gap.people == 1 else f'{gap.people:,} people'}" if gap.people else ""
    wrong = ", answered wrongly" if gap.answered else ""
    return f"{count(gap.times, 'time')}{by}, last on {day(gap.last)}{wrong}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
