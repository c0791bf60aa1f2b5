"""Questions with gold -> figures: how often the first hits answer, and how well silence is kept.

A hit is right when it shares at least half of the shorter of hit and gold with some gold span.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import QuestionFileError
from retrieval.records import Answer, Hit

RANKS = 10  # hits that are looked at


@dataclass(frozen=True, slots=True)
class Gold:
    """A stretch of an article that answers, in half-open character offsets."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what answers it; no gold: nothing does."""

    id: str | None
    question: str
    gold: tuple[Gold, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over a set of questions, each from 0 to 1; None where no question of the set bears on it."""

    n: int  # questions that have gold
    n_without: int  # questions that have none
    mrr: float | None  # mean of 1 / rank of the first right hit, 0 beyond the tenth
    p1: float | None  # share whose first hit is right
    r5: float | None  # share with a right hit among five
    r10: float | None
    refused_answerable: float | None  # share refused of the questions with gold
    refused_unanswerable: float | None  # share refused of those without
    auroc: float | None  # chance that a question with gold has more confidence than one without


def read_questions(path: Path) -> Iterator[Question]:
    """Read a JSONL file of questions; raise QuestionFileError with file and line where it is not in form."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _question(line, f"{path}:{number}")
    except OSError as error:
        raise QuestionFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{path} is not UTF-8: save it as UTF-8") from error


def _question(line: str, place: str) -> Question:
    try:
        row = json.loads(line)
        gold = tuple(Gold(str(g["article"]), int(g["start"]), int(g["end"])) for g in row.get("gold", ()))
        text = row["question"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionFileError(
            f'{place} is no question: each line is {{"id": ..., "question": "...", "gold": [...]}}'
        ) from error
    if not isinstance(text, str):
        raise QuestionFileError(f"{place}: `question` is not a text")
    return Question(None if row.get("id") is None else str(row["id"]), text, gold)


def is_right(hit: Hit, gold: Iterable[Gold]) -> bool:
    """Say whether a hit shares at least half of the shorter of itself and some gold."""
    return any(
        hit.article == one.article
        and 2 * (min(hit.end, one.end) - max(hit.start, one.start)) >= min(hit.end - hit.start, one.end - one.start) > 0
        for one in gold
    )


def first_right(hits: Sequence[Hit], gold: Sequence[Gold]) -> float:
    """Give the rank of the first right hit among the first ten, infinity when there is none."""
    return next((rank for rank, hit in enumerate(hits[:RANKS], 1) if is_right(hit, gold)), math.inf)


def evaluate(ask: Callable[[str], Answer], questions: Iterable[Question]) -> Evaluation:
    """Ask every question and sum up the answers."""
    with_gold: list[tuple[float, Answer]] = []
    without: list[Answer] = []
    for question in questions:
        answer = ask(question.question)
        if question.gold:
            with_gold.append((first_right(answer.hits, question.gold), answer))
        else:
            without.append(answer)
    ranks = [rank for rank, _ in with_gold]
    return Evaluation(
        n=len(ranks),
        n_without=len(without),
        mrr=_mean([1 / rank for rank in ranks]),
        p1=_mean([rank == 1 for rank in ranks]),
        r5=_mean([rank <= 5 for rank in ranks]),  # noqa: PLR2004 - the 5 of its name
        r10=_mean([rank <= RANKS for rank in ranks]),
        refused_answerable=_mean([not answer.answered for _, answer in with_gold]),
        refused_unanswerable=_mean([not answer.answered for answer in without]),
        auroc=area_under_roc([answer.confidence for _, answer in with_gold], [answer.confidence for answer in without]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def area_under_roc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Give the chance that a positive exceeds a negative, ties counted half (Mann and Whitney 1947)."""
    if not positive or not negative:
        return None
    order = sorted([(value, True) for value in positive] + [(value, False) for value in negative])
    ranks_of_positive, at = 0.0, 0
    while at < len(order):
        end = at
        while end < len(order) and order[end][0] == order[at][0]:
            end += 1
        ranks_of_positive += sum(is_positive for _, is_positive in order[at:end]) * (at + end + 1) / 2
        at = end
    n = len(positive)
    return (ranks_of_positive - n * (n + 1) / 2) / (n * len(negative))
