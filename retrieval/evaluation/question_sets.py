"""Read questions with gold from JSONL, and judge whether a hit is correct.

What answers is given as offsets, {"gold": [{"article", "start", "end"}]}, or as it reads in a file,
{"answers": [{"file", "quote"}]}; of a file with many articles the row names its `article`, too.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from retrieval.errors import QuestionFileError
from retrieval.evaluation.gold import Citation, Gold, Quote

RANKS = 10  # hits that count
_FILES, _QUESTIONS = "files", "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what answers it; without gold, nothing does."""

    id: str | None
    question: str
    gold: tuple[Gold | Quote, ...] = ()
    language: str | None = None  # ISO 639-1, None = not stated
    kind: str | None = None  # of question, in the words of who wrote the file
    collection: str | None = None  # that it is asked of
    place: str = field(default="", compare=False)  # `file:line` where it was read


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


def read_questions(path: Path, unjudged: Callable[[str], None] | None = None) -> Iterator[Question]:
    """Read a JSONL file of questions; raise QuestionFileError, with file and line, for one that is malformed.

    A line that does not say what answers its question, or that nothing does, is one; but with `unjudged` it is left out,
    and `unjudged` is called with a message.
    """
    for line, place in read_lines(path):
        question = _question(line, place)
        if isinstance(question, Question):
            yield question
        elif unjudged:
            unjudged(f"{question} It is left out.")
        else:
            raise QuestionFileError(question)


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles, and questions about them."""

    name: str
    files: Path  # a folder
    questions: tuple[Question, ...]


def read_collections(folder: Path) -> list[Collection]:
    """Read a folder that holds `files/` and `questions.jsonl`, or all such folders in it, by name.

    Raise QuestionFileError if there is none, or for a question that is malformed.
    """
    folders = (
        [folder] if (folder / _QUESTIONS).is_file() else sorted(one.parent for one in folder.glob(f"*/{_QUESTIONS}"))
    )
    if not folders:
        raise QuestionFileError(
            f"{folder} holds no {_QUESTIONS}. Name a folder with `{_FILES}/`, the articles, and `{_QUESTIONS}`, or a"
            " folder of such folders."
        )
    return [_collection(one) for one in folders]


def _collection(folder: Path) -> Collection:
    name = folder.resolve().name
    questions = tuple(replace(one, collection=name) for one in read_questions(folder / _QUESTIONS))
    return Collection(name, folder / _FILES, questions)


def _question(line: str, place: str) -> Question | str:
    """Return a question, or what is missing if nothing says what answers it."""
    try:
        row = json.loads(line)
        gold: tuple[Gold | Quote, ...] = (*map(_gold, row.get("gold", ())), *map(_quote, row.get("answers", ())))
        text, language, kind = row["question"], row.get("language"), row.get("kind")
        judged = not row.keys().isdisjoint(("gold", "answers"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionFileError(
            f'{place} is not a question. Each line must be {{"id": ..., "question": "...", "answers": [{{"file": ...,'
            ' "quote": "..."}]}, or have "gold": [{"article": ..., "start": ..., "end": ...}] in place of the answers.'
        ) from error
    if not isinstance(text, str):
        raise QuestionFileError(f"{place}: `question` must be a string.")
    if not judged:
        return f'{place} does not say what answers {text!r}. Add "answers" or "gold", [] if nothing does.'
    given = None if row.get("id") is None else str(row["id"])
    language, kind = (one if isinstance(one, str) else None for one in (language, kind))
    return Question(given, text, gold, language, kind, place=place)


def _gold(row: Mapping[str, Any]) -> Gold:
    return Gold(str(row["article"]), int(row["start"]), int(row["end"]))


def _quote(row: Mapping[str, Any]) -> Quote:
    """Return a quote; the id of a file's only article is its path without suffix."""
    article = row["article"] if row.get("article") else PurePosixPath(row["file"]).with_suffix("")
    return Quote(str(article), _text(row["quote"]))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a quote must be text")
    return value


def locate(question: Question, articles: Mapping[str, object] | AbstractSet[str]) -> Question:
    """Return the question with the gold that a store of these articles has, under the ids that they have there."""
    return replace(question, gold=tuple(found for one in question.gold if (found := _located(one, articles))))


def _located(gold: Gold | Quote, articles: Mapping[str, object] | AbstractSet[str]) -> Gold | Quote | None:
    """Return the gold of the first article that it may be from."""
    name = gold.article if gold.article in articles else min(filter(gold.is_from, articles), default=None)
    return None if name is None else replace(gold, article=name)


def is_correct(hit: Citation, gold: Iterable[Gold | Quote]) -> bool:
    """Whether a hit is one of the answers."""
    return any(one.matches(hit) for one in gold)


def first_correct_rank(hits: Sequence[Citation], gold: Sequence[Gold | Quote]) -> float:
    """Return the rank of the first correct hit among the first ten; infinity if there is none."""
    return next((rank for rank, hit in enumerate(hits[:RANKS], 1) if is_correct(hit, gold)), math.inf)
