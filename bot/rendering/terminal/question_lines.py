"""Past questions and verified answers -> lines for a terminal or a pipe."""

from collections.abc import Iterator, Sequence

from bot.rendering import operator_messages
from bot.rendering.ages import day, moment
from bot.rendering.terminal.answer_lines import PLAIN, Layout, text_lines
from bot.rendering.terminal.layout import table
from bot.state.records import StoredAnswer, StoredQuestion
from bot.state.verify import GOOD, VerifiedCitation

_HEADINGS = ("TIME", "CHANNEL", "QUESTION", "CONFIDENCE", "ANSWER", "SOURCE")
_QUESTIONS_WIDTH = 100  # characters of a question in a list
_REFUSED = "(not answered)"
_NEAREST_WERE_SHOWN = "The question was not answered. These sentences were shown as the nearest:"


def question_lines(asked: Sequence[StoredQuestion], look: Layout = PLAIN) -> Iterator[str]:
    """List questions in a table, each with its source, or that it was not answered."""
    return table([_HEADINGS, *map(_row, asked)], look.width)


def _row(asked: StoredQuestion) -> tuple[str, ...]:
    question = " ".join(asked.question.split())
    shown = question if len(question) <= _QUESTIONS_WIDTH else f"{question[: _QUESTIONS_WIDTH - 1]}…"
    return moment(asked.at), asked.channel, shown, f"{asked.confidence:.2f}", asked.answer, _source(asked)


def _source(asked: StoredQuestion) -> str:
    return (asked.source or "-") if asked.answered else _REFUSED


def verified_lines(given: StoredAnswer, verified: Sequence[VerifiedCitation], look: Layout = PLAIN) -> Iterator[str]:
    """Show an answer as it was given, with the verdict on each of its citations."""
    head = f"Answer {given.id}, given in {operator_messages.CHANNELS[given.channel]} on {moment(given.at)}, to the question:"
    yield from text_lines(head, look)
    yield from text_lines(given.question, look, first="  ", rest="  ")
    if verified and not given.answered:
        yield from text_lines(_NEAREST_WERE_SHOWN, look)
    for one in verified:
        yield from citation_lines(one, look)
    if not verified:
        yield operator_messages.WAS_NOT_ANSWERED


def citation_lines(one: VerifiedCitation, look: Layout = PLAIN) -> Iterator[str]:
    """Show a citation with the verdict on it."""
    label = f"{one.citation.rank}. "
    indent = " " * len(label)
    lead = f"{one.citation.lead.text} " if one.citation.lead else ""
    yield from text_lines(f"“{lead}{one.citation.text}”", look, first=label, rest=indent)
    place = f"{one.citation.article}, characters {one.citation.start:,} to {one.citation.end:,}"
    yield from text_lines(f"{place}: {_verdict(one)}", look, first=indent, rest=indent)


def _verdict(verified: VerifiedCitation) -> str:
    since = f" ({day(verified.changed)})" if verified.changed else ""
    return operator_messages.VERDICTS[verified.status].format(since=since)


def holds(verified: Sequence[VerifiedCitation]) -> bool:
    """Whether all citations quote what their article said when they were made."""
    return all(one.status in GOOD for one in verified)
