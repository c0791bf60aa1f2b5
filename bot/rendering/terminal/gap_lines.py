"""Gaps -> lines for a terminal or a pipe."""

from collections.abc import Iterable, Iterator

from bot.rendering.gap_messages import asked_times
from bot.rendering.terminal.answer_lines import PLAIN, Layout, text_lines
from bot.state.records import Gap

_MOST = 3  # other wordings of a gap


def gap_lines(gaps: Iterable[Gap], look: Layout = PLAIN) -> Iterator[str]:
    """Show each gap: how often it was asked, and in which words."""
    for gap in gaps:
        first, *others = gap.questions
        yield from text_lines(f"{asked_times(gap)}: {_one_line(first)}", look)
        for question in others[:_MOST]:
            yield from text_lines(f"also: {_one_line(question)}", look, first="  ", rest="    ")


def _one_line(text: str) -> str:
    return " ".join(text.split())
