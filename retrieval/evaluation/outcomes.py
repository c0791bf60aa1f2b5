"""Questions and answers -> outcomes: what became of each question. The answers are given now, or were saved before."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import QuestionFileError
from retrieval.evaluation.questions import Citation, Gold, Question, first_correct_rank, read_lines
from retrieval.ranking.question_types import question_types
from retrieval.records import Answer
from retrieval.text.analyzer import analyzer
from retrieval.text.languages import detect_question_language


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question."""

    question: Question
    language: str  # as the file of questions states it, else as it was told from the question
    types: frozenset[str]  # what it asks for: who, when, ...
    rank: float  # of the first right hit among the first ten, from 1; infinity where there is none
    answered: bool
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What is needed of a saved answer."""

    hits: tuple[Gold, ...]  # best first
    answered: bool
    confidence: float


NO_ANSWER = SavedAnswer((), answered=False, confidence=0.0)


def ask_all(ask: Callable[[str], Answer], questions: Iterable[Question]) -> Iterator[Outcome]:
    """Ask every question."""
    for question in questions:
        answer = ask(question.question)
        language = question.language or answer.language
        yield _outcome(question, language, answer.hits, answered=answer.answered, confidence=answer.confidence)


def read_run(path: Path, questions: Iterable[Question]) -> list[Outcome]:
    """Read saved answers, as `ask --from FILE.jsonl --json` prints them; a question without a line has no hits.

    Lines are found by the question's id, by its text where it has none. Raises QuestionFileError for a line that is
    not in that form, and where no line belongs to any of the questions.
    """
    saved = dict(_saved(line, place) for line, place in read_lines(path))
    found = []
    known = 0
    for question in questions:
        key = question.id or question.question
        known += key in saved
        answer = saved.get(key, NO_ANSWER)
        language = question.language or detect_question_language(question.question, ())
        found.append(_outcome(question, language, answer.hits, answered=answer.answered, confidence=answer.confidence))
    if not known:
        raise QuestionFileError(f"{path} answers none of the questions: their ids or texts are not in it")
    return found


def _outcome(
    question: Question, language: str, hits: tuple[Citation, ...], *, answered: bool, confidence: float
) -> Outcome:
    words = [token.word for token in analyzer(language).tokens(question.question)]
    types = question_types(question.question, language, words)
    return Outcome(question, language, types, first_correct_rank(hits, question.gold), answered, confidence)


def _saved(line: str, place: str) -> tuple[str, SavedAnswer]:
    try:
        row: Mapping[str, Any] = json.loads(line)
        hits = tuple(Gold(str(hit["article"]), int(hit["start"]), int(hit["end"])) for hit in row["hits"])
        key = row["question"] if row.get("id") is None else str(row["id"])
        return key, SavedAnswer(hits, bool(row["answered"]), float(row["confidence"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionFileError(
            f"{place} is no answer: each line is what `citebot ask --from FILE.jsonl --json` prints"
        ) from error
