"""The weekly digest for admins in words."""

from collections.abc import Iterable, Iterator, Sequence

from bot.rendering import gap_messages
from bot.rendering.lengths import shorten
from bot.rendering.operator_messages import count
from bot.state.records import Gap
from retrieval.records import StoredSource

USAGE = (
    "/digest weekly sends you every week what was asked, what the articles leave open, and which sources fail; /digest off"
    " ends that."
)
ORDERED = "You will get a digest every week, the first in seven days. /digest off ends that."
ENDED = "You will get no more digests."
NOT_ORDERED = "You get no digests. /digest weekly orders them."
_MOST_GAPS, _MOST_SOURCES = 5, 10
_QUESTION_UNITS, _SOURCE_UNITS = 300, 200


def digest(asked: int, answered: int, gaps: Sequence[Gap], sources: Iterable[StoredSource]) -> str:
    """Return what was asked in the last week, the gaps that are asked most, and the sources that failed last time."""
    share = f", {answered:,} of them answered" if asked else ""
    return "\n".join([f"The last week: {count(asked, 'question')}{share}.", *_gaps(gaps), *_failures(sources)])


def _gaps(gaps: Sequence[Gap]) -> Iterator[str]:
    if gaps:
        yield from ("", gap_messages.heading(len(gaps)))
    for number, gap in enumerate(gaps[:_MOST_GAPS], 1):
        yield gap_messages.line(number, gap, shorten(gap.questions[0], _QUESTION_UNITS))
    if gaps:
        yield "/gaps shows them all and takes your answers."


def _failures(sources: Iterable[StoredSource]) -> Iterator[str]:
    failing = [source for source in sources if source.outcome]
    if failing:
        yield from ("", f"{count(len(failing), 'source')} could not be read the last time:")
    for source in failing[:_MOST_SOURCES]:
        yield f"• {shorten(source.spec, _SOURCE_UNITS)}: {shorten(source.outcome or '', _SOURCE_UNITS)}"
