"""Measure with questions whose answers are known: how often the first hits answer, and how often no answer is right."""

from retrieval.evaluation.gold import Gold, Quote
from retrieval.evaluation.metrics import (
    Evaluation,
    Report,
    area_under_roc,
    calibration_error,
    evaluate,
    report,
    summarize,
)
from retrieval.evaluation.outcomes import Outcome, ask_all, read_run
from retrieval.evaluation.question_sets import (
    RANKS,
    Collection,
    Question,
    first_correct_rank,
    is_correct,
    locate,
    read_collections,
    read_questions,
)

__all__ = [
    "RANKS", "Collection", "Evaluation", "Gold", "Outcome", "Question", "Quote", "Report", "area_under_roc", "ask_all",
    "calibration_error", "evaluate", "first_correct_rank", "is_correct", "locate", "read_collections",
    "read_questions", "read_run", "report", "summarize",
]  # fmt: skip
