"""Evaluation metrics -> tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.rendering.messages import count
from bot.rendering.terminal.layout import table
from retrieval.evaluation import Evaluation, Report
from retrieval.evaluation.significance import Difference

if TYPE_CHECKING:
    from retrieval.evaluation.tuning import TuningResult  # with scikit-learn

_NAMES = {
    "mrr": "MRR@10", "p1": "first hit correct (P@1)", "r5": "correct hit in the first five (R@5)", "r10": "correct hit in the first ten (R@10)",
    "refused_answerable": "refused wrongly (the articles answer)", "refused_unanswerable": "refused rightly (the articles do not answer)",
    "auroc": "answerable vs. unanswerable (AUROC)", "calibration_error": "calibration error of the confidence",
}  # fmt: skip
_INTERVAL = "95 % INTERVAL"


def report_lines(report: Report) -> Iterator[str]:
    """Show the metrics of all questions, then by language and by question type."""
    overall = report.overall
    yield f"{overall.n:,} questions with an answer, {overall.n_without:,} without"
    yield ""
    rows = [(name, _figure(getattr(overall, key)), _bounds(overall, key)) for key, name in _NAMES.items()]
    yield from table([("METRIC", "VALUE", _INTERVAL), *rows])
    if len(report.by_language) > 1:
        yield from _groups("LANGUAGE", report.by_language)
    yield from _groups("ASKS FOR", report.by_type)


def _groups(heading: str, groups: Mapping[str, Evaluation]) -> Iterator[str]:
    rows = [
        (
            name.replace("_", " "), f"{of.n:,}", f"{of.n_without:,}", _figure(of.mrr), _bounds(of, "mrr"),
            _figure(of.p1), _figure(of.refused_answerable), _figure(of.refused_unanswerable),
        )
        for name, of in groups.items()
    ]  # fmt: skip
    yield ""
    head = (heading, "ANSWER", "NO ANSWER", "MRR@10", _INTERVAL, "P@1", "REFUSED WRONGLY", "RIGHTLY")
    yield from table([head, *rows])


def training_report(tuned: "TuningResult") -> list[str]:
    """Describe what was learned from, and what it gains on questions that it was not learned from."""
    learned = f"Learned from {count(tuned.questions, 'question')}"
    skipped = f"; skipped {tuned.left_out:,} without an answer in these articles" if tuned.left_out else ""
    ranker = "" if tuned.ranker_improved else "; the ranking is left as it was"
    judge = "" if tuned.confidence_improved else "; the confidence is left as it was"
    return [
        f"{learned}{skipped}.",
        f"Ranking on held-out questions (MRR@10): {tuned.mrr_before:.4f} before, {tuned.mrr_after:.4f} after{ranker}.",
        f"Confidence on held-out questions (log loss): {tuned.loss_before:.4f} before, {tuned.loss_after:.4f} after{judge}.",
    ]


def difference_lines(differences: Sequence[Difference], first: str, second: str) -> Iterator[str]:
    """Compare two runs with these names: a table, then for each metric whether the difference could be chance."""
    yield f"A: {first}"
    yield f"B: {second}"
    yield ""
    rows = [
        (
            _NAMES[one.figure], _figure(one.a), _figure(one.b), f"{one.b - one.a:+.4f}",
            "{:+.3f} to {:+.3f}".format(*one.interval), f"{one.p:.4f}", f"{one.better:,}", f"{one.worse:,}",
        )
        for one in differences
    ]  # fmt: skip
    yield from table([("METRIC", "A", "B", "B - A", _INTERVAL, "P", "B BETTER", "B WORSE"), *rows])
    yield ""
    yield from (_in_words(one) for one in differences)


def _in_words(difference: Difference) -> str:
    name, p = _NAMES[difference.figure], f"p = {difference.p:.4f}"
    if not difference.significant:
        return f"{name}: the difference could be chance ({p})."
    better = "B" if difference.b > difference.a else "A"
    return f"{name}: {better} is better; chance is an unlikely explanation ({p})."


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _bounds(of: Evaluation, key: str) -> str:
    return "{:.3f} to {:.3f}".format(*of.intervals[key]) if key in of.intervals else "-"
