"""From the figures of an evaluation to lines of a table, or to JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from bot.rendering.terminal.layout import table
from retrieval.evaluation import Evaluation, Report
from retrieval.evaluation.significance import Difference

_NAMES = {
    "mrr": "MRR@10", "p1": "first hit right (P@1)", "r5": "right among five (R@5)", "r10": "right among ten (R@10)",
    "refused_answerable": "refused, though the articles answer", "refused_unanswerable": "refused, and rightly so",
    "auroc": "answerable told from unanswerable (AUROC)", "calibration_error": "calibration error of the confidence",
}  # fmt: skip
_INTERVAL = "95 % INTERVAL"


def report_lines(report: Report) -> Iterator[str]:
    """Show the figures of all questions, then those of each language and of what is asked for."""
    overall = report.overall
    yield f"{overall.n:,} questions with an answer, {overall.n_without:,} without"
    yield ""
    rows = [(name, _figure(getattr(overall, key)), _bounds(overall, key)) for key, name in _NAMES.items()]
    yield from table([("FIGURE", "VALUE", _INTERVAL), *rows])
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
    head = (heading, "ANSWER", "NONE", "MRR@10", _INTERVAL, "P@1", "REFUSED WRONGLY", "RIGHTLY")
    yield from table([head, *rows])


def difference_lines(differences: Sequence[Difference], first: str, second: str) -> Iterator[str]:
    """Show how two runs differ, and say in words whether that could be chance; `first` and `second` are their names."""
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
    yield from table([("FIGURE", "A", "B", "B - A", _INTERVAL, "P", "B BETTER", "B WORSE"), *rows])
    yield ""
    yield from (_in_words(one) for one in differences)


def _in_words(difference: Difference) -> str:
    name, p = _NAMES[difference.figure], f"p = {difference.p:.4f}"
    if not difference.significant:
        return f"{name}: no difference that could not be chance ({p})."
    better = "B" if difference.b > difference.a else "A"
    return f"{name}: {better} is better, by more than chance would often give ({p})."


def report_json(report: Report) -> str:
    """Write the figures as one JSON object: those of all questions, with the groups under `by_language`, `by_type`."""
    groups = {"by_language": report.by_language, "by_type": report.by_type}
    whole = {name: {key: asdict(of) for key, of in group.items()} for name, group in groups.items()}
    return json.dumps(asdict(report.overall) | whole)


def differences_json(differences: Sequence[Difference], first: str, second: str) -> str:
    """Write how two runs differ as one JSON object."""
    return json.dumps({"a": first, "b": second, "differences": [asdict(one) for one in differences]})


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _bounds(of: Evaluation, key: str) -> str:
    return "{:.3f} to {:.3f}".format(*of.intervals[key]) if key in of.intervals else "-"
