"""Pair questions with answers, asked now or read from a saved run, and note what became of each question."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import QuestionFileError
from retrieval.evaluation.gold import Citation
from retrieval.evaluation.question_sets import Question, first_correct_rank, is_correct, read_lines
from retrieval.ranking.question_types import question_types
from retrieval.records import Answer, Certainty, Hit, Span
from retrieval.text.analyzer import analyzer
from retrieval.text.languages import detect_question_language

SHOWN = 3  # hits of a saved answer that a reader sees, at most
NEAR_MISS = "nearmiss"  # the kind of question whose subject the articles name without saying what is asked


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question."""

    question: Question
    language: str  # as the file of questions states it, otherwise detected
    types: frozenset[str]  # what it asks for: who, when, ...
    rank: float  # of the first correct hit among the first ten, from 1; infinity if there is none
    certainty: Certainty
    p_in_store: float  # 0 to 1
    confidence: float  # in the first hit, 0 to 1
    shown: bool = False  # the reader sees a correct hit, or what answers stands beside one
    hits: Sequence[Citation] = ()  # best first

    @property
    def answered(self) -> bool:
        """Whether it was answered, for certain or perhaps."""
        return self.certainty != "none"

    @property
    def refused(self) -> float:
        """How far it was refused, 0 to 1: a doubtful answer to a near miss is half a refusal."""
        if self.certainty == "perhaps" and self.question.kind == NEAR_MISS:
            return 0.5
        return float(not self.answered)

    @property
    def wrong(self) -> bool:
        """Whether it was answered without need, or not answered, or not by the first hit."""
        return not self.answered or self.rank > 1 if self.question.gold else self.answered


@dataclass(frozen=True, slots=True)
class SavedHit:
    """The parts of a saved hit that evaluation needs."""

    article: str
    start: int
    end: int
    text: str
    lead: Span | None = None
    intro: Span | None = None
    code: Span | None = None


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """The parts of a saved answer that evaluation needs."""

    hits: tuple[SavedHit, ...]  # best first
    certainty: Certainty
    p_in_store: float
    confidence: float


NO_ANSWER = SavedAnswer((), "none", p_in_store=0.0, confidence=0.0)


def ask_all(ask: Callable[[str], Answer], questions: Iterable[Question]) -> Iterator[Outcome]:
    """Ask all questions."""
    for question in questions:
        answer = ask(question.question)
        language = question.language or answer.language
        yield _outcome(question, language, answer)


def read_run(path: Path, questions: Iterable[Question]) -> list[Outcome]:
    """Read answers saved from `citebot ask --from FILE.jsonl --json`; a question without a line has no hits.

    Lines are matched by the question's id, or by its text if it has none. Raise QuestionFileError for a malformed
    line, and if no line matches any of the questions.
    """
    saved = dict(_saved(line, place) for line, place in read_lines(path))
    outcomes = []
    matched = 0
    for question in questions:
        key = question.id or question.question
        matched += key in saved
        answer = saved.get(key, NO_ANSWER)
        language = question.language or detect_question_language(question.question, ())
        outcomes.append(_outcome(question, language, answer))
    if not matched:
        raise QuestionFileError(
            f"{path} answers none of the questions: no ID or text matches. Use a run of these questions."
        )
    return outcomes


def _outcome(question: Question, language: str, answer: Answer | SavedAnswer) -> Outcome:
    words = [token.word for token in analyzer(language).tokens(question.question)]
    types = question_types(question.question, language, words)
    return Outcome(
        question=question,
        language=language,
        types=types,
        rank=first_correct_rank(answer.hits, question.gold),
        certainty=answer.certainty,
        p_in_store=answer.p_in_store,
        confidence=answer.confidence,
        shown=any(is_correct(one, question.gold) for one in _seen(answer)),
        hits=answer.hits,
    )


def _seen(answer: Answer | SavedAnswer) -> Iterator[Citation]:
    """Yield all that a reader of the answer sees: its snippets, and what stands beside them."""
    hits: Iterable[Hit | SavedHit]
    if isinstance(answer, Answer):
        hits = (hit for snippet in answer.snippets for hit in (snippet.hit, *snippet.twins))
    else:
        hits = answer.hits[: SHOWN * (answer.certainty != "none")]
    for hit in hits:
        yield hit
        yield from (
            SavedHit(hit.article, span.start, span.end, span.text) for span in (hit.lead, hit.intro, hit.code) if span
        )


def _saved(line: str, place: str) -> tuple[str, SavedAnswer]:
    try:
        row: Mapping[str, Any] = json.loads(line)
        hits = tuple(map(_saved_hit, row["hits"]))
        key = row["question"] if row.get("id") is None else str(row["id"])
        confidence = float(row["confidence"])  # the only figure of a run saved before there were two
        certainty = row.get("certainty", "sure" if row["answered"] else "none")
        return key, SavedAnswer(hits, certainty, float(row.get("p_in_store", confidence)), confidence)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionFileError(
            f"{place} is not an answer. Each line must be as `citebot ask --from FILE.jsonl --json` prints it."
        ) from error


def _saved_hit(row: Mapping[str, Any]) -> SavedHit:
    beside = {name: _span(row[name]) for name in ("lead", "intro", "code") if row.get(name)}
    own = _span(row)
    return SavedHit(str(row["article"]), own.start, own.end, own.text, **beside)


def _span(row: Mapping[str, Any]) -> Span:
    return Span(int(row["start"]), int(row["end"]), str(row.get("text", "")))
