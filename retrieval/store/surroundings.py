"""What surrounds a paragraph <-> its row in the table `surroundings`: headings as text, spans as offsets."""

from collections.abc import Sequence
from typing import Any

from retrieval.records import NO_SURROUNDINGS, Span, Surroundings

COLUMNS = ("section", "intro_start", "intro_end", "header_start", "header_end", "code_start", "code_end")
SELECTED = ", ".join(f"a.{column}" for column in COLUMNS)
NONE_SELECTED = ", ".join(["NULL"] * len(COLUMNS))  # from a store without the table
JOINED = "LEFT JOIN surroundings AS a ON a.version = s.version AND a.paragraph = s.paragraph"
BETWEEN_HEADINGS = "\n"  # no heading holds one


def to_row(around: Surroundings) -> tuple[object, ...]:
    """Return the values of the columns."""
    return (
        BETWEEN_HEADINGS.join(around.section),
        *_offsets(around.intro),
        *_offsets(around.header),
        *_offsets(around.code),
    )


def from_row(text: str, row: Sequence[Any]) -> Surroundings:
    """Return what the columns hold about a paragraph of this text; they are all None for a paragraph without a row."""
    section, *offsets = row
    if section is None:
        return NO_SURROUNDINGS
    spans = (_span(text, start, end) for start, end in zip(offsets[::2], offsets[1::2], strict=True))
    return Surroundings(tuple(section.split(BETWEEN_HEADINGS)) if section else (), *spans)


def _offsets(span: Span | None) -> tuple[int | None, int | None]:
    return (span.start, span.end) if span else (None, None)


def _span(text: str, start: int | None, end: int | None) -> Span | None:
    return None if start is None or end is None else Span(start, end, text[start:end])
