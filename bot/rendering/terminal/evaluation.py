"""Evaluation metrics -> tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.rendering.operator_messages import count
from bot.rendering.terminal.layout import table
from retrieval.evaluation import Evaluation, Report
from retrieval.evaluation.significance import Difference

if TYPE_CHECKING:
    from retrieval.evaluation.calibration import Calibration  # with scikit-learn
    from retrieval.evaluation.feedback import Feedback
    from retrieval.evaluation.tuning import TuningResult

_NAMES = {
    "mrr": "MRR@10", "p1": "first hit correct (P@1)", "r5": "correct hit in the first five (R@5)", "r10": "correct hit in the first ten (R@10)",
    "refused_answerable": "refused wrongly (the articles answer)", "refused_unanswerable": "refused rightly (the articles do not)",
    "shown": "answer among what is shown", "sure": "answered for certain (the articles answer)", "precision_sure": "first hit correct when certain",
    "auroc": "answerable vs. unanswerable (AUROC)", "calibration_error": "calibration error of the confidence",
}  # fmt: skip
_COMPARED = _NAMES | {"answered": "answered (the articles answer)"}
_INTERVAL = "95 % INTERVAL"


_GROUPED = (
    "", "ANSWER", "FIRST", "SHOWN", "ANSWERED", "SURE", "RIGHT IF SURE", "NO ANSWER", "REFUSED", "ERROR",
)  # fmt: skip
_FEW = 30  # questions, of which chance alone makes a large calibration error
_LEGEND = """\
Of the questions with an ANSWER: how often the FIRST sentence is one, one is SHOWN (in any
place, or beside another sentence), they are ANSWERED at all, and the answer is SURE. RIGHT IF
SURE: how many of all sure answers are right at first. Of the questions with NO ANSWER: how many
are REFUSED; of the kind `nearmiss`, a "perhaps" is half refused. ERROR: the calibration error
of the probability that the first sentence is right."""


def report_lines(report: Report) -> Iterator[str]:
    """Show the metrics of all questions with their intervals, then those of the groups in one table."""
    overall = report.overall
    yield f"{overall.n:,} questions with an answer, {overall.n_without:,} without"
    yield ""
    rows = [(name, _figure(getattr(overall, key)), _bounds(overall, key)) for key, name in _NAMES.items()]
    yield from table([("METRIC", "VALUE", _INTERVAL), *rows])
    yield ""
    groups = {"COLLECTION": report.by_collection, "KIND": report.by_kind, "LANGUAGE": report.by_language}
    named = {heading: of for heading, of in groups.items() if len(of) > 1}
    named["ASKS FOR"] = {name.replace("_", " "): of for name, of in report.by_type.items()}
    yield from table([_GROUPED, _group("all", overall), *(row for one in named.items() for row in _groups(*one))])
    yield ""
    yield from _LEGEND.splitlines()


def _groups(heading: str, groups: Mapping[str, Evaluation]) -> Iterator[tuple[str, ...]]:
    empty = ("",) * (len(_GROUPED) - 1)
    yield ("", *empty)
    yield (heading, *empty)
    yield from (_group(name, of) for name, of in groups.items())


def _group(name: str, of: Evaluation) -> tuple[str, ...]:
    answered = None if of.refused_answerable is None else 1 - of.refused_answerable
    shares = (of.p1, of.shown, answered, of.sure, of.precision_sure)
    few = of.calibration_error is None or of.n + of.n_without < _FEW
    error = "-" if few else f"{of.calibration_error:.2f}"
    return (
        name, f"{of.n:,}", *map(_percent, shares), f"{of.n_without:,}", _percent(of.refused_unanswerable), error,
    )  # fmt: skip


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


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


def feedback_report(learned: "Feedback") -> list[str]:
    """Describe what was learned from judgements, and what it gains on judgements that it was not learned from."""
    skipped = f"; skipped {learned.left_out:,} whose sentence is not found any more" if learned.left_out else ""
    ranking, right, confidence = learned.ranking, learned.of_right, learned.confidence
    lines = [
        f"Learned from {count(learned.judgements, 'judgement')}{skipped}.",
        (
            f"Ranking on held-out judgements (mean reciprocal rank): {ranking.a:.4f} before, {ranking.b:.4f} after"
            f" (p = {ranking.p:.4f}), of right sentences alone {right.a:.4f} and {right.b:.4f}; {_kept(improved=learned.ranker_improved)}."
        ),
    ]
    if confidence is None:
        return [*lines, "Confidence: too few are right, or wrong, to learn from; it is left as it was."]
    return [
        *lines,
        (
            f"Confidence on held-out judgements (log loss): {-confidence.a:.4f} before, {-confidence.b:.4f} after"
            f" (p = {confidence.p:.4f}); {_kept(improved=learned.confidence_improved)}."
        ),
    ]


def _kept(*, improved: bool) -> str:
    return "better beyond chance" if improved else "it is left as it was"


def calibration_report(found: "Calibration", precision: float) -> list[str]:
    """Describe what the thresholds did before and do now, and how few questions that rests on."""
    before, after, known, chosen = found.before, found.after, found.known, found.chosen["normal"]
    skipped = f" Skipped {found.left_out:,} whose answer is not in these articles." if found.left_out else ""
    return [
        f"Asked {count(found.answerable, 'question')} with an answer and {found.unanswerable:,} without.{skipped}",
        (
            f"Refuses below {chosen.answer:.3f} (before: {known.answer:.3f}): {after.refused:,} of {found.answerable:,} with an"
            f" answer, which is {_percent(after.refused / found.answerable)} (before: {before.refused:,}), and"
            f" {after.refused_rightly:,} of {found.unanswerable:,} without (before: {before.refused_rightly:,})."
        ),
        *_sure_report(found, precision),
        "These figures are of the very questions that chose the thresholds; expect a little less of others.",
    ]


def _sure_report(found: "Calibration", precision: float) -> Iterator[str]:
    before, after, known, chosen = found.before, found.after, found.known, found.chosen["normal"]
    if not found.precise:
        yield (
            f"No threshold makes {_percent(precision)} of ten or more sure answers right. They stay sure from {known.sure:.3f}, where"
            f" {after.sure_right:,} of {count(after.sure, 'sure answer')} are right."
        )
        return
    yield (
        f"Sure from {chosen.sure:.3f} (before: {known.sure:.3f}): {after.sure_right:,} of {after.sure:,} sure answers are right,"
        f" which is {_percent(after.sure_right / after.sure)} (before: {before.sure_right:,} of {before.sure:,})."
    )
    low, high = after.likely_precision()
    yield f"With {count(after.sure, 'sure answer')}, anything from {_percent(low)} to {_percent(high)} is likely on other questions."


def difference_lines(differences: Sequence[Difference], first: str, second: str) -> Iterator[str]:
    """Compare two runs with these names: a table, then for each metric whether the difference could be chance."""
    yield f"A: {first}"
    yield f"B: {second}"
    yield ""
    rows = [
        (
            _COMPARED[one.figure], _figure(one.a), _figure(one.b), f"{one.b - one.a:+.4f}",
            "{:+.3f} to {:+.3f}".format(*one.interval), f"{one.p:.4f}", f"{one.better:,}", f"{one.worse:,}",
        )
        for one in differences
    ]  # fmt: skip
    yield from table([("METRIC", "A", "B", "B - A", _INTERVAL, "P", "B BETTER", "B WORSE"), *rows])
    yield ""
    yield from (_in_words(one) for one in differences)


def _in_words(difference: Difference) -> str:
    name, p = _COMPARED[difference.figure], f"p = {difference.p:.4f}"
    if not difference.significant:
        return f"{name}: the difference could be chance ({p})."
    better = "B" if difference.b > difference.a else "A"
    return f"{name}: {better} is better; chance is an unlikely explanation ({p})."


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _bounds(of: Evaluation, key: str) -> str:
    return "{:.3f} to {:.3f}".format(*of.intervals[key]) if key in of.intervals else "-"
