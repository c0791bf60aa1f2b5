"""Read questions with gold from JSONL, and judge whether a hit is correct.

A hit is correct if its overlap with a gold span is at least half as long as the shorter of the two.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from retrieval.errors import QuestionFileError

RANKS = 10  # hits that count


@dataclass(frozen=True, slots=True)
class Gold:
    """A stretch of an article that answers a question, in half-open character offsets."""

    article: str
    start: int
    end: int


class Citation(Protocol):
    """A stretch of an article that an answer cites: a Hit, or one read from a saved run."""

    @property
    def article(self) -> str:
        """The id of the article."""

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The character after its last."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what answers it; without gold, nothing does."""

    id: str | None
    question: str
    gold: tuple[Gold, ...] = ()
    language: str | None = None  # ISO 639-1, None = not stated


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of a JSONL file that are not blank, each with its `file:line`; raise QuestionFileError."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield line, f"{path}:{number}"
    except OSError as error:
        raise QuestionFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{path} is not valid UTF-8. Save it as UTF-8.") from error


def read_questions(path: Path) -> Iterator[Question]:
    """Read a JSONL file of questions; raise QuestionFileError, with file and line, for one that is malformed."""
    for line, place in read_lines(path):
        yield _question(line, place)


def _question(line: str, place: str) -> Question:
    try:
        row = json.loads(line)
        gold = tuple(Gold(str(g["article"]), int(g["start"]), int(g["end"])) for g in row.get("gold", ()))
        text, language = row["question"], row.get("language")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionFileError(
            f'{place} is not a question. Each line must be {{"id": ..., "question": "...", "gold": [...]}}.'
        ) from error
    if not isinstance(text, str):
        raise QuestionFileError(f"{place}: `question` must be a string.")
    given = None if row.get("id") is None else str(row["id"])
    return Question(given, text, gold, language if isinstance(language, str) else None)


def is_correct(hit: Citation, gold: Iterable[Gold]) -> bool:
    """Whether a hit overlaps some gold by at least half of the shorter of the two."""
    return any(
        hit.article == one.article
        and 2 * (min(hit.end, one.end) - max(hit.start, one.start)) >= min(hit.end - hit.start, one.end - one.start) > 0
        for one in gold
    )


def first_correct_rank(hits: Sequence[Citation], gold: Sequence[Gold]) -> float:
    """Return the rank of the first correct hit among the first ten; infinity if there is none."""
    return next((rank for rank, hit in enumerate(hits[:RANKS], 1) if is_correct(hit, gold)), math.inf)
